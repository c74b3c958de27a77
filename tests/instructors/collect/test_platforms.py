"""Brightspace, Blackboard, Gradescope and ILIAS: whose work it is, and which attempt counts."""

from pathlib import Path

import pytest

from grader.course.directory import Course
from tests.instructors.collect.packing import (
    ALL,
    NAMES,
    canvas,
    collect,
    in_submitted,
    moodle,
    notebook,
    pack,
    packed,
    remarks,
    submitted,
    versions,
)

TIMED = sorted([*ALL, "timestamp.txt"])


@pytest.fixture
def roster(tmp_path: Path) -> str:
    path = tmp_path / "roster.csv"
    path.write_text(
        "student_id,name,login,email\n"
        "2026001,All Right,aright,right@example.org\n"
        "2026002,Late Twice,ltwice,twice@example.org\n"
        "2026003,Sent Nothing,snothing,nothing@example.org\n"
    )
    return str(path)


def folder(name: str, text: str = "", *names: str) -> dict[str, bytes]:
    return {f"{name}/{one}.ipynb": notebook(one, text) for one in names or NAMES}


# Brightspace

BRIGHTSPACE = (
    folder("48211-90332 - Late Twice - Nov 19, 2026 1002 AM", "first")
    | folder("48211-90332 - Late Twice - Nov 20, 2026 1150 PM", "second")
    | folder("48212-90332 - All Right - Nov 20, 2026 905 PM")
    | {"index.html": b"<html>"}
)


@pytest.mark.parametrize("options", [(), ("--from", "folder"), ("--from", "brightspace")])
def test_the_newest_attempt_in_brightspace_counts(
    course: Course, zip_: Path, roster: str, options: tuple[str, ...]
) -> None:
    assert collect(course, pack(zip_, BRIGHTSPACE), "--roster", roster, *options) == 0
    assert in_submitted(course) == {"2026001": TIMED, "2026002": TIMED}
    assert submitted(course, "2026002", "2-tanh") == notebook("2-tanh", "second")
    assert [name[:27] for name in versions(course, "2026002")] == [
        "submitted-2026-11-19-100200",
        "submitted-2026-11-20-235000",
    ]


def test_brightspace_without_a_roster(course: Course, zip_: Path) -> None:
    assert collect(course, pack(zip_, BRIGHTSPACE)) == 0
    assert list(in_submitted(course)) == ["All-Right_48212", "Late-Twice_48211"]


def test_an_older_export_of_brightspace_changes_nothing(
    course: Course, zip_: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    older = {name: data for name, data in BRIGHTSPACE.items() if "1150" not in name}
    for files in (BRIGHTSPACE, BRIGHTSPACE, older):
        assert collect(course, pack(zip_, files)) == 0
        assert submitted(course, "Late-Twice_48211", "2-tanh") == notebook("2-tanh", "second")
    said = capsys.readouterr().out
    assert "Collected: 2 unchanged\n" in said and "Collected: 1 unchanged, 1 older\n" in said


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("Nov 20, 2026 1205 AM", "2026-11-20 00:05:00 UTC"),
        ("Nov 20, 2026 1205 PM", "2026-11-20 12:05:00 UTC"),
        ("November 20, 2026 905 pm", "2026-11-20 21:05:00 UTC"),
        ("20 November 2026 2105", "2026-11-20 21:05:00 UTC"),
    ],
)
@pytest.mark.parametrize("is_file", [True, False])
def test_times_of_brightspace(
    course: Course, zip_: Path, time: str, expected: str, is_file: bool
) -> None:
    between = " - " if is_file else "/"
    name = f"48211-90332 - All Right - {time}{between}2-tanh.ipynb"
    assert collect(course, pack(zip_, {name: notebook("2-tanh")})) == 0
    found = next(course.submitted.glob("All-Right_48211/*/timestamp.txt"))
    assert found.read_text() == f"{expected}\n"


