"""Whatever is killed, at whatever moment: the grades are those of an undisturbed run."""

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from grader.course import ASSIGNMENT, Course
from tests.conftest import copy_of, filled_in, hand_in
from tests.running import (
    KINDS,
    Grading,
    autograded,
    eventually,
    kill_one,
    pages,
    rows,
    temporary_directory,
)

NAME = "1-complexity"
SEED = 2024
PAUSE = "import time\n\ntime.sleep(0.5)\ngrowth_exponent = 2"
ANSWERS = {
    "raises": {"parameter-count": "raise ValueError"},
    "right": {},
    "warns": {"parameter-count": "import sys\n\nprint('a warning', file=sys.stderr)"},
    "wrong": {"growth-exponent": "growth_exponent = 3"},
    **{f"takes-time-{number}": {"growth-exponent": PAUSE} for number in range(5)},
}
COUNT = len(ANSWERS)


@dataclass(frozen=True)
class Undisturbed:
    """What a run gives that nobody disturbs, and how long it takes to its first notebook."""

    rows: dict[str, list[Any]]
    autograded: dict[str, Any]
    pages: list[str]
    start: float

    def is_as(self, course: Course, *, with_pages: bool = True) -> None:
        """The same was made in `course`."""
        made = rows(course)
        for table, expected in self.rows.items():
            assert made[table] == expected, table
        notebooks = autograded(course)
        assert notebooks.keys() == self.autograded.keys()
        for name, expected in self.autograded.items():
            for cell, other in zip(notebooks[name]["cells"], expected["cells"], strict=True):
                assert cell == other, name
        if with_pages:
            assert pages(course) == self.pages
        assert not [p for p in course.root.rglob("*") if p.suffix in (".new", ".db-journal")]


@pytest.fixture(scope="module")
def new_class(released: Course, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A class without a gradebook."""
    course = copy_of(released, tmp_path_factory.mktemp("killed") / "new")
    with course.config.open("a") as config:  # a fork server that is there sooner
        config.write('\nc.SandboxProvisioner.warm = ["numpy", "numpy.testing"]\n')
    for student, given in ANSWERS.items():
        path = hand_in(course, student, NAME, filled_in(course, NAME, **given))
        path.with_name("timestamp.txt").write_text("2030-01-01 12:00:00 UTC")
    return course


@pytest.fixture(scope="module")
def class_(new_class: Course) -> Course:
    """The same with a gradebook that knows the assignment, and one student who sent nothing."""
    course = copy_of(new_class, new_class.root.with_name("class"))
    (course.submitted / "sent-nothing" / ASSIGNMENT).mkdir(parents=True)
    with temporary_directory() as temporary:
        grading = Grading.start(course, temporary, "--student", "sent-nothing")
        assert grading.finish() == 0, grading.errors
    return course


def _undisturbed(course: Course) -> Undisturbed:
    course = copy_of(course, course.root.with_name(f"{course.root.name}-undisturbed"))
    with temporary_directory() as temporary:
        begun = time.monotonic()
        grading = Grading.start(course, temporary)
        eventually("the first notebook", lambda: grading.count or grading.is_over)
        start = time.monotonic() - begun
        assert grading.finish() == 0, grading.errors
        assert grading.count == COUNT
    return Undisturbed(rows(course), autograded(course), pages(course), start)


@pytest.fixture(scope="module")
def undisturbed(class_: Course) -> Undisturbed:
    made = _undisturbed(class_)
    scores = {(row[0], row[2]): row[3] for row in made.rows["grade"]}
    assert scores["right", "test-growth-exponent"] == scores["warns", "test-growth-exponent"] == 2
    assert scores["wrong", "test-growth-exponent"] == 0
    assert scores["raises", "test-parameter-count"] == 0
    return made


@pytest.fixture
def course(class_: Course, tmp_path: Path) -> Course:
    return copy_of(class_, tmp_path / "course")


@pytest.fixture
def temporary() -> Iterator[Path]:
    with temporary_directory() as path:
        yield path


# Five runs, in each of which three processes of different kinds are killed: each kind three times.
PARTS = KINDS[1:]
THREES = [[PARTS[(run + number) % 5] for number in range(3)] for run in range(5)]


@pytest.mark.parametrize("kinds", THREES, ids=" then ".join)
def test_the_run_goes_on_by_itself(
    kinds: list[str], course: Course, temporary: Path, undisturbed: Undisturbed
) -> None:
    chance = random.Random(f"{SEED} {kinds}")
    grading = Grading.start(course, temporary, "--no-feedback")
    for number, kind in enumerate(kinds):
        count = 2 * number + chance.randrange(2)
        eventually(f"{count} notebooks", lambda: grading.count >= count or grading.is_over)  # noqa: B023
        time.sleep(chance.uniform(0, 0.5))
        kill_one(grading, kind, chance)
    assert grading.finish() == 0, grading.errors
    grading.leaves_no_process()
    assert not list(temporary.iterdir())
    undisturbed.is_as(course, with_pages=False)


@pytest.mark.parametrize("count", [0, 1, 4, COUNT - 1, COUNT])
def test_the_next_run_finishes_what_a_killed_one_began(
    count: int, course: Course, temporary: Path, undisturbed: Undisturbed
) -> None:
    chance = random.Random(f"{SEED} {count}")
    grading = Grading.start(course, temporary)
    eventually(f"{count} notebooks", lambda: grading.count >= count or grading.is_over)
    if count == COUNT:
        eventually("a page of feedback", lambda: pages(course) or grading.is_over)
    time.sleep(chance.uniform(0, undisturbed.start if count == 0 else 0.5))
    kill_one(grading, "grader", chance)
    assert grading.finish() == -9
    grading.leaves_no_process()
    again = Grading.start(course, temporary)
    assert again.finish() == 0, again.errors
    assert again.count <= COUNT - max(0, count - 1)  # what was recorded is not done again
    again.leaves_no_process()
    assert not list(temporary.iterdir())
    undisturbed.is_as(course)


def test_a_run_that_is_asked_to_end_says_so_and_leaves_nothing(
    course: Course, temporary: Path
) -> None:
    grading = Grading.start(course, temporary)
    eventually("a notebook", lambda: grading.executes or grading.is_over)
    grading.process.terminate()
    assert grading.finish() == 128 + 15
    assert "".join(grading.errors).strip() == "course grade: stopped. Run it again to finish."
    grading.leaves_no_process()
    assert not list(temporary.iterdir())


def test_a_gradebook_that_was_being_made_is_finished(
    new_class: Course, tmp_path: Path, temporary: Path, undisturbed: Undisturbed
) -> None:
    course = copy_of(new_class, tmp_path / "course")
    (course.submitted / "sent-nothing" / ASSIGNMENT).mkdir(parents=True)
    grading = Grading.start(course, temporary)
    book = course.gradebook.with_name("gradebook.db.new")
    eventually("a gradebook", lambda: book.exists() or grading.is_over)
    kill_one(grading, "grader", random.Random(SEED))
    assert grading.finish() == -9
    grading.leaves_no_process()
    again = Grading.start(course, temporary)
    assert again.finish() == 0, again.errors
    again.leaves_no_process()
    undisturbed.is_as(course)
