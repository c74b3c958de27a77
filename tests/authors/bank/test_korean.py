"""Answers of the bank, filled into the release in Korean, get the scores that they must get."""

import pytest

from grader.authors.bank import answers, bench
from grader.authors.bank.answers import Answer
from grader.translation import catalogue
from tests.authors.bank import share
from tests.courses import COURSE

QUICK = ("1-complexity", "2-tanh", "3-backprop")


def takes_part(answer: Answer) -> bool:
    """Solutions, and wrong answers to the quick notebooks, by turns."""
    if answer.notebook not in QUICK:
        return answer.name == "reference"
    return answer.kind == "built-in" or share.takes_its_turn(answer, "korean")


def graded_in_korean(chosen: list[Answer]) -> list[str]:
    fillers = {each.id: answers.filler(COURSE, each) for each in chosen}
    return [
        str(each)
        for each in answers.compare(chosen, bench.grade(COURSE, fillers, 1, language="ko"))
    ]


def test_scores() -> None:
    chosen = [answer for answer in answers.read_all(COURSE) if takes_part(answer)]
    assert {each.notebook for each in chosen} == {*COURSE.names()}
    assert graded_in_korean(chosen) == []


@pytest.mark.slow("answers")
def test_scores_of_all() -> None:
    assert graded_in_korean(answers.read_all(COURSE)) == []


def test_a_language_without_a_catalogue_is_refused() -> None:
    from grader.basics.errors import UserError

    with pytest.raises(UserError, match="no translation into 'fi'"):
        catalogue.language(COURSE.root, "fi")
