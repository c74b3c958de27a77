"""Recording outcomes in tests; run as a program, it does so without end until it is killed.

It records the same notebooks again and again, other points each round.

python -m tests.gradebook.recording GRADEBOOK
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader import api

from grader.gradebook.recorder import Recorder
from grader.gradebook.runs import Outcome
from grader.scoring.score import CellScore

COURSE_ID = "deep-learning"
HOMEWORK = "homework"
DUE = datetime(2030, 1, 1)
_STUDENTS = 3
_NOTEBOOKS = ("first", "second")
COUNT = _STUDENTS * len(_NOTEBOOKS)  # notebooks in a round


def url(path: Path) -> str:
    """The address of a gradebook."""
    return f"sqlite:///{path}"


@contextmanager
def recording(path: Path, **options: Any) -> Iterator[Recorder]:
    recorder = Recorder(url(path), COURSE_ID, **options)
    try:
        yield recorder
    finally:
        recorder.close()


def outcome(points: float = 4, **other: Any) -> Outcome:
    """A graded notebook whose answer waits for a person."""
    made = Outcome("right", HOMEWORK, "first", f"of {points}", "graded")
    scores = (CellScore("test", points, 5), CellScore("answer", None, 5))
    return replace(made, **{"scores": scores, "comments": {"code": "No response."}, **other})


def add_assignment(gradebook: api.Gradebook) -> None:
    """Tell a gradebook of an assignment of two notebooks, with cells of all kinds."""
    gradebook.add_assignment(HOMEWORK, duedate=DUE)
    for name in ("first", "second"):
        gradebook.add_notebook(name, HOMEWORK)
        where = (name, HOMEWORK)
        gradebook.add_solution_cell("code", *where)
        gradebook.add_grade_cell("test", *where, max_score=5, cell_type="code")
        gradebook.add_solution_cell("answer", *where)
        gradebook.add_grade_cell("answer", *where, max_score=5, cell_type="markdown")
        gradebook.add_task_cell("task", *where, max_score=2, cell_type="markdown")
        gradebook.add_source_cell("test", *where, cell_type="code", source="check()")


def record_without_end(path: Path) -> None:
    """The points and the fingerprint of each notebook are the number of the round."""
    recorder = Recorder(url(path), COURSE_ID)
    round_ = max([int(run.fingerprint) for run in recorder.runs(HOMEWORK).values()], default=0)
    while True:
        round_ += 1
        scores = [CellScore(name, round_, 5) for name in ("test", "answer", "task")]
        for number in range(_STUDENTS):
            for notebook in _NOTEBOOKS:
                student = f"right-{number}"
                one = Outcome(student, HOMEWORK, notebook, str(round_), "graded", scores=scores)
                recorder.record(replace(one, comments={"code": str(round_)}))


if __name__ == "__main__":
    record_without_end(Path(sys.argv[1]))
