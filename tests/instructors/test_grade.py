"""Grading a class: what is new is graded, once, and one student's fault is one student's."""

import csv
import errno
import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from sqlalchemy.exc import DatabaseError

from grader import cli
from grader.authors.exercises import example_class
from grader.basics import atomic
from grader.basics.errors import ResourceError, UserError
from grader.course import fingerprint, notebook_data
from grader.course.directory import Course
from grader.course.editions import Editions
from grader.course.notebook_data import DataSet
from grader.instructors.endings import plain_errors
from grader.instructors.grading import autograde, command
from grader.notebooks import cells
from tests.courses import ASSIGNMENT, COURSE, copy_of, filled_in, hand_in, line_of, run_course
from tests.gradebook.rows import give, query, scores
from tests.gradebook.rows import rows as gradebook_rows

NAME = "1-complexity"
TRUNCATED = '{"cells": [{"cell_type": "code", "sour'


def duplicate(course: Course) -> None:
    """A student's innocent copy of a test cell."""
    notebook = filled_in(course, NAME)
    names = [cells.grade_id(cell) for cell in notebook.cells]
    place = names.index("test-parameter-count")
    notebook.cells.insert(place, notebook.cells[place])
    # nbformat.write would give the copy an id of its own, and warn.
    hand_in(course, "copied-cell", NAME, nbformat.v4.writes(notebook))


def delete(course: Course) -> None:
    """A student's deleted test cell."""
    notebook = filled_in(course, NAME)
    notebook.cells = [c for c in notebook.cells if cells.grade_id(c) != "test-growth-exponent"]
    hand_in(course, "deleted-cell", NAME, notebook)


def answer_beside(course: Course) -> None:
    """A student who left the answer's cell and wrote into a new one below it."""
    unfilled = "*YOUR ANSWER HERE: replace this line.*"
    notebook = filled_in(course, NAME, **{"explain-complexity": unfilled})
    place = [cells.grade_id(cell) for cell in notebook.cells].index("explain-complexity")
    notebook.cells.insert(place + 1, nbformat.v4.new_markdown_cell("Each pass gets longer, too."))
    hand_in(course, "answer-beside", NAME, notebook)


