"""What must hold of graded answers."""

from collections.abc import Mapping
from dataclasses import replace

from grader.authors.bank import answers
from grader.authors.bank.answers import Answer
from grader.authors.bank.graded import Graded
from grader.authors.proof import messages
from tests.courses import COURSE

# The messages of checks.py stand in no notebook. Answers to 2-tanh are shown all of them but these.
_CHECKS_ELSEWHERE = {
    "There is no {} yet": "1-complexity",
    "{}: expected a whole number": "1-complexity",
    "your code": "4-svhn",
}


def wrong_scores(
    answer: Answer, expected: Mapping[str, float], graded: Mapping[str, Graded]
) -> str:
    """Every test cell whose score is not as expected, and what it printed; "" if all are."""
    found = answers.compare([replace(answer, scores=dict(expected))], dict(graded))
    return "\n".join(map(str, found))


def assert_every_message_is_reached(notebook: str, graded: Mapping[str, Graded]) -> None:
    """Each message of a notebook's tests is shown to some of these answers."""
    wanted = [message for message in messages.collect(COURSE) if notebook == _shown_in(message)]
    lines = [str(message) for message in messages.missing(COURSE, wanted, graded)]
    assert not lines, (
        "No answer that was graded gets these messages. For each, add a wrong answer to answers/, "
        "or take the message out of the test. (Of 4-svhn, some are reached only by what runs to "
        "the end: see tests/authors/bank/share.py.)\n" + "\n".join(lines)
    )


def _shown_in(message: messages.Message) -> str:
    """The notebook whose answers are shown the message."""
    if message.notebook != messages.CHECKS:
        return message.notebook
    elsewhere = (
        name for start, name in _CHECKS_ELSEWHERE.items() if message.text.startswith(start)
    )
    return next(elsewhere, "2-tanh")
