"""What a student handed in: which file is which notebook, what it holds, and when it came."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.utils import parse_utc

from grader import cells
from grader.contract import CONTRACT
from grader.course import ASSIGNMENT, Course
from grader.engine import identify, intake
from grader.engine.identify import Found, Marks
from grader.feedback import exchange

_MOST_TIMESTAMP = 1000  # bytes


@dataclass(frozen=True)
class Submission:
    """A student's folder: the names in it, and which of them is which notebook."""

    course: Course
    student: str
    names: Sequence[str] = ()
    found: Found = field(default_factory=Found)

    @property
    def directory(self) -> Path:
        """Where it is."""
        return self.course.submitted / self.student / ASSIGNMENT

    def file(self, notebook: str) -> str:
        """The name of the file that is taken for a notebook; its own one, if there is none."""
        return self.found.files.get(notebook, f"{notebook}.ipynb")

    def doubt(self, notebook: str) -> str:
        """Why no file is taken for a notebook although one may be it."""
        return self.found.doubts.get(notebook, "")

    def notes(self, notebook: str, handouts: Iterable[str]) -> tuple[str, ...]:
        """What the student must know: a file by another name was taken, others were not used."""
        notes = []
        file = self.file(notebook)
        if file != f"{notebook}.ipynb":
            notes.append(
                f"{identify.shown(file)} was graded as {notebook}; hand it in under its own name, "
                f"{notebook}.ipynb."
            )
        of_handouts = (name.partition("/")[0] for name in handouts)
        known = {*of_handouts, *exchange.NAMES, "__pycache__", *self.found.files.values()}
        known.update(f"{name}.ipynb" for name in CONTRACT)
        if unused := [name for name in self.names if name not in known]:
            shown = ", ".join(unused[:5]) + (", ..." if len(unused) > 5 else "")
            notes.append(f"Only the notebooks of the assignment are graded; not used: {shown}.")
        return tuple(notes)


def marks(course: Course) -> tuple[Marks, ...]:
    """What tells the notebooks of the assignment from one another."""
    return identify.marks({path.stem: cells.read_notebook(path) for path in course.notebooks()})


def look(course: Course, student: str, known: Sequence[Marks]) -> Submission:
    """Look at what a student handed in; files are read only where a name is not as asked for."""
    directory = course.submitted / student / ASSIGNMENT

    def read(file: str) -> NotebookNode:
        return intake.read(directory / file, course.submitted)

    names = _names(directory)
    return Submission(course, student, names, identify.find(names, known, read))


def content(course: Course, student: str, file: str) -> tuple[bytes | None, str]:
    """What a file holds, or why it cannot be read; neither, if it is not there."""
    path = course.submitted / student / ASSIGNMENT / file
    if not os.path.lexists(path):
        return None, ""
    try:
        return intake.read_bytes(path, course.submitted), ""
    except intake.Unreadable as error:
        return None, str(error)


def timestamp(course: Course, student: str) -> tuple[datetime | None, bytes]:
    """When the work was handed in, if nbgrader's file says so, and what the file holds."""
    path = course.submitted / student / ASSIGNMENT / "timestamp.txt"
    if not os.path.lexists(path):
        return None, b""
    try:
        written = intake.read_bytes(path, course.submitted, _MOST_TIMESTAMP)
        return parse_utc(written.decode().strip()), written
    except Exception:  # any text can stand there
        return None, b"?"


def _names(directory: Path) -> list[str]:
    """What lies in a directory and is not hidden; nothing if that may not be known."""
    try:
        return sorted(name for name in os.listdir(directory) if not name.startswith("."))
    except OSError:
        return []
