"""nbgrader's own commands work on this course as its documentation says."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from grader.course.directory import Course
from grader.nbgrader_app import commands
from grader.notebooks import cells
from tests.courses import ASSIGNMENT, copy_of, filled_in, hand_in, run_course
from tests.jupyter_server import fetch, serve

NAME = "1-complexity"


@pytest.fixture(scope="module")
def graded(released: Course, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course taken through nbgrader's commands, one after another."""
    course = copy_of(released, tmp_path_factory.mktemp("commands") / "course")
    hand_in(course, "all-right", NAME, filled_in(course, NAME))
    wrong = {"growth-exponent": "growth_exponent = 3"}
    hand_in(course, "exponent-three", NAME, filled_in(course, NAME, **wrong))
    for command in ("generate_assignment --force", "autograde", "generate_feedback"):
        commands.nbgrader(course, *command.split(), ASSIGNMENT)
    return course


def test_generate_assignment(graded: Course, released: Course) -> None:
    theirs, ours = (
        {path.name: path.read_bytes() for path in course.release.iterdir()}
        for course in (graded, released)
    )
    assert "1-complexity.ipynb" in theirs
    assert theirs == ours


def test_generate_feedback(graded: Course) -> None:
    for student in ("all-right", "exponent-three"):
        page = graded.feedback / student / ASSIGNMENT / f"{NAME}.html"
        assert "test-growth-exponent" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("stock", ["", "1"], ids=["engine", "stock"])
def test_the_clock_and_the_figure_are_not_run(stock: str, graded: Course, tmp_path: Path) -> None:
    course, student = copy_of(graded, tmp_path / "course"), "all-right"
    again = ("autograde", ASSIGNMENT, "--student", student, "--force")
    commands.nbgrader(course, *again, env={"COURSE_STOCK": stock})
    known = cells.by_grade_id(cells.read_notebook(course.executed(student, NAME)))
    ran = {name for name, cell in known.items() if cell.get("outputs")}
    assert {"see-a-network", "see-the-growth"} <= ran
    assert not {"measure-steps", "plot-steps"} & ran
    with Gradebook(f"sqlite:///{course.gradebook}", "deep-learning") as gradebook:
        assert gradebook.find_submission(ASSIGNMENT, student).score == 9


def test_export(graded: Course) -> None:
    commands.nbgrader(graded, "export")
    with (graded.root / "grades.csv").open(encoding="utf-8") as file:
        scores = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert scores == {"all-right": 9, "exponent-three": 7}


def test_nbgrader_and_course_give_the_same_scores(graded: Course, tmp_path: Path) -> None:
    course = copy_of(graded, tmp_path / "course")
    done = run_course(course, "grade")
    shown = {
        line.split()[0]: line.split()[1:3] for line in done.stdout.splitlines() if line.split()
    }
    assert shown["all-right"] == ["9", "9"]
    assert shown["exponent-three"] == ["7", "7"]


def test_validate_accepts_the_solution(graded: Course) -> None:
    path = graded.submitted / "all-right" / ASSIGNMENT / f"{NAME}.ipynb"
    assert "Success! Your notebook passes all the tests." in validate(graded, path)


def test_validate_refuses_the_untouched_release(graded: Course) -> None:
    said = validate(graded, graded.release / f"{NAME}.ipynb")
    assert "VALIDATION FAILED ON 4 CELL(S)" in said  # three tests and the text answer
    assert "Not filled in yet: parameter_count. Go to the cell that defines it," in said


def validate(course: Course, path: Path) -> str:
    """What `nbgrader validate` says; it runs where the handouts are."""
    released = course.release / f"check-{path.name}"
    released.write_bytes(path.read_bytes())
    try:
        return commands.nbgrader(course, "validate", str(released))
    finally:
        released.unlink()


@pytest.fixture
def jupyter(graded: Course, tmp_path: Path) -> Iterator[str]:
    """The address of a real JupyterLab in the course directory, which needs a token."""
    with serve(graded, tmp_path) as url:
        yield url


def test_formgrader(jupyter: str) -> None:
    page = fetch(f"{jupyter}/formgrader/manage_assignments")
    assert "formgrader" in page
    assignments = json.loads(fetch(f"{jupyter}/formgrader/api/assignments"))
    (assignment,) = assignments
    assert assignment["name"] == ASSIGNMENT
    assert assignment["num_submissions"] == 2
    assert assignment["max_score"] == 15
    submissions = json.loads(fetch(f"{jupyter}/formgrader/api/submissions/{ASSIGNMENT}"))
    assert {row["student"]: row["score"] for row in submissions} == {
        "all-right": 9,
        "exponent-three": 7,
    }
    assert all(row["needs_manual_grade"] for row in submissions)
