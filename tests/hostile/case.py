"""What hostile, careless and unlucky students hand in, and what must become of it.

A submission that got hold of something prints "GOT ..." (see HELPERS). All are bounded by
themselves, too, and aim only at what `world` made for them: where a defence is broken, a test
fails, and nothing else.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any

import nbformat
from nbformat import NotebookNode

from grader.notebooks import cells
from tests.courses import ASSIGNMENT, filled_in, hand_in
from tests.hostile.world import World

NAME = "1-complexity"
FIRST, SECOND, THIRD = "test-parameter-count", "test-step-multiplications", "test-growth-exponent"
TEXT = "explain-complexity"
FULL: dict[str, float | None] = {FIRST: 3, SECOND: 4, THIRD: 2, TEXT: None}
NOTHING: dict[str, float | None] = {FIRST: 0, SECOND: 0, THIRD: 0, TEXT: None}
# What comes after the second test is lost.
LATER_LOST: dict[str, float | None] = {**FULL, THIRD: 0}
NO_SCORE: dict[str, float | None] = dict.fromkeys(FULL)

# In the source, no "GOT" stands before a space: so a traceback that shows the source is no find.
HELPERS = """
import os, sys, time
def got(*what): print("GO" + "T", *what, flush=True)
def attempt(what, action):
    try:
        result = action()
    except BaseException as error:
        print(what, "refused:", type(error).__name__)
    else:
        got(what, repr(result)[:100])
"""
RIGHT_COUNT = """
def parameter_count(hidden_depth, num_neuron, num_input, num_output):
    weights = num_input * num_neuron + (hidden_depth - 1) * num_neuron**2 + num_neuron * num_output
    return weights + hidden_depth * num_neuron + num_output
"""
# Each by itself, so that what one cell breaks costs only its own test.
RIGHT_STEP = """
def step_multiplications(hidden_depth, num_neuron, num_input, num_output):
    weights = num_input * num_neuron + (hidden_depth - 1) * num_neuron**2 + num_neuron * num_output
    return weights * (weights + hidden_depth * num_neuron + num_output + 1)
"""
WRONG = {
    "parameter-count": "def parameter_count(*size): return 1",
    "step-multiplications": "def step_multiplications(*size): return 1",
    "growth-exponent": "growth_exponent = 1",
}


@dataclass(frozen=True)
class Case:
    """One submission; `student` is named after what it does, `threat` is its number in the list.

    `told` are fragments of what the instructor is told of it; `attention`: whether `course grade`
    names it among what went wrong. `by_tier` are fields that are others in a tier.
    """

    student: str
    threat: int
    put: Callable[[World, str], None]
    scores: Mapping[str, float | None] = field(default_factory=lambda: FULL)
    status: str = "graded"
    told: tuple[str, ...] = ()
    attention: bool = False
    by_tier: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


Edit = Callable[[NotebookNode], Any]


def code(
    attack: str = "", *, count: str = RIGHT_COUNT, edit: Edit | None = None, **given: str
) -> Callable[[World, str], None]:
    """A right submission with an attack before the first solution, and cells `given` instead."""

    def put(world: World, student: str) -> None:
        first = dedent(attack)
        if first:
            first = f"{world.header()}{HELPERS}{first}"
        answers = {"parameter-count": first + count, "step-multiplications": RIGHT_STEP}
        answers |= {name.replace("_", "-"): dedent(text) for name, text in given.items()}
        notebook = filled_in(world.course, NAME, **answers)
        if edit is not None:
            edit(notebook)
        write_file(world, student, nbformat.v4.writes(notebook))

    return put


def wrong(attack: str = "", *, edit: Edit | None = None, **given: str) -> Callable[..., None]:
    """Like `code`, with wrong answers: whoever gets points, got them by the attack."""
    answers = {name.replace("-", "_"): text for name, text in WRONG.items()}
    count = answers.pop("parameter_count")
    return code(
        attack, count=given.pop("parameter_count", count), edit=edit, **{**answers, **given}
    )


def file(make: Callable[[NotebookNode], str | bytes]) -> Callable[[World, str], None]:
    """A file made from the right submission."""

    def put(world: World, student: str) -> None:
        notebook = filled_in(world.course, NAME, **{"step-multiplications": RIGHT_STEP})
        write_file(world, student, make(notebook))

    return put


def both(*puts: Callable[[World, str], None]) -> Callable[[World, str], None]:
    """One after the other."""

    def put(world: World, student: str) -> None:
        for each in puts:
            each(world, student)

    return put


def place(make: Callable[[World, Path], object]) -> Callable[[World, str], None]:
    """Something else than a file where the notebook should be; `make` makes it."""

    def put(world: World, student: str) -> None:
        path = path_of(world, student)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        make(world, path)

    return put


def path_of(world: World, student: str) -> Path:
    return world.course.submitted / student / ASSIGNMENT / f"{NAME}.ipynb"


def write_file(world: World, student: str, content: str | bytes) -> None:
    path = hand_in(world.course, student, NAME, "")
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def beside(**files: str) -> Callable[[World, str], None]:
    """Files beside the notebook: names with _ for the dot before py."""

    def put(world: World, student: str) -> None:
        for name, text in files.items():
            (path_of(world, student).parent / f"{name}.py").write_text(dedent(text))

    return put


def cell(notebook: NotebookNode, name: str) -> NotebookNode:
    return cells.by_grade_id(notebook)[name]


def tests_of(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell(notebook, name) for name in (FIRST, SECOND, THIRD)]
