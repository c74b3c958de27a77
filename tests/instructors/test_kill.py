"""Whatever is killed, at whatever point: the grades are those of an undisturbed run."""

import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from grader.basics import stop_points
from grader.course.directory import Course
from tests import slow_parts
from tests.courses import ASSIGNMENT, copy_of, filled_in, hand_in
from tests.gradebook.rows import rows
from tests.running import (
    Grading,
    autograded,
    below,
    eventually,
    kill_one,
    pages,
    temporary_directory,
)

NAME = "1-complexity"
ANSWERS = {
    "raises": {"parameter-count": "raise ValueError"},
    "right": {},
    "warns": {"parameter-count": "import sys\n\nprint('a warning', file=sys.stderr)"},
    "wrong": {"growth-exponent": "growth_exponent = 3"},
    "wrong-twice": {"growth-exponent": "growth_exponent = 4", "parameter-count": "pass"},
    "answers-with-a-text": {"growth-exponent": "growth_exponent = '2'"},
}
COUNT = len(ANSWERS)


@dataclass(frozen=True)
class Undisturbed:
    """What a run gives that nobody disturbs."""

    rows: dict[str, list[Any]]
    autograded: dict[str, Any]
    pages: list[str]

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
        grading = Grading.start(course, temporary)
        assert grading.finish() == 0, grading.errors
        assert grading.count == COUNT
    return Undisturbed(rows(course), autograded(course), pages(course))


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


# How many notebooks are recorded when the grader is at a point.
RECORDED = {
    "gradebook-new": 0,
    "assignment-learned": 0,
    "work-handed-back": 1,
    "notebook-in-place": 1,
    "record-begun": 1,
    "record-written": 1,
    "recorded": 2,
    "pages-made": COUNT,
}


def recorded_in(course: Course) -> int:
    """How many notebooks of the class the gradebook holds."""
    if not course.gradebook.is_file():
        return 0
    return sum(row[3] == "graded" for row in rows(course)["course_run"])


def part_of(worker: psutil.Process, kind: str) -> psutil.Process:
    """The process of a kind that works for a worker, or is it: the kernel's before its judge's."""
    found = below(worker, kind, "worker")
    assert found
    return min(found, key=lambda process: process.pid)


# In each of these runs parts are killed, while a cell of theirs has run. The death of the worker
# comes between two others: so no notebook loses two kernels in a row, which would be taken for its
# own fault, whichever of them is hit.
IN_TURN = [("kernel", "worker"), ("init", "worker", "fork server")]


@pytest.mark.turns("kills", of=2)
@pytest.mark.parametrize("kinds", IN_TURN, ids=" then ".join)
def test_the_run_goes_on_by_itself(
    kinds: tuple[str, ...], course: Course, temporary: Path, undisturbed: Undisturbed
) -> None:
    grading = Grading.start(course, temporary, "--no-feedback", stop_at="cell-run")
    for number, kind in enumerate(kinds):
        worker = grading.stopped("worker")
        grading.stop_at("recorded")
        victim = part_of(worker, kind)
        victim.kill()
        if victim != worker:
            worker.resume()
        grader = grading.stopped("grader")
        if number + 1 < len(kinds):
            grading.stop_at("cell-run")
        grader.resume()
    assert grading.finish() == 0, grading.errors
    grading.leaves_no_process()
    assert not list(temporary.iterdir())
    undisturbed.is_as(course, with_pages=False)


@pytest.mark.turns("kills", of=4)
@pytest.mark.parametrize("point", stop_points.OF_GRADER)
def test_the_next_run_finishes_what_a_killed_one_began(
    point: str,
    class_: Course,
    new_class: Course,
    tmp_path: Path,
    temporary: Path,
    undisturbed: Undisturbed,
) -> None:
    is_new = point in ("gradebook-new", "assignment-learned")
    course = copy_of(new_class if is_new else class_, tmp_path / "course")
    if is_new:
        (course.submitted / "sent-nothing" / ASSIGNMENT).mkdir(parents=True)
    with_pages = point == "pages-made"
    options = () if with_pages else ("--no-feedback",)
    if is_new or with_pages:
        grading = Grading.start(course, temporary, *options, stop_at=point)
    else:  # when something is recorded already
        grading = Grading.start(course, temporary, *options, stop_at="recorded")
        first = grading.stopped("grader")
        grading.stop_at(point)
        first.resume()
    grading.stopped("grader").kill()
    assert grading.finish() == -9
    grading.leaves_no_process()
    recorded = recorded_in(course)
    again = Grading.start(course, temporary, *options)
    assert again.finish() == 0, again.errors
    assert recorded == RECORDED[point]
    assert again.count == COUNT + is_new - recorded  # what is recorded is not done again
    again.leaves_no_process()
    assert not list(temporary.iterdir())
    undisturbed.is_as(course, with_pages=with_pages)


@pytest.mark.slow("kills")
@pytest.mark.parametrize("run", range(6))
def test_whatever_is_killed_at_a_random_moment_is_finished(
    run: int, course: Course, temporary: Path, undisturbed: Undisturbed
) -> None:
    """Also in the middle of what has no name; such a run is not the same twice."""
    chance = random.Random(f"{slow_parts.seed()} {run}")
    grading = Grading.start(course, temporary)
    count = chance.randrange(COUNT + 1)
    eventually(f"{count} notebooks", lambda: grading.count >= count or grading.is_over)
    time.sleep(chance.uniform(0, 0.5))
    kind = kill_one(grading, chance)
    assert grading.finish() == (-9 if kind == "grader" else 0), (
        kind,
        count,
        grading.lines,
        grading.errors,
    )
    grading.leaves_no_process()
    again = Grading.start(course, temporary)
    assert again.finish() == 0, (kind, count, again.lines, again.errors)
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
