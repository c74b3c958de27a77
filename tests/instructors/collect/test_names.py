"""Who handed in which notebook, by the names that platforms and students give."""

import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from grader.basics.errors import UserError
from grader.instructors.collect import platform_names
from grader.instructors.collect.archives import Budget, Entry
from grader.instructors.collect.platform_names import NotOwned
from grader.rosters import roster
from grader.rosters.owner import Owner
from grader.rosters.roster import Unknown
from grader.submissions import match_files, submission
from tests.courses import COURSE
from tests.instructors.collect.packing import NAMES, notebook


def entry(name: str) -> Entry:
    def read(budget: Budget) -> bytes:
        raise AssertionError("names are told without reading")

    return Entry(tuple(name.split("/")), 0, None, read)


# Platforms


@pytest.mark.parametrize(
    ("name", "who", "number", "file"),
    [
        ("All Right_123_assignsubmission_file_/2-tanh.ipynb", "All Right", "123", "2-tanh.ipynb"),
        ("All Right_123_assignsubmission_file/a/2.ipynb", "All Right", "123", "a/2.ipynb"),
        ("All Right_123_assignsubmission_file_2-tanh.ipynb", "All Right", "123", "2-tanh.ipynb"),
        ("한글 이름_7_assignsubmission_file_한글_1.ipynb", "한글 이름", "7", "한글_1.ipynb"),
        ("A 1_2_assignsubmission_onlinetext_/onlinetext.html", "A 1", "2", "onlinetext.html"),
        ("Participant_123_assignsubmission_file_/a.ipynb", "Participant", "123", "a.ipynb"),
        ("Default group_assignsubmission_file_/a.ipynb", "Default group", "", "a.ipynb"),
        # The student named a file for somebody else: only the first mark is Moodle's.
        (
            "Mallory_1_assignsubmission_file_All Right_123_assignsubmission_file_2-tanh.ipynb",
            "Mallory",
            "1",
            "All Right_123_assignsubmission_file_2-tanh.ipynb",
        ),
    ],
)
def test_moodle(name: str, who: str, number: str, file: str) -> None:
    piece = platform_names.moodle(entry(name))
    assert piece.owner == Owner("moodle", who, number)
    assert "/".join(piece.file) == file


@pytest.mark.parametrize(
    ("name", "who", "number", "late", "order", "file"),
    [
        ("rightall_12_345_2-tanh.ipynb", "rightall", "12", False, 345, "2-tanh.ipynb"),
        ("twicelate_LATE_12_345_2-tanh-1.ipynb", "twicelate", "12", True, 345, "2-tanh-1.ipynb"),
        ("이름한글_12_345_과제_1_2.zip", "이름한글", "12", False, 345, "과제_1_2.zip"),
        ("snake_case_12_345_a_b.ipynb", "snake_case", "12", False, 345, "a_b.ipynb"),
        ("typedtext_12_text.html", "typedtext", "12", False, 0, "text.html"),
        ("anon_aB3dE_345_2-tanh.ipynb", "anon_aB3dE", "", False, 345, "2-tanh.ipynb"),
        ("LATE_anon_aB3dE_345_2-tanh.ipynb", "anon_aB3dE", "", True, 345, "2-tanh.ipynb"),
        # The student named a file like another student's.
        (
            "mallory_1_2_rightall_12_345_a.ipynb",
            "mallory",
            "1",
            False,
            2,
            "rightall_12_345_a.ipynb",
        ),
    ],
)
def test_canvas(name: str, who: str, number: str, late: bool, order: int, file: str) -> None:
    piece = platform_names.canvas(entry(name))
    assert piece.owner == Owner("canvas", who, number)
    assert (piece.late, piece.order, piece.file) == (late, order, (file,))


def test_exchange() -> None:
    folder = "a+b@c.d+deep-learning-3+2026-11-20 21:59:00.123456 UTC+cmFuZG9t"
    piece = platform_names.exchange(entry(f"{folder}/2-tanh.ipynb"))
    assert piece.owner.student == "a+b@c.d"
    assert piece.submitted == datetime(2026, 11, 20, 21, 59, 0, 123456, UTC)
    assert (piece.attempt, piece.file) == (folder, ("2-tanh.ipynb",))
    assert piece.assignment == "deep-learning-3"


def test_folder() -> None:
    assert platform_names.folder(entry("all-right/a/2-tanh.ipynb")).owner.student == "all-right"
    assert platform_names.folder(entry("all-right.zip")).owner.student == "all-right"
    with pytest.raises(NotOwned, match="folder with the student's name"):
        platform_names.folder(entry("2-tanh.ipynb"))


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["A_1_assignsubmission_file_x_1_2_y.ipynb", "notes.txt"], "moodle"),
        (["a_1_2_x.ipynb"], "canvas"),
        (["a+deep-learning-3+2026-11-20 21:59:00 UTC/x.ipynb"], "exchange"),
        (["all-right/x.ipynb"], "folder"),
    ],
)
def test_the_scheme_of_a_folder_is_guessed(names: list[str], expected: str) -> None:
    assert platform_names.guess([entry(name) for name in names], is_directory=True) == expected


