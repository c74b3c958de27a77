"""Places are looked at by events; where there are none, by the clock, and the status says so."""

import time
from pathlib import Path
from typing import cast

import pytest

from grader.course.directory import Course
from grader.instructors.collect import command as collecting
from grader.instructors.watch import events, places
from grader.instructors.watch.events import Alarm
from grader.instructors.watch.intake import Intake
from grader.instructors.watch.places import Inbound, Place
from grader.instructors.watch.settings import Watch
from grader.instructors.watch.status import Teller
from grader.instructors.watch.troubles import Troubles
from grader.instructors.watch.turn import Turn
from grader.instructors.watch.turns import Turns
from tests import courses as of_courses
from tests.courses import ASSIGNMENT, copy_of
from tests.running import eventually


@pytest.fixture
def course(tmp_path: Path) -> Course:
    course = Course(tmp_path, ASSIGNMENT)
    course.submitted.mkdir()
    return course


def intake_of(course: Course, *where: Place) -> tuple[Intake, Teller]:
    teller = Teller(course)
    watch = Watch(quiet_seconds=0.1, poll_seconds=0.5)
    how = collecting.Options(course.root)
    return Intake(course, watch, where, how, Alarm(), Troubles(teller), teller), teller


def look(intake: Intake) -> list[str]:
    intake.look()
    return intake.ready


def hand_in(course: Course, student: str) -> None:
    folder = course.submitted / student / ASSIGNMENT
    folder.mkdir(parents=True)
    (folder / "1-complexity.ipynb").write_text("{}")


def test_where_no_event_tells_of_a_change_the_place_is_polled(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "without_events", lambda _: "it is on nfs4 (nfs4)")
    intake, teller = intake_of(course, places.submitted(course))
    try:
        assert look(intake) == []
        hand_in(course, "ada")
        eventually("ada", lambda: look(intake) == ["ada"])
        teller.tell(0, at_once=True)
        (trouble,) = teller.status.troubles
        assert "(nfs4)" in trouble.what and "every 0.5 seconds" in trouble.what
        assert 0 <= intake.seconds() <= 0.5
    finally:
        intake.close()


def test_a_place_is_polled_after_a_loss_of_events_until_they_are_trusted_again(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    intake, teller = intake_of(course, places.submitted(course))
    try:
        assert look(intake) == []
        intake._events._losses.last = time.monotonic()
        hand_in(course, "ada")
        eventually("ada", lambda: look(intake) == ["ada"])
        teller.tell(0, at_once=True)
        (trouble,) = teller.status.troubles
        assert "fs.inotify.max_queued_events" in trouble.what
        assert "every 0.5 seconds" in trouble.what
        monkeypatch.setattr(events, "_CALM_SECONDS", 0.0)

        def is_over() -> bool:
            intake.look()
            teller.tell(0, at_once=True)
            return not teller.status.troubles

        eventually("the end of the trouble", is_over)
        hand_in(course, "bob")
        eventually("bob", lambda: "bob" in look(intake))
    finally:
        intake.close()


def test_a_place_that_is_not_there_is_looked_for(course: Course, tmp_path: Path) -> None:
    later = tmp_path / "later"
    intake, teller = intake_of(course, places.Drop(later, "later", ASSIGNMENT, by_entry=False))
    try:
        assert look(intake) == []
        teller.tell(0, at_once=True)
        (trouble,) = teller.status.troubles
        assert "later: No such file or directory" in trouble.what
        later.mkdir()
        (later / "class.zip").write_bytes(b"")
        (later / "notes.txt").write_bytes(b"")
        eventually("the archive", lambda: look(intake) == ["class.zip"])
        teller.tell(1, at_once=True)
        assert teller.status.troubles == []
    finally:
        intake.close()


def test_a_crowd_is_collected_in_pieces_and_all_of_it_waits(
    released: Course, tmp_path: Path
) -> None:
    course, share = copy_of(released, tmp_path / "course"), copy_of(released, tmp_path / "share")
    notebook = (released.release / "1-complexity.ipynb").read_text()
    names = [f"student-{number:03}" for number in range(120)]
    for name in names:
        of_courses.hand_in(share, name, "1-complexity", notebook)
    place = places.Folder(share.submitted, "share", ASSIGNMENT, "folder")
    intake, _ = intake_of(course, place)
    turns = Turns()
    try:
        eventually("all of them", lambda: len(look(intake)) == len(names))
        intake.take(cast(Turn, None), turns)
        assert sorted(each.student for each in turns) == names
        assert look(intake) == []
    finally:
        intake.close()


def test_hidden_and_empty_folders_are_no_work(course: Course) -> None:
    for student in (".deep-learning-3.new", "empty"):
        (course.submitted / student / ASSIGNMENT).mkdir(parents=True)
    (course.submitted / "a-file").write_text("")
    (course.submitted / "elsewhere" / "other-assignment").mkdir(parents=True)
    hand_in(course, "ada")
    assert list(places.submitted(course).scan()) == ["ada"]


def test_a_submission_is_complete_when_nbgrader_has_done_all_of_it(tmp_path: Path) -> None:
    inbound = Inbound(tmp_path, "the exchange", ASSIGNMENT, "exchange")
    folder = tmp_path / f"ada+{ASSIGNMENT}+2030-01-01 12:00:00.000000 UTC+abc"
    folder.mkdir(0o755)
    (tmp_path / "ada+other+2030-01-01 12:00:00.000000 UTC+abc").mkdir()

    def is_complete() -> bool:
        found = inbound.scan()
        return bool(found) and found[folder.name].complete

    assert inbound.scan() == {}  # nothing is in it
    for name, content in (
        ("1-complexity.ipynb", "{}"),
        ("timestamp.txt", "2030-01-01 12:00:00.000000 UTC"),
        ("submission_secret.txt", "0" * 64),  # half of it
    ):
        (folder / name).write_text(content)
        assert not is_complete()
    (folder / "submission_secret.txt").write_text("0" * 128)
    assert not is_complete()
    folder.chmod(0o777)
    assert is_complete()