@pytest.fixture(scope="module")
def class_(released: Course, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A class in which things go wrong, graded once."""
    course = copy_of(released, tmp_path_factory.mktemp("class") / "course")
    released_path = course.release / f"{NAME}.ipynb"
    hand_in(course, "all-right", NAME, filled_in(course, NAME))
    hand_in(course, "broken-off", NAME, TRUNCATED)
    duplicate(course)
    delete(course)
    answer_beside(course)
    end = {"parameter-count": "import os\nos._exit(0)"}
    hand_in(course, "ends-the-kernel", NAME, filled_in(course, NAME, **end))
    hand_in(course, "no-notebook", "notes", "{}")
    hand_in(course, "other-name", f"{NAME} (1)", filled_in(course, NAME))
    hand_in(course, "two-others", f"{NAME} (1)", filled_in(course, NAME))
    hand_in(course, "two-others", f"Copy of {NAME}", cells.read_notebook(released_path))
    hand_in(course, "untouched", NAME, cells.read_notebook(released_path))
    done = run_course(course, "grade")
    assert done.returncode == 1, done.stderr
    (course.root / "printed.txt").write_text(done.stdout, encoding="utf-8")
    return course


@pytest.fixture
def course(class_: Course, tmp_path: Path) -> Course:
    """A copy of the graded class that a test may change."""
    return copy_of(class_, tmp_path / "course")


@pytest.fixture
def printed(class_: Course) -> str:
    return (class_.root / "printed.txt").read_text(encoding="utf-8")


def dump(course: Course) -> list[str]:
    with sqlite3.connect(course.gradebook) as database:
        return list(database.iterdump())


def hashes(course: Course) -> dict[str, str]:
    return {
        path.relative_to(course.root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in course.root.rglob("*")
        if path.is_file() and path != course.gradebook
    }


def set_manual_score(course: Course, student: str, points: float) -> None:
    give(course, student, "explain-complexity", manual_score=points, needs_manual_grade=0)


# What the class shows


def test_the_right_answer_gets_its_points(printed: str, class_: Course) -> None:
    assert line_of(printed, "all-right ") == "all-right 9 9 1 cell"
    page = class_.feedback / "all-right" / ASSIGNMENT / f"{NAME}.html"
    assert "test-growth-exponent" in page.read_text(encoding="utf-8")


def test_the_untouched_release_gets_nothing(printed: str, class_: Course) -> None:
    assert line_of(printed, "untouched ") == "untouched 0 0"
    assert set(scores(class_, "untouched").values()) == {0}


@pytest.mark.parametrize(
    ("student", "shows", "reason"),
    [
        ("broken-off", "no score 0", "The file is broken off: its end is missing"),
        (
            "ends-the-kernel",
            "0 0 1 cell",
            "The kernel died in the cell parameter-count",
        ),
        ("answer-beside", "9 9", "The answer explain-complexity is not filled in, but text"),
        ("two-others", "missing 0", f'There are "{NAME} (1).ipynb" and "Copy of'),
    ],
)
def test_a_fault_is_said_and_costs_nobody_else(
    student: str, shows: str, reason: str, printed: str
) -> None:
    assert line_of(printed, f"{student} ") == f"{student} {shows}"
    assert line_of(printed, f"{student}, {NAME}: ").startswith(f"{student}, {NAME}: {reason}")


@pytest.mark.parametrize(
    ("student", "note"),
    [
        ("copied-cell", "The test cell test-parameter-count was there 2 times"),
        ("deleted-cell", "The test cell test-growth-exponent"),
        ("other-name", f"was graded as {NAME}; hand it in under its own name, {NAME}.ipynb"),
    ],
)
def test_an_honest_slip_costs_nothing_and_is_told(
    student: str, note: str, printed: str, class_: Course
) -> None:
    assert line_of(printed, f"{student} ") == f"{student} 9 9 1 cell"
    assert f"{student}, {NAME}: " not in printed.partition("What went wrong")[2]
    page = (class_.feedback / student / ASSIGNMENT / f"{NAME}.html").read_text(encoding="utf-8")
    assert "What was done to your notebook" in page
    assert note in page


def test_nothing_handed_in_is_missing(printed: str, class_: Course) -> None:
    assert line_of(printed, "no-notebook ") == "no-notebook missing 0"
    assert set(scores(class_, "no-notebook").values()) == {0}


def test_it_says_where_to_look_next(printed: str) -> None:
    for what in ("feedback/STUDENT/deep-learning-3/", "jupyter lab", "gradebook.db"):
        assert what in printed
    assert max(map(len, printed.splitlines())) <= 100
    assert "Traceback" not in printed


# Running it again


def test_a_second_run_changes_nothing(course: Course) -> None:
    before, files = dump(course), hashes(course)
    done = run_course(course, "grade")
    assert ": graded" not in done.stdout
    assert "10 unchanged" in done.stdout
    assert dump(course) == before
    assert hashes(course) == files


def test_a_row_without_its_notebook_is_not_done(course: Course) -> None:
    path = course.autograded / "all-right" / ASSIGNMENT / f"{NAME}.ipynb"
    path.unlink()
    done = run_course(course, "grade")
    assert f"all-right, {NAME}: graded" in done.stdout
    assert "9 unchanged" in done.stdout
    assert path.is_file()


def test_a_directory_without_a_row_is_not_done(course: Course) -> None:
    query(course.gradebook, "delete from course_run where student = 'untouched'")
    assert (course.autograded / "untouched" / ASSIGNMENT / f"{NAME}.ipynb").exists()
    done = run_course(course, "grade", "--student", "untouched")
    assert f"untouched, {NAME}: graded" in done.stdout
    assert "all-right, " not in done.stdout


def test_new_work_is_graded_and_a_grade_by_hand_stays(course: Course) -> None:
    set_manual_score(course, "all-right", 5.0)
    wrong = {"growth-exponent": "growth_exponent = 3"}
    hand_in(course, "all-right", NAME, filled_in(course, NAME, **wrong))
    done = run_course(course, "grade", "--student", "all-right")
    assert line_of(done.stdout, "all-right ").startswith("all-right 12 12")
    page = (course.feedback / "all-right" / ASSIGNMENT / f"{NAME}.html").read_text(encoding="utf-8")
    assert "<strong>12</strong> of 15 points" in page


def test_a_grade_by_hand_renews_the_feedback_alone(course: Course) -> None:
    set_manual_score(course, "all-right", 5.0)
    done = run_course(course, "grade", "--student", "all-right")
    assert ": graded" not in done.stdout
    assert line_of(done.stdout, "all-right ") == "all-right 14 14"
    page = (course.feedback / "all-right" / ASSIGNMENT / f"{NAME}.html").read_text(encoding="utf-8")
    assert "<strong>14</strong> of 15 points" in page


def test_no_old_score_stays_when_new_work_cannot_be_graded(course: Course) -> None:
    set_manual_score(course, "all-right", 5.0)
    hand_in(course, "all-right", NAME, TRUNCATED)
    done = run_course(course, "grade", "--student", "all-right")
    assert done.returncode == 1
    assert line_of(done.stdout, "all-right ") == "all-right no score 5 1 cell"
    assert f"all-right, {NAME}: cannot be read any more, but a person gave 5 points" in done.stdout
    assert set(scores(course, "all-right").values()) == {None}
    assert not (course.autograded / "all-right" / ASSIGNMENT / f"{NAME}.ipynb").exists()
    page = (course.feedback / "all-right" / ASSIGNMENT / f"{NAME}.html").read_text(encoding="utf-8")
    assert "Not graded" in page and "of 15 points" not in page
    assert [row[4] for row in gradebook_rows(course)["grade"] if row[4] is not None] == [5.0]


def test_points_by_hand_of_work_that_is_gone_wait_until_the_table_settles_them(
    course: Course,
) -> None:
    set_manual_score(course, "all-right", 5.0)
    (course.submitted / "all-right" / ASSIGNMENT / f"{NAME}.ipynb").unlink()
    done = run_course(course, "grade", "--student", "all-right")
    assert done.returncode == 1
    assert line_of(done.stdout, "all-right ") == "all-right missing 5 1 cell"
    assert f"all-right, {NAME}: not handed in any more, but a person gave 5" in done.stdout
    assert waiting_of(course, "all-right") == [("explain-complexity", 5.0)]

    assert run_course(course, "explanations").returncode == 0
    table = course.root / "explanations.csv"
    rows = list(csv.reader(table.read_text(encoding="utf-8-sig").splitlines()))
    (row,) = [row for row in rows if row[3] == "all-right"]
    assert row[2] == "lost-1"
    row[4] = "0"
    with table.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    applied = run_course(course, "explanations", "--apply", "explanations.csv", "--replace")
    assert "0 points in place of 5: all-right" in applied.stdout
    assert waiting_of(course, "all-right") == []
    assert run_course(course, "explanations").returncode == 0  # the table is not in its way
    done = run_course(course, "grade", "--student", "all-right", "--force")
    assert line_of(done.stdout, "all-right ") == "all-right missing 0"
    assert "any more" not in done.stdout


def waiting_of(course: Course, student: str) -> list[tuple[object, ...]]:
    """The cells with points by hand that wait, with these."""
    of_grades = gradebook_rows(course)["grade"]
    return [
        (row[2], row[4]) for row in of_grades if row[0] == student and row[4] is not None and row[6]
    ]


def test_an_added_file_or_a_later_time_asks_nobody_again(course: Course) -> None:
    set_manual_score(course, "all-right", 5.0)
    directory = course.submitted / "all-right" / ASSIGNMENT
    (directory / "notes.txt").write_text("Notes.")
    (directory / "timestamp.txt").write_text("2030-01-02 03:04:05 UTC\n")
    done = run_course(course, "grade", "--student", "all-right")
    assert f"all-right, {NAME}: graded" in done.stdout
    assert line_of(done.stdout, "all-right ") == "all-right 14 14"
    assert waiting_of(course, "all-right") == []


def test_everything_that_a_score_depends_on_is_in_its_fingerprint(small_course: Course) -> None:
    work = hand_in(small_course, "someone", NAME, filled_in(small_course, NAME))
    (work.parent / "timestamp.txt").write_text("2030-01-02 03:04:05 UTC\n")

    def made_from() -> str:
        environment = fingerprint.of_environment(small_course, NAME)
        return autograde.read_task(
            small_course, environment, "someone", NAME, Editions(small_course)
        ).fingerprint

    seen = {made_from()}
    for path in (
        work,
        work.parent / "timestamp.txt",
        small_course.source / f"{NAME}.ipynb",
        small_course.source / "checks.py",
        small_course.config,
        small_course.requirements,
    ):
        with path.open("a", encoding="utf-8") as file:
            file.write("\n")
        seen.add(made_from())
    assert len(seen) == 7


# Errors that a person can mend


def error_of(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    return done.stderr


def test_no_work_is_an_error(small_course: Course) -> None:
    assert "submitted/ holds no work" in error_of(run_course(small_course, "grade"))


def test_an_unknown_student_is_an_error(class_: Course) -> None:
    said = error_of(run_course(class_, "grade", "--student", "nobody"))
    assert "no student in submitted/ named nobody" in said


def test_an_unknown_notebook_is_an_error(class_: Course) -> None:
    assert "no notebook named 9-none" in error_of(
        run_course(class_, "grade", "--notebook", "9-none")
    )


def test_a_second_run_at_the_same_time_is_an_error(class_: Course) -> None:
    directory = os.open(class_.root, os.O_RDONLY)
    fcntl.flock(directory, fcntl.LOCK_EX)
    try:
        assert "Another run is grading" in error_of(run_course(class_, "grade"))
    finally:
        os.close(directory)


def test_a_broken_configuration_is_an_error(course: Course) -> None:
    course.config.write_text("c = get_config(\n")
    assert "nbgrader's configuration cannot be loaded" in error_of(run_course(course, "grade"))


def test_a_setting_that_cannot_be_is_an_error(course: Course) -> None:
    with course.config.open("a") as file:
        file.write("\nc.SandboxProvisioner.memory = 'much'\n")
    said = error_of(run_course(course, "grade"))
    assert "nbgrader_config.py: The 'memory' trait" in said


@pytest.mark.parametrize("jobs", ["-3", "0", "two", "1.5"])
@pytest.mark.parametrize("step", ["grade", "regrade", "check"])
def test_a_number_of_jobs_that_cannot_be_is_an_error(
    step: str, jobs: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main([step, "--jobs", jobs])
    assert caught.value.code == 2
    assert f"argument --jobs: {jobs} is not a whole number from 1" in capsys.readouterr().err


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.ENOMEM, errno.EIO])
def test_what_the_machine_lacks_is_no_fault_of_a_person(
    course: Course, number: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_: int) -> None:
        raise OSError(number, os.strerror(number))

    page = course.feedback / "all-right" / ASSIGNMENT / f"{NAME}.html"
    before = page.read_bytes()
    monkeypatch.chdir(course.root)
    monkeypatch.setenv("SVHN_DIR", "")  # nbgrader_config.py sets it: put back at the end
    monkeypatch.setattr(os, "fsync", fail)
    # As make_feedback writes, but at once.
    monkeypatch.setattr(command, "make_feedback", lambda *_: atomic.write(page, b"new"))
    assert cli.main(["--course-dir", str(course.root), "grade"]) == 3
    said = capsys.readouterr().err
    assert f"{page}: {os.strerror(number)}. Free some of the disk" in said
    assert page.read_bytes() == before


def test_a_full_disk_below_the_gradebook_is_no_fault_of_a_person() -> None:
    def fill() -> None:
        database = sqlite3.connect(":memory:")
        database.execute("pragma max_page_count = 1")
        database.execute("create table full (it text)")

    with pytest.raises(sqlite3.Error) as caught:
        fill()
    with pytest.raises(ResourceError, match="the disk is full: make room"), plain_errors():
        raise DatabaseError("statement", None, caught.value)


def test_a_folder_whose_name_cannot_be_recorded_is_said_and_stops_nobody(course: Course) -> None:
    for name in (b"anna ", b"M\xfcller"):
        folder = course.submitted / os.fsdecode(name)
        shutil.copytree(course.submitted / "untouched", folder)
    done = run_course(course, "grade")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stdout.count("a student's name must be valid text") == 2
    assert "10 unchanged" in done.stdout


def test_a_damaged_gradebook_is_an_error(course: Course) -> None:
    course.gradebook.write_bytes(b"no database" * 1000)
    said = error_of(run_course(course, "grade"))
    assert "gradebook.db is damaged" in said
    assert course.gradebook.read_bytes() == b"no database" * 1000


def test_work_in_the_wrong_place_is_said(course: Course) -> None:
    (course.submitted / "misplaced").mkdir()
    done = run_course(course, "grade", "--student", "untouched")
    assert done.returncode == 1
    assert "submitted/misplaced has no folder deep-learning-3" in done.stdout


def test_course_finds_alembic_without_path(small_course: Course) -> None:
    """nbgrader calls alembic by its bare name when it makes a gradebook."""
    hand_in(small_course, "broken-off", NAME, TRUNCATED)
    programs = str(Path(sys.executable).parent)
    paths = [path for path in os.environ["PATH"].split(os.pathsep) if path != programs]
    done = run_course(small_course, "grade", PATH=os.pathsep.join(paths))
    assert f"broken-off, {NAME}: unreadable" in done.stdout


def test_a_changed_exercise_after_grading_is_an_error(course: Course) -> None:
    source = course.source / f"{NAME}.ipynb"
    text = source.read_text(encoding="utf-8")
    source.write_text(text.replace("test-growth-exponent", "test-exponent"), encoding="utf-8")
    said = error_of(run_course(course, "grade"))
    assert "Cannot add or remove cells" in said
    assert "course regrade" in said


def test_missing_data_are_an_error_for_a_notebook_that_reads_them(tmp_path: Path) -> None:
    data = DataSet("SVHN_DIR", ("4-svhn",), tmp_path / "data", ("a.mat",), "make data")
    course = Course(tmp_path, ASSIGNMENT)
    command.check_data(course, [data], ["2-tanh"])
    said = "Nothing is graded, for there is no data, which 4-svhn reads. To do: make data"
    with pytest.raises(UserError, match=f"^{said}$"):
        command.check_data(course, [data], ["2-tanh", "4-svhn"])
    (tmp_path / "data").mkdir()
    with pytest.raises(UserError, match=r"for data has no a\.mat, which"):
        command.check_data(course, [data], ["4-svhn"])


def test_the_data_of_this_course_are_looked_for_before_it_is_graded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SVHN_DIR", str(tmp_path))
    (data,) = notebook_data.of_course(COURSE)
    said = "has no train_32x32.mat, which 4-svhn reads. To do: Put the files there"
    with pytest.raises(UserError, match=said):
        command.check_data(COURSE, [data], ["4-svhn"])


def test_outside_of_a_course_is_an_error(tmp_path: Path) -> None:
    assert "is not in a course" in error_of(run_course(Course(tmp_path, ASSIGNMENT), "grade"))


# The example class


@pytest.fixture
def plan(small_course: Course) -> Path:
    small_course.answers.mkdir(parents=True)
    return small_course.answers / "class.toml"


def test_makes_the_example_class_once(plan: Path, small_course: Course) -> None:
    plan.write_text(f'[all-right]\n[nothing]\n"{NAME}" = "untouched"\n')
    assert example_class.run(small_course) == 0
    made = hashes(small_course)
    assert f"submitted/nothing/{ASSIGNMENT}/{NAME}.ipynb" in made
    plan.write_text("[someone-else]\n")
    assert example_class.run(small_course) == 0
    plan.write_text(f'[all-right]\n[nothing]\n"{NAME}" = "untouched"\n')
    assert hashes(small_course) == made


def test_never_touches_students_work(plan: Path, small_course: Course) -> None:
    plan.write_text("[a-student]\n")
    hand_in(small_course, "a-student", NAME, "my work")
    before = hashes(small_course)
    assert example_class.run(small_course) == 0
    assert hashes(small_course) == before


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[all-right", "is no TOML"),
        ('["A Student"]\n', "name students with small letters"),
        ('[a]\n"9-none" = "missing"\n', "there is no notebook 9-none"),
        (
            f'[a]\n"{NAME}" = "wrong/none"\n',
            f"There is no answers/deep-learning-3/{NAME}/wrong/none.py",
        ),
    ],
)
def test_says_what_is_wrong_with_the_plan(
    text: str, expected: str, plan: Path, small_course: Course
) -> None:
    plan.write_text(text)
    with pytest.raises(UserError, match=r"answers/deep-learning-3/class\.toml") as caught:
        example_class.run(small_course)
    assert expected in str(caught.value)
    assert not small_course.submitted.exists()


def test_the_plan_of_this_course_is_right() -> None:
    assert example_class.read_plan(COURSE)
