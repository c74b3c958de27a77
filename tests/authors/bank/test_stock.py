"""Stock nbgrader gives the same scores, cell by cell: to some answers, for it takes long.

An answer must get the scores that its file says both here and from the engine (the other files
here). `course answers --against-stock` does the same with the whole bank.
"""

import zlib

import pytest

from grader.authors.bank import answers, bench
from grader.authors.bank.answers import Answer
from grader.authors.bank.graded import Graded
from tests.authors.bank import share
from tests.authors.bank.checks import wrong_scores
from tests.contract import CONTRACT
from tests.courses import COURSE

# One answer in so many is in the sample; those to 4-svhn take the longest.
SHARES = {"1-complexity": 6, "2-tanh": 10, "3-backprop": 6, "4-svhn": 40}


def sample(notebook: str) -> list[Answer]:
    """The reference, and some right and wrong answers."""
    return [
        answer
        for answer in share.answers_to(notebook)
        if zlib.crc32(answer.id.encode()) % SHARES[notebook] == 0 or answer.name == "reference"
    ]


def first(notebook: str) -> list[Answer]:
    """The reference, and the first wrong answer of the sample."""
    chosen = sample(notebook)
    return [
        next(answer for answer in chosen if answer.name == "reference"),
        next(answer for answer in chosen if answer.kind == "wrong"),
    ]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "answer" not in metafunc.fixturenames:
        return
    found = []
    for notebook in CONTRACT:
        often = [] if notebook == share.LONG else first(notebook)
        some = sample(notebook)
        for answer in share.answers_to(notebook):
            part = "stock" if answer in some else "stock-all"
            marks = () if answer in often else pytest.mark.slow(part)
            found.append(pytest.param(answer, id=answer.id, marks=marks))
    metafunc.parametrize("answer", found)


@pytest.fixture(scope="module")
def stock(request: pytest.FixtureRequest) -> dict[str, Graded]:
    chosen = share.answers_of(request)
    fillers = {answer.id: answers.filler(COURSE, answer) for answer in chosen}
    return bench.grade(COURSE, fillers, 1, stock=True)


def test_every_cell_has_its_score(answer: Answer, stock: dict[str, Graded]) -> None:
    assert set(stock[answer.id].scores) == set(answers.full_scores(COURSE, answer.notebook))
    assert wrong_scores(answer, answer.scores, stock) == ""


def test_the_sample_has_right_and_wrong_answers_to_every_notebook() -> None:
    for notebook in CONTRACT:
        assert {"built-in", "wrong"} <= {answer.kind for answer in sample(notebook)}
    assert sum(len(sample(notebook)) for notebook in CONTRACT) >= 20
