"""Which answers `make test` grades: all but some wrong ones to 4-svhn, which take the longest.

    python -m tests.bank.share --write     choose anew the answers that are always graded (minutes)

Of the wrong answers to 4-svhn, those in always.txt are always graded: together they are shown
every message of its tests. Of the others, one in so many is, chosen by the last commit; CI grades
all of them after a change of the notebook or of the answers (tests/slow_parts.py).
"""

import os
import subprocess
import zlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

from grader import answers
from grader.answers import Answer
from tests.courses import COURSE

ALWAYS = Path(__file__).parent / "always.txt"
_LONG = "4-svhn"
_ONE_IN = 4


@cache
def answers_to(notebook: str) -> tuple[Answer, ...]:
    """Every answer of the bank to a notebook."""
    return tuple(answer for answer in answers.read_all(COURSE) if answer.notebook == notebook)


def always_graded(every: Iterable[Answer]) -> set[str]:
    """The ids of the answers that `make test` grades whatever the last commit is."""
    named = set(always())
    return {a.id for a in every if a.notebook != _LONG or a.kind != "wrong" or a.id in named}


def graded_often(every: Iterable[Answer], turn: str | None = None) -> set[str]:
    """The ids of the answers that `make test` grades; `turn` is the seed by default."""
    every, turn = tuple(every), turn or seed()
    chosen = {a.id for a in every if zlib.crc32(f"{turn} {a.id}".encode()) % _ONE_IN == 0}
    return always_graded(every) | chosen


@cache
def seed() -> str:
    """What chooses the others: $SEED, or the hash of the last commit."""
    asked = ["git", "rev-parse", "--short=10", "HEAD"]
    try:
        done = subprocess.run(asked, cwd=COURSE.root, capture_output=True, text=True, check=False)
    except OSError:
        return os.environ.get("SEED", "no git")
    return os.environ.get("SEED") or done.stdout.strip() or "no git"


def as_text() -> str:
    """How the same answers are graded again."""
    return f"wrong answers to {_LONG}: chosen by SEED={seed()}"


def last_test(answer: Answer) -> str | None:
    """The test cell where an answer's run ends; None if it is run to the end."""
    is_run_whole = zlib.crc32(answer.id.encode()) % 8 == 0
    if answer.kind != "wrong" or answer.notebook != _LONG or is_run_whole:
        return None
    full = answers.full_scores(answer.notebook)
    return [test for test in full if answer.scores.get(test) != full[test]][-1]


def run_here(answer: Answer) -> dict[str, float]:
    """The scores of the tests that are run."""
    tests = list(answers.full_scores(answer.notebook))
    last = last_test(answer) or tests[-1]
    until = tests[: tests.index(last) + 1]
    return {test: points for test, points in answer.scores.items() if test in until}


def advice(notebook: str) -> str:
    """What to try first where a message is missed."""
    if notebook != _LONG:
        return ""
    return (
        "\nNot all answers were graded. Does it hold with make test SLOW=answers? Then choose anew "
        "those that are always graded: python -m tests.bank.share"
    )


def always() -> list[str]:
    """The ids in always.txt."""
    return [f"{_LONG}/wrong/{name}" for name in ALWAYS.read_text(encoding="utf-8").split()]


def tests_of(request: pytest.FixtureRequest) -> list[pytest.Function]:
    """The tests of a fixture's file that are run."""
    return [
        item
        for item in request.session.items
        if isinstance(item, pytest.Function) and item.path == request.path
    ]


def answers_of(request: pytest.FixtureRequest) -> list[Answer]:
    """The answers that these are about."""
    callspecs = [getattr(item, "callspec", None) for item in tests_of(request)]
    return [each.params["answer"] for each in callspecs if each and "answer" in each.params]
