"""The answers to the notebook that a file names as NOTEBOOK: one test for each, graded once."""

from typing import TYPE_CHECKING

import pytest

from tests.bank import share
from tests.courses import COURSE

if TYPE_CHECKING:
    from grader.bank import Graded


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    notebook = getattr(metafunc.module, "NOTEBOOK", None)
    if notebook is None or "answer" not in metafunc.fixturenames:
        return
    every = share.answers_to(notebook)
    often = share.graded_often(every)
    slow = pytest.mark.slow("answers")
    metafunc.parametrize(
        "answer",
        [pytest.param(a, id=a.id, marks=() if a.id in often else slow) for a in every],
    )


def pytest_report_header() -> str:
    return share.as_text()


@pytest.fixture(scope="module")
def graded(request: pytest.FixtureRequest) -> "dict[str, Graded]":
    """The answers of a file whose tests are run, by id, graded once.

    Most wrong answers to 4-svhn are run up to the last test that must take points off;
    `course answers` runs all to the end.
    """
    from grader import answers, bank, bar

    chosen = share.answers_of(request)
    if any("answer" not in item.fixturenames for item in share.tests_of(request)):
        every = share.answers_to(request.module.NOTEBOOK)  # a test that is about all of them
        often = share.graded_often(every)
        chosen = [answer for answer in every if answer.id in often or answer in chosen]
    fillers = {answer.id: answers.filler(COURSE, answer) for answer in chosen}
    until = {answer.id: test for answer in chosen if (test := share.last_test(answer))}
    # Shown as it goes, for it takes minutes.
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print(f"\ngrading {len(fillers)} answers to {request.module.NOTEBOOK}")
        # One of pytest-xdist's workers has a core to itself, and leaves the others theirs.
        with (
            bank.Bench(COURSE, [request.module.NOTEBOOK], 1) as bench,
            bar.shown("answers", len(fillers)) as show,
        ):
            return bench.grade(fillers, show, until=until)
