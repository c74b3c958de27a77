"""Code that a student added to a cell that is put back as it was: it does not run.

That is right, for given cells and tests are the teacher's. But the student must hear of it, and a
person, too, where the work may need that code.
"""

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from nbformat import NotebookNode

from grader.notebooks import cells, regions, skipped
from grader.notebooks.names import bound_by, statements
from grader.notebooks.source import SourceCell, SourceNotebook
from grader.submissions.match_cells import kind

_MOST = 50_000  # characters of a cell that are looked at
_MOST_NAMES = 3  # are named in a sentence


@dataclass(frozen=True)
class LostCode:
    """What was added to one of the source's cells: the names that it binds, which the cell as it
    was given does not.
    """

    cell: SourceCell
    binds: frozenset[str]


def find(
    source: SourceNotebook, places: Mapping[str, list[int]], given: Sequence[NotebookNode]
) -> list[LostCode]:
    """The code that was added to cells that are restored.

    Statements count, not how they are written. One that was only changed is not told of: students
    try other numbers, and a newer release may have changed it.
    """
    found = []
    for cell in source.cells:
        if not cell.restored or cell.cell_type != "code":
            continue
        text = regions.without(cell.source)
        changed = [
            place
            for place in places[cell.name]
            if given[place].cell_type == "code" and given[place].source.strip() != text.strip()
        ]
        if not changed:  # to parse takes time, and most are as they were
            continue
        known = _parsed(text)
        names = _bound(known.values())
        for place in changed:
            there = _parsed(given[place].source)
            added = [node for does, node in there.items() if does not in known]
            missing = known.keys() - there.keys()
            binds = _bound(added) - names
            if binds or len(added) > len(missing):
                found.append(LostCode(cell, binds))
                break
    return found


def note(lost: LostCode) -> str:
    """What to tell the student."""
    return (
        f"The {kind(lost.cell)} {lost.cell.name} had code in it that was not given; it was put "
        "back as it was, so that code did not run. Write your code into the cells for your "
        "answers, or into cells of your own."
    )


def doubts(
    found: Sequence[LostCode], made: Sequence[NotebookNode], source: SourceNotebook
) -> list[str]:
    """What to tell the instructor: where the work lacks a name that only such code binds.

    `made` are the cells that run.
    """
    if not any(lost.binds for lost in found):
        return []
    code = [cell for cell in made if cell.cell_type == "code" and not cells.is_test(cell)]
    stubs = {cell.name: cell.source for cell in source.cells if cell.solution}
    work, there = [], set[str]()
    for cell in code:
        name = cells.grade_id(cell) or ""
        if name in stubs and cell.source.strip() == stubs[name].strip():
            continue  # it binds nothing but what is to be written
        there |= _bound(_parsed(cell.source).values())
        if name in stubs or not name:
            work.append(skipped.Step(name, cell.source))
    asked_for = {*source.layout.names.learners}
    asked_for |= _bound(node for text in stubs.values() for node in _parsed(text).values())
    said = []
    for lost in found:
        gone = lost.binds - there
        step = skipped.Step(lost.cell.name, "", changes=gone)
        used = {need.name for need in skipped.needs([step, *work])}
        if names := sorted(gone & (asked_for | used)):
            shown = ", ".join(names[:_MOST_NAMES])
            said.append(
                f"The work needs {shown}, which only code that was added to the {kind(lost.cell)} "
                f"{lost.cell.name} makes. That cell was put back as it was, so that code did not "
                "run. Look whether the points that this cost are fair."
            )
    return said


def _parsed(source: str) -> dict[str, ast.stmt]:
    """The statements of a cell, each by what it does; none where it is no Python."""
    if len(source) > _MOST:
        return {}
    try:
        return {ast.dump(node): node for node in statements(source)}
    except (RecursionError, MemoryError):
        return {}


def _bound(nodes: Iterable[ast.stmt]) -> frozenset[str]:
    return frozenset().union(*map(bound_by, nodes)) - {"*", "_"}
