"""All cases, and the honest students between them."""

from collections.abc import Callable

import nbformat

from tests.courses import filled_in
from tests.hostile.bridge import BRIDGE
from tests.hostile.case import NAME, TEXT, cell, code, write_file, wrong
from tests.hostile.endings import TIME
from tests.hostile.files import FILES_
from tests.hostile.outside import OUTSIDE
from tests.hostile.resources import RESOURCES
from tests.hostile.structure import STRUCTURE
from tests.hostile.tricks import TRICKS
from tests.hostile.world import World

CASES = [*STRUCTURE, *TIME, *RESOURCES, *OUTSIDE, *FILES_, *TRICKS, *BRIDGE]


def _secret_text(world: World, student: str) -> None:
    notebook = filled_in(world.course, NAME)
    cell(notebook, TEXT).source = f"My own words: {world.secret}"
    write_file(world, student, nbformat.v4.writes(notebook))


# Sorted between the others: their grades are those they get alone.
HONEST: dict[str, Callable[[World, str], None]] = {
    "answers-rightly": code(),
    "does-the-first-half": code(growth_exponent="growth_exponent = 3"),
    "honest-and-wrong": wrong(),
    "kept-it-short": code(explain_complexity="Four times."),
    "prints-a-lot": code("print('so far so good\\n' * 100)"),
    "q-raises-an-error": code(growth_exponent="growth_exponent = 1 / 0"),
    "victim": _secret_text,
    "zealous": code("x = sum(range(100_000))"),
}
