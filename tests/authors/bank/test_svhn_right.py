"""The right answers to 4-svhn get full points, and the untouched release none."""

from grader.authors.bank.answers import Answer
from grader.authors.bank.graded import Graded
from tests.authors.bank.checks import wrong_scores

NOTEBOOK, KINDS = "4-svhn", ("built-in", "right")


def test_scores(answer: Answer, expected: dict[str, float], graded: dict[str, Graded]) -> None:
    assert wrong_scores(answer, expected, graded) == ""
