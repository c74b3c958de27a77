"""Cases 1 to 6: the notebook's structure and metadata."""

from copy import deepcopy

from nbformat import NotebookNode

from tests.hostile.case import FIRST, NOTHING, SECOND, THIRD, Case, cell, code, tests_of, wrong


def _skip(notebook: NotebookNode) -> None:
    for test in tests_of(notebook):
        test.metadata.tags = ["skip-execution", "raises-exception"]


def _delete(notebook: NotebookNode) -> None:
    for test in tests_of(notebook):
        notebook.cells.remove(test)


def _copy(notebook: NotebookNode) -> None:
    """The copy is emptied: nothing in it could fail."""
    for test in tests_of(notebook):
        copy = deepcopy(test)
        copy.source = ""
        notebook.cells.insert(notebook.cells.index(test) + 1, copy)


def _copy_and_empty(notebook: NotebookNode) -> None:
    _copy(notebook)
    tests_of(notebook)[0].source = ""


def _move_up(notebook: NotebookNode) -> None:
    for test in tests_of(notebook):
        notebook.cells.remove(test)
        notebook.cells.insert(1, test)


def _break_metadata(notebook: NotebookNode) -> None:
    cell(notebook, FIRST).metadata.nbgrader = {}
    cell(notebook, SECOND).metadata.nbgrader.schema_version = 99
    cell(notebook, THIRD).metadata.nbgrader.schema_version = "?"
    notebook.cells[0].metadata.nbgrader = {}


def _want_more(notebook: NotebookNode) -> None:
    first, second, third = tests_of(notebook)
    first.metadata.nbgrader.update(points=1000, checksum="0")
    second.metadata.nbgrader.update(grade=False, points=float("nan"))
    third.metadata.nbgrader.update(solution=True, locked=False)
    third.source = "1000.0"
    cell(notebook, "growth-exponent").metadata.nbgrader.update(grade=True, points=1000)


def _turn_to_text(notebook: NotebookNode) -> None:
    for test in tests_of(notebook):
        test.cell_type = "markdown"
        for key in ("outputs", "execution_count"):
            test.pop(key, None)


STRUCTURE = [
    Case("skips-the-tests-by-a-tag", 1, wrong(edit=_skip), NOTHING),
    Case(
        "deletes-the-tests",
        2,
        code(edit=_delete),
        told=(f"The test cell {FIRST} was missing; it was put back and run",),
    ),
    Case(
        "deletes-the-tests-of-wrong-code",
        2,
        wrong(edit=_delete),
        NOTHING,
        told=(f"{SECOND} was missing",),
    ),
    Case(
        "copies-the-tests",
        3,
        code(edit=_copy),
        told=(f"{FIRST} was there 2 times; the first one counts",),
    ),
    Case(
        "copies-and-empties-the-tests",
        3,
        wrong(edit=_copy_and_empty),
        NOTHING,
        told=(f"{SECOND} was there 2 times",),
    ),
    Case(
        "moves-the-tests-up",
        4,
        code(edit=_move_up),
        told=(f"The test cell {FIRST} had been moved; it was put back",),
    ),
    Case(
        "breaks-the-metadata",
        5,
        code(edit=_break_metadata),
        told=(f"The test cell {FIRST} had lost its nbgrader metadata; it was recognised",),
    ),
    Case("wants-a-thousand-points", 6, wrong(edit=_want_more), NOTHING),
    Case(
        "turns-the-tests-to-text",
        6,
        wrong(edit=_turn_to_text),
        NOTHING,
        told=(f"The test cell {THIRD} was no code cell any more",),
    ),
]
