"""Handouts in a folder of their own: a notebook finds them wherever it is run."""

import shutil
from pathlib import Path

import nbformat
import pytest

from grader.course import fingerprint
from grader.course.directory import Course
from grader.notebooks import cells
from tests.courses import COURSE, copy_of, filled_in, hand_in, run_course
from tests.gradebook.rows import rows

NAME, TEST = "1-complexity", "test-growth-exponent"
RIGHT = "1-complexity/right/whole-floats"
TEXT, IMAGE = "data/exponent/known.txt", "data/picture.png"


@pytest.fixture(scope="module")
def course(released: Course, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A test reads a handout two folders down; another handout is no text."""
    course = copy_of(released, tmp_path_factory.mktemp("handouts") / "course")
    shutil.copytree(COURSE.answers / NAME, course.answers / NAME)
    for name, content in ((TEXT, b"2\n"), (IMAGE, bytes(range(256)))):
        (course.source / name).parent.mkdir(parents=True, exist_ok=True)
        (course.source / name).write_bytes(content)
    path = course.source / f"{NAME}.ipynb"
    notebook = cells.read_notebook(path)
    (cell,) = (cell for cell in notebook.cells if cells.grade_id(cell) == TEST)
    cell.source = f'assert open("{TEXT}").read() == "2\\n"\n' + cell.source
    nbformat.write(notebook, path)
    made = run_course(course, "release")
    assert made.returncode == 0, made.stdout + made.stderr
    return course


def test_they_are_released(course: Course) -> None:
    assert (course.release / TEXT).read_text() == "2\n"
    assert (course.release / IMAGE).read_bytes() == bytes(range(256))
    done = run_course(course, "release", "--check")
    assert (done.returncode, done.stderr) == (0, "")
    (course.release / TEXT).write_text("3\n")
    done = run_course(course, "release", "--check")
    assert f"{TEXT} is not what source/ makes" in done.stdout
    run_course(course, "release")


@pytest.mark.slow("proof")
def test_they_are_there_when_answers_are_proven(course: Course) -> None:
    done = run_course(course, "answers", RIGHT, "--against-stock", "--jobs", "1")
    assert done.returncode == 0, done.stdout + done.stderr


def test_they_are_there_when_students_are_graded(course: Course) -> None:
    where = hand_in(course, "right", NAME, filled_in(course, NAME)).parent
    shutil.copytree(course.release / "data", where / "data")  # the whole folder was handed in
    run_course(course, "grade", "--jobs", "1", "--no-feedback")
    executed = cells.by_grade_id(cells.read_notebook(course.executed("right", NAME)))
    assert [out for out in executed[TEST].outputs if out.output_type == "error"] == []
    assert "not used" not in str(rows(course))  # what the student is told


def test_a_change_in_one_grades_anew(course: Course, tmp_path: Path) -> None:
    copy = copy_of(course, tmp_path / "copy")
    before = fingerprint.of_environment(copy, NAME), fingerprint.of_assignment(copy)
    (copy.source / IMAGE).write_bytes(b"another")
    after = fingerprint.of_environment(copy, NAME), fingerprint.of_assignment(copy)
    assert not set(before) & set(after)
