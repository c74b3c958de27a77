"""`course collect`: work comes to where it is graded, every version is kept, nothing is lost."""

import csv
import errno
import fcntl
import json
import os
import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
import pytest

from grader.basics.errors import UserError
from grader.course.directory import Course, Places
from grader.instructors.collect import archive_of_student, command
from grader.instructors.collect.archives import Limits
from grader.instructors.collect.report import OF_ONE, SHOWN
from tests.courses import ASSIGNMENT, filled_in, line_of, run_course
from tests.instructors.collect.packing import (
    ALL,
    NAMES,
    canvas,
    collect,
    files_of,
    in_submitted,
    moodle,
    notebook,
    pack,
    packed,
    remarks,
    submitted,
    versions,
)

LATER = (2026, 11, 21, 12, 0, 0)


# The schemes


@pytest.mark.parametrize("end", ["_", ""])
def test_moodle_in_folders(course: Course, zip_: Path, end: str) -> None:
    files = moodle("All Right_11", end=end) | moodle("한글 이름_12", "2-tanh", end=end)
    assert collect(course, pack(zip_, files)) == 0
    assert in_submitted(course) == {"All-Right_11": ALL, "한글-이름_12": ["2-tanh.ipynb"]}
    assert submitted(course, "All-Right_11", "4-svhn") == notebook("4-svhn")


def test_moodle_in_one_folder(course: Course, zip_: Path) -> None:
    files = {
        f"Façade Müller_11_assignsubmission_file_{name}.ipynb": notebook(name) for name in NAMES
    }
    assert collect(course, pack(zip_, files)) == 0
    assert in_submitted(course) == {"Façade-Müller_11": ALL}


def test_canvas(course: Course, zip_: Path) -> None:
    files = canvas("rightall_21") | canvas("twicelate_LATE_22", copy="-1")
    assert collect(course, pack(zip_, files)) == 0
    assert in_submitted(course) == {"rightall_21": ALL, "twicelate_22": ALL}
    assert (
        '"late": true'
        in next(course.collected.glob(f"twicelate_22/{ASSIGNMENT}/*/received.json")).read_text()
    )


def test_a_zip_in_the_archive(course: Course, zip_: Path) -> None:
    own = packed({f"dl/{name}.ipynb": notebook(name) for name in NAMES[:3]})
    nested = packed({"all/inner.zip": own, "4-svhn (1).ipynb": notebook("4-svhn")})
    assert collect(course, pack(zip_, {"nestedzip_21_901_내 숙제.zip": nested})) == 0
    assert in_submitted(course) == {"nestedzip_21": ALL}
    kept = next(course.collected.glob(f"nestedzip_21/{ASSIGNMENT}/*/as-received/*"))
    assert (kept.name, kept.read_bytes()) == ("내 숙제.zip", nested)


def test_an_archive_that_was_packed_again(course: Course, zip_: Path) -> None:
    files = {f"download/{name}": data for name, data in canvas("rightall_21").items()}
    assert collect(course, pack(zip_, files)) == 0
    assert in_submitted(course) == {"rightall_21": ALL}


def test_a_folder_for_each_student(course: Course, tmp_path: Path) -> None:
    root = tmp_path / "class"
    for name in NAMES:
        path = root / "by-folder" / ASSIGNMENT / f"{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(notebook(name))
    pack(root / "by-zip.zip", {f"{name}.ipynb": notebook(name) for name in NAMES})
    (root / "2-tanh.ipynb").write_bytes(notebook("2-tanh"))
    assert collect(course, root) == 1
    assert in_submitted(course) == {"by-folder": ALL, "by-zip": ALL}
    assert "belongs to nobody" in remarks(course)["2-tanh.ipynb"]


def exchange(root: Path, student: str, time: str, text: str = "") -> Path:
    """What `nbgrader submit` leaves."""
    folder = root / "inbound" / f"{student}+{ASSIGNMENT}+{time} UTC+cmFuZG9t"
    folder.mkdir(parents=True)
    for name in NAMES:
        (folder / f"{name}.ipynb").write_bytes(notebook(name, text))
    (folder / "timestamp.txt").write_text(f"{time} UTC")
    (folder / "submission_secret.txt").write_text("secret")
    return root


def test_the_exchange_with_each_attempt(course: Course, tmp_path: Path) -> None:
    root = exchange(tmp_path, "twice", "2026-11-20 21:00:00.500000", "first")
    exchange(tmp_path, "twice", "2026-11-21 00:30:00.500000", "second")
    exchange(tmp_path, "+other", "2026-11-20 21:00:00.000000")
    assert collect(course, root) == 0
    assert submitted(course, "twice", "2-tanh") == notebook("2-tanh", "second")
    time = (course.submitted / "twice" / ASSIGNMENT / "timestamp.txt").read_text()
    assert time == "2026-11-21 00:30:00.500000 UTC\n"
    assert [name[:27] for name in versions(course, "twice")] == [
        "submitted-2026-11-20-210000",
        "submitted-2026-11-21-003000",
    ]
    assert "twice" in in_submitted(course) and "+other" in in_submitted(course)


# Repeated


