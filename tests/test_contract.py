"""The teacher notebooks keep the names that answers, tests and other tools rely on."""

from grader.course import assignment
from tests.contract import CONTRACT, POINTS
from tests.courses import COURSE


def test_the_cells_of_the_notebooks_keep_their_names_kinds_and_points() -> None:
    assert assignment.read(COURSE) == CONTRACT


def test_the_points_of_the_notebooks() -> None:
    assert POINTS == {"1-complexity": 15, "2-tanh": 30, "3-backprop": 15, "4-svhn": 40}
    assert assignment.points(COURSE) == POINTS
