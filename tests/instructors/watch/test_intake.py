"""Places are looked at by events; where there are none, by the clock, and the status says so."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import nbformat
import pytest

from grader.course.directory import Course
from grader.instructors.collect import command as collecting
from grader.instructors.watch import events, places
from grader.instructors.watch import troubles as of_troubles
from grader.instructors.watch.events import Alarm
from grader.instructors.watch.intake import Intake
from grader.instructors.watch.places import Inbound, Place
from grader.instructors.watch.settings import Watch
from grader.instructors.watch.status import Teller
from grader.instructors.watch.troubles import Troubles
from grader.instructors.watch.turn import Turn
from grader.instructors.watch.turns import Turns
from grader.rosters.owner import Scheme
from tests import courses as of_courses
from tests.courses import ASSIGNMENT, copy_of
from tests.instructors.collect.packing import moodle, packed
from tests.running import eventually

NAME = "1-complexity"


@pytest.fixture
def course(tmp_path: Path) -> Course:
    course = Course(tmp_path, ASSIGNMENT)
    course.submitted.mkdir()
    return course


def intake_of(course: Course, *where: Place, roster: Path | None = None) -> tuple[Intake, Teller]:
    teller = Teller(course)
    watch = Watch(quiet_seconds=0.1, poll_seconds=0.5)
    how = collecting.Options(course.root, roster=roster)
    return Intake(course, watch, where, how, Alarm(), Troubles(teller), teller), teller


def look(intake: Intake) -> list[str]:
    intake.look()
    return intake.ready


def take(intake: Intake) -> list[str]:
    """Take what is complete; returns who waits then."""
    turns = Turns()
    if intake.has_work():
        intake.take(cast(Turn, None), turns)
    return sorted(each.student for each in turns)


@dataclass
class HandIn:
    """A folder with one for each account, and the course that collects from it."""

    course: Course
    folder: Path

    def put(self, path: str, text: str = "") -> None:
        """Put the released notebook there, with a first cell that says `text`, as a student."""
        notebook = nbformat.read(self.course.release / f"{NAME}.ipynb", 4)
        notebook.cells[0].source += f"\n\n{text}"
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, self.folder / path)

    @contextmanager
    def watched(self, scheme: Scheme | None = None) -> Iterator[Callable[..., list[str]]]:
        """Look after it; gives what takes entries that have arrived, and returns who waits."""
        intake, _ = intake_of(
            self.course, places.Folder(self.folder, "hand-in", ASSIGNMENT, scheme)
        )

        def collects(*entries: str) -> list[str]:
            eventually(f"{entries}", lambda: sorted(look(intake)) == sorted(entries), 20)
            return take(intake)

        try:
            yield collects
        finally:
            intake.close()

    def work_of(self, student: str) -> str:
        """What the first cell of a student's notebook in submitted/ ends with; "" for none."""
        path = self.course.submission(student) / f"{NAME}.ipynb"
        return nbformat.read(path, 4).cells[0].source.split("\n")[-1] if path.exists() else ""

    @property
    def students(self) -> list[str]:
        """Who has a folder in submitted/."""
        return sorted(path.name for path in self.course.submitted.iterdir())


@pytest.fixture
def by_folder(released: Course, tmp_path: Path) -> HandIn:
    course = copy_of(released, tmp_path / "course")
    course.submitted.mkdir()
    return HandIn(course, tmp_path / "hand-in")


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
        assert intake.seconds() <= 0.5  # less than nothing, if this was held up since the look
    finally:
        intake.close()