@pytest.mark.parametrize(
    "names",
    [
        ["A_1_assignsubmission_file_x.ipynb", "a_1_2_x.ipynb"],
        ["a_1_2_x.ipynb", "x.ipynb", "y.ipynb"],
        ["all-right/x.ipynb"],
    ],
)
def test_where_the_scheme_is_not_plain_it_is_asked_for(names: list[str]) -> None:
    with pytest.raises(UserError, match="--from"):
        platform_names.guess([entry(name) for name in names], is_directory=False)


@pytest.mark.parametrize(
    ("owner", "expected"),
    [
        (Owner("moodle", "All Right", "1"), "All-Right_1"),
        (Owner("moodle", "한글 이름", "1"), "한글-이름_1"),
        (Owner("folder", "../.hidden"), "hidden"),
        (Owner("folder", "a/b*[c]?"), "a-b-c"),
        (Owner("folder", "***"), "unnamed"),
        (Owner("canvas", "e\u0301", "1"), "é_1"),
    ],
)
def test_a_name_becomes_one_for_a_folder(owner: Owner, expected: str) -> None:
    assert owner.student == expected


def test_a_long_name_is_cut() -> None:
    assert len(Owner("folder", "한" * 300).student.encode()) <= 120


# Notebooks


@pytest.mark.parametrize(
    "name",
    [
        "2-tanh.ipynb",
        "2-tanh (1).ipynb",
        "2-tanh-1.ipynb",
        "2-tanh-Copy1.ipynb",
        "2_tanh.ipynb",
        "2 tanh.IPYNB",
        "２-tanh.ipynb",
        "Copy of 2-tanh.ipynb",
        "Copy of Copy of 2-tanh (2).ipynb",
        "2-tanh - Copy.ipynb",
        "final_2-tanh_handed-in.ipynb",
        "folder/1-complexity/2-tanh.ipynb",
    ],
)
def test_a_notebook_is_known_by_its_name(name: str) -> None:
    assert match_files.by_name(name, NAMES) == "2-tanh"


@pytest.mark.parametrize("name", ["tanh.ipynb", "12-tanh.ipynb", "1-complexity-2-tanh.ipynb", "x"])
def test_a_name_that_means_none_or_two_is_none(name: str) -> None:
    assert match_files.by_name(name, NAMES) is None


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_is_known_by_its_cells(name: str) -> None:
    marks = submission.marks(COURSE)
    assert match_files.match("a.ipynb", notebook(name), marks).name == name
    assert match_files.match("a.ipynb", notebook(name)[:-40], marks).name == name  # broken off


def test_two_notebooks_in_one_file_are_none() -> None:
    marks = submission.marks(COURSE)
    both = notebook("1-complexity") + notebook("2-tanh")
    assert match_files.match("a.ipynb", both, marks).name is None
    assert match_files.match("a.ipynb", b'{"cells": []}', marks).name is None


# The roster

SEOUL = timezone(timedelta(hours=9))


def read(path: Path, text: str, encoding: str = "utf-8") -> roster.Roster:
    path.write_text(text, encoding=encoding)
    return roster.read(path, SEOUL)


def test_an_own_table(tmp_path: Path) -> None:
    known = read(
        tmp_path / "own.csv",
        "student_id,name,email,moodle_id,canvas_id,submitted\n"
        "all-right,All Right,right@example.org,11,21,2026-11-20 23:58\n"
        "hangul,한글 이름,,12,22,\n",
        "utf-8-sig",
    )
    right = known.find(Owner("moodle", "Anything", "11"))
    assert (right.id, right.submitted) == ("all-right", datetime(2026, 11, 20, 14, 58, tzinfo=UTC))
    assert known.find(Owner("canvas", "anything", "22")).id == "hangul"
    assert known.find(Owner("folder", "RIGHT@example.org")).id == "all-right"
    assert known.find(Owner("exchange", "hangul")).id == "hangul"


def test_the_gradebook_of_canvas(tmp_path: Path) -> None:
    known = read(
        tmp_path / "canvas.csv",
        "Student,ID,SIS User ID,SIS Login ID,Section,Assignment 3 (77)\n"
        "    Points Possible,,,,,100\n"
        '"Right, All",21,2026001,all-right,A,\n'
        '"Müller-Lüdenscheidt, Zoë",22,2026002,umlauts,A,\n'
        '"Student, Test",23,,abc123,A,\n',
    )
    assert [student.id for student in known.students] == ["all-right", "umlauts"]
    assert known.find(Owner("canvas", "x", "22")).id == "umlauts"
    assert known.find(Owner("moodle", "All Right")).id == "all-right"
    assert known.find(Owner("folder", "2026002")).id == "umlauts"


def test_the_names_of_canvas_without_numbers(tmp_path: Path) -> None:
    known = read(tmp_path / "own.csv", "student_id;name\numlauts;Zoë Müller-Lüdenscheidt\n")
    assert known.find(Owner("canvas", "müllerlüdenscheidtzoë", "22")).id == "umlauts"


