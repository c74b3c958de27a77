"""The page and the CSV files: what they hold, that they agree, and what they do not let in."""

import csv
import io
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from nbgrader.plugins import LateSubmissionPlugin

from grader.basics.errors import UserError
from grader.cli import main
from grader.course.directory import Course
from grader.gradebook import class_view
from grader.instructors.report import attention, command, page, points
from grader.instructors.report.tables import Column, Table
from tests.courses import filled_in, hand_in, run_course
from tests.instructors.report.made import Class, course_in, state_of, url
from tests.instructors.report.test_similarity import COPY, OWN

DUE = datetime(2030, 1, 1)
NOW = datetime(2030, 2, 1, 12)
HOSTILE = '<script>alert("1")</script>&amp;\'"'
FORMULA = "=HYPERLINK(1)"
TEST = "test-tanh-forward"


def files_of(course: Course) -> dict[str, str]:
    late = LateSubmissionPlugin(penalty_method="zero")
    return page.files(course.assignment, command.make(course, url(course), late), NOW)


@pytest.fixture(scope="module")
def class_(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """Two notebooks of a class in which there is something of everything."""
    course = course_in(tmp_path_factory.mktemp("class") / "course", DUE)
    said = f"FAILED (2 points): the values\n  got {HOSTILE}, not 1."
    with Class(course) as made:
        for student in ("one", "two", HOSTILE.replace("/", "|"), FORMULA):
            made.add(student, timestamp=DUE - timedelta(days=1))
            made.add(student, "2-tanh", {TEST: 4.0}, outputs={TEST: said})
        made.add("late", timestamp=DUE + timedelta(days=1, hours=2, minutes=5))
        made.add("late", "2-tanh", code={"training-loop": f"# {HOSTILE}\n{OWN}"})
        made.add("copy", code={})
        made.add("copy", "2-tanh", code={"training-loop": COPY})
        made.add("flagged", attention=True, reason=f"Somebody {HOSTILE} wrote to a test.")
        made.add("flagged", "2-tanh", status="missing")
        made.add("broken", status="unreadable", reason="The file is no complete notebook.")
        made.add("broken", "2-tanh", status="failed", reason="+1 machine failed.")
        made.add("nothing", status="missing")
        made.add("nothing", "2-tanh", status="missing")
    with closing(sqlite3.connect(course.gradebook)) as database, database:
        database.execute("INSERT INTO student (id) VALUES ('on-the-roster')")
    return course


@pytest.fixture(scope="module")
def files(class_: Course) -> dict[str, str]:
    return files_of(class_)


@pytest.fixture(scope="module")
def soup(files: dict[str, str]) -> BeautifulSoup:
    return BeautifulSoup(files[page.PAGE], "html.parser")


def rows(files: dict[str, str], name: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(files[f"{name}.csv"], newline="")))[1:]


def shown(soup: BeautifulSoup, name: str) -> list[list[str]]:
    """The rows of a table in the page."""
    (place,) = soup.select(f'[data-table="{name}"]')
    return [[cell.text for cell in row.find_all("td")] for row in place.find_all("tr") if row.td]


def test_the_csv_files_hold_the_figures_of_the_page(
    files: dict[str, str], soup: BeautifulSoup
) -> None:
    names = [name.removesuffix(".csv") for name in files if name != page.PAGE]
    assert len(names) == 11
    assert rows(files, "stopped") == []  # nobody's code stopped for want of something here
    for name in set(names) - {"stopped"}:
        there = [[text.removeprefix("'") for text in row] for row in rows(files, name)]
        assert there == [[t.removeprefix("'") for t in row] for row in shown(soup, name)], name
        assert there, name


def test_the_figures_are_right(files: dict[str, str]) -> None:
    # Of 45 points the explanation's 6 wait; four lost 2 points; "flagged" lacks the second.
    assert rows(files, "points") == [
        ["all notebooks", "45", "7", "33.6", "10.9", "9.0", "37.0", "37.0", "38.0", "39.0"],
        ["1-complexity", "15", "7", *["9.0", "0.0"], *["9.0"] * 5],
        ["2-tanh", "30", "6", "28.7", "1.0", "28.0", "28.0", "28.0", "29.5", "30.0"],
    ]
    assert [row for row in rows(files, "tests") if row[1] == TEST] == [
        ["2-tanh", TEST, "6", "6", "33", "67", "0", "4.67", "", "", ""]
    ]
    bins = [row for row in rows(files, "distribution") if row[0] == "2-tanh" and row[3] != "0"]
    assert bins == [["2-tanh", "27", "30", "4"], ["2-tanh", "30", "33", "2"]]
    assert rows(files, "times") == [
        ["1-complexity", "full", "9", "2.0", "2.0", "two", "18"],
        ["2-tanh", "full", "9", "2.0", "2.0", "two", "18"],
    ]


