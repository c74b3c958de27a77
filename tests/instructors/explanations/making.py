"""A class that was graded, with given explanations, made without running a notebook."""

import json
import tomllib
from copy import deepcopy
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from grader.course import fingerprint
from grader.course.directory import Course
from grader.course.editions import Editions
from grader.gradebook.recorder import Recorder
from grader.gradebook.runs import Outcome
from grader.instructors.explanations import answers as read
from grader.instructors.grading import autograde
from grader.notebooks import cells
from grader.scoring import score
from grader.submissions import prepare
from tests.courses import ASSIGNMENT, copy_of, hand_in

NAME, CELL = "1-complexity", "explain-complexity"
STUB = "*YOUR ANSWER HERE: replace this line.*"
TEXTS: dict[str, dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "texts.toml").read_text(encoding="utf-8")
)


def copied(course: Course, directory: Path) -> Course:
    return copy_of(course, directory / "course")


def recorder_of(course: Course) -> Recorder:
    return Recorder(f"sqlite:///{course.gradebook}", "deep-learning")


def released(course: Course, text: str) -> NotebookNode:
    """The release, with this explanation."""
    notebook = cells.read_notebook(course.release / f"{NAME}.ipynb")
    cells.by_grade_id(notebook)[CELL].source = text
    return notebook


def grade(course: Course, handed_in: dict[str, NotebookNode | str]) -> None:
    """What `course grade` leaves of these, but for the outputs: no cell is run.

    The gradebook must know the assignment. `course grade` takes them for graded, and only makes
    the pages.
    """
    environment = fingerprint.of_environment(course, NAME)
    recorder = recorder_of(course)
    try:
        source = recorder.source(ASSIGNMENT, NAME)
        for student, given in handed_in.items():
            notebook = released(course, given) if isinstance(given, str) else deepcopy(given)
            # As it is, half characters too.
            hand_in(course, student, NAME, json.dumps(notebook))
            task = autograde.read_task(course, environment, student, NAME, Editions(course))
            prepared = prepare.prepare(notebook, source)
            path = course.autograded / student / ASSIGNMENT / f"{NAME}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(prepared.notebook))
            recorder.record(
                Outcome(
                    student=student,
                    assignment=ASSIGNMENT,
                    notebook=NAME,
                    fingerprint=task.fingerprint,
                    status="graded",
                    notes=prepared.notes,
                    scores=score.score(prepared.notebook, source),
                )
            )
    finally:
        recorder.close()


def standings(course: Course) -> dict[str, Any]:
    """What the gradebook holds of each student's explanation."""
    recorder = recorder_of(course)
    try:
        return {each.student: each for each in recorder.standings(ASSIGNMENT)}
    finally:
        recorder.close()


def answers(course: Course) -> read.Answers:
    recorder = recorder_of(course)
    try:
        (found,) = read.read(course, recorder)
        return found
    finally:
        recorder.close()