def test_the_worksheet_of_moodle(tmp_path: Path) -> None:
    known = read(
        tmp_path / "moodle.csv",
        "Identifier,Full name,Email address,Status,Grade,Maximum Grade,"
        "Last modified (submission),Feedback comments\n"
        "Participant 11,All Right,right@example.org,Submitted,,100.00,"
        '"Friday, 20 November 2026, 11:58 PM",\n'
        "Participant 12,Sent Nothing,nothing@example.org,No submission,,100.00,-,\n",
    )
    right, nothing = known.students
    assert (right.id, right.moodle) == ("right@example.org", "11")
    assert right.submitted == datetime(2026, 11, 20, 14, 58, tzinfo=UTC)
    assert nothing.submitted is None


def test_the_worksheet_of_blind_marking(tmp_path: Path) -> None:
    known = read(tmp_path / "blind.csv", "Identifier,Status,Grade\nParticipant 11,Submitted,\n")
    blind = Owner("moodle", "Participant", "11")
    assert known.find(blind).id == blind.student == "Participant_11"


def test_the_participants_of_moodle(tmp_path: Path) -> None:
    known = read(
        tmp_path / "participants.csv",
        "First name,Last name,ID number,Email address,Groups\nAll,Right,2026001,r@example.org,\n",
    )
    assert known.find(Owner("moodle", "Right All", "11")).id == "2026001"


def test_the_same_name_twice_is_nobody_without_numbers(tmp_path: Path) -> None:
    known = read(
        tmp_path / "own.csv", "student_id,name,moodle_id\na,Same Name,1\nb,Same Name,2\nc,Other,\n"
    )
    assert known.find(Owner("moodle", "Same Name", "2")).id == "b"
    with pytest.raises(Unknown, match="2 lines of the roster"):
        known.find(Owner("folder", "Same Name"))
    with pytest.raises(Unknown, match="not in the roster"):  # somebody who took this name
        known.find(Owner("moodle", "Same Name", "3"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "has no line with a student"),
        ("a,b\n1,2\n", "no column that is known"),
        ("student_id\na\na\n", "line 3: a is there twice"),
        ("student_id\n../a\n", "cannot name a folder"),
        ("student_id\n.hidden\n", "cannot name a folder"),
        ('name,student_id\n\n"A\nB",a\n\nB,a\n', "line 6: a is there twice"),
        ("name,student_id,email\nAll Right,,right@example.org\n", "line 2: there is no student_id"),
        ('name,student_id\n"All Right,a\nHalf Right,b\n', "line 2: this is no row"),
        (
            "student_id,submitted\na,03/11/2026 10:00\n",
            'line 2: "03/11/2026 10:00" is no plain time',
        ),
        ("student_id,submitted\na,1\n", 'line 2: "1" is no plain time'),
        ("student_id,submitted\na,23:59\n", "no plain time"),
        ("student_id,submitted\na,at 5\n", "no plain time"),
        ("student_id,submitted\na,2026-11-20 23:59 PDT\n", "line 2: .* not known, PDT. Write how"),
    ],
)
def test_what_is_wrong_with_a_roster_is_said(text: str, expected: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=expected):
        read(tmp_path / "roster.csv", text)


@pytest.mark.parametrize(
    ("data", "expected"),
    [(b"PK\3\4", "Excel file"), ("名前\n".encode("shift_jis"), "not in UTF-8")],
)
def test_a_roster_in_another_format_is_said(data: bytes, expected: str, tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_bytes(data)
    with pytest.raises(UserError, match=expected):
        roster.read(tmp_path / "roster.csv", SEOUL)


@pytest.mark.parametrize(
    "text",
    [
        *("2026-11-03 10:00", "2026/11/03 10:00", "2026-11-03T01:00Z", "3 November 2026, 10:00 AM"),
        "2026-11-03 02:00 CET",
    ],
)
def test_plain_times_are_read(text: str, tmp_path: Path) -> None:
    known = read(tmp_path / "own.csv", f'student_id,submitted\na,"{text}"\n')
    assert known.students[0].submitted == datetime(2026, 11, 3, 1, tzinfo=UTC)


def test_names_of_macos_are_those_of_an_archive(tmp_path: Path) -> None:
    known = read(tmp_path / "own.csv", unicodedata.normalize("NFD", "student_id\n한글\n"))
    assert known.find(Owner("folder", "한글")).id == "한글"


def test_what_separates_is_not_looked_for_in_titles(tmp_path: Path) -> None:
    known = read(tmp_path / "own.csv", 'student_id,"Tasks; 1; 2; 3"\nall-right,7\n')
    assert [student.id for student in known.students] == ["all-right"]


def test_a_file_of_excels_unicode_text_is_read(tmp_path: Path) -> None:
    known = read(tmp_path / "own.csv", "student_id\tname\nhangul\t한글 이름\n", "utf-16")
    assert known.find(replace(Owner("moodle", "이름 한글"), number="5")).id == "hangul"
