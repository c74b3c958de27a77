"""From an empty course directory to feedback that a student reads, by the formgrader's buttons."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.utils import get_username
from playwright.sync_api import Browser, expect

from grader.course.directory import Course
from grader.nbgrader_app.commands import LITTER
from tests import chromium
from tests.browser.formgrader import COURSE_ID, Formgrader, as_student, set_exchange
from tests.browser.lab import quiet
from tests.courses import ASSIGNMENT, COURSE, filled_in
from tests.jupyter_server import serve

COMMENT = "Say also why each pass gets longer. 층이 늘면 어떻게 되나요?"
POINTS = 4.5


@dataclass
class Term:
    """A course that was just fetched, the exchange, and a student's home."""

    course: Course
    exchange: Path
    student_home: Path
    formgrader: Formgrader


@pytest.fixture(scope="module")
def term(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Term]:
    course = Course(tmp_path_factory.mktemp("course"), ASSIGNMENT)
    shutil.copytree(COURSE.source, course.source, ignore=LITTER)
    shutil.copy(COURSE.config, course.root)
    exchange = tmp_path_factory.mktemp("exchange")
    teacher, student = tmp_path_factory.mktemp("teacher"), tmp_path_factory.mktemp("student")
    for home in (teacher, student):
        set_exchange(home, exchange)
    quiet(teacher)
    with serve(course, teacher) as url, chromium.windows(browser) as windows:
        yield Term(course, exchange, student, Formgrader.open(windows.new_page(), url))


def test_from_an_empty_directory_to_feedback(term: Term) -> None:
    course, formgrader = term.course, term.formgrader

    # Hand out.
    formgrader.press("assign")
    assert {p.name for p in course.release.iterdir()} == {p.name for p in COURSE.release.iterdir()}
    formgrader.press("release")
    expect(formgrader.frame.locator("#main-table td.status")).to_have_text("released")

    # A student hands in two of the four notebooks, one of them with a wrong answer.
    as_student(term.student_home, "fetch_assignment", ASSIGNMENT)
    work = term.student_home / ASSIGNMENT
    wrong = {"growth-exponent": "growth_exponent = 3", "explain-complexity": "It takes longer."}
    nbformat.write(filled_in(course, "1-complexity", **wrong), work / "1-complexity.ipynb")
    nbformat.write(filled_in(course, "3-backprop"), work / "3-backprop.ipynb")
    for name in ("2-tanh", "4-svhn"):
        (work / f"{name}.ipynb").unlink()
    as_student(term.student_home, "submit", ASSIGNMENT)

    # Collect and grade.
    formgrader.press("collect")
    formgrader.follow("1")
    formgrader.is_at(ASSIGNMENT)
    expect(formgrader.frame.locator("td.status")).to_have_text("needs autograding")
    formgrader.press("autograde")
    expect(formgrader.frame.locator("td.status")).to_have_text("needs manual grading")
    expect(formgrader.frame.locator("td.score")).to_have_text("15 / 100")

    # Grade an explanation by hand.
    formgrader.follow("Manual Grading", ASSIGNMENT, "1-complexity", "Submission #1")
    formgrader.give("explain-complexity", f"{POINTS}", COMMENT)

    # Feedback.
    formgrader.follow("Manual Grading", "Manage Assignments")
    formgrader.press("generate-feedback")
    formgrader.press("release-feedback")

    with closing(Gradebook(f"sqlite:///{course.gradebook}", COURSE_ID)) as gradebook:
        notebook = gradebook.find_submission_notebook("1-complexity", ASSIGNMENT, get_username())
        grades = {grade.name: grade.score for grade in notebook.grades}
        assert grades == {
            "test-parameter-count": 3,
            "test-step-multiplications": 4,
            "test-growth-exponent": 0,
            "explain-complexity": POINTS,
        }
        (comment,) = (c for c in notebook.comments if c.name == "explain-complexity")
        assert comment.comment == COMMENT
        assert not notebook.needs_manual_grade

    # The student reads it.
    as_student(term.student_home, "fetch_feedback", ASSIGNMENT)
    (page,) = (work / "feedback").rglob("1-complexity.html")
    assert COMMENT in page.read_text(encoding="utf-8")
