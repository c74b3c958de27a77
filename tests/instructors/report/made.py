"""Graded classes for the tests of the report: a real gradebook, and notebooks nobody has to run."""

import functools
import os
import shutil
import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
from nbformat import v4
from nbgrader import api

from grader.authors.bank import answers
from grader.course.directory import Course, put_tools_on_path
from grader.gradebook.recorder import Recorder
from grader.gradebook.runs import Outcome, Status
from grader.nbgrader_app.session import LOG
from grader.notebooks import cells
from grader.scoring.score import CellScore
from tests.contract import CONTRACT
from tests.courses import ASSIGNMENT, COURSE

COURSE_ID = "deep-learning"


def url(course: Course) -> str:
    return f"sqlite:///{course.gradebook}"


def course_in(root: Path, due: datetime | None = None) -> Course:
    """The course with a gradebook that knows the assignment, and no student."""
    put_tools_on_path()
    course = Course(root, ASSIGNMENT)
    for there, here in ((COURSE.source, course.source), (COURSE.release, course.release)):
        here.parent.mkdir(parents=True)
        here.symlink_to(there)
    shutil.copy(COURSE.config, course.root)
    course.gradebook.write_bytes(_gradebook())
    if due is not None:
        with api.Gradebook(url(course), COURSE_ID) as gradebook:
            gradebook.update_or_create_assignment(ASSIGNMENT, duedate=due)
    return course


@functools.cache
def _gradebook() -> bytes:
    """A new gradebook, made once, for that takes nbgrader seconds."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "gradebook.db"
        with api.Gradebook(f"sqlite:///{path}", COURSE_ID) as gradebook:
            gradebook.add_assignment(ASSIGNMENT)
            for notebook, known in CONTRACT.items():
                gradebook.add_notebook(notebook, ASSIGNMENT)
                for cell in known:
                    where = (cell.grade_id, notebook, ASSIGNMENT)
                    if cell.kind != "test":
                        gradebook.add_solution_cell(*where)
                    if cell.kind != "solution":
                        kind = "code" if cell.kind == "test" else "markdown"
                        gradebook.add_grade_cell(*where, max_score=cell.points, cell_type=kind)
        return path.read_bytes()


class Class:
    """A class to put graded work into, as `course grade` would; use it as a context."""

    def __init__(self, course: Course) -> None:
        self.course = course
        self._recorder = Recorder(url(course), COURSE_ID)

    def __enter__(self) -> "Class":
        return self

    def __exit__(self, *about: object) -> None:
        self._recorder.close()

    def add(
        self,
        student: str,
        notebook: str = "1-complexity",
        points: Mapping[str, float] | None = None,
        *,
        outputs: Mapping[str, str] | None = None,
        code: Mapping[str, str] | None = None,
        why: Mapping[str, str] | None = None,
        status: Status = "graded",
        **about: Any,
    ) -> None:
        """Record a notebook. Tests without `points` have all; what a person grades waits."""
        why = why or {}
        scores = []
        for cell in CONTRACT[notebook] if status == "graded" else ():
            if cell.kind != "solution":
                full = float(cell.points) if cell.kind == "test" else None
                got = (points or {}).get(cell.grade_id, full)
                scores.append(
                    CellScore(cell.grade_id, got, cell.points, why.get(cell.grade_id, ""))
                )
        given = {"tier": "full", "seconds": 2.0, **about}
        outcome = Outcome(student, ASSIGNMENT, notebook, "made", status, scores=scores, **given)
        self._recorder.record(outcome)
        if status == "graded":
            self._write(student, notebook, outputs or {}, code or {})

    def _write(
        self, student: str, notebook: str, outputs: Mapping[str, str], code: Mapping[str, str]
    ) -> None:
        released = cells.read_notebook(self.course.release / f"{notebook}.ipynb")
        made = answers.fill_in(COURSE, released, notebook, dict(code))
        for name, cell in cells.by_grade_id(made).items():
            if name in outputs:
                cell.outputs = [v4.new_output("stream", name="stdout", text=outputs[name])]
        path = self.course.autograded / student / ASSIGNMENT / f"{notebook}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(made, path)


def state_of(root: Path) -> dict[str, tuple[int, int]]:
    """Size and time of change of every file but nbgrader's log, to see what was touched."""
    return {
        str(path): (path.stat().st_size, path.stat().st_mtime_ns)
        for folder, _, names in os.walk(root)
        for path in (Path(folder) / name for name in names)
        if path.name != LOG
    }
