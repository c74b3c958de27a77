"""The small course whose gradebook knows the assignment, made once."""

import pytest

from grader import nbgrader_run
from grader.course import Course
from tests.courses import copy_of


@pytest.fixture(scope="session")
def known(released: Course, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course whose gradebook knows the assignment and no student."""
    course = copy_of(released, tmp_path_factory.mktemp("known") / "course")
    nbgrader_run.generate(course, with_gradebook=True)
    return course
