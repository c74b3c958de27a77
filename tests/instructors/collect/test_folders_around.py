"""Folders around the students' are passed over; where that is not sure, a person is asked."""

import re
import shutil
import unicodedata
from collections.abc import Mapping
from pathlib import Path

import pytest

from grader.course.directory import Course
from tests.courses import ASSIGNMENT
from tests.instructors.collect.packing import (
    ALL,
    NAMES,
    collect,
    in_submitted,
    moodle,
    notebook,
    pack,
    packed,
    remarks,
    submitted,
)

CLASS = ("2026001", "2026002", "2026003")


@pytest.fixture
def roster(tmp_path: Path) -> str:
    path = tmp_path / "roster.csv"
    path.write_text("student_id,name\n2026001,All Right\n2026002,한글 이름\n2026003,Late\n")
    return str(path)


def work(
    around: str, *students: str, text: str = "", names: tuple[str, ...] = NAMES
) -> dict[str, bytes]:
    """A folder for each student in the folder `around`; `text` and the student's name differ."""
    return {
        f"{around}{student}/{name}.ipynb": notebook(name, f"{text}{student}")
        for student in students
        for name in names
    }


def unpacked(root: Path, files: Mapping[str, bytes]) -> Path:
    for name, data in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    return root


LITTER = {
    "__MACOSX/work/._2026001": b"x",
    ".DS_Store": b"x",
    "work/Thumbs.db": b"x",
    "work/Desktop.ini": b"x",
}


@pytest.mark.parametrize("around", ["work/", "a/b/work/", ""])
@pytest.mark.parametrize("is_zip", [True, False])
def test_a_class_in_folders(course: Course, zip_: Path, around: str, is_zip: bool) -> None:
    files = work(around, *CLASS) | LITTER
    source = pack(zip_, files) if is_zip else unpacked(zip_.with_suffix(""), files)
    assert collect(course, source, "--from", "folder") == 0
    assert in_submitted(course) == dict.fromkeys(CLASS, ALL)
    assert submitted(course, "2026002", "2-tanh") == notebook("2-tanh", "2026002")


def test_a_class_whose_work_is_all_the_same(course: Course, zip_: Path) -> None:
    files = {name: notebook("2-tanh") for name in (f"work/{one}/2-tanh.ipynb" for one in CLASS)}
    assert collect(course, pack(zip_, files), "--from", "folder") == 0
    assert list(in_submitted(course)) == list(CLASS)


@pytest.mark.parametrize("beside", ["report.pdf", "work/index.html"])
def test_what_lies_beside_the_students_is_told(
    course: Course, zip_: Path, beside: str, capsys: pytest.CaptureFixture[str]
) -> None:
    files = work("work/", *CLASS) | {beside: b"report"}
    assert collect(course, pack(zip_, files), "--from", "folder") == 1
    assert list(in_submitted(course)) == list(CLASS)
    assert beside.removeprefix("work/") in capsys.readouterr().out


def test_a_class_of_zips_in_a_folder(course: Course, zip_: Path) -> None:
    own = {
        f"work/{one}.zip": packed({f"{name}.ipynb": notebook(name, one) for name in NAMES})
        for one in CLASS
    }
    assert collect(course, pack(zip_, own), "--from", "folder") == 0
    assert in_submitted(course) == dict.fromkeys(CLASS, ALL)


@pytest.mark.parametrize("depth", ["", "work/", "a/work/"])
def test_a_class_of_one_is_found_by_the_roster(
    course: Course, zip_: Path, roster: str, depth: str
) -> None:
    for folder in ("", "hw/"):
        files = {f"{depth}2026001/{folder}{name}.ipynb": notebook(name) for name in NAMES}
        assert collect(course, pack(zip_, files), "--from", "folder", "--roster", roster) == 0
        assert in_submitted(course) == {"2026001": ALL}


@pytest.mark.parametrize(
    "names",
    [
        [f"kim/{name}.ipynb" for name in NAMES],
        [f"kim/{ASSIGNMENT}/{name}.ipynb" for name in NAMES],
        [f"kim/{name}/{name}.ipynb" for name in NAMES],
        [*(f"kim/{name}.ipynb" for name in NAMES), "kim/old/2-tanh.ipynb"],
        [*(f"work/kim/{ASSIGNMENT}/{name}.ipynb" for name in NAMES)],
    ],
)
def test_a_folder_that_is_a_student_is_one(course: Course, zip_: Path, names: list[str]) -> None:
    files = {name: notebook(Path(name).stem) for name in names}
    assert collect(course, pack(zip_, files), "--from", "folder") == 0
    assert in_submitted(course) == {"kim": ALL}