def test_a_place_that_is_missing_is_looked_for_after_a_pause_only(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It woke twenty times a second."""
    monkeypatch.setattr(of_troubles, "_FIRST", 60.0)
    intake, teller = intake_of(course, places.submitted(course))
    try:
        course.submitted.rmdir()
        intake.look()
        assert "No such file" in troubles(teller)
        monkeypatch.setattr(intake, "_watch", Watch(poll_seconds=1000))
        intake.look()
        assert intake.seconds() > 50
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


class Noted:
    """What a turn notes of the archives that were collected."""

    def __init__(self) -> None:
        self._about: set[str] = set()

    def was_collected(self, about: str) -> bool:
        return about in self._about

    def note_collected(self, about: str) -> None:
        self._about.add(about)


@dataclass
class WithRoster:
    """Work that arrives in a folder or as an archive, and a roster that a person mends."""

    by_folder: HandIn
    by_archive: bool
    noted: Noted = field(default_factory=Noted)

    @property
    def roster(self) -> Path:
        return self.by_folder.course.root / "roster.csv"

    def knows(self, *students: str) -> None:
        self.roster.write_text("\n".join(["student_id", *students]))

    def arrives(self, *students: str) -> None:
        for student in students:
            self.by_folder.put(f"{student}/{NAME}.ipynb", student)
        if self.by_archive:
            drop = self.by_folder.folder.with_name("drop")
            drop.mkdir(exist_ok=True)
            shutil.make_archive(str(drop / "class"), "zip", self.by_folder.folder)

    @contextmanager
    def watched(self) -> Iterator[tuple[Callable[[], list[str]], Teller]]:
        """Look after it; gives what takes whatever there is, and who tells of it."""
        folder = self.by_folder.folder
        place: Place = places.Folder(folder, "hand-in", ASSIGNMENT, "folder")
        if self.by_archive:
            drop = folder.with_name("drop")
            place = places.Drop(drop, "drop", ASSIGNMENT, "folder", by_entry=False)
        intake, teller = intake_of(self.by_folder.course, place, roster=self.roster)

        def takes() -> list[str]:
            intake.look()
            turns = Turns()
            if intake.has_work():
                intake.take(cast(Turn, self.noted), turns)
            return sorted(each.student for each in turns)

        try:
            yield takes, teller
        finally:
            intake.close()


@pytest.fixture(params=[False, True], ids=["folder", "archive"])
def with_roster(by_folder: HandIn, request: pytest.FixtureRequest) -> WithRoster:
    return WithRoster(by_folder, request.param)


def troubles(teller: Teller) -> str:
    teller.tell(0, at_once=True)
    return "\n".join(each.what for each in teller.status.troubles)


def test_what_arrives_waits_until_a_wrong_roster_is_mended(with_roster: WithRoster) -> None:
    with_roster.knows("alice", "alice")
    with_roster.arrives("alice")
    with with_roster.watched() as (takes, teller):
        eventually("a trouble", lambda: takes() or "alice is there twice" in troubles(teller), 20)
        assert takes() == []
        with_roster.knows("alice")
        assert eventually("alice", takes, 20) == ["alice"]
        assert troubles(teller) == ""


def test_who_is_not_in_the_roster_is_collected_when_they_are(with_roster: WithRoster) -> None:
    with_roster.knows("alice")
    with_roster.arrives("alice", "bob", "carl")
    with with_roster.watched() as (takes, teller):
        assert eventually("alice", takes, 20) == ["alice"]
        told = len(teller._remarks)
        assert told and takes() == []
        with_roster.knows("alice", "bob")
        assert eventually("bob", takes, 20) == ["bob"]
    told = 0 if with_roster.by_archive else 1  # an archive is collected once, with one roster
    with with_roster.watched() as (takes, teller):
        deadline = time.monotonic() + 1
        while time.monotonic() < deadline:
            assert takes() == []
        assert len(teller._remarks) == told
        with_roster.knows("alice", "bob", "carl")
        assert eventually("carl", takes, 20) == ["carl"]
    assert with_roster.by_folder.students == ["alice", "bob", "carl"]


def test_what_course_watch_cannot_be_told_is_for_course_collect(by_folder: HandIn) -> None:
    with_roster = WithRoster(by_folder, by_archive=True)
    with_roster.knows("stranger")
    with_roster.arrives("work/hw")
    with with_roster.watched() as (takes, teller):
        eventually("a question", lambda: takes() or "--inside" in troubles(teller), 20)
        assert "course watch has no --inside; course collect has" in troubles(teller)
        assert "until it or the roster changes" in troubles(teller)


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


@pytest.mark.parametrize("scheme", [None, "folder"])
def test_an_entry_is_one_student_whatever_its_folders_are_called(
    by_folder: HandIn, scheme: Scheme | None
) -> None:
    for student in ("alice", "bob"):
        by_folder.put(f"{student}/{NAME}.ipynb", student)
    for student in ("alice", "bob"):
        by_folder.put(f"mallory/{student}/{NAME}.ipynb", "of mallory")
    for folder in ("x", "downloads", "y"):
        by_folder.put(f"dave/{folder}/{NAME}.ipynb", f"dave, {folder}")
    with by_folder.watched(scheme) as collects:
        assert collects("alice", "bob", "dave", "mallory") == ["alice", "bob", "dave", "mallory"]
        for student in ("alice", "bob"):
            by_folder.put(f"mallory/{student}/{NAME}.ipynb", "newer, of mallory")
        assert collects("mallory") == ["mallory"]
        by_folder.put(f"dave/x/{NAME}.ipynb", "dave, newer")
        assert collects("dave") == ["dave"]
        by_folder.put(f"inbound/alice/{NAME}.ipynb", "of inbound")  # no exchange, but a student
        assert collects("inbound") == ["inbound"]
    assert by_folder.students == ["alice", "bob", "dave", "inbound", "mallory"]
    for student in ("alice", "bob"):
        assert by_folder.work_of(student) == student


PLATFORMS_NAMES = (
    f"alice+{ASSIGNMENT}+2031-11-20 10:00:00 UTC",
    "alice_12_assignsubmission_file_",
)


@pytest.mark.parametrize("name", PLATFORMS_NAMES)
@pytest.mark.parametrize("scheme", [None, "folder"])
def test_an_entry_in_which_a_folder_has_a_platforms_name_is_of_nobody_else(
    by_folder: HandIn, name: str, scheme: Scheme | None
) -> None:
    by_folder.put(f"alice/{NAME}.ipynb", "alice")
    by_folder.put(f"eve/{name}/{NAME}.ipynb", "of eve")
    with by_folder.watched(scheme) as collects:
        expected = ["alice", "eve"] if scheme else ["alice"]  # else it may be a whole class: told
        assert collects("alice", "eve") == expected
        by_folder.put(f"eve/{name}/{NAME}.ipynb", "newer, of eve")
        collects("eve")
    assert by_folder.students == expected
    assert by_folder.work_of("alice") == "alice"
    assert not (by_folder.course.submission("alice") / "timestamp.txt").exists()


def test_what_the_exchange_holds_in_a_folder_of_one_student_is_of_nobody_else(
    by_folder: HandIn,
) -> None:
    stamp = "2031-11-20 10:00:00 UTC"
    by_folder.put(f"alice+{ASSIGNMENT}+{stamp}/{NAME}.ipynb", "alice")
    by_folder.put(f"eve+{ASSIGNMENT}+now/alice+{ASSIGNMENT}+{stamp}/{NAME}.ipynb", "of eve")
    place = Inbound(by_folder.folder, "the exchange", ASSIGNMENT, "exchange", check_owner=False)
    intake, _ = intake_of(by_folder.course, place)
    try:
        eventually("both", lambda: len(look(intake)) == 2)
        assert take(intake) == ["alice"]
    finally:
        intake.close()
    assert by_folder.students == ["alice"]


def test_who_puts_earlier_work_into_a_folder_again_waits_for_its_grade(by_folder: HandIn) -> None:
    with by_folder.watched() as collects:
        for text in ("first", "second", "first"):
            by_folder.put(f"alice/{NAME}.ipynb", text)
            assert collects("alice") == ["alice"]
            assert by_folder.work_of("alice") == text


def test_a_class_in_an_archive_is_no_student(by_folder: HandIn) -> None:
    by_folder.put(f"alice/{NAME}.ipynb", "alice")
    (by_folder.folder / "class.zip").write_bytes(packed(moodle("Bob_11", NAME)))
    with by_folder.watched() as collects:
        assert collects("alice", "class.zip") == ["alice"]
    assert by_folder.students == ["alice"]


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
