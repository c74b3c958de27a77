"""The order in which a run takes its notebooks: the longest first, so that at the end no worker
waits for another.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from statistics import mean

from grader.course import assignment
from grader.course.directory import Course
from grader.gradebook.runs import Run
from grader.instructors.grading.autograde import Task


def longest_first(
    course: Course, tasks: Iterable[Task], runs: Mapping[tuple[str, str], Run]
) -> list[Task]:
    """Sort by about how long each takes: as it did before (a slow loop of a student's is often
    still there); else as its notebook did for others; else by the number of the notebook's cells.
    """
    known: dict[str, list[float]] = defaultdict(list)
    for run in runs.values():
        if run.seconds:
            known[run.notebook].append(run.seconds)
    usual = {notebook: mean(seconds) for notebook, seconds in known.items()}

    def seconds(task: Task) -> float:
        last = runs.get(task.key)
        if last is not None and last.seconds:
            return last.seconds
        return usual.get(task.notebook) or float(len(assignment.cells_of(course, task.notebook)))

    return sorted(tasks, key=seconds, reverse=True)


def quickest_until(is_ready: Callable[[], bool], tasks: Sequence[Task]) -> Iterator[Task]:
    """Take tasks, sorted by `longest_first`, from their end until `is_ready` says yes.

    Large libraries take seconds to import. Workers need not wait for them while there are notebooks
    that do without, which are the quick ones in most courses.
    """
    left = deque(tasks)
    while left:
        yield left.popleft() if is_ready() else left.pop()
