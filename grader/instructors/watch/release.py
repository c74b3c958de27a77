"""Give pages to students by nbgrader's exchange."""

import glob
from pathlib import Path

from nbgrader.auth import Authenticator
from nbgrader.exchange import ExchangeError
from nbgrader.exchange.default import Exchange, ExchangeCollect
from nbgrader.exchange.exchange_factory import ExchangeFactory

from grader.basics.errors import ResourceError, UserError
from grader.course.directory import Course
from grader.nbgrader_app.session import NbgraderSession
from grader.submissions import exchange


def course_in_exchange(session: NbgraderSession) -> Path:
    """The directory of this course in the exchange; raises UserError for another kind of one."""
    kind = ExchangeFactory(config=session.config).exchange
    if not issubclass(kind, Exchange):
        raise UserError(
            f"course watch reads nbgrader's own exchange, a directory, but {kind.__name__} is "
            "configured. Collect with its own commands into submitted/, and watch that."
        )
    root = Exchange(coursedir=session.coursedir, config=session.config).root
    return Path(root) / session.course_id


def checks_owner(session: NbgraderSession) -> bool:
    """Whether a submission must belong to the account of its student, as nbgrader is told."""
    return bool(ExchangeCollect(coursedir=session.coursedir, config=session.config).check_owner)


def can_be_released(course: Course, student: str) -> bool:
    """Whether a student's pages are there, with the file that leads them to their account."""
    return (course.pages(student) / exchange.SECRET).is_file()


def release(session: NbgraderSession, student: str) -> None:
    """Let a student fetch their pages, with nbgrader's own step.

    Raises ResourceError if the exchange is not there: nbgrader would make a new one in its place.
    """
    place = course_in_exchange(session)
    if not (place / "inbound").is_dir():
        raise ResourceError(f"{place} is not there, so no page can be released")
    attributes = {"assignment_id": session.course.assignment, "student_id": glob.escape(student)}
    with session.chosen(**attributes):
        config = session.config
        step = ExchangeFactory(config=config).ReleaseFeedback(
            coursedir=session.coursedir,
            authenticator=Authenticator(config=config),
            parent=session.app,
        )
        try:
            step.start()
        except (ExchangeError, OSError) as error:
            raise ResourceError(f"the exchange cannot be written ({error})") from None
