"""The answers to the notebook that a file names as NOTEBOOK: one test for each, graded once."""

from typing import TYPE_CHECKING

import pytest

from tests.authors.bank import share
from tests.courses import COURSE
from tests.slow_parts import chosen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.authors.bank.answers import Answer
    from grader.authors.bank.bench import Bench
    from grader.authors.bank.graded import Graded


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if hasattr(metafunc.module, "NOTEBOOK") and "answer" in metafunc.fixturenames:
        every = share.about(metafunc.module)
        metafunc.parametrize(
            "answer",
            [
                pytest.param(
                    each,
                    id=each.id,
                    marks=() if share.takes_its_turn(each) else pytest.mark.slow("mistakes"),
                )
                for each in every
            ],
        )


@pytest.fixture(scope="session")
def until(request: pytest.FixtureRequest) -> "dict[str, str]":
    """The test cells where the runs of some answers end, by the answer's id."""
    if "answers" in chosen(request.config.getoption("slow")):
        return {}
    lasts = {each.id: share.last_test(each) for each in share.answers_to(share.LONG)}
    return {id_: last for id_, last in lasts.items() if last}


@pytest.fixture(scope="package")
def bench() -> "Iterator[Bench]":
    """What grades the answers of all files here.

    What was graded before, with the same of all that a score depends on, is not graded again:
    never in CI, whose clone has no .cache/.
    """
    from grader.authors.bank import bench as bank
    from grader.authors.bank import cache

    # One of pytest-xdist's workers has a core to itself, and leaves the others theirs.
    with cache.opened(COURSE) as known, bank.Bench(COURSE, COURSE.names(), 1, known=known) as bench:
        yield bench


@pytest.fixture(scope="module")
def graded(
    request: pytest.FixtureRequest, bench: "Bench", until: "dict[str, str]"
) -> "dict[str, Graded]":
    """The answers of a file whose tests are run, by id, graded once."""
    from grader.authors.bank import answers
    from grader.basics import progress_bar

    fillers = {each.id: answers.filler(COURSE, each) for each in share.answers_of(request)}
    capture = request.config.pluginmanager.getplugin("capturemanager")
    # Shown as it goes, for it takes minutes.
    with (
        capture.global_and_fixture_disabled(),
        progress_bar.shown(f"answers to {request.module.NOTEBOOK}", len(fillers)) as show,
    ):
        return bench.grade(fillers, show, until=until)


@pytest.fixture
def expected(answer: "Answer", until: "dict[str, str]") -> dict[str, float]:
    """The scores that an answer must get in the tests that are run."""
    return share.scores_until(answer, until.get(answer.id))
