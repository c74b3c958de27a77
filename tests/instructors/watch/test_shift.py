"""What is in hand: pages that could not be made are made later."""

import time
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from grader.course.directory import Course
from grader.instructors.watch.settings import Watch
from grader.instructors.watch.shift import Shift
from grader.instructors.watch.status import Teller
from grader.instructors.watch.troubles import Troubles
from grader.instructors.watch.turn import Due, Turn
from grader.instructors.watch.turns import Turns
from grader.instructors.watch.workers import Workers
from tests.courses import ASSIGNMENT
from tests.running import eventually


class GradedClass:
    """In the place of a turn: a class that is graded, and a disk that may be full for some."""

    def __init__(self, *students: str) -> None:
        self.students = students
        self.no_room_for: set[str] = set()
        self.made: list[str] = []

    def graded(self) -> list[str]:
        return [*self.students]

    def due(self, student: str) -> Due:
        return Due([], "")

    def make_pages(self, students: Sequence[str], jobs: int) -> dict[str, str]:
        self.made += [student for student in students if student not in self.no_room_for]
        failed = self.no_room_for & {*students}
        return {student: f"feedback of {student}: the disk is full" for student in failed}


@pytest.fixture
def class_() -> GradedClass:
    return GradedClass("ada", "bob", "carl")


def test_pages_that_cannot_be_made_at_the_start_are_made_when_they_can(
    class_: GradedClass, tmp_path: Path
) -> None:
    teller, turns = Teller(Course(tmp_path, ASSIGNMENT)), Turns()
    idle = cast(Workers, SimpleNamespace(can_begin=lambda: True))
    troubles = Troubles(teller)
    shift = Shift(Watch(), idle, turns, troubles, teller, jobs=1, releases=False)
    turn = cast(Turn, class_)

    def told() -> list[str]:
        teller.tell(0, at_once=True)
        return sorted(trouble.what for trouble in teller.status.troubles)

    class_.no_room_for = {"ada", "bob"}
    shift.catch_up(turn)
    assert told() == [f"feedback of {student}: the disk is full" for student in ("ada", "bob")]
    assert class_.made == ["carl"] and not turns.ready(time.time())  # not at once

    def feeds() -> bool:
        shift.feed(turn, take_up=True)
        return not told()

    class_.no_room_for = {"bob"}
    eventually("the page of ada", lambda: feeds() or "ada" in class_.made, 20)
    assert told() == ["feedback of bob: the disk is full"]
    class_.no_room_for = set()
    eventually("the end of the troubles", feeds, 20)
    assert sorted(class_.made) == ["ada", "bob", "carl"]
