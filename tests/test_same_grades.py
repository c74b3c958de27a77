"""The engine's scores are those of stock nbgrader, cell by cell.

A fixed sample of the bank, for stock nbgrader takes long; `course answers --against-stock` does
the same with all of it.
"""

import zlib

import pytest

from grader import answers, bank
from grader.contract import CONTRACT
from tests.conftest import COURSE

# One answer in so many; those to 4-svhn take the longest.
SHARES = {"1-complexity": 6, "2-tanh": 10, "3-backprop": 6, "4-svhn": 20}
ALL = answers.read_all(COURSE)
SAMPLE = [
    answer
    for answer in ALL
    if zlib.crc32(answer.id.encode()) % SHARES[answer.notebook] == 0
    or answer.id == f"{answer.notebook}/reference"
]


def test_the_sample_has_right_and_wrong_answers_to_every_notebook() -> None:
    for notebook in CONTRACT:
        kinds = {answer.kind for answer in SAMPLE if answer.notebook == notebook}
        assert {"built-in", "wrong"} <= kinds
    assert len(SAMPLE) >= 20


@pytest.fixture(scope="module")
def stock() -> dict[str, bank.Graded]:
    fillers = {answer.id: answers.filler(COURSE, answer) for answer in SAMPLE}
    return bank.grade(COURSE, fillers, stock=True)


@pytest.mark.parametrize("answer", SAMPLE, ids=lambda answer: answer.id)
def test_every_cell_has_the_same_score(
    answer: answers.Answer, stock: dict[str, bank.Graded], graded_bank: dict[str, bank.Graded]
) -> None:
    ours = {answer.id: graded_bank[answer.id]}
    assert answers.differences(ours, stock) == []
    assert set(stock[answer.id].scores) == set(answers.full_scores(answer.notebook))


def test_a_difference_is_found() -> None:
    ours = {"a": bank.Graded({"test-one": 2.0, "test-two": 1.0})}
    stock = {"a": bank.Graded({"test-one": 2.0, "test-two": 0.0})}
    assert answers.differences(ours, stock) == ["a, test-two: 1, stock nbgrader 0"]
    stock = {"a": bank.Graded(error="it stopped")}
    assert "a: it stopped" in answers.differences(ours, stock)
