"""Which notebooks a run takes first."""

from pathlib import Path

from grader.course.directory import Course
from grader.gradebook.runs import Run
from grader.instructors.grading.autograde import Task
from grader.instructors.grading.order import longest_first, quickest_until
from grader.submissions.submission import Submission
from tests.courses import ASSIGNMENT, COURSE


def task(student: str, notebook: str) -> Task:
    return Task(
        student, notebook, None, "", "", "", Submission(Course(Path(), ASSIGNMENT), student)
    )


def run(student: str, notebook: str, seconds: float) -> Run:
    return Run(student, notebook, "", "graded", "", seconds, "full", (), {}, False, "", "")


def order(tasks: list[Task], *runs: Run) -> list[str]:
    known = {(each.student, each.notebook): each for each in runs}
    return [str(each) for each in longest_first(COURSE, tasks, known)]


def test_what_took_long_before_comes_first_and_others_by_their_notebook() -> None:
    tasks = [task(student, name) for name in ("1-complexity", "2-tanh") for student in "abc"]
    runs = [run("a", "1-complexity", 2), run("b", "1-complexity", 4), run("a", "2-tanh", 1)]
    assert order(tasks, *runs, run("b", "2-tanh", 90)) == [
        *("b, 2-tanh", "c, 2-tanh"),  # 90 s, and 45.5 s as on average
        *("b, 1-complexity", "c, 1-complexity", "a, 1-complexity"),
        "a, 2-tanh",
    ]


def test_what_nobody_knows_comes_by_the_number_of_its_cells_and_then_as_it_was() -> None:
    tasks = [task("a", "1-complexity"), task("b", "4-svhn"), task("a", "4-svhn")]
    assert order(tasks) == ["b, 4-svhn", "a, 4-svhn", "a, 1-complexity"]
    missing = run("b", "4-svhn", 0)  # it was not handed in
    assert order(tasks, missing) == ["b, 4-svhn", "a, 4-svhn", "a, 1-complexity"]


def test_until_the_libraries_are_imported_the_quick_ones_are_taken() -> None:
    tasks = [task("a", "4-svhn"), *(task(student, "2-tanh") for student in "abc")]
    ready = iter([False, False, True, True])
    taken = [str(each) for each in quickest_until(lambda: next(ready), tasks)]
    assert taken == ["c, 2-tanh", "b, 2-tanh", "a, 4-svhn", "a, 2-tanh"]


def test_where_the_libraries_are_never_there_each_is_taken_once_all_the_same() -> None:
    tasks = [task("a", "4-svhn"), task("b", "4-svhn")]
    assert sorted(map(str, quickest_until(lambda: False, tasks))) == ["a, 4-svhn", "b, 4-svhn"]
