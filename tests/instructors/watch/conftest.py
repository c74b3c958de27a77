"""A course whose gradebook knows the assignment, copied for each test."""

from pathlib import Path

import pytest

from grader.course.directory import Course
from tests.courses import copy_of, run_course
from tests.instructors.watch.watching import submit


@pytest.fixture(scope="module")
def graded(released: Course, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course with one student, who was graded by `course grade`; tests only read it."""
    course = copy_of(released, tmp_path_factory.mktemp("graded") / "course")
    submit(course, "earlier")
    assert run_course(course, "grade").returncode == 0
    return course


@pytest.fixture
def course(released: Course, tmp_path: Path) -> Course:
    """A course in which nobody has handed in."""
    return copy_of(released, tmp_path / "course")
