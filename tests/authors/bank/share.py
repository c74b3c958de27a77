"""Which answers of the bank are run in `make test`, and how far.

All would take longer than all other tests together. One in so many is run, by turns, chosen by the
last commit; `make test SLOW=mistakes` runs all. They are run to the end, but for wrong ones to
4-svhn. The last test of that trains new networks with the learner's pieces, up to a minute where
they do not learn. A mistake that an earlier test finds is run up to the last of these. To the end
are run those that no earlier test finds, some that reach the messages of the last test, and, by
turns, one in so many of the others. `make test SLOW=answers` runs all to the end.
"""

import zlib
from collections.abc import Collection
from functools import cache

import pytest

from grader.authors.bank import answers
from grader.authors.bank.answers import Answer
from tests import slow_parts
from tests.courses import COURSE

LONG = "4-svhn"
_ONE_IN = {"wrong": 8, "right": 4}
_ONE_IN_OF_LONG = {"wrong": 48, "right": 16}
_TO_THE_END_ONE_IN = 12  # of all, too
# Together they are shown every message of the last test.
_REACH_THE_LAST_MESSAGES = {
    "learning-rate-far-too-large",
    "nothing-but-the-model",  # quick, and one message of checks.py shows there only
    "prints-the-loss-object",
    "raw-pixels",
    "test-labels-left-out",
}


@cache
def answers_to(notebook: str) -> tuple[Answer, ...]:
    """Every answer of the bank to a notebook."""
    return tuple(answer for answer in answers.read_all(COURSE) if answer.notebook == notebook)


def takes_its_turn(answer: Answer, turn: str | None = None) -> bool:
    """Whether `make test` runs an answer. `turn` stands for the last commit."""
    some = _ONE_IN_OF_LONG if answer.notebook == LONG else _ONE_IN
    return _number(answer, turn) % some.get(answer.kind, 1) == 0


def _number(answer: Answer, turn: str | None) -> int:
    return zlib.crc32(f"{turn or slow_parts.seed()} {answer.id}".encode())


def last_test(answer: Answer, turn: str | None = None) -> str | None:
    """The test cell where an answer's run ends in `make test`; None if it is run to the end.

    `turn` stands for the last commit.
    """
    if answer.notebook != LONG or answer.kind != "wrong":
        return None
    if answer.name in _REACH_THE_LAST_MESSAGES:
        return None
    if _number(answer, turn) % _TO_THE_END_ONE_IN == 0:
        return None
    full = answers.full_scores(COURSE, answer.notebook)
    *earlier, _ = full
    lowered = [test for test in earlier if answer.scores[test] != full[test]]
    return lowered[-1] if lowered else None


def scores_until(answer: Answer, last: str | None) -> dict[str, float]:
    """The scores of the tests that are run if it ends after `last`."""
    tests = list(answers.full_scores(COURSE, answer.notebook))
    run = tests if last is None else tests[: tests.index(last) + 1]
    return {test: points for test, points in answer.scores.items() if test in run}


def answers_of(request: pytest.FixtureRequest) -> list[Answer]:
    """The answers that the tests of a file which are run are about, as fixtures see them.

    All that the file is about, if one of these tests is about all of them.
    """
    tests = [
        item
        for item in request.session.items
        if isinstance(item, pytest.Function) and item.path == request.path
    ]
    callspecs = [getattr(item, "callspec", None) for item in tests]
    chosen = [each.params["answer"] for each in callspecs if each and "answer" in each.params]
    of_all = any("answer" not in t.fixturenames and "graded" in t.fixturenames for t in tests)
    return about(request.module) if of_all else chosen


def about(module: object) -> list[Answer]:
    """The answers that a file of tests names by NOTEBOOK, and by KINDS if these are not all."""
    kinds: Collection[str] = getattr(module, "KINDS", ("built-in", "right", "wrong"))
    notebook: str = getattr(module, "NOTEBOOK")  # noqa: B009 - of any module
    return [answer for answer in answers_to(notebook) if answer.kind in kinds]