def test_what_there_is_to_do(files: dict[str, str]) -> None:
    assert rows(files, "attention") == [
        ["broken", "1-complexity", "unreadable", "The file is no complete notebook."],
        ["broken", "2-tanh", "failed", "'+1 machine failed."],
        ["flagged", "1-complexity", "graded", f"Somebody {HOSTILE} wrote to a test."],
    ]
    assert rows(files, "waiting") == [["1-complexity", "explain-complexity", "6", "7", "0", ""]]
    assert len(rows(files, "waiting-answers")) == 7
    assert rows(files, "hand-ins") == [
        ["flagged", "not all", "2-tanh", "", "", ""],
        ["late", "late", "", "2030-01-02 02:05", "1 d 2 h", "39"],
        ["nothing", "nothing handed in", "", "", "", ""],
        ["on-the-roster", "nothing handed in", "", "", "", ""],
    ]


def test_the_pair_is_shown_side_by_side(files: dict[str, str], soup: BeautifulSoup) -> None:
    assert [row[:2] + row[3:4] for row in rows(files, "alike")] == [["2-tanh", "copy", "late"]]
    (pair,) = soup.select("details.alike")
    assert [name.text for name in pair.select("figcaption")] == ["copy", "late"]
    one, other = pair.select("pre")
    assert "    while len(losses)<epochs:" in [mark.text for mark in one.select("mark")]
    assert "    while len(history) < epochs:" in [mark.text for mark in other.select("mark")]
    assert f"# {HOSTILE}" in [line.text for line in other.select("span")]


def test_what_students_wrote_is_only_text(files: dict[str, str], soup: BeautifulSoup) -> None:
    assert "<script" not in files[page.PAGE]
    assert soup.find_all(["script", "iframe", "img", "link", "object", "form"]) == []
    assert files[page.PAGE].count("alert(") == files[page.PAGE].count("&lt;script&gt;alert(") > 3
    assert [row[3] for row in rows(files, "messages")] == [f"got {HOSTILE}, not 1."]
    students = [row[0] for row in rows(files, "waiting-answers")]
    assert f"'{FORMULA}" in students and FORMULA not in students


def test_nothing_is_loaded_from_elsewhere(soup: BeautifulSoup) -> None:
    for element in soup.find_all(True):
        for name, value in element.attrs.items():
            text = " ".join(value) if isinstance(value, list) else str(value)
            if name in ("href", "src", "xlink:href", "srcset", "action", "data"):
                assert text.startswith("#"), (element.name, name)
            assert "//" not in text or name.startswith("xmlns"), (element.name, name)
            assert not name.startswith("on"), (element.name, name)
    assert "//" not in soup.style.text and "@import" not in soup.style.text  # type: ignore[union-attr]
    policy = soup.find("meta", {"http-equiv": "Content-Security-Policy"})
    assert isinstance(policy, Tag)
    assert policy["content"] == "default-src 'none'; style-src 'unsafe-inline'"


def test_the_plots_are_told_in_words_and_have_no_colours(soup: BeautifulSoup) -> None:
    plots = soup.select("figure > svg")
    assert len(plots) == 3 + 2
    for plot in plots:
        assert plot["role"] == "img"
        assert len(str(plot["aria-label"])) > 80
        for colour in str(plot).split("#")[1:]:
            if len(code := colour[:6]) == 6 and set(code) <= set("0123456789abcdef"):
                assert code[:2] == code[2:4] == code[4:6], code
    assert "of 30 possible, of 6 students. The median is 28. from 27 to below 30: 4" in str(
        plots[2]
    )
    ids = [element["id"] for element in soup.find_all(id=True)]
    assert len(ids) == len(set(ids))