def test_collecting_again_changes_nothing(
    course: Course, zip_: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = moodle("All Right_11") | {"Only Pdf_12_assignsubmission_file_/a.pdf": b"%PDF"}
    assert collect(course, pack(zip_, files)) == 1
    before = files_of(course.root)
    pack(zip_, files, LATER)  # downloaded anew
    capsys.readouterr()
    collect(course, zip_)
    after = files_of(course.root)
    assert before.keys() == after.keys()
    del before["collected/report.csv"], after["collected/report.csv"]
    assert before == after
    assert "1 unchanged" in capsys.readouterr().out


def test_a_newer_archive_replaces_and_the_older_version_is_kept(course: Course, zip_: Path) -> None:
    collect(course, pack(zip_, moodle("Late Twice_11", text="first")))
    assert collect(course, pack(zip_, moodle("Late Twice_11", text="second"), LATER)) == 0
    assert submitted(course, "Late-Twice_11", "2-tanh") == notebook("2-tanh", "second")
    first, second = versions(course, "Late-Twice_11")
    kept = course.collected / "Late-Twice_11" / ASSIGNMENT / first / "as-received" / "2-tanh.ipynb"
    assert kept.read_bytes() == notebook("2-tanh", "first") and first < second


def test_work_that_is_handed_in_again_after_other_work_counts(course: Course, zip_: Path) -> None:
    first, second = (moodle("A B_1", "2-tanh", text=text) for text in ("first", "second"))
    days = [(2026, 11, day, 12, 0, 0) for day in (20, 21, 22)]
    path = course.submitted / "A-B_1" / ASSIGNMENT / "2-tanh.ipynb"
    for files, day in ((first, days[0]), (second, days[1]), (first, days[2])):
        assert collect(course, pack(zip_, files, day)) == 0
        assert path.read_bytes() == next(iter(files.values()))
    assert len(versions(course, "A-B_1")) == 2
    collect(course, pack(zip_, second, days[1]))  # the archive of the day before
    assert path.read_bytes() == next(iter(first.values()))


def test_an_older_archive_is_kept_but_does_not_replace(
    course: Course, zip_: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    collect(course, pack(zip_, moodle("Late Twice_11", text="second"), LATER))
    assert collect(course, pack(zip_, moodle("Late Twice_11", text="first"))) == 1
    assert submitted(course, "Late-Twice_11", "2-tanh") == notebook("2-tanh", "second")
    assert len(versions(course, "Late-Twice_11")) == 2
    assert "is older than what is in submitted/" in " ".join(capsys.readouterr().out.split())


def test_a_notebook_that_the_newest_submission_lacks_is_told(course: Course, zip_: Path) -> None:
    collect(course, pack(zip_, canvas("oneagain_21")))
    assert collect(course, pack(zip_, canvas("oneagain_21", "2-tanh", first=95), LATER)) == 1
    assert in_submitted(course) == {"oneagain_21": ["2-tanh.ipynb"]}
    assert "is in an earlier one" in remarks(course)["oneagain_21"]


def test_a_submission_without_notebooks_does_not_replace_one_with(
    course: Course, zip_: Path
) -> None:
    collect(course, pack(zip_, canvas("onlypdf_21")))
    collect(course, pack(zip_, {"onlypdf_21_99_report.pdf": b"%PDF"}, LATER))
    assert in_submitted(course) == {"onlypdf_21": ALL}


def test_what_a_person_put_into_submitted_is_moved_not_lost(course: Course, zip_: Path) -> None:
    by_hand = course.submitted / "rightall_21" / ASSIGNMENT / "2-tanh.ipynb"
    by_hand.parent.mkdir(parents=True)
    by_hand.write_text("by hand")
    assert collect(course, pack(zip_, canvas("rightall_21"))) == 1
    kept = course.collected / "rightall_21" / ASSIGNMENT / "by-hand-1" / "2-tanh.ipynb"
    assert kept.read_text() == "by hand"
    assert "by-hand-1" in remarks(course)["rightall_21"]
    by_hand.write_text("mended by hand")
    assert collect(course, zip_) == 0  # nothing newer came
    assert by_hand.read_text() == "mended by hand"
    collect(course, pack(zip_, canvas("rightall_21", "2-tanh"), LATER))
    kept = course.collected / "rightall_21" / ASSIGNMENT / "by-hand-2" / "2-tanh.ipynb"
    assert kept.read_text() == "mended by hand"


@pytest.fixture(params=["configured", "a link"])
def submitted_elsewhere(course: Course, tmp_path: Path, request: pytest.FixtureRequest) -> Course:
    """A course whose submitted/ lies outside of it."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    if request.param == "a link":
        course.submitted.symlink_to(elsewhere)
        return course
    course.config.write_text(
        course.config.read_text()
        + f"\nc.CourseDirectory.submitted_directory = {str(elsewhere)!r}\n"
    )
    return replace(course, places=Places(submitted=str(elsewhere)))


def test_what_a_person_changed_in_a_submitted_that_lies_elsewhere_is_moved_not_lost(
    submitted_elsewhere: Course, zip_: Path
) -> None:
    course, student = submitted_elsewhere, "rightall_21"
    collect(course, pack(zip_, canvas(student)))
    collect(course, pack(zip_, canvas(student, "2-tanh"), LATER))
    archive = course.collected / student / ASSIGNMENT
    assert not list(archive.glob("by-hand-*"))  # nobody changed anything
    (course.submission(student) / "2-tanh.ipynb").write_text("mended by hand")
    (course.submission(student) / "by-mail.ipynb").write_text("by mail")
    assert collect(course, pack(zip_, canvas(student), (2026, 11, 22, 12, 0, 0))) == 1
    assert files_of(archive / "by-hand-1") == {
        "2-tanh.ipynb": b"mended by hand",
        "by-mail.ipynb": b"by mail",
    }
    assert in_submitted(course) == {student: ALL}
    assert "by-hand-1" in remarks(course)[student]


def test_a_submitted_that_lies_elsewhere_is_no_source(
    submitted_elsewhere: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    assert collect(submitted_elsewhere, submitted_elsewhere.submitted.resolve()) == 2
    assert "where collected work goes" in capsys.readouterr().err


def test_a_folder_in_submitted_that_cannot_be_read_counts_as_changed(
    course: Course, zip_: Path, tmp_path: Path
) -> None:
    collect(course, pack(zip_, canvas("rightall_21")))
    own = course.submitted / "rightall_21"
    shutil.move(own, tmp_path / "own")
    own.symlink_to(tmp_path / "own")  # whose files are not looked at
    for number, names in enumerate((NAMES[:2], NAMES), 1):
        collect(course, pack(zip_, canvas("rightall_21", *names), (2026, 11, 21 + number, 1, 0, 0)))
        kept = course.collected / "rightall_21" / ASSIGNMENT / f"by-hand-{number}"
        assert kept.is_dir()


@pytest.mark.parametrize("what", ["a folder", "a link"])
def test_what_a_person_put_into_submitted_on_another_disk_is_copied(
    course: Course, zip_: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    by_hand = course.submission("rightall_21")
    by_hand.parent.mkdir(parents=True)
    if what == "a folder":
        by_hand.mkdir()
        (by_hand / "2-tanh.ipynb").write_text("by hand")
    else:
        by_hand.symlink_to("elsewhere")
    rename = Path.rename

    def across_disks(path: Path, target: Path) -> Path:
        if path.is_relative_to(course.submitted) != target.is_relative_to(course.submitted):
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", across_disks)
    assert collect(course, pack(zip_, canvas("rightall_21"))) == 1
    archive = course.collected / "rightall_21" / ASSIGNMENT
    if what == "a folder":
        assert files_of(archive / "by-hand-1") == {"2-tanh.ipynb": b"by hand"}
    else:
        assert os.readlink(archive / "by-hand-1") == "elsewhere"
    assert in_submitted(course) == {"rightall_21": ALL}
    assert [path.name for path in by_hand.parent.iterdir()] == [ASSIGNMENT]
    assert not list(archive.glob(".*"))


def test_what_was_collected_before_there_were_folders_of_assignments_still_counts(
    course: Course, zip_: Path
) -> None:
    collect(course, pack(zip_, moodle("Early Late_11", text="second"), LATER))
    student = course.collected / "Early-Late_11"
    for path in (student / ASSIGNMENT).iterdir():
        path.rename(student / path.name)
    (student / ASSIGNMENT).rmdir()
    assert collect(course, zip_) == 0
    assert versions(course, "Early-Late_11") == []  # it is known, and not kept twice
    collect(course, pack(zip_, moodle("Early Late_11", text="first")))
    assert submitted(course, "Early-Late_11", "2-tanh") == notebook("2-tanh", "second")
    assert len(versions(course, "Early-Late_11")) == 1


def test_the_work_of_two_assignments_is_kept_apart(course: Course, zip_: Path) -> None:
    other = replace(course, assignment="second")
    shutil.copytree(course.source, other.source)
    collect(course, pack(zip_, moodle("Both Done_11", text="of the first")))
    collect(other, pack(zip_, moodle("Both Done_11", text="of the second"), LATER))
    assert submitted(course, "Both-Done_11", "2-tanh") == notebook("2-tanh", "of the first")
    assert submitted(other, "Both-Done_11", "2-tanh") == notebook("2-tanh", "of the second")
    assert len(versions(course, "Both-Done_11")) == len(versions(other, "Both-Done_11")) == 1


def test_a_run_that_was_killed_is_finished_by_the_next(
    course: Course, zip_: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    collect(course, pack(zip_, canvas("rightall_21")))
    pack(zip_, canvas("rightall_21", "2-tanh"), LATER)
    rename = Path.rename

    def killed(path: Path, target: Path) -> Path:
        if path.name == f".{ASSIGNMENT}.new":
            raise KeyboardInterrupt
        return rename(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", killed)
        assert collect(course, zip_) == 130
    collect(course, zip_)
    assert in_submitted(course) == {"rightall_21": ["2-tanh.ipynb"]}
    assert len(versions(course, "rightall_21")) == 2


# Archives and worksheets of different days


class Bob:
    """A student whose work is downloaded every day, before noon; what came is of the evening."""

    def __init__(self, course: Course, place: Path, first_time: str) -> None:
        self._course, self._place = course, place
        self._times = (first_time, *(f"2026-11-{day} 23:00" for day in (20, 21)))

    def collect(self, day: int, text: str, *options: str, worksheet: int = 0) -> int:
        """Collect the archive of a day that holds `text`, with the worksheet of a day."""
        time = self._times[(worksheet or day) - 1]
        roster = self._place / "worksheet.csv"
        roster.write_text(f"student_id,moodle_id,submitted\nbob,11,{time}\n")
        files = moodle("Bob_11", "2-tanh", text=text)
        zip_ = pack(self._place / f"{day}.zip", files, (2026, 11, 19 + day, 9, 0, 0))
        return collect(self._course, zip_, "--roster", str(roster), *options)

    @property
    def work(self) -> tuple[str, str]:
        """What is in submitted/, and its time."""
        cell = json.loads(submitted(self._course, "bob", "2-tanh"))["cells"][0]
        time = self._course.submitted / "bob" / ASSIGNMENT / "timestamp.txt"
        return cell["source"], time.read_text()[:16] if time.exists() else ""


@pytest.fixture(params=["2026-11-19 20:00", ""], ids=["time", "no time in the first"])
def bob(course: Course, tmp_path: Path, request: pytest.FixtureRequest) -> Bob:
    return Bob(course, tmp_path, request.param)


def test_an_older_archive_with_a_newer_worksheet_never_wins(bob: Bob, course: Course) -> None:
    bob.collect(1, "old")
    assert bob.collect(2, "new") == 0
    assert bob.work == ("new", "2026-11-20 23:00")
    kept = versions(course, "bob")
    for day, text in ((1, "old"), (2, "new"), (1, "old")):
        assert bob.collect(day, text, worksheet=2) == 0
        assert bob.work == ("new", "2026-11-20 23:00")
        assert versions(course, "bob") == kept


def test_an_older_archive_that_is_collected_late_does_not_win(bob: Bob, course: Course) -> None:
    bob.collect(2, "new")
    bob.collect(1, "old", worksheet=2)
    assert bob.work == ("new", "2026-11-20 23:00")
    assert len(versions(course, "bob")) == 2  # it is kept nevertheless


def test_the_right_archive_mends_what_an_older_one_did(bob: Bob) -> None:
    bob.collect(1, "old")
    bob.collect(1, "old", worksheet=2)
    bob.collect(2, "new")
    assert bob.work == ("new", "2026-11-20 23:00")
    bob.collect(1, "old", worksheet=2)
    assert bob.work == ("new", "2026-11-20 23:00")


@pytest.mark.parametrize("too_early", [False, True])
def test_the_first_work_handed_in_a_second_time_counts(bob: Bob, too_early: bool) -> None:
    bob.collect(1, "A")
    bob.collect(2, "B")
    if too_early:
        bob.collect(2, "B", worksheet=3)
    assert bob.collect(3, "A") == 0
    assert bob.work == ("A", "2026-11-21 23:00")
    for day, text, worksheet in ((2, "B", 3), (1, "A", 3), (2, "B", 2), (1, "A", 1), (3, "A", 3)):
        bob.collect(day, text, worksheet=worksheet)
        assert bob.work == ("A", "2026-11-21 23:00")


def test_the_first_work_counts_again_with_a_roster_whose_times_stay(bob: Bob) -> None:
    for day, text in enumerate("ABA", start=1):
        bob.collect(day, text, worksheet=2)
        assert bob.work == (text, "2026-11-20 23:00")
    bob.collect(2, "B", worksheet=2)
    assert bob.work == ("A", "2026-11-20 23:00")


def test_another_time_zone_makes_no_older_archive_newer(bob: Bob) -> None:
    bob.collect(1, "old", "--timezone", "Asia/Seoul")
    bob.collect(2, "new", "--timezone", "Asia/Seoul")
    bob.collect(1, "old", "--timezone", "Pacific/Honolulu", worksheet=2)
    assert bob.work[0] == "new"


def test_an_archive_from_before_the_work_came_is_told(
    bob: Bob, course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bob.collect(1, "old", worksheet=2) == 1
    expected = "work came at 2026-11-20 23:00, but this archive is older (2026-11-20 09:00)"
    assert expected in remarks(course)["bob"]
    assert "download it again" in " ".join(capsys.readouterr().out.split())
    assert bob.collect(2, "new") == 0
    assert bob.collect(1, "old", worksheet=2) == 0
    assert not remarks(course)


def test_a_clock_that_is_ahead_makes_no_older_archive_newer(course: Course, zip_: Path) -> None:
    path = course.submitted / "A-B_1" / ASSIGNMENT / "2-tanh.ipynb"
    old, new = (moodle("A B_1", "2-tanh", text=text) for text in ("old", "new"))
    for files, year in ((old, 2090), (new, 2091), (old, 2090)):
        collect(course, pack(zip_, files, (year, 1, 1, 12, 0, 0)))
    assert path.read_bytes() == next(iter(new.values()))


def test_work_that_came_by_mail_stays_when_the_archive_is_collected_again(
    course: Course, zip_: Path, tmp_path: Path
) -> None:
    pack(zip_, moodle("Bob_11", "2-tanh", text="old"), (2090, 1, 1, 12, 0, 0))
    collect(course, zip_)
    mailed = tmp_path / "mailed" / "Bob_11" / "2-tanh.ipynb"
    mailed.parent.mkdir(parents=True)
    mailed.write_bytes(notebook("2-tanh", "by mail"))
    for source in (tmp_path / "mailed", zip_):
        assert collect(course, source) == 0
        assert submitted(course, "Bob_11", "2-tanh") == mailed.read_bytes()


def test_records_of_an_earlier_release_keep_the_newest_work(bob: Bob, course: Course) -> None:
    bob.collect(1, "old")
    bob.collect(2, "new")
    for path in course.collected.glob(f"bob/{ASSIGNMENT}/*/received.json"):
        about = json.loads(path.read_text())
        del about["packed"]
        path.write_text(json.dumps(about))
    bob.collect(1, "old", worksheet=2)
    assert bob.work == ("new", "2026-11-20 23:00")
    bob.collect(3, "old")
    assert bob.work == ("old", "2026-11-21 23:00")


# A folder that is collected as it changes


class Shared:
    """A folder with one for each student, into which Kim copies files; nothing tells the time."""

    def __init__(self, course: Course, place: Path) -> None:
        self._course, self.place = course, place

    def put(self, text: str, *, copied_days_ago: int = 0, folder: str = "shared") -> Path:
        """Put other work there, with the time that copying leaves; returns the whole folder."""
        path = self.place / folder / "kim" / "2-tanh.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(notebook("2-tanh", text))
        time = path.stat().st_mtime - 86_400 * copied_days_ago
        os.utime(path, (time, time))
        return path.parents[1]

    @property
    def work(self) -> str:
        return str(json.loads(submitted(self._course, "kim", "2-tanh"))["cells"][0]["source"])


@pytest.fixture
def shared(course: Course, tmp_path: Path) -> Shared:
    return Shared(course, tmp_path)


def test_work_that_a_folder_holds_again_counts(
    course: Course, shared: Shared, capsys: pytest.CaptureFixture[str]
) -> None:
    for text in "ABAB":
        assert collect(course, shared.put(text), "--from", "folder", "--inside", ".") == 0
        assert shared.work == text
    assert len(versions(course, "kim")) == 2
    before = files_of(course.collected / "kim")
    capsys.readouterr()
    assert collect(course, shared.place / "shared", "--from", "folder", "--inside", ".") == 0
    assert "1 unchanged" in capsys.readouterr().out
    assert files_of(course.collected / "kim") == before


def test_work_that_a_folder_holds_again_with_its_old_time_counts_and_is_told(
    course: Course, shared: Shared
) -> None:
    for text in "AB":
        collect(course, shared.put(text), "--from", "folder", "--inside", ".")
    source = shared.put("A", copied_days_ago=3)  # as Windows copies; or an old download
    assert collect(course, source, "--from", "folder", "--inside", ".", "--dry-run") == 1
    assert shared.work == "B"
    assert collect(course, source, "--from", "folder", "--inside", ".") == 1
    assert shared.work == "A"
    assert "holds again what was collected before" in remarks(course)["kim"]
    assert collect(course, source, "--from", "folder", "--inside", ".") == 0
    assert shared.work == "A"


def test_an_older_download_in_a_folder_of_its_own_does_not_win(
    course: Course, shared: Shared, capsys: pytest.CaptureFixture[str]
) -> None:
    monday = shared.put("A", copied_days_ago=2, folder="monday")
    tuesday = shared.put("B", copied_days_ago=1, folder="tuesday")
    for source in (monday, tuesday):
        assert collect(course, source, "--from", "folder", "--inside", ".") == 0
    kept = versions(course, "kim")
    capsys.readouterr()
    assert collect(course, monday, "--from", "folder", "--inside", ".") == 0
    assert "1 older" in capsys.readouterr().out
    assert shared.work == "B" and versions(course, "kim") == kept


@pytest.mark.parametrize("times", [("",) * 3, ("20 12:00",) * 3])
def test_a_roster_whose_times_stay_does_not_keep_what_a_folder_holds_again(
    course: Course, shared: Shared, times: tuple[str, ...], tmp_path: Path
) -> None:
    roster = tmp_path / "roster.csv"
    for text, time in zip("ABA", times, strict=True):
        when = f"2026-11-{time}" if time else ""
        roster.write_text(f"student_id,submitted\nkim,{when}\n")
        collect(course, shared.put(text), "--from", "folder", "--roster", str(roster))
        assert shared.work == text


def test_a_folder_with_old_work_does_not_replace_what_came_by_another_way(
    course: Course, shared: Shared, zip_: Path
) -> None:
    source = shared.put("A", copied_days_ago=1)
    collect(course, source, "--from", "folder", "--inside", ".")
    collect(course, pack(zip_, {"kim/2-tanh.ipynb": notebook("2-tanh", "B")}), "--from", "folder")
    assert collect(course, source, "--from", "folder", "--inside", ".") == 0
    assert shared.work == "B"
    collect(course, shared.put("A"), "--from", "folder", "--inside", ".")  # once more
    assert shared.work == "A"


# Two files for one notebook


def test_of_two_files_for_a_notebook_the_later_is_taken(course: Course, zip_: Path) -> None:
    files = {
        "twofiles_21_902_2-tanh.ipynb": notebook("2-tanh", "later"),
        "twofiles_21_901_2-tanh-5.ipynb": notebook("2-tanh", "earlier"),
    }
    assert collect(course, pack(zip_, files)) == 1
    assert submitted(course, "twofiles_21", "2-tanh") == notebook("2-tanh", "later")
    assert "was taken" in remarks(course)["2-tanh-5.ipynb"]


def test_where_no_time_is_known_the_right_name_is_taken(course: Course, zip_: Path) -> None:
    folder = "Two Files_11_assignsubmission_file_"
    files = {
        f"{folder}/2-tanh (1).ipynb": notebook("2-tanh", "copy"),
        f"{folder}/2-tanh.ipynb": notebook("2-tanh", "named right"),
        f"{folder}/3-backprop.ipynb": notebook("3-backprop"),
        f"{folder}/3-backprop (1).ipynb": notebook("3-backprop"),
    }
    assert collect(course, pack(zip_, files)) == 1
    assert submitted(course, "Two-Files_11", "2-tanh") == notebook("2-tanh", "named right")
    assert list(remarks(course)) == ["2-tanh (1).ipynb"]  # of the same twice nothing is said


def test_a_renamed_notebook_is_known_by_its_cells(course: Course, zip_: Path) -> None:
    folder = "Renamed_11_assignsubmission_file_"
    files = {
        f"{folder}/homework.ipynb": notebook("2-tanh"),
        f"{folder}/other.ipynb": b'{"cells": []}',
        f"{folder}/1-complexity.ipynb": notebook("3-backprop"),
    }
    assert collect(course, pack(zip_, files)) == 1
    assert in_submitted(course) == {"Renamed_11": ["2-tanh.ipynb"]}
    assert "no notebook of the assignment" in remarks(course)["other.ipynb"]
    said = remarks(course)["1-complexity.ipynb"]
    assert "holds the cells of 3-backprop; kept, not graded: look which" in said


@pytest.mark.parametrize(
    "file",
    [
        "2-tanh.ipynb의 사본",
        "“2-tanh.ipynb”的副本",
        "2-tanh.ipynb のコピー",
        "2-tanh.ipynb (1)",
        "2-tanh",
    ],
)
def test_a_copy_whose_name_has_lost_its_end_is_a_notebook(
    file: str, course: Course, zip_: Path
) -> None:
    folder = "Renamed_11_assignsubmission_file_"
    inner = packed({file: notebook("2-tanh")})
    files = {
        f"{folder}/{file}": notebook("2-tanh"),
        "In Zip_12_assignsubmission_file_/a.zip": inner,
    }
    collect(course, pack(zip_, files))
    for student in ("Renamed_11", "In-Zip_12"):
        assert submitted(course, student, "2-tanh") == notebook("2-tanh")


# Identity


def test_what_a_student_names_a_file_changes_nobody_elses_work(course: Course, zip_: Path) -> None:
    right = moodle("All Right_11", end="")
    own = packed(dict.fromkeys(right, b"forged") | {"../../All-Right_11/2-tanh.ipynb": b"x"})
    files = right | {
        "Mallory_12_assignsubmission_file/All Right_11_assignsubmission_file/2-tanh.ipynb": b"f",
        "Mallory_12_assignsubmission_file/own.zip": own,
    }
    assert collect(course, pack(zip_, files)) == 1
    assert submitted(course, "All-Right_11", "2-tanh") == notebook("2-tanh")
    assert sorted(in_submitted(course)) == ["All-Right_11", "Mallory_12"]
    assert {path.name for path in course.root.parent.iterdir()} == {"course", "submissions.zip"}


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    path = tmp_path / "roster.csv"
    path.write_text(
        "student_id,name,moodle_id,canvas_id,submitted\n"
        "all-right,All Right,11,21,2026-11-20 23:58\n"
        "late-twice,Late Twice,12,22,2026-11-21 03:15\n"
        "sent-nothing,Sent Nothing,13,23,\n",
        encoding="utf-8",
    )
    return path


def test_a_roster_gives_names_and_times(
    course: Course, zip_: Path, roster: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = canvas("rightall_21") | canvas("twicelate_LATE_22") | canvas("unlisted_29")
    options = ("--roster", str(roster), "--due", "2026-11-20 23:59")
    assert collect(course, pack(zip_, files), *options) == 1
    assert in_submitted(course) == {
        "all-right": [*ALL, "timestamp.txt"],
        "late-twice": [*ALL, "timestamp.txt"],
    }
    time = course.submitted / "late-twice" / ASSIGNMENT / "timestamp.txt"
    assert time.read_text() == "2026-11-21 03:15:00 UTC\n"
    said = " ".join(capsys.readouterr().out.split())
    assert "all-right yes yes yes yes 2026-11-20 23:58 new" in said
    assert "late-twice yes yes yes yes 2026-11-21 03:15 3 h 16 min new" in said
    assert "Handed in nothing (1 of the roster) sent-nothing" in said
    left = [why for name, why in remarks(course).items() if name.startswith("unlisted")]
    assert left == ["unlisted (29) is not in the roster"] * 4
    collect(course, pack(zip_, canvas("nothingsent_23")), *options)
    assert "Handed in nothing" not in capsys.readouterr().out  # the others are in submitted/


def test_a_time_that_is_learned_later_is_written(course: Course, zip_: Path, roster: Path) -> None:
    roster.write_text("student_id,canvas_id\nall-right,21\n")
    collect(course, pack(zip_, canvas("rightall_21")), "--roster", str(roster))
    assert in_submitted(course) == {"all-right": ALL}
    roster.write_text("student_id,canvas_id,submitted\nall-right,21,2026-11-19 08:00\n")
    assert collect(course, zip_, "--roster", str(roster)) == 0
    assert in_submitted(course) == {"all-right": [*ALL, "timestamp.txt"]}
    assert len(versions(course, "all-right")) == 1
    assert not list(course.collected.glob(f"*/{ASSIGNMENT}/by-hand*"))


def test_two_students_who_would_get_one_name_are_not_mixed(course: Course, tmp_path: Path) -> None:
    root = tmp_path / "class"
    for student in ("same name", "same-name", "other"):
        (root / student).mkdir(parents=True)
        (root / student / "2-tanh.ipynb").write_bytes(notebook("2-tanh", student))
    assert collect(course, root) == 1
    assert sorted(in_submitted(course)) == ["other"]
    told = remarks(course)
    for student in ("same name", "same-name"):
        assert "would be mixed up" in told[f"{student}/2-tanh.ipynb"]


def test_who_takes_the_name_of_another_gets_nothing_into_their_place(
    course: Course, zip_: Path, roster: Path
) -> None:
    roster.write_text("student_id,name\nall-right,All Right\nhangul,한글 이름\n", encoding="utf-8")
    files = moodle("All Right_66", text="forged") | moodle("All Right_11") | moodle("한글 이름_12")
    assert collect(course, pack(zip_, files), "--roster", str(roster)) == 1
    assert sorted(in_submitted(course)) == ["hangul"]
    roster.write_text("student_id,name,moodle_id\nall-right,All Right,11\n", encoding="utf-8")
    assert collect(course, zip_, "--roster", str(roster)) == 1
    assert submitted(course, "all-right", "2-tanh") == notebook("2-tanh")


def absent(course: Course) -> dict[str, str]:
    """Who handed in nothing, by the report, and the remark."""
    with (course.collected / "report.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["student"]: row["remark"] for row in csv.DictReader(file) if row["what"] == "absent"
        }


@pytest.mark.parametrize(
    ("lines", "files"),
    [
        # Two of one name, and the roster has no numbers.
        (("kim1,김민준,,", "kim2,김민준,,"), moodle("김민준_1001") | moodle("김민준_1002")),
        # Two on the platform who are one in the roster.
        (("kim1,김민준,,",), moodle("김민준_1001") | moodle("김민준_1002")),
        # The roster has another number.
        (("kim1,김민준,7,",), moodle("김민준_1001")),
        # The name holds the number of another.
        (("kim1,Kim,,22", "kim2,Lee,,23"), canvas("kim_22_23")),
        # It is packed in a way that is not read.
        (("kim1,김민준,1001,",), {"김민준_1001_assignsubmission_file_/a\nb.ipynb": b"{}"}),
    ],
)
def test_who_may_own_a_file_that_was_left_did_not_hand_in_nothing(
    lines: tuple[str, ...],
    files: dict[str, bytes],
    course: Course,
    zip_: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    roster = tmp_path / "roster.csv"
    other = canvas("other_99") if "kim_22_23_90001_1-complexity.ipynb" in files else moodle("O_99")
    table = ("student_id,name,moodle_id,canvas_id", *lines, "other,,99,99", "nothing,N,98,98")
    roster.write_text("\n".join(table), encoding="utf-8")
    assert collect(course, pack(zip_, files | other), "--roster", str(roster)) == 1
    assert list(in_submitted(course)) == ["other"]
    assert absent(course) == {"nothing": "in the roster"}
    for line in lines:
        assert "something came that may be theirs" in remarks(course)[line.split(",")[0]]
    assert "Handed in nothing (1 of the roster)" in capsys.readouterr().out


def test_files_of_nobody_in_the_roster_may_be_of_those_who_handed_in_nothing(
    course: Course, zip_: Path, roster: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = canvas("rightall_21") | canvas("kim_29")
    assert collect(course, pack(zip_, files), "--roster", str(roster)) == 1
    assert all("unknown owners" in remark for remark in absent(course).values())
    assert set(absent(course)) == {"late-twice", "sent-nothing"}
    said = " ".join(capsys.readouterr().out.split())
    assert "late-twice, sent-nothing but files of unknown owners were left" in said


def test_of_each_who_is_not_in_the_roster_one_line_is_shown(
    course: Course, zip_: Path, roster: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files: dict[str, bytes] = {}
    for number in range(SHOWN + 5):
        files |= canvas(f"unlisted_{100 + number}")
    assert collect(course, pack(zip_, files), "--roster", str(roster)) == 1
    said = " ".join(capsys.readouterr().out.split())
    first = (
        '"unlisted_100_90001_1-complexity.ipynb" and 3 more: unlisted (100) is not in the roster'
    )
    assert first in said
    assert said.count("is not in the roster") == SHOWN
    assert "and 20 more, in the report" in said
    assert len(remarks(course)) == 4 * (SHOWN + 5)


def test_a_roster_that_is_forgotten_is_told(
    course: Course, zip_: Path, roster: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = moodle("All Right_11", text="a") | moodle("Late Twice_12", text="b")
    pack(zip_, files)
    collect(course, zip_, "--roster", str(roster))
    capsys.readouterr()
    assert collect(course, zip_, "--dry-run") == 1
    said = " ".join(capsys.readouterr().out.split())
    assert "none of these 2 students is among the 2 in submitted/" in said
    assert "All-Right_11 = all-right, Late-Twice_12 = late-twice" in said and "--roster" in said
    collect(course, zip_, "--roster", str(roster))
    assert "under another name" not in capsys.readouterr().out


def test_one_of_the_class_who_gets_another_name_is_told(
    course: Course, zip_: Path, roster: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = moodle("All Right_11", text="a")
    collect(course, pack(zip_, one), "--roster", str(roster))
    collect(course, pack(zip_, moodle("Other_13", text="b")))
    assert "under another name" not in capsys.readouterr().out
    assert collect(course, pack(zip_, one | moodle("Other_13", text="b"))) == 1
    assert "(All-Right_11 = all-right)" in " ".join(capsys.readouterr().out.split())


def test_the_same_work_of_two_who_are_in_the_source_is_not_told(course: Course, zip_: Path) -> None:
    files = moodle("One_11") | moodle("Two_12")  # both handed in what they were given
    assert collect(course, pack(zip_, moodle("One_11"))) == 0
    assert collect(course, pack(zip_, files)) == 0


# Times


def test_who_has_the_number_of_another_in_their_name_gets_nothing_into_their_place(
    course: Course, zip_: Path, tmp_path: Path
) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text("student_id,canvas_id\nright,22\ntakes-a-number,23\n")
    files = canvas("right_22", "2-tanh") | canvas("right_22_23", "1-complexity")
    files |= {"right_22_90009_3_4_backprop.ipynb": notebook("3-backprop")}
    assert collect(course, pack(zip_, files), "--roster", str(roster)) == 1
    assert in_submitted(course) == {"right": ["2-tanh.ipynb", "3-backprop.ipynb"]}
    said = "its name may mean right or takes-a-number; ask whose it is"
    assert remarks(course)["right_22_23_90001_1-complexity.ipynb"] == said


def test_the_times_of_a_download_are_not_those_of_handing_in(
    course: Course, zip_: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert collect(course, pack(zip_, canvas("rightall_21")), "--due", "2026-11-20 11:00") == 0
    assert "timestamp.txt" not in in_submitted(course)["rightall_21"]
    assert "is not known" in capsys.readouterr().out


def test_the_times_in_an_archive_are_taken_if_a_person_says_so(course: Course, zip_: Path) -> None:
    options = ("--zip-times", "--due", "2026-11-20 11:00", "--timezone", "Asia/Seoul")
    assert collect(course, pack(zip_, canvas("rightall_21")), *options) == 0
    time = course.submitted / "rightall_21" / ASSIGNMENT / "timestamp.txt"
    assert time.read_text() == "2026-11-20 03:00:00 UTC\n"


# What goes wrong


def test_one_bad_file_stops_nobody(course: Course, zip_: Path) -> None:
    bad = {
        "Bomb_12_assignsubmission_file_/2-tanh.ipynb": b"0" * 3_000_000,
        "Broken Zip_13_assignsubmission_file_/all.zip": b"PK no zip",
        "../outside.ipynb": notebook("2-tanh"),
        "/absolute.ipynb": notebook("2-tanh"),
        "Pictures_14_assignsubmission_file_/photo.jpg": b"jpg",
    }
    assert collect(course, pack(zip_, moodle("All Right_11") | bad)) == 1
    assert in_submitted(course) == {"All-Right_11": ALL}
    told = remarks(course)
    assert "unpacks to more than" in told["Bomb_12_assignsubmission_file_/2-tanh.ipynb"]
    assert "no zip archive" in told["all.zip"]
    assert "leads out" in told["../outside.ipynb"]
    assert "absolute path" in told["/absolute.ipynb"]
    assert "no notebook" in told["photo.jpg"]
    assert {path.name for path in course.root.parent.iterdir()} == {"course", "submissions.zip"}


def test_limits_hold_for_one_submission_and_not_for_the_next(course: Course, zip_: Path) -> None:
    large = {f"Large_11_assignsubmission_file_/{n}.bin": os.urandom(5_000) for n in range(5)}
    limits = Limits(student_bytes=16_000, own_entries=2)
    own = packed({f"{n}.txt": b"" for n in range(3)})
    files = large | moodle("All Right_12") | {"Many_13_assignsubmission_file_/a.zip": own}
    options = command.Options(pack(zip_, files), limits=limits)
    assert command.run(course, options) == 1
    assert in_submitted(course) == {"All-Right_12": ALL}
    told = remarks(course)
    assert sum("would be read" in why for why in told.values()) == 2
    assert "more than 2 files" in told["a.zip"]


def test_of_a_zip_with_much_else_the_notebooks_are_taken(course: Course, zip_: Path) -> None:
    own = {f"{name}.ipynb": notebook(name) for name in NAMES}
    much = {f".venv/lib/{number}.py": b"" for number in range(3_000)}
    collect(course, pack(zip_, {"wholefolder_21_901_all.zip": packed(much | own)}))
    assert in_submitted(course) == {"wholefolder_21": ALL}
    assert "3000 files are no notebook (.venv/lib/0.py, " in remarks(course)["all.zip"]


def test_a_zip_of_zips_of_notebooks_ends_at_the_limit(
    course: Course, zip_: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    many = packed({f"{number}.ipynb": b"" for number in range(150)})
    own = packed({"c.zip": packed({"d.zip": many}), "a.zip": many, "b.zip": many})
    assert collect(course, pack(zip_, {"zipofzips_21_901_all.zip": own})) == 1
    told = remarks(course)
    assert "than are read" in told["all.zip/b.zip"]
    assert "a zip in a zip in a zip" in told["all.zip/c.zip/d.zip"]
    said = capsys.readouterr().out
    assert said.count("zipofzips_21: ") == OF_ONE and " more, in the report" in said


def test_a_place_that_cannot_be_written_stops_nobody(course: Course, zip_: Path) -> None:
    course.submitted.mkdir()
    (course.submitted / "inTheWay_21").write_text("a file")
    files = canvas("inTheWay_21") | canvas("rightall_22")
    assert collect(course, pack(zip_, files)) == 1
    assert in_submitted(course) == {"rightall_22": ALL}
    assert "cannot be written" in remarks(course)["inTheWay_21"]
    (course.submitted / "inTheWay_21").unlink()
    assert collect(course, zip_) == 0
    assert in_submitted(course) == {"inTheWay_21": ALL, "rightall_22": ALL}


def test_a_report_that_cannot_be_written_is_told_with_all_else(
    course: Course, zip_: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (course.collected / "report.csv").mkdir(parents=True)
    assert collect(course, pack(zip_, canvas("right:smile:_22"))) == 1
    assert in_submitted(course) == {"right-smile-_22": ALL}
    said = capsys.readouterr().out
    assert '"report.csv":' in said and "every file, and what was done" not in said


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """As on a full disk, the write of a file fails, not its opening."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_on_a_full_disk_nothing_half_stays_and_the_file_is_named(
    course: Course, zip_: Path
) -> None:
    files = {"full_21_901_2-tanh.ipynb": notebook("2-tanh", os.urandom(500_000).hex())}
    pack(zip_, files | canvas("fits_22"))
    with largest_file(500_000):
        assert collect(course, zip_) == 1
    assert in_submitted(course) == {"fits_22": ALL}
    assert not list((course.collected / "full_21" / ASSIGNMENT).iterdir())
    remark = remarks(course)["full_21_901_2-tanh.ipynb"]
    assert "as-received/2-tanh.ipynb cannot be written (File too large)" in remark
    assert collect(course, zip_) == 0
    assert in_submitted(course) == {"fits_22": ALL, "full_21": ["2-tanh.ipynb"]}


def test_a_disk_that_is_full_before_submitted_leaves_nothing_half_there(
    course: Course, zip_: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    collect(course, pack(zip_, canvas("full_21", "2-tanh")))
    pack(zip_, {"full_21_990_2-tanh.ipynb": notebook("2-tanh", os.urandom(500_000).hex())}, LATER)
    replace = archive_of_student.StudentArchive._replace

    def on_full_disk(*args: Any, **options: Any) -> None:
        with largest_file(500_000):
            replace(*args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(archive_of_student.StudentArchive, "_replace", on_full_disk)
        assert collect(course, zip_) == 1
    assert submitted(course, "full_21", "2-tanh") == notebook("2-tanh")
    assert [path.name for path in (course.submitted / "full_21").iterdir()] == [ASSIGNMENT]
    assert "2-tanh.ipynb cannot be written" in remarks(course)["full_21"]
    assert collect(course, zip_) == 0
    assert submitted(course, "full_21", "2-tanh") != notebook("2-tanh")


def test_a_folder_around_the_exchange_is_no_student(course: Course, tmp_path: Path) -> None:
    place = tmp_path / "exchange" / "deep-learning" / "inbound"
    work = place / f"right+{ASSIGNMENT}+2026-11-20 10:00:00 UTC" / "2-tanh.ipynb"
    work.parent.mkdir(parents=True)
    work.write_bytes(notebook("2-tanh"))
    (tmp_path / "exchange" / "algebra" / "inbound").mkdir(parents=True)
    (tmp_path / "exchange" / "algebra" / "inbound" / "log.txt").write_text("of another course")
    with pytest.raises(UserError, match="Collect that folder"):
        command.run(course, command.Options(tmp_path / "exchange"))
    assert collect(course, place.parent) == 0
    assert in_submitted(course) == {"right": ["2-tanh.ipynb", "timestamp.txt"]}


def test_a_place_without_locks_is_told(
    course: Course, zip_: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))  # as NFS does

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(UserError, match="cannot be locked"):
        command.run(course, command.Options(pack(zip_, canvas("a_1"))))


def test_names_are_no_formulas_in_the_report(course: Course, zip_: Path) -> None:
    name = "=cmd|calc"
    collect(course, pack(zip_, {f"{name}_11_assignsubmission_file_/=1+1.ipynb": b"{}"}))
    text = (course.collected / "report.csv").read_text(encoding="utf-8")
    assert "'=1+1.ipynb" in text
    assert not any(cell.startswith("=") for line in text.splitlines() for cell in line.split(","))


def test_files_whose_names_get_in_each_others_way_are_all_kept(course: Course, zip_: Path) -> None:
    folder = "Clash_11_assignsubmission_file_"
    files = {f"{folder}/a": b"1", f"{folder}/a/b": b"2", f"{folder}/a/B": b"3"}
    collect(course, pack(zip_, files))
    kept = files_of(next(course.collected.glob(f"Clash_11/{ASSIGNMENT}/*/as-received")))
    assert sorted(kept.values()) == [b"1", b"2", b"3"]


def test_a_dry_run_writes_nothing(
    course: Course, zip_: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = files_of(course.root)
    assert collect(course, pack(zip_, canvas("rightall_21")), "--dry-run") == 0
    assert files_of(course.root) == before
    assert "Nothing was written. It would be: 1 new" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("files", "options", "expected"),
    [
        ({"class/2-tanh.ipynb": b""}, (), "neither Moodle's nor Canvas's"),
        ({"class/2-tanh.ipynb": b""}, ("--from", "canvas"), "Nothing in"),
        ({}, (), "holds no files"),
        (canvas("a_1"), ("--due", "tomorrow"), "is no time"),
        (canvas("a_1"), ("--timezone", "Mars/Base"), "is no time zone"),
        (canvas("a_1"), ("--roster", "none.csv"), "cannot be read"),
    ],
)
def test_what_a_person_must_mend_is_said(
    files: dict[str, bytes],
    options: tuple[str, ...],
    expected: str,
    course: Course,
    zip_: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert collect(course, pack(zip_, files), *options) == 2
    assert expected in capsys.readouterr().err
    assert not course.submitted.exists()


def test_no_source_and_no_archive_are_said(course: Course, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="There is no folder or archive"):
        command.run(course, command.Options(tmp_path / "none.zip"))
    (tmp_path / "text.zip").write_text("text")
    with pytest.raises(UserError, match="no zip archive"):
        command.run(course, command.Options(tmp_path / "text.zip"))


def test_what_was_collected_is_no_source(course: Course, zip_: Path) -> None:
    collect(course, pack(zip_, canvas("rightall_21")))
    with pytest.raises(UserError, match="where collected work goes"):
        command.run(course, command.Options(course.submitted))


def test_nothing_is_collected_while_the_class_is_graded(course: Course, zip_: Path) -> None:
    directory = os.open(course.root, os.O_RDONLY)
    fcntl.flock(directory, fcntl.LOCK_EX)
    try:
        with pytest.raises(UserError, match="Another run is grading"):
            command.run(course, command.Options(pack(zip_, canvas("a_1"))))
    finally:
        os.close(directory)


def test_a_version_without_its_record_is_written_anew(course: Course, zip_: Path) -> None:
    collect(course, pack(zip_, canvas("rightall_21")))
    record = next(course.collected.glob(f"rightall_21/{ASSIGNMENT}/*/received.json"))
    record.write_text("{broken")
    assert collect(course, zip_) == 0
    version = archive_of_student.StudentArchive(course, "rightall_21").newest()
    assert version is not None and version.order == datetime(2026, 11, 20, 12, tzinfo=UTC)


# With the real commands


def test_what_was_collected_is_graded(small_course: Course, zip_: Path) -> None:
    name = "1-complexity"
    right = nbformat.writes(filled_in(small_course, name)).encode()
    files = {f"한글 이름_12_assignsubmission_file_/Copy of {name}.ipynb": right}
    done = run_course(small_course, "collect", str(pack(zip_, files)))
    assert done.returncode == 0, done.stderr
    assert "next: course grade" in done.stdout
    graded = run_course(small_course, "grade", "--no-feedback", "--jobs", "1")
    assert graded.returncode == 0, graded.stderr + graded.stdout
    assert line_of(graded.stdout, "한글-이름_12 ") == "한글-이름_12 9 9 1 cell"
