"""What the tests share: fixtures of courses and of a browser, and which tests are run, in order.

Every run of a single test waits for what is imported here; so what takes long is imported by the
fixture that needs it.
"""

import os
import shutil
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.course.directory import Course
from tests import slow_parts
from tests.courses import ASSIGNMENT, COURSE, copy_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# The files that take longest, so that no worker is left with one of them at the end.
_FIRST = (
    "tests/authors/bank/test_svhn_wrong.py",
    "tests/hostile/",
    "tests/authors/proof/test_mutants.py",
    "tests/instructors/test_kill.py",
    "tests/instructors/watch/",
    "tests/authors/bank/",
    "tests/authors/proof/",
    "tests/instructors/test_grade.py",
    "tests/instructors/test_regrade.py",
)


# Which tests are run


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--slow",
        default="",
        metavar="PARTS",
        help=f"also run these slow parts, or all: {', '.join(slow_parts.PARTS)}",
    )


def pytest_configure(config: pytest.Config) -> None:
    try:
        config.stash[_SLOW] = slow_parts.chosen(config.getoption("slow"))
    except ValueError as error:
        raise pytest.UsageError(str(error)) from None


_SLOW = pytest.StashKey[list[str]]()


def pytest_report_header(config: pytest.Config) -> list[str]:
    run = config.stash[_SLOW]
    left = [part for part in slow_parts.PARTS if part not in run]
    head = ["these slow parts are run, too (tests/slow_parts.py):", slow_parts.as_text(run)]
    out = f"slow parts left out: {', '.join(left) or 'none'}"
    return [*(head if run else []), out, f"answers that take turns: SEED={slow_parts.seed()}"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the slow parts that nobody asked for; those that take longest come first."""
    left: list[pytest.Item] = []
    kept: list[pytest.Item] = []
    _take_turns(items)
    for item in items:
        parts = {part for mark in item.iter_markers("slow") for part in mark.args}
        if unknown := parts - slow_parts.PARTS.keys():
            raise pytest.UsageError(f"{item.nodeid}: no slow part is called {unknown}")
        (kept if parts <= {*config.stash[_SLOW]} else left).append(item)
    if left:
        config.hook.pytest_deselected(items=left)
    limit = pytest.mark.timeout(_limit(config.stash[_SLOW]))
    for item in kept:
        item.add_marker(limit)
    items[:] = sorted(kept, key=_place)


def _take_turns(items: Iterable[pytest.Item]) -> None:
    """Of the cases of a test that take turns, leave one in so many; the others are slow.

    Which ones the last commit chooses, as it does the answers of the bank.
    """
    cases: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        if item.get_closest_marker("turns") and not item.get_closest_marker("slow"):
            cases[item.nodeid.partition("[")[0]].append(item)
    for name, those in cases.items():
        first = zlib.crc32(f"{slow_parts.seed()} {name}".encode())
        for number, item in enumerate(those):
            mark = item.get_closest_marker("turns")
            assert mark is not None
            if (first + number) % mark.kwargs["of"]:
                item.add_marker(pytest.mark.slow(*mark.args))


def _limit(parts: list[str]) -> int:
    """Seconds after which a test that hangs fails, with what it sets up: that may be a whole part,
    on a slow machine.
    """
    return 60 * max([15, *(3 * slow_parts.PARTS[part][1] for part in parts)])


def _place(item: pytest.Item) -> int:
    places = [place for place, start in enumerate(_FIRST) if item.nodeid.startswith(start)]
    return min(places, default=len(_FIRST))


# Courses


@pytest.fixture(scope="module", autouse=True)
def _own_data() -> None:
    """Each file of tests begins without SVHN_DIR: nbgrader_config.py sets it where it is read, and
    a course that is graded later, by another file, would get the data of that one.
    """
    os.environ.pop("SVHN_DIR", None)


@pytest.fixture(scope="session")
def course() -> Course:
    """This course itself; tests only read it."""
    return COURSE


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course of 1-complexity alone, with its release, made once."""
    from grader.nbgrader_app import commands

    small = Course(tmp_path_factory.mktemp("released"), ASSIGNMENT)
    small.source.mkdir(parents=True)
    for path in COURSE.handouts():
        shutil.copy(path, small.source)
    shutil.copy(COURSE.source / "1-complexity.ipynb", small.source)
    for path in (COURSE.config, COURSE.requirements):
        shutil.copy(path, small.root)
    commands.generate(small, with_gradebook=False)
    return small


@pytest.fixture
def small_course(released: Course, tmp_path: Path) -> Course:
    """A copy of the small course that a test may change."""
    return copy_of(released, tmp_path / "small")


@pytest.fixture
def empty(tmp_path: Path) -> Course:
    """A course with nothing in it but its configuration."""
    course = Course(tmp_path / "course", ASSIGNMENT)
    course.source.mkdir(parents=True)
    shutil.copy(COURSE.config, course.root)
    return course


# A browser


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    """One for a file: Playwright's event loop must not run on while other files are tested."""
    from tests import chromium
    from tests.lacking import lacks

    if chromium.program() is None:
        lacks("chromium", chromium.MISSING)
    with chromium.started() as started:
        yield started
