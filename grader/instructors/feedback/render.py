"""Make the pages of one student, with nbgrader's own step for that."""

import glob
import shutil
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import starmap
from pathlib import Path
from typing import Any

from nbgrader.converters import GenerateFeedback
from nbgrader.converters.base import NbGraderException
from sqlalchemy.exc import SQLAlchemyError
from traitlets import TraitError

from grader.basics import config_file
from grader.basics.errors import UserError
from grader.course.directory import CONFIG
from grader.gradebook.lateness import Due
from grader.gradebook.recorder import Recorder
from grader.instructors.feedback import placeholders
from grader.instructors.feedback.exporter import GivesAway
from grader.instructors.feedback.made_with import style_fingerprint as _style
from grader.instructors.feedback.policy import FeedbackPolicy
from grader.instructors.feedback.summary import KNOWN, Known, read
from grader.nbgrader_app.offers import Course as Offers
from grader.nbgrader_app.session import LOG, KeepsCause, NbgraderSession
from grader.submissions import exchange
from grader.translation import catalogue
from grader.translation.catalogue import ENGLISH


class NoFeedback(Exception):
    """nbgrader could not make a student's pages; the message is one sentence on why."""


class _Feedback(KeepsCause, GenerateFeedback):  # type: ignore[misc]
    """Goes on with a student's other pages where one cannot be made, and remembers why."""

    def __init__(self, known: Known, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._known = known
        self.causes: dict[str, Exception] = {}

    def init_single_notebook_resources(self, *arguments: Any) -> Any:
        """As nbgrader does, and with what the gradebook says."""
        return {**super().init_single_notebook_resources(*arguments), KNOWN: self._known}

    def convert_single_notebook(self, *arguments: Any) -> None:
        (path,) = arguments
        try:
            super().convert_single_notebook(path)
        except Exception as error:
            self.log.error("There was an error processing %s", path, exc_info=True)
            self.causes[Path(path).stem] = error


def pages(session: NbgraderSession, student: str, hindered: Sequence[str]) -> None:
    """Make the pages of what was autograded, and of the notebooks that could not be.

    Raises NoFeedback.
    """
    with placeholders.autograded(session.course, student, hindered) as autograded:
        _pages(session, student, autograded)


def _pages(session: NbgraderSession, student: str, autograded: Path) -> None:
    course = session.course
    directory = autograded / student / course.assignment
    if not list(directory.glob("*.ipynb")):
        shutil.rmtree(course.pages(student), ignore_errors=True)
        return
    exchange.pass_on(course, student, directory)
    attributes = {"assignment_id": course.assignment, "student_id": glob.escape(student)}
    try:
        with session.gradebook() as gradebook:
            known = read(gradebook, course.assignment, student)
    except SQLAlchemyError as error:
        raise NoFeedback(_said("", error)) from None
    with session.chosen(**attributes, autograded_directory=str(autograded)):
        converter = _Feedback(known, coursedir=session.coursedir, parent=session.app)
        converter.force = True
        try:
            converter.start()
        except NbGraderException as error:
            raise NoFeedback(_said("", converter.cause or error)) from None
        if converter.causes:
            raise NoFeedback("; ".join(starmap(_said, converter.causes.items())))


def check_policy(session: NbgraderSession) -> None:
    """Raise UserError for a policy or a language that cannot be, before anything is graded."""
    config_file.made(FeedbackPolicy, session.config, CONFIG)
    code = config_file.made(Offers, session.config, CONFIG).language
    if code and code != ENGLISH.code:
        catalogue.language(session.course.root, code)


def levels(session: NbgraderSession, recorder: Recorder) -> Callable[[str], str]:
    """Tells how much the pages of a student show now: see FeedbackPolicy."""
    policy = FeedbackPolicy(config=session.config)
    due = recorder.due(session.course.assignment) if policy.before_due is not None else Due()
    return lambda student: policy.level(due.of(student))


def next_change(session: NbgraderSession, recorder: Recorder) -> datetime | None:
    """When the pages of some student will show more: the next due date, where that counts."""
    if FeedbackPolicy(config=session.config).before_due is None:
        return None
    now = datetime.now(UTC)
    return next(
        (time for time in recorder.due(session.course.assignment).all() if time > now), None
    )


def style_fingerprint(session: NbgraderSession) -> str:
    """A fingerprint of what all pages are made with: the template, the policy, the code.

    Raises UserError for a setting that cannot be.
    """
    try:
        return _style(session.app)
    except TraitError as error:
        raise UserError(f"{CONFIG}: {error}") from None


def _said(notebook: str, error: Exception) -> str:
    """Why there is no page of a notebook, or none at all: "" for its name."""
    start = f"{notebook}: " if notebook else ""
    if isinstance(error, GivesAway):
        return f"{start}{error}"
    text = (str(error).strip().splitlines() or [""])[0]
    return f"{start}{type(error).__name__}: {text[:160]} (more in {LOG})"
