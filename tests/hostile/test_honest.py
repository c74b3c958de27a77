"""What honest people do in their notebooks costs nothing and is called nothing."""

from collections.abc import Iterator

import pytest

from grader.course.directory import Course
from tests.hostile.case import Case
from tests.hostile.grading import SANDBOXES, Graded, grade, problems
from tests.hostile.honest import HABITS
from tests.hostile.world import world
from tests.lacking import lacks

# For what is slow on a busy machine: pip, and the traceback of three thousand calls.
SETTINGS = "\nc.SandboxedExecute.timeout = 300\nc.SandboxedExecute.notebook_seconds = 400\n"


@pytest.fixture(scope="module", params=SANDBOXES)
def graded(request: pytest.FixtureRequest, released: Course) -> Iterator[Graded]:
    """The class after one run in each sandbox."""
    with world(released, SETTINGS) as made:
        result = grade(made, request.param, HABITS, "--no-feedback")
        if "No sandbox holds" in result.done.stderr:
            lacks(request.param, f"the {request.param} sandbox cannot be had here")
        yield result


@pytest.mark.parametrize("case", HABITS, ids=lambda case: case.student)
def test_a_habit_costs_nothing_and_is_called_nothing(case: Case, graded: Graded) -> None:
    assert problems(case, graded) == []
    run = graded.run(case.student)
    assert (run["reason"], run["details"]) == ("", "{}")


def test_a_class_of_habits_needs_nobodys_attention(graded: Graded) -> None:
    assert graded.done.returncode == 0, graded.done.stdout
    assert graded.harm == []
