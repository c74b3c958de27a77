"""The small course whose gradebook knows the assignment, made once."""

import pytest

from grader.course.directory import Course
from grader.nbgrader_app import commands
from tests.courses import copy_of


@pytest.fixture(scope="session")
def known(released: Course, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course whose gradebook knows the assignment and no student."""
    course = copy_of(released, tmp_path_factory.mktemp("known") / "course")
    commands.generate(course, with_gradebook=True)
    return course
