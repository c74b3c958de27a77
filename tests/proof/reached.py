"""The assertion that every message is reached, for the test that has the graded bank."""

from collections.abc import Mapping

from grader.bank import Graded
from grader.course import Course
from grader.proof import messages


def assert_every_message_is_reached(course: Course, graded: Mapping[str, Graded]) -> None:
    """Fail with the messages that no answer of the bank reaches, and with what to do."""
    lines = [str(message) for message in messages.unreached(course, graded)]
    assert not lines, (
        "No answer of the bank gets these messages. For each, add a wrong answer to answers/, or "
        "take the message out of the test:\n" + "\n".join(lines)
    )
