"""What must hold of graded answers."""

from collections.abc import Mapping
from dataclasses import replace

from grader import answers
from grader.answers import Answer
from grader.bank import Graded
from grader.proof import messages
from tests.bank import share
from tests.courses import COURSE


def assert_scores(answer: Answer, graded: Mapping[str, Graded]) -> None:
    """An answer has the scores that its file says."""
    expected = replace(answer, scores=share.run_here(answer))
    assert "\n".join(map(str, answers.compare([expected], dict(graded)))) == ""


def assert_every_message_is_reached(notebook: str, graded: Mapping[str, Graded]) -> None:
    """Each message of a notebook's tests is shown to some of these answers.

    Those of checks.py, which stand in no notebook, must all be shown to answers to 2-tanh, whose
    tests use most of them, but for those in `share.CHECKS_ELSEWHERE`.
    """
    wanted = [
        message
        for message in messages.collect(COURSE)
        if notebook == (_home(message) if message.notebook == messages.CHECKS else message.notebook)
    ]
    lines = [str(message) for message in messages.missing(wanted, graded)]
    assert not lines, (
        "No answer that was graded gets these messages. For each, add a wrong answer to answers/, "
        f"or take the message out of the test.{share.advice(notebook)}\n" + "\n".join(lines)
    )