def test_the_command_writes_the_files_and_changes_nothing(
    class_: Course, files: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = state_of(class_.root)
    done = run_course(class_, "report", "--output", str(tmp_path / "here"))
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{tmp_path / 'here' / page.PAGE}" in done.stdout.replace("\n", "")
    assert state_of(class_.root) == before
    made = {
        path.name: path.read_bytes().decode("utf-8-sig") for path in (tmp_path / "here").iterdir()
    }
    assert made.keys() == files.keys()
    assert made["points.csv"] == files["points.csv"]


def test_one_student(tmp_path: Path) -> None:
    course = course_in(tmp_path / "course")
    with Class(course) as made:
        made.add("only")
    files = files_of(course)
    assert rows(files, "points") == [["1-complexity", "15", "1", "9.0", "", *["9.0"] * 5]]
    assert rows(files, "tests")[0][2:] == ["3", "1", "100", "0", "0", "3.00", "", "", ALIKE]
    assert "of 1 student." in files[page.PAGE]
    assert "Left blank where fewer than 10 submissions are graded</b>" in files[page.PAGE]


ALIKE = "the same points for all: separates nobody"


def test_no_graded_notebook_among_those_handed_in(tmp_path: Path) -> None:
    course = course_in(tmp_path / "course")
    with Class(course) as made:
        made.add("broken", status="unreadable", reason="The file is no complete notebook.")
    files = files_of(course)
    assert rows(files, "points") == [["1-complexity", "15", "0", *[""] * 7]]
    assert [row[0] for row in rows(files, "attention")] == ["broken"]


def test_nothing_graded_yet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    course = course_in(tmp_path / "course")
    with pytest.raises(UserError, match=r"Nothing is graded yet\. .*course grade"):
        command.make(course, url(course))
    with closing(sqlite3.connect(course.gradebook)) as database, database:
        database.execute("INSERT INTO student (id) VALUES ('on-the-roster')")
    with pytest.raises(UserError, match="Nothing is graded yet"):
        command.make(course, url(course))


def test_no_gradebook(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    course = course_in(tmp_path / "course")
    course.gradebook.unlink()
    monkeypatch.chdir(tmp_path)  # nbgrader changes it
    assert main(["--course-dir", str(course.root), "report"]) == 2
    assert "There is no gradebook gradebook.db." in capsys.readouterr().err
    assert not course.gradebook.exists() and not (course.root / "report").exists()
    course.gradebook.write_text("no database")
    with pytest.raises(UserError, match=r"gradebook\.db cannot be read"):
        command.make(course, url(course))


def test_a_directory_that_cannot_be_written(tmp_path: Path) -> None:
    course = course_in(tmp_path / "course")
    with Class(course) as made:
        made.add("only")
    (course.root / "report").write_text("a file")
    done = run_course(course, "report")
    assert done.returncode == 2
    assert "report cannot be written" in done.stderr and "--output" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_autograded_notebook_that_was_damaged(class_: Course, tmp_path: Path) -> None:
    course = course_in(tmp_path / "course")
    with Class(course) as made:
        made.add("whole")
        made.add("cut")
        made.add("other", outputs={"test-parameter-count": "x"})
    (path,) = course.autograded.glob("cut/*/*.ipynb")
    path.write_text('{"cells": [')
    (path,) = course.autograded.glob("other/*/*.ipynb")
    path.write_text(path.read_text().replace('"output_type": "stream"', '"output_type": "error"'))
    found = rows(files_of(course), "attention")
    assert [row[:3] for row in found] == [
        ["cut", "1-complexity", "graded"],
        ["other", "1-complexity", "graded"],
    ]
    assert "cannot be read as a notebook" in found[0][3]


def test_a_gradebook_of_stock_nbgrader(tmp_path: Path) -> None:
    course = course_in(tmp_path / "course")
    with Class(course) as made:
        made.add("right")
        made.add("absent")
    with closing(sqlite3.connect(course.gradebook)) as database, database:
        database.execute("DROP TABLE course_run")
    (path,) = course.autograded.glob("absent/*/*.ipynb")
    path.unlink()
    known = class_view.read(course, url(course))
    states = {s: known.states[s, "1-complexity"] for s in known.students}
    assert states == {"right": "graded", "absent": "missing"}
    assert attention.times(known).texts == []


def test_points_beyond_the_possible_have_a_bin() -> None:
    spread = points.Spread("2-tanh", 30, [0, 2.5, 3, 30, 34])
    assert spread.edges[:3] == [0, 3, 6]
    assert spread.edges[-1] == 36
    assert (spread.counts[:2], spread.counts[-2:]) == ([2, 1], [1, 1])
    assert sum(spread.counts) == 5


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1", "  =1"])
def test_no_text_is_a_formula_in_a_spreadsheet(start: str) -> None:
    made = Table("t", "T", [Column("a"), Column("b", ".1f")], [[start, -1.0]])
    (row,) = list(csv.reader(io.StringIO(made.csv(), newline="")))[1:]
    assert row == [f"'{start}", "-1.0"]


def test_a_sign_that_steers_a_terminal_is_shown_in_a_spreadsheet_as_an_escape() -> None:
    made = Table("t", "T", [Column("a")], [["\r=1"]])
    assert list(csv.reader(io.StringIO(made.csv(), newline="")))[1:] == [["\\x0d=1"]]


def test_a_class_that_was_really_graded(small_course: Course) -> None:
    """From notebooks to the report, by the commands that a person runs."""
    slip = "def parameter_count(hidden_depth, num_neuron, num_input, num_output):\n    return 7"
    hand_in(small_course, "right", "1-complexity", filled_in(small_course, "1-complexity"))
    wrong = filled_in(small_course, "1-complexity", **{"parameter-count": slip})
    hand_in(small_course, "wrong", "1-complexity", wrong)
    graded = run_course(small_course, "grade", "--no-feedback")
    assert graded.returncode == 0, graded.stderr
    done = run_course(small_course, "report")
    assert done.stdout.startswith("report: report/report.html"), done.stderr
    texts = {
        path.name: path.read_bytes().decode("utf-8-sig")
        for path in (small_course.root / "report").iterdir()
    }
    assert rows(texts, "points")[0][:4] == ["1-complexity", "15", "2", "5.5"]
    found = [row for row in rows(texts, "messages") if row[2] == "test-parameter-count"]
    assert {(row[0], row[4]) for row in found} == {("1", "wrong")}
    assert any("expected 25, got 7" in row[3] for row in found)
    assert rows(texts, "tests")[0][3:7] == ["2", "50", "0", "50"]
    assert [row[0] for row in rows(texts, "waiting-answers")] == ["right", "wrong"]
