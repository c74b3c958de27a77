"""The command for authors, `course check`, on a course of one notebook."""

import shutil
from pathlib import Path

import nbformat
import pytest

from grader.course.directory import Course
from grader.notebooks import cells
from tests.courses import COURSE, copy_of, run_course

NAME = "1-complexity"


@pytest.fixture
def author(released: Course, tmp_path: Path) -> Course:
    """A course that an author may change: one notebook, and the bank of its answers."""
    course = copy_of(released, tmp_path / "author")
    shutil.copytree(COURSE.answers / NAME, course.answers / NAME)
    # The self-check's table is that of one notebook, too; the others are missed in vain.
    assert "handin.json: written anew" in run_course(course, "form", "--fix").stdout
    assert run_course(course, "release").returncode == 0
    return course


def change(course: Course, cell: str, old: str, new: str) -> None:
    path = course.source / f"{NAME}.ipynb"
    notebook = cells.read_notebook(path)
    found = cells.by_grade_id(notebook)[cell]
    assert found.source.count(old) == 1
    found.source = found.source.replace(old, new)
    nbformat.write(notebook, path)


@pytest.mark.slow("proof")
def test_says_that_there_is_nothing_to_do_and_then_what_an_edit_broke(author: Course) -> None:
    done = run_course(author, "check", NAME, "--quick", "--jobs", "1")
    lines = [line.split()[:2] for line in done.stdout.splitlines() if " ok " in line]
    steps = ["form", "release", "reference", "answers", "messages", "styles", "mutants"]
    assert lines == [[step, "ok"] for step in steps], done.stdout + done.stderr
    assert "check: nothing to do" in done.stdout
    assert done.returncode == 0

    # A hidden test that lets more through: the release is the same, and the solution passes.
    change(author, "test-growth-exponent", "power == 2,", "power >= 2,")
    assert run_course(author, "form", NAME, "--fix").returncode == 0
    done = run_course(author, "check", NAME, "--quick", "--jobs", "1")
    assert done.returncode == 1
    assert "release      ok" in done.stdout
    assert "reference    ok" in done.stdout
    assert "answers      NO" in done.stdout
    assert "wrong/factor-as-exponent, test-growth-exponent: expected 0, got 2" in done.stdout
    assert "- answers: decide for each what is right" in done.stdout
    assert not done.stderr
    done = run_course(author, "mutants", f"{NAME}/growth-exponent", "--jobs", "1")
    assert done.returncode == 1
    assert "SURVIVED: no test sees this change" in done.stdout
    assert "+ growth_exponent = 3" in done.stdout


def test_stops_where_the_form_is_wrong(author: Course) -> None:
    change(author, "test-growth-exponent", "Check(points=2)", "Check(points=3)")
    done = run_course(author, "check", NAME)
    assert done.returncode == 1
    assert "form         NO" in done.stdout
    assert "- form: run `course form --fix`" in done.stdout
    assert "release" not in done.stdout


def test_stops_where_the_solution_fails(author: Course) -> None:
    change(author, "growth-exponent", "growth_exponent = 2", "growth_exponent = 3")
    assert run_course(author, "form", NAME, "--fix").returncode == 0
    assert run_course(author, "release").returncode == 0
    done = run_course(author, "check", NAME, "--quick", "--jobs", "1")
    assert done.returncode == 1
    assert "reference    NO" in done.stdout
    assert "growth_exponent = 3 would mean" in done.stdout
    assert "mutants" not in done.stdout
    assert not done.stderr
