"""A graded class, graded once."""

import pytest

from grader.course.directory import Course
from tests.courses import copy_of, penalise, run_course
from tests.instructors.feedback import world


@pytest.fixture(scope="session")
def class_(released: Course, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The class after `course grade`, a person's points, and `course grade`; tests only read it."""
    course = copy_of(released, tmp_path_factory.mktemp("pages") / "course")
    world.hand_in_all(course)
    penalise(course, "exponent-three", 1.0)
    done = run_course(course, "grade", "--no-feedback")
    assert done.returncode in (0, 1), done.stderr
    world.grade_by_hand(course)
    world.set_due_date(course)  # after the work was graded
    done = run_course(course, "grade")
    assert done.returncode in (0, 1), done.stderr
    return course
