"""The answers to 2-tanh get their scores, and are shown every message of its tests."""

import pytest

from grader.authors.bank.answers import Answer
from grader.authors.bank.graded import Graded
from tests.authors.bank.checks import assert_every_message_is_reached, wrong_scores

NOTEBOOK = "2-tanh"


def test_scores(answer: Answer, expected: dict[str, float], graded: dict[str, Graded]) -> None:
    assert wrong_scores(answer, expected, graded) == ""


@pytest.mark.slow("mistakes")
def test_every_message_is_reached(graded: dict[str, Graded]) -> None:
    assert_every_message_is_reached(NOTEBOOK, graded)
