"""Rosters as spreadsheet programs, and Canvas in other languages, write them."""

from pathlib import Path

import pytest

from grader.course.directory import Course
from tests.instructors.collect.packing import canvas, collect, in_submitted, moodle, pack, remarks

LINES = ("student_id,name,moodle_id", "0020261,All Right,11", "0020262,한글 이름,12")
CLASS = moodle("All Right_11", "2-tanh") | moodle("한글 이름_12", "2-tanh")


@pytest.fixture
def zip_(tmp_path: Path) -> Path:
    return pack(tmp_path / "submissions.zip", CLASS)


def table(path: Path, *lines: str, sign: str = ",", encoding: str = "utf-8") -> str:
    text = "\r\n".join(lines).replace(",", sign)
    path.write_bytes(text.encode(encoding))
    return str(path)


@pytest.mark.parametrize("first", ["sep={}", "SEP={}", '"sep={}"', "sep={0}{0}{0}", ""])
@pytest.mark.parametrize("sign", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp949"])
def test_what_separates_the_cells(
    course: Course, zip_: Path, tmp_path: Path, first: str, sign: str, encoding: str
) -> None:
    lines = (first.format(sign), *LINES) if first else LINES
    roster = table(tmp_path / "r.csv", *lines, sign=sign, encoding=encoding)
    assert collect(course, zip_, "--roster", roster) == 0
    assert list(in_submitted(course)) == ["0020261", "0020262"]


def test_an_unusual_sign_that_is_told(course: Course, zip_: Path, tmp_path: Path) -> None:
    roster = table(tmp_path / "r.csv", "sep=|", *LINES, sign="|")
    assert collect(course, zip_, "--roster", roster) == 0


def test_lines_are_counted_with_the_one_that_separates(
    course: Course, zip_: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        collect(course, zip_, "--roster", table(tmp_path / "r.csv", "sep=,", *LINES, "/,x,1")) == 2
    )
    assert "line 5" in capsys.readouterr().err


def test_a_table_of_western_windows(course: Course, zip_: Path, tmp_path: Path) -> None:
    names = ("Façade Müller", "Zoë Ångström", "Ärger Öl")
    lines = ("student_id,name", *(f"{at},{name}" for at, name in enumerate(names)))
    files = moodle("Müller Façade_11") | moodle("Ångström Zoë_12") | moodle("Öl Ärger_13")
    roster = table(tmp_path / "r.csv", *lines, encoding="cp1252")
    assert collect(course, pack(zip_, files), "--roster", roster) == 0
    assert list(in_submitted(course)) == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("佐藤", "shift_jis"), ("王小明", "big5"), ("王小明", "gbk"), ("Łukasz", "cp1250")],
)
def test_an_encoding_that_is_not_sure_is_not_guessed(
    course: Course,
    zip_: Path,
    tmp_path: Path,
    text: str,
    encoding: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = ("student_id,name", f"1,{text}", "2,All Right")
    assert (
        collect(course, zip_, "--roster", table(tmp_path / "r.csv", *lines, encoding=encoding)) == 2
    )
    assert "Save it as CSV (UTF-8)" in capsys.readouterr().err


@pytest.mark.parametrize(
    "number",
    [
        "2.02611E+11",
        '"2,02611E+11"',
        "2.02611e11",
        "2E+11",
        "2.02611e+11",
        "########",
        '="2.1E+11"',
    ],
)
@pytest.mark.parametrize(
    "header",
    ["student_id,name", "login,name", "ID number,Full name", "moodle_id,name", "name,email"],
)
def test_a_number_that_was_shortened_is_said(
    course: Course,
    zip_: Path,
    tmp_path: Path,
    number: str,
    header: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    roster = table(tmp_path / "r.csv", header, "2026001,Other", f"{number},All Right")
    assert collect(course, zip_, "--roster", roster) == 2
    said = capsys.readouterr().err
    assert "line 3" in said and "shortened" in said and "format of the column to text" in said
    assert not course.submitted.exists()


@pytest.mark.parametrize("number", ["2e10", "e1234567", "1e5x", "2026-E+1"])
def test_a_name_that_is_like_a_short_number_is_one(
    course: Course, zip_: Path, tmp_path: Path, number: str
) -> None:
    roster = table(tmp_path / "r.csv", LINES[0], f"{number},All Right,11", LINES[2])
    assert collect(course, zip_, "--roster", roster) == 0
    assert number in in_submitted(course)


def test_numbers_are_mended_where_that_is_sure(course: Course, zip_: Path, tmp_path: Path) -> None:
    quoted = '"=""0020261"""'
    roster = table(
        tmp_path / "r.csv", LINES[0], f"{quoted},All Right,11.0", "202611001234.0,x,12.0"
    )
    assert collect(course, zip_, "--roster", roster) == 0
    assert list(in_submitted(course)) == ["0020261", "202611001234"]


def test_zeros_that_were_lost_are_said(course: Course, zip_: Path, tmp_path: Path) -> None:
    roster = table(tmp_path / "r.csv", "student_id,name", "20261,A B", "20262,C D")
    pack(zip_, {name.replace("kim", "0020261"): data for name, data in folder("kim").items()})
    assert collect(course, zip_, "--roster", roster, "--from", "folder") == 1
    assert not in_submitted(course)
    assert "but 20261 is" in remarks(course)["0020261/2-tanh.ipynb"]
    assert "something came that may be theirs" in remarks(course)["20261"]


def folder(student: str) -> dict[str, bytes]:
    return {f"{student}/2-tanh.ipynb": b"{}"}


# Canvas

HEADER = "Student,ID,SIS User ID,SIS Login ID,Section,deep-learning-3 (9)"
DRAWN = "8f3ad7cf5ee5f8fd3c0f2e4fb4e0a8a1d72dd4bc"


@pytest.mark.parametrize(
    "points", ["    Points Possible", "    Puntos posibles", "    만점", "Punkte möglich"]
)
@pytest.mark.parametrize(
    "test",
    [f"Estudiante Prueba,99,,{DRAWN},A,", "테스트,99,,abcdef0123,A,", '"Student, Test",99,,x,A,'],
)
def test_the_gradebook_of_canvas_in_any_language(
    course: Course,
    zip_: Path,
    tmp_path: Path,
    points: str,
    test: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    people = ('"Kim, Minji",11,0020261,mkim,A,', '"Lee, Jun",12,0020262,jlee,A,')
    lines = (HEADER, ",,,,,Manual Posting", f"{points},,,,,100.00", *people, test)
    pack(zip_, canvas("kimminji_11"))
    assert collect(course, zip_, "--roster", table(tmp_path / "g.csv", *lines)) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "Handed in nothing (1 of the roster) jlee" in said


def test_a_student_of_canvas_with_a_login_of_figures_is_one(
    course: Course, zip_: Path, tmp_path: Path
) -> None:
    people = ("Guest,11,,a1234567890,A,", "Guest Too,12,,b1234567890,A,", "Kim,13,1,kim,A,")
    pack(zip_, canvas("guest_11") | canvas("guesttoo_12"))
    assert collect(course, zip_, "--roster", table(tmp_path / "g.csv", HEADER, *people)) == 0
    assert list(in_submitted(course)) == ["a1234567890", "b1234567890"]