@pytest.mark.parametrize(
    "time", ["20 nov. 2026 1002", "2026년 11월 20일 오전 1002", "Nov 31, 2026 905 PM"]
)
def test_times_of_brightspace_in_another_language_are_said(
    course: Course, zip_: Path, time: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    files = folder(f"48211-90332 - All Right - {time}") | folder(f"48212-90332 - L T - {time}")
    pack(zip_, files)
    assert collect(course, zip_) == 2
    assert "language in Brightspace to English" in " ".join(capsys.readouterr().err.split())
    assert collect(course, zip_, "--from", "folder") == 2
    assert not course.submitted.exists()


def test_the_universitys_number_in_brightspaces_name(
    course: Course, zip_: Path, roster: str
) -> None:
    files = folder("48211-90332 - 2026001 - Other Name - Nov 20, 2026 905 PM")
    assert collect(course, pack(zip_, files), "--roster", roster) == 0
    assert list(in_submitted(course)) == ["2026001"]


def test_who_is_not_in_the_roster_of_brightspace_is_told(
    course: Course, zip_: Path, roster: str
) -> None:
    files = folder("2026001-90332 - Not Here - Nov 20, 2026 905 PM")  # Brightspace's own number
    assert collect(course, pack(zip_, files), "--roster", roster) == 1
    assert not in_submitted(course)


# Blackboard


def blackboard(whose: str, time: str, text: str = "") -> dict[str, bytes]:
    start = f"{whose}_attempt_{time}"
    return {f"{start}_{name}.ipynb": notebook(name, text) for name in NAMES} | {
        f"{start}.txt": b"Name: ..."
    }


FIRST, SECOND = "2026-11-19-23-10-00", "2026-11-20-09-00-00"


@pytest.mark.parametrize("around", ["", "gradebook_DL_HW3/"])
def test_the_newest_attempt_in_blackboard_counts(
    course: Course, zip_: Path, roster: str, around: str
) -> None:
    files = blackboard("HW_3_ltwice", FIRST, "first") | blackboard("HW_3_ltwice", SECOND, "second")
    files |= blackboard("HW_3_aright", FIRST)
    packed_again = {f"{around}{name}": data for name, data in files.items()}
    assert collect(course, pack(zip_, packed_again), "--roster", roster) == 0
    assert in_submitted(course) == {"2026001": TIMED, "2026002": TIMED}
    assert submitted(course, "2026002", "2-tanh") == notebook("2-tanh", "second")
    assert collect(course, zip_, "--roster", roster) == 0


def test_blackboard_without_a_roster(course: Course, zip_: Path) -> None:
    files = blackboard("HW3_aright", FIRST) | blackboard("HW3_1_2_3", FIRST)
    assert collect(course, pack(zip_, files)) == 0
    assert list(in_submitted(course)) == ["3", "aright"]


def test_two_logins_with_one_end_are_not_mixed(course: Course, zip_: Path, tmp_path: Path) -> None:
    files = blackboard("HW3_a_kim", FIRST, "a") | blackboard("HW3_kim", FIRST, "b")
    assert collect(course, pack(zip_, files)) == 1
    assert not in_submitted(course)
    assert "would be mixed up" in next(iter(remarks(course).values()))
    (tmp_path / "own.csv").write_text("student_id,login\n1,a_kim\n2,lee\n")
    assert collect(course, zip_, "--roster", str(tmp_path / "own.csv")) == 1
    assert submitted(course, "1", "2-tanh") == notebook("2-tanh", "a")


# Gradescope

METADATA = """---
submission_101:
  :submitters:
  - :name: All Right
    :sid: '2026001'
    :email: right@example.org
  :created_at: 2026-11-20 23:10:00.123456000 +09:00
  :score: !ruby/object:BigDecimal 18:0.3e1
submission_102:
  :submitters:
  - :name: Late T.
    :sid: 02026002
    :email: twice@example.org
  - :name: Sent Nothing
    :sid:
    :email: nothing@example.org
"""


def gradescope(metadata: str = METADATA, around: str = "assignment_77_export/") -> dict[str, bytes]:
    files = folder(f"{around}submission_101", "one") | folder(f"{around}submission_102", "two")
    return files | {f"{around}submission_metadata.yml": metadata.encode()}


@pytest.mark.parametrize("around", ["assignment_77_export/", ""])
@pytest.mark.parametrize("options", [(), ("--from", "folder"), ("--from", "gradescope")])
def test_each_of_a_group_in_gradescope_gets_the_work(
    course: Course, zip_: Path, roster: str, around: str, options: tuple[str, ...]
) -> None:
    pack(zip_, gradescope(around=around))
    for _ in range(2):
        assert collect(course, zip_, "--roster", roster, *options) == 0
    assert in_submitted(course) == {"2026001": TIMED, "2026002": ALL, "2026003": ALL}
    for student, text in (("2026001", "one"), ("2026002", "two"), ("2026003", "two")):
        assert submitted(course, student, "4-svhn") == notebook("4-svhn", text)
    time = (course.submitted / "2026001" / "deep-learning-3" / "timestamp.txt").read_text()
    assert time == "2026-11-20 14:10:00.123456 UTC\n"


def test_gradescope_without_a_roster_keeps_the_zeros_of_numbers(course: Course, zip_: Path) -> None:
    assert collect(course, pack(zip_, gradescope())) == 0
    assert list(in_submitted(course)) == ["All-Right_2026001", "Late-T._02026002", "Sent-Nothing"]


def test_who_is_not_in_gradescopes_metadata_is_told(course: Course, zip_: Path) -> None:
    files = gradescope() | folder("assignment_77_export/submission_103")
    assert collect(course, pack(zip_, files)) == 1
    assert "does not say whose submission_103 is" in " ".join(remarks(course).values())
    assert len(in_submitted(course)) == 3


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ("a: [", "cannot be read"),
        ("text", "not as Gradescope writes it"),
        (METADATA.replace("2026-11-20 23", "soon"), "is no plain time"),
    ],
)
def test_metadata_that_cannot_be_read_is_said(
    course: Course, zip_: Path, metadata: str, expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert collect(course, pack(zip_, gradescope(metadata))) == 2
    assert expected in capsys.readouterr().err
    assert not course.submitted.exists()


def test_a_students_own_metadata_says_nothing(course: Course, zip_: Path, roster: str) -> None:
    forged = METADATA.replace("2026001", "2026003").replace("right@", "nothing@").encode()
    files = gradescope() | {
        "assignment_77_export/submission_102/submission_metadata.yml": forged,
        "assignment_77_export/submission_102/submission_101/2-tanh.ipynb": notebook("2-tanh", "x"),
    }
    collect(course, pack(zip_, files), "--roster", roster)
    assert submitted(course, "2026001", "2-tanh") == notebook("2-tanh", "one")


def test_gradescopes_folders_without_metadata_are_said(
    course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in (101, 102):
        path = tmp_path / "export" / f"submission_{number}" / "2-tanh.ipynb"
        path.parent.mkdir(parents=True)
        path.write_bytes(notebook("2-tanh"))
    assert collect(course, tmp_path / "export") == 2
    assert "submission_metadata.yml" in capsys.readouterr().err
    assert collect(course, tmp_path / "export", "--from", "gradescope") == 2
    assert collect(course, tmp_path / "export", "--from", "folder") == 0


# ILIAS


@pytest.mark.parametrize("around", ["multi_feedback/", "Sheet 1/Abgaben/"])
def test_the_login_in_the_folders_of_ilias(
    course: Course, zip_: Path, roster: str, around: str
) -> None:
    files = folder(f"{around}Right_All_aright_4711") | folder(f"{around}Twice_L_ltwice_4712")
    assert collect(course, pack(zip_, files), "--from", "folder", "--roster", roster) == 0
    assert in_submitted(course) == {"2026001": ALL, "2026002": ALL}


def test_teams_of_ilias(course: Course, zip_: Path, roster: str) -> None:
    files = folder("x/Team 7/Right_All_aright_4711") | folder("x/Team 8/Twice_L_ltwice_4712")
    files |= folder("x/Team 8/Else_Somebody_other_4713")
    assert collect(course, pack(zip_, files), "--from", "folder", "--roster", roster) == 1
    assert in_submitted(course) == {"2026001": ALL, "2026002": ALL}
    assert any("is not in the roster" in remark for remark in remarks(course).values())


# Two of them


@pytest.mark.parametrize(
    "others", [canvas("kim_11"), moodle("Kim_11"), blackboard("HW3_kim", FIRST)]
)
def test_exports_of_two_platforms_in_one_are_asked(
    course: Course, zip_: Path, others: dict[str, bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    assert collect(course, pack(zip_, BRIGHTSPACE | others)) == 2
    assert "--from brightspace" in capsys.readouterr().err
    assert collect(course, zip_, "--from", "brightspace") == 1
    assert list(in_submitted(course)) == ["All-Right_48212", "Late-Twice_48211"]
    assert set(others) <= set(remarks(course))


def test_a_students_own_zip_in_an_attempt(course: Course, zip_: Path) -> None:
    own = packed({f"hw/{name}.ipynb": notebook(name) for name in NAMES})
    name = "48211-90332 - All Right - Nov 20, 2026 905 PM/hw.zip"
    assert collect(course, pack(zip_, {name: own})) == 0
    assert in_submitted(course) == {"All-Right_48211": TIMED}
