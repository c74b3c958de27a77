"""A gradebook that is not gradebook.db: every command uses the one that is configured."""

import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import nbformat
import pytest

from grader.basics.errors import UserError
from grader.course import gradebook_file
from grader.course.directory import Course
from grader.instructors.doctor import files
from grader.notebooks import cells
from tests.courses import ASSIGNMENT, COURSE, copy_of, filled_in, hand_in, run_course

NAME, TEST = "1-complexity", "test-growth-exponent"
RIGHT = "1-complexity/right/whole-floats"


def configure(course: Course, db_url: str) -> None:
    with course.config.open("a") as file:
        file.write(f"\nc.CourseDirectory.db_url = {db_url!r}\n")


def nothing_in_the_usual_place(course: Course) -> None:
    """No gradebook was made in the course directory."""
    assert list(course.root.glob("gradebook.db*")) == []


def points(book: Path) -> dict[str, float]:
    """What each student has by the tests."""
    with closing(sqlite3.connect(book)) as database:
        return dict(
            database.execute(
                """SELECT a.student_id, sum(g.auto_score) FROM grade g
                JOIN submitted_notebook n ON n.id = g.notebook_id
                JOIN submitted_assignment a ON a.id = n.assignment_id GROUP BY 1"""
            )
        )


@pytest.fixture(scope="module")
def course(released: Course, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The small course with the bank's answers to it; its gradebook lies outside of it."""
    course = copy_of(released, tmp_path_factory.mktemp("own") / "course")
    shutil.copytree(COURSE.answers / NAME, course.answers / NAME)
    outside = course.root.parent / "kept by the department"
    outside.mkdir()
    configure(course, f"sqlite:///{outside / 'book.db'}")
    three = filled_in(course, NAME, **{"growth-exponent": "growth_exponent = 3"})
    hand_in(course, "says-three", NAME, three)
    return course


@pytest.fixture(scope="module")
def book(course: Course) -> Path:
    """The gradebook, after grading."""
    path = course.root.parent / "kept by the department" / "book.db"
    before = run_course(course, "explanations")
    assert before.returncode == 2 and str(path) in before.stderr
    assert not path.exists()
    done = run_course(course, "grade", "--jobs", "1")
    assert f"{path}: all points" in done.stdout.replace("\n", " "), done.stdout + done.stderr
    return path


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """nbgrader changes the directory, and its configuration the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SVHN_DIR", str(COURSE.root / "data" / "synthetic"))


def test_what_is_graded_is_in_it(course: Course, book: Path) -> None:
    assert points(book) == {"says-three": 7}
    nothing_in_the_usual_place(course)


def test_doctor_looks_at_it(course: Course, book: Path) -> None:
    finding = files.gradebook(course)
    assert finding.state == "ok"
    assert finding.found.startswith(f"{book} is whole")
    assert "1 submission" in finding.found


@pytest.mark.parametrize("step", ["explanations", "report"])
def test_what_is_graded_is_read_from_it(step: str, course: Course, book: Path) -> None:
    done = run_course(course, step)
    assert done.returncode == 0, done.stdout + done.stderr
    nothing_in_the_usual_place(course)


@pytest.mark.slow("elsewhere")
def test_answers_of_the_bank_never_come_into_it(course: Course, book: Path) -> None:
    """They are graded in temporary courses, which have the configuration of the real one."""
    before = book.read_bytes()
    done = run_course(course, "answers", RIGHT, "--against-stock", "--jobs", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert book.read_bytes() == before


def test_a_regrade_changes_and_keeps_it(course: Course, book: Path, tmp_path: Path) -> None:
    path = course.source / f"{NAME}.ipynb"
    notebook = cells.read_notebook(path)
    (cell,) = (cell for cell in notebook.cells if cells.grade_id(cell) == TEST)
    cell.source = cell.source.replace("power == 2", "power == 3")
    nbformat.write(notebook, path)
    shown = run_course(course, "regrade", "--jobs", "1")
    assert shown.returncode == 1, shown.stdout + shown.stderr
    assert points(book) == {"says-three": 7}
    done = run_course(course, "regrade", "--write", "--no-feedback", "--jobs", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert points(book) == {"says-three": 9}
    (copy,) = course.backups.iterdir()
    assert points(copy) == {"says-three": 7}
    assert str(book) in done.stdout  # where to put the copy back
    nothing_in_the_usual_place(course)


# Other places


def test_a_path_begins_in_the_course(empty: Course) -> None:
    configure(empty, "sqlite:///grades/book.db")
    finding = files.gradebook(empty)
    assert (finding.state, "mkdir -p" in finding.todo) == ("wrong", True)
    (empty.root / "grades").mkdir()
    assert files.gradebook(empty).found == "there is none yet; course grade makes grades/book.db"


def test_git_is_asked_for_it(empty: Course) -> None:
    configure(empty, "sqlite:///grades/book.db")
    (empty.root / "grades").mkdir()
    for name in ("book.db", "book.db-journal", "read me.md"):
        (empty.root / "grades" / name).touch()
    for words in (["init", "-q"], ["add", "-f", "."]):
        subprocess.run(["git", "-C", str(empty.root), *words], check=True)
    finding = files.privacy(empty)
    assert finding.state == "wrong"
    assert "git rm -r --cached grades/book.db grades/book.db-journal;" in finding.todo


@pytest.mark.parametrize("step", ["report", "regrade", "explanations"])
def test_before_grading_its_place_is_told(step: str, empty: Course) -> None:
    configure(empty, "sqlite:///grades/book.db")
    (empty.root / "grades").mkdir()
    hand_in(empty, "someone", NAME, "{}")
    done = run_course(empty, step)
    assert done.returncode == 2
    assert "there is no gradebook grades/book.db" in done.stderr.lower().replace("\n", " ")


@pytest.mark.parametrize(
    ("db_url", "file", "shown"),
    [
        ("sqlite:///book.db", "/course/book.db", "book.db"),
        ("sqlite:////course/a b/book.db", "/course/a b/book.db", "a b/book.db"),
        ("sqlite+pysqlite:////else/book.db", "/else/book.db", "/else/book.db"),
        ("sqlite://", None, "sqlite://"),
        ("sqlite:///file:/else/book.db?uri=true", None, "sqlite:///file%3A/else/book.db?uri=true"),
        ("postgresql://me:secret@host/grades", None, "postgresql://me:***@host/grades"),
    ],
)
def test_how_it_is_found_and_named(db_url: str, file: str | None, shown: str) -> None:
    course = Course(Path("/course"), ASSIGNMENT)
    found = gradebook_file.file_of(course, db_url)
    assert found == (None if file is None else Path(file))
    assert gradebook_file.shown(course, db_url) == shown


# A database that is no file


def test_a_database_whose_driver_is_missing_is_told(empty: Course) -> None:
    configure(empty, "postgresql+pg8000://me:secret@host/grades")
    finding = files.gradebook(empty)
    assert finding.state == "wrong"
    assert finding.found == "postgresql+pg8000://me:***@host/grades needs the package pg8000"


@pytest.mark.parametrize("step", ["grade", "explanations", "report", "doctor"])
def test_what_is_no_address_of_a_database_is_told(step: str, empty: Course) -> None:
    hand_in(empty, "someone", NAME, "{}")
    configure(empty, "gradebook.db")
    done = run_course(empty, step)
    said = done.stdout if step == "doctor" else done.stderr
    assert done.returncode == (1 if step == "doctor" else 2), done.stderr
    assert "Traceback" not in done.stderr
    assert "c.CourseDirectory.db_url in nbgrader_config.py is no address" in " ".join(said.split())


@pytest.mark.parametrize(
    "db_url",
    ["", "sqlite:grades.db", "sqlight:///secret.db", "sqlite+secret:///x.db", "pg://h:secret/x"],
)
def test_no_part_of_what_is_no_address_is_shown(db_url: str, empty: Course) -> None:
    with pytest.raises(UserError, match="is no address of a database") as caught:
        gradebook_file.check(empty, db_url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("step", ["grade", "report"])
def test_a_missing_driver_stops_a_step_in_one_sentence(step: str, empty: Course) -> None:
    hand_in(empty, "someone", NAME, "{}")
    configure(empty, "postgresql+pg8000://me:secret@host/grades")
    done = run_course(empty, step)
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith(f"course {step}: The gradebook in c.CourseDirectory.db_url")
    assert "pg8000" in done.stderr and "secret" not in done.stderr
