"""`nbgrader export` for Canvas and Moodle: final points only, each in the right student's line."""

import csv
import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from nbgrader import api
from nbgrader.apps import ExportApp

from grader.basics.csv_files import harmless
from grader.course.directory import Course, put_tools_on_path
from grader.exporters.results import number
from grader.nbgrader_app import commands
from tests.courses import ASSIGNMENT, COURSE, copy_of, penalise

DUE = datetime(2030, 1, 1)
STUDENTS = {  # first name, last name, and the points of a test and of an explanation
    "all-right": ("All", "Right", 30.0, 6.5),
    "half-right_22": ("", "", 12.125, 0.0),
    "waits-for-a-person": ("Waits", "Person", 30.0, None),
    "waits-again": ("Waits", "Again", 30.0, 5.0),
    "could-not-be-graded": ("Not", "Graded", None, 3.0),
    "formula": ("+Plus", '=HYPERLINK("x")', 1.0, 1.0),
    "late": ("늦은", "학생", 30.0, 6.0),
    "sent-nothing": ("Sent", "Nothing", None, None),
}


# nbgrader's own way of adding rows makes SQLAlchemy warn; the rows are right.
pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A gradebook with one notebook of 30 points by tests and 10 by a person."""
    course = Course(tmp_path_factory.mktemp("exporters") / "course", ASSIGNMENT)
    course.root.mkdir()
    shutil.copy(COURSE.config, course.root)
    penalise(course, "late", 4.0)
    put_tools_on_path()
    with api.Gradebook(f"sqlite:///{course.gradebook}", "deep-learning") as gradebook:
        gradebook.add_assignment(ASSIGNMENT, duedate=DUE)
        gradebook.add_notebook("2-tanh", ASSIGNMENT)
        where = ("2-tanh", ASSIGNMENT)
        gradebook.add_grade_cell("test", *where, max_score=30, cell_type="code")
        gradebook.add_grade_cell("explain", *where, max_score=10, cell_type="markdown")
        for student, (first, last, auto, manual) in STUDENTS.items():
            gradebook.add_student(student, first_name=first, last_name=last, email=f"{student}@x")
            if student == "sent-nothing":
                continue
            submission = gradebook.add_submission(ASSIGNMENT, student)
            grades = {grade.name: grade for grade in submission.notebooks[0].grades}
            grades["test"].auto_score, grades["explain"].manual_score = auto, manual
            grades["test"].needs_manual_grade = auto is None
            grades["explain"].needs_manual_grade = manual is None or student == "waits-again"
            if student == "late":
                submission.timestamp = DUE + timedelta(days=1)  # graded before it had points
        gradebook.db.commit()
    return course


class Export:
    """`nbgrader export` in this process, which is quicker than the command."""

    def __init__(self, course: Course, heard: pytest.LogCaptureFixture) -> None:
        self.course, self._heard = course, heard

    def put(self, name: str, text: str) -> str:
        """Put a file into the course; returns its name."""
        (self.course.root / name).write_text(text, encoding="utf-8")
        return name

    def rows(self, exporter: str, *options: str) -> list[list[str]]:
        """The rows of the file that is written."""
        self._start(exporter, *options)
        return rows_of(self.course)

    def refusal(self, exporter: str, *options: str) -> str:
        """What is said if no file is written."""
        with pytest.raises(SystemExit) as caught:
            self._start(exporter, *options)
        assert caught.value.code == 1
        assert not (self.course.root / "out.csv").exists()
        return self.said

    @property
    def said(self) -> str:
        return self._heard.text

    def _start(self, exporter: str, *options: str) -> None:
        app = ExportApp()
        app.initialize([f"--exporter=grader.exporters.{exporter}", "--to=out.csv", *options])
        app.log.addHandler(self._heard.handler)
        try:
            app.start()
        finally:
            app.log.removeHandler(self._heard.handler)


def rows_of(course: Course) -> list[list[str]]:
    with (course.root / "out.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@pytest.fixture
def export(
    course: Course, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> Export:
    monkeypatch.chdir(course.root)
    monkeypatch.setenv("SVHN_DIR", "")  # nbgrader_config.py sets it: put back at the end
    return Export(course, caplog)


@pytest.fixture
def course(graded: Course, tmp_path: Path) -> Course:
    return copy_of(graded, tmp_path / "course")


CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Other (5),Deep learning 3 (77),Final Score\n"
    ",,,,,,Manual Posting,\n"
    "    Points Possible,,,,,10,40,(read only)\n"
    '"Right, All",21,2026001,all-right,A,3,,1\n'
    '"Right, Half",22,2026002,h.right,A,3,5,1\n'
    '"Person, Waits",23,2026003,waits-for-a-person,A,3,17,1\n'
    '"=HYPERLINK(""x""), +Plus",24,2026004,formula,A,3,,1\n'
    '"학생, 늦은",25,2026005,,A,3,,1\n'
    '"Student, Test",26,,abc123,A,,,\n'
)


def test_the_gradebook_of_canvas_is_filled_in(export: Export) -> None:
    template = export.put("canvas.csv", CANVAS)
    rows = export.rows(
        "CanvasExporter",
        f"--CanvasExporter.template={template}",
        "--CanvasExporter.column=Deep learning 3",
    )
    assert rows == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Deep learning 3 (77)"],
        ["    Points Possible", "", "", "", "", "40"],
        ["Right, All", "21", "2026001", "all-right", "A", "36.5"],
        ["Right, Half", "22", "2026002", "h.right", "A", "12.12"],  # by the number in its name
        ['\'=HYPERLINK("x"), +Plus', "24", "2026004", "formula", "A", "2"],
        ["학생, 늦은", "25", "2026005", "", "A", "32"],  # by its name; 4 off for being late
    ]
    assert "left out, a notebook could not be graded: could-not-be-graded (1)" in export.said
    assert (
        "left out, an answer waits for a person: waits-again, waits-for-a-person (2)" in export.said
    )
    assert "handed in nothing: sent-nothing (1)" in export.said


def test_canvas_without_a_template(export: Export) -> None:
    roster = export.put("roster.csv", "student_id,name,canvas_id\nall-right,All Right,21\n")
    rows = export.rows("CanvasExporter", f"--CanvasExporter.roster={roster}")
    assert rows[:3] == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", ASSIGNMENT],
        ["    Points Possible", "", "", "", "", "40"],
        ["Right, All", "21", "", "all-right", "", "36.5"],
    ]
    assert [row[3] for row in rows[3:]] == ["formula", "half-right_22", "late"]


def test_points_can_be_scaled_and_are_never_above_what_canvas_gives(export: Export) -> None:
    export.put("canvas.csv", CANVAS.replace(",10,40,", ",10,20,"))
    options = ("--CanvasExporter.template=canvas.csv", "--CanvasExporter.column=77")
    assert "gives at most 20 points, the gradebook 40" in export.refusal("CanvasExporter", *options)
    rows = export.rows("CanvasExporter", *options, "--CanvasExporter.scale=True")
    assert rows[2][-1] == "18.25"


@pytest.mark.parametrize("most", ["20", "20.00", "20,00"])
@pytest.mark.parametrize("points", ["    Puntos posibles", "    만점"])
def test_canvas_gives_no_more_than_it_says_in_any_language(
    export: Export, most: str, points: str
) -> None:
    text = CANVAS.replace("    Points Possible", points).replace(",10,40,", f',10,"{most}",')
    export.put("canvas.csv", text)
    options = ("--CanvasExporter.template=canvas.csv", "--CanvasExporter.column=77")
    assert "gives at most 20 points, the gradebook 40" in export.refusal("CanvasExporter", *options)
    rows = export.rows("CanvasExporter", *options, "--CanvasExporter.scale=True")
    assert rows[1] == [points, "", "", "", "", most]
    assert rows[2][-1] == "18.25"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("    Points Possible,,,,,10,40,(read only)\n", "", "no line with the points possible"),
        (",10,40,", ",10,4O pts,", "no plain number of points"),
        (",2026001,", ",2.02611E+11,", 'line 4: "2.02611E+11" is a number that'),
    ],
)
def test_a_gradebook_of_canvas_that_is_not_sure_is_said(
    export: Export, old: str, new: str, expected: str
) -> None:
    export.put("canvas.csv", CANVAS.replace(old, new))
    options = ("--CanvasExporter.template=canvas.csv", "--CanvasExporter.column=77")
    assert expected in export.refusal("CanvasExporter", *options)


def test_the_test_student_of_canvas_gets_no_points(export: Export) -> None:
    drawn = "8f3ad7cf5ee5f8fd3c0f2e4fb4e0a8a1d72dd4bc"
    export.put("canvas.csv", CANVAS + f'"Right, All",27,,{drawn},A,,,\n')
    text = (
        (export.course.root / "canvas.csv")
        .read_text()
        .replace('"Right, All",21,2026001,all-right,A,3,,1\n', "")
    )
    export.put("canvas.csv", text)
    options = ("--CanvasExporter.template=canvas.csv", "--CanvasExporter.column=77")
    assert "27" not in [row[1] for row in export.rows("CanvasExporter", *options)]


@pytest.mark.parametrize("sign", [";", "\t"])
def test_a_template_whose_first_line_tells_what_separates(export: Export, sign: str) -> None:
    table = [row.split(",") for row in MOODLE.splitlines()]
    text = "\n".join([f"sep={sign}", *(sign.join(row) for row in table)])
    export.put("worksheet.csv", text)
    export._start("MoodleExporter", "--MoodleExporter.template=worksheet.csv")
    with (export.course.root / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter=sign))
    assert [row[4] for row in rows[1:]] == ["36.5", "17.00", "", "12.12", ""]


def test_a_number_in_moodles_worksheet_that_was_shortened_is_said(export: Export) -> None:
    export.put("worksheet.csv", MOODLE.replace("Participant 12", "2.02611E+11"))
    refusal = export.refusal("MoodleExporter", "--MoodleExporter.template=worksheet.csv")
    assert "worksheet.csv, line 3" in refusal and "shortened" in refusal


def test_zero_for_nothing_if_a_person_says_so(export: Export) -> None:
    rows = export.rows("CanvasExporter", "--CanvasExporter.missing_is_zero=True")
    assert rows[-1] == ["Nothing, Sent", "", "", "sent-nothing", "", "0"]


def test_a_column_that_is_not_there_is_said(export: Export) -> None:
    export.put("canvas.csv", CANVAS)
    export.refusal("CanvasExporter", "--CanvasExporter.template=canvas.csv")
    assert f"has no column {ASSIGNMENT}" in export.said and "Deep learning 3 (77)" in export.said


def test_a_file_that_is_no_gradebook_of_canvas_is_said(export: Export) -> None:
    export.put("canvas.csv", "a,b\n1,2\n")
    export.refusal("CanvasExporter", "--CanvasExporter.template=canvas.csv")
    assert "is no gradebook of Canvas's" in export.said


MOODLE = (
    "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
    "Last modified (submission),Last modified (grade),Feedback comments\n"
    "Participant 11,All Right,all-right@x,Submitted,,40.00,Yes,-,-,\n"
    "Participant 12,Waits Person,waits-for-a-person@x,Submitted,17.00,40.00,Yes,-,-,Good\n"
    "Participant 13,+Plus,formula@x,Submitted,,40.00,No,-,-,\n"
    "Participant 22,Half Right,other@x,Submitted,,40.00,Yes,-,-,\n"
    "Participant 99,Not Here,nobody@x,No submission,,40.00,Yes,-,-,\n"
)
ROSTER = "student_id,moodle_id\nall-right,11\nwaits-for-a-person,12\nformula,13\nhalf-right_22,22\n"


def test_the_worksheet_of_moodle_is_filled_in(export: Export) -> None:
    export.put("worksheet.csv", MOODLE)
    export.put("roster.csv", ROSTER)
    rows = export.rows(
        "MoodleExporter",
        "--MoodleExporter.template=worksheet.csv",
        "--MoodleExporter.roster=roster.csv",
        "--MoodleExporter.comments=True",
    )
    before = list(csv.reader(MOODLE.splitlines()))
    assert [row[:4] for row in rows[:3]] == [row[:4] for row in before[:3]]
    assert [row[4] for row in rows[1:]] == ["36.5", "17.00", "", "12.12", ""]
    assert [row[-1] for row in rows[1:]] == ["2-tanh 36.5/40", "Good", "", "2-tanh 12.12/40", ""]
    assert rows[3][1] == "'+Plus" and rows[3][5:9] == before[3][5:9]
    assert "formula: Moodle has locked this grade" in export.said
    assert "no line of the platform's is theirs: late (1)" in export.said


def test_the_worksheet_is_matched_without_a_roster_where_that_is_plain(export: Export) -> None:
    export.put("worksheet.csv", MOODLE)
    rows = export.rows("MoodleExporter", "--MoodleExporter.template=worksheet.csv")
    assert [row[4] for row in rows[1:]] == ["36.5", "17.00", "", "12.12", ""]


def test_a_number_alone_gives_nobody_the_points_of_another(export: Export) -> None:
    somebody_else = MOODLE.replace("Half Right", "Somebody Else")
    export.put("worksheet.csv", somebody_else)
    rows = export.rows("MoodleExporter", "--MoodleExporter.template=worksheet.csv")
    assert [row[4] for row in rows[1:]] == ["36.5", "17.00", "", "", ""]
    assert "no line of the platform's is theirs: formula, half-right_22, late (3)" in export.said


def test_moodle_without_a_worksheet(export: Export) -> None:
    rows = export.rows("MoodleExporter", "--student=all-right", "--student=formula")
    assert rows == [
        ["Username", "First name", "Last name", "Email address", ASSIGNMENT],
        ["all-right", "All", "Right", "all-right@x", "36.5"],
        ["formula", "'+Plus", '\'=HYPERLINK("x")', "formula@x", "2"],
    ]


def test_a_worksheet_in_another_language_is_said(export: Export) -> None:
    export.put("worksheet.csv", MOODLE.replace(",Grade,", ",성적,"))
    options = ("--MoodleExporter.template=worksheet.csv",)
    assert "has no column Grade" in export.refusal("MoodleExporter", *options)
    rows = export.rows("MoodleExporter", *options, "--MoodleExporter.grade_column=성적")
    assert rows[1][4] == "36.5"


def test_a_template_that_is_not_there_is_said(export: Export) -> None:
    refusal = export.refusal("MoodleExporter", "--MoodleExporter.template=none.csv")
    assert "none.csv cannot be read: No such file or directory" in refusal


def test_an_assignment_that_is_not_there_is_said(export: Export) -> None:
    export.refusal("MoodleExporter", "--assignment=other")
    assert "has no assignment other" in export.said


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("=1+1", "'=1+1"),
        ("+Plus", "'+Plus"),
        ("-x", "'-x"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("＝1+1", "'＝1+1"),
        ("-", "-"),
        ("-12.5", "-12.5"),
        ("All Right", "All Right"),
    ],
)
def test_harmless(text: str, expected: str) -> None:
    assert harmless(text) == expected


@pytest.mark.parametrize(("value", "shown"), [(40.0, "40"), (36.5, "36.5"), (1 / 3, "0.33")])
def test_number(value: float, shown: str) -> None:
    assert number(value) == shown


# With the real command


def test_nbgrader_export_as_a_command(course: Course) -> None:
    (course.root / "canvas.csv").write_text(CANVAS, encoding="utf-8")
    commands.nbgrader(
        course,
        "export",
        "--exporter=grader.exporters.CanvasExporter",
        "--CanvasExporter.template=canvas.csv",
        "--CanvasExporter.column=Deep learning 3",
        "--to=out.csv",
    )
    assert [row[-1] for row in rows_of(course)[1:]] == ["40", "36.5", "12.12", "2", "32"]
