"""This course, small copies of it, and what tests and benchmarks do with a course."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from grader.course.directory import Course
from tests import warm

if TYPE_CHECKING:
    from nbformat import NotebookNode

ASSIGNMENT = "deep-learning-3"  # the one of this course
COURSE = Course(Path(__file__).resolve().parent.parent, ASSIGNMENT)


def run_course(course: Course, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the command `course ...` as a person would (see tests/warm.py)."""
    program = str(Path(sys.executable).parent / "course")
    return warm.run([program, *arguments], course.root, {**os.environ, "COLUMNS": "100", **env})


def line_of(printed: str, start: str) -> str:
    """The last line of a table, or of what went wrong, that starts so; spaces evened out."""
    flat = [" ".join(line.split()) for line in printed.splitlines()]
    return [line for line in flat if line.startswith(start)][-1]


def hand_in(course: Course, student: str, name: str, notebook: "NotebookNode | str") -> Path:
    """Put a notebook, or any text in its place, into submitted/; returns where it is."""
    import nbformat

    path = course.submitted / student / ASSIGNMENT / f"{name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(notebook, str):
        path.write_text(notebook, encoding="utf-8")
    else:
        nbformat.write(notebook, path)
    return path


def filled_in(course: Course, name: str, **given: str) -> "NotebookNode":
    """The released notebook with the reference solution, but for the cells in `given`."""
    from grader.authors.bank import answers
    from grader.notebooks import cells

    released = cells.read_notebook(course.release / f"{name}.ipynb")
    return answers.fill_in(course, released, name, given)


def penalise(course: Course, student: str, points: float) -> None:
    """Have the configuration take points off the late work of a student, and of no other."""
    with course.config.open("a", encoding="utf-8") as config:
        config.write(f"""
from nbgrader.plugins import LateSubmissionPlugin


class Some(LateSubmissionPlugin):
    def late_submission_penalty(self, student, points, seconds):
        return {points!r} if student == {student!r} else None


c.AssignLatePenalties.plugin_class = Some
""")


def copy_of(course: Course, root: Path) -> Course:
    """A copy of a course."""
    shutil.copytree(course.root, root)
    return replace(course, root=root)