@pytest.mark.parametrize(
    "names",
    [
        ["work/hw/2-tanh.ipynb"],  # the student is work, or hw
        ["kim/old/2-tanh.ipynb", "kim/new/2-tanh.ipynb"],
        ["work/2-tanh.ipynb", "work/a/2-tanh.ipynb", "work/b/2-tanh.ipynb"],
        ["work/a/1-complexity.ipynb", "work/b/2-tanh.ipynb"],
        ["work/kim.zip"],
        ["A/a/2-tanh.ipynb", "A/b/2-tanh.ipynb", "B/c/2-tanh.ipynb", "B/d/2-tanh.ipynb"],
    ],
)
def test_where_it_may_be_a_student_or_a_class_a_person_is_asked(
    course: Course, zip_: Path, names: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    own = packed({"2-tanh.ipynb": notebook("2-tanh")})
    files = {name: own if name.endswith(".zip") else notebook("2-tanh", name) for name in names}
    assert collect(course, pack(zip_, files), "--from", "folder") == 2
    assert "--inside" in capsys.readouterr().err
    assert not course.submitted.exists()


@pytest.mark.parametrize(
    ("inside", "expected"), [(".", ["work"]), ("work", ["hw"]), ("./work/", ["hw"])]
)
def test_a_person_can_say_where_the_students_are(
    course: Course, zip_: Path, inside: str, expected: list[str]
) -> None:
    pack(zip_, {"work/hw/2-tanh.ipynb": notebook("2-tanh")})
    assert collect(course, zip_, "--from", "folder", "--inside", inside) == 0
    assert list(in_submitted(course)) == expected


def test_a_folder_that_is_not_there_is_said(
    course: Course, zip_: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pack(zip_, work("work/", *CLASS))
    assert collect(course, zip_, "--from", "folder", "--inside", "wrok") == 2
    assert "no such folder" in capsys.readouterr().err


def test_the_rest_is_told_where_a_person_says_what_to_collect(course: Course, zip_: Path) -> None:
    pack(zip_, work("A/", "kim") | work("B/", "lee"))
    assert collect(course, zip_, "--from", "folder", "--inside", "A") == 1
    assert list(in_submitted(course)) == ["kim"]
    assert "B/lee/2-tanh.ipynb" in remarks(course)


def test_groups_of_those_whom_the_roster_knows(course: Course, zip_: Path, roster: str) -> None:
    files = work("A/", "2026001", "2026002") | work("B/", "2026003", "stranger")
    assert collect(course, pack(zip_, files), "--from", "folder", "--roster", roster) == 1
    assert list(in_submitted(course)) == list(CLASS)
    assert any("stranger is not in the roster" in remark for remark in remarks(course).values())


def test_one_student_in_two_groups_is_asked(
    course: Course, zip_: Path, roster: str, capsys: pytest.CaptureFixture[str]
) -> None:
    files = work("A/", *CLASS) | work("B/", "2026003", text="other")
    assert collect(course, pack(zip_, files), "--from", "folder", "--roster", roster) == 2
    assert '"2026003" lies in "A", "B"' in capsys.readouterr().err


def test_a_class_beside_a_student_is_no_student(course: Course, zip_: Path) -> None:
    files = work("all/", *CLASS, names=("2-tanh",)) | work("", "kim", names=("2-tanh",))
    assert collect(course, pack(zip_, files), "--from", "folder") == 1
    assert list(in_submitted(course)) == ["kim"]
    assert "looks like a group" in remarks(course)["all/2026001/2-tanh.ipynb"]


def test_an_archive_in_a_folder_is_no_student(
    course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    downloads = tmp_path / "downloads"
    downloads.mkdir()
    for files in (work("", *CLASS), work("work/", *CLASS), moodle("A B_1") | moodle("C D_2")):
        pack(downloads / "submissions.zip", files)
        assert collect(course, downloads) == 2
        assert "Unpack it" in capsys.readouterr().err
    assert not course.submitted.exists()


def test_a_platforms_archive_in_folders_with_a_report_beside_it(course: Course, zip_: Path) -> None:
    files = {f"a/b/{name}": data for name, data in moodle("All Right_11").items()}
    assert collect(course, pack(zip_, files | LITTER)) == 0
    assert in_submitted(course) == {"All-Right_11": ALL}
    assert collect(course, pack(zip_, files | {"a/report.html": b"x"})) == 1
    assert "a/report.html" in remarks(course)


def test_names_in_parts_are_those_of_the_roster(
    course: Course, tmp_path: Path, roster: str
) -> None:
    folder = unicodedata.normalize("NFD", "한글 이름")
    root = unpacked(tmp_path / "class", work(unicodedata.normalize("NFD", "과제/"), folder))
    assert collect(course, root, "--roster", roster) == 0
    assert in_submitted(course) == {"2026002": ALL}
    assert collect(course, root, "--roster", roster, "--inside", "과제") == 0


def test_collecting_with_a_folder_more_around_it_changes_nothing(
    course: Course, zip_: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for around in ("", "work/"):
        assert collect(course, pack(zip_, work(around, *CLASS)), "--from", "folder") == 0
    assert "3 unchanged" in capsys.readouterr().out


@pytest.mark.parametrize("around", ["", "work/"])
@pytest.mark.parametrize("copies", ["ab", "abc"])
def test_the_answer_to_a_question_is_not_asked_for_again(
    course: Course, zip_: Path, around: str, copies: str, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [f"{around}{top}/{copy}/2-tanh.ipynb" for top in "AB" for copy in copies]
    pack(zip_, {name: notebook("2-tanh", name) for name in names})
    assert collect(course, zip_, "--from", "folder") == 2
    offered = re.findall(r'--inside "([^"]*)"', capsys.readouterr().err)
    assert offered == [f"{around}A", around.rstrip("/") or "."]
    groups, students = offered
    assert collect(course, zip_, "--from", "folder", "--inside", groups) == 1  # B is told of
    assert list(in_submitted(course)) == [*copies]
    shutil.rmtree(course.submitted)
    assert collect(course, zip_, "--from", "folder", "--inside", students) == 1  # and the copies
    assert list(in_submitted(course)) == ["A", "B"]
    assert any("is 2-tanh, too, and was taken" in said for said in remarks(course).values())


def test_a_group_beside_students_is_named_by_its_whole_path(course: Course, zip_: Path) -> None:
    files = work("work/all/", *CLASS, names=("2-tanh",)) | work("work/", "kim", names=("2-tanh",))
    assert collect(course, pack(zip_, files), "--from", "folder", "--inside", "work") == 1
    assert list(in_submitted(course)) == ["kim"]
    assert '--inside "work/all"' in remarks(course)["all/2026001/2-tanh.ipynb"]
    assert collect(course, zip_, "--from", "folder", "--inside", "work/all") == 1
    assert list(in_submitted(course)) == [*CLASS, "kim"]
