"""The teacher's notebook as grading has it: cells from the gradebook, the rest from its file."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from nbformat.notebooknode import from_dict
from nbgrader import api
from nbgrader.utils import compute_checksum

from grader.notebooks import imports, skipped
from grader.notebooks.cells import is_test
from grader.notebooks.names import NO_NAMES, Names
from grader.notebooks.names import names as names_of

_BINDING = re.compile(
    r"^(?:async +)?(?:def|class) +(\w+)|^(\w+) *(?::[^=]*)?=(?!=)|^from +([\w.]+) +import +(.*)",
    re.MULTILINE,
)


@dataclass(frozen=True)
class SourceCell:
    """A cell that nbgrader knows. `source` holds hidden tests, and stubs in place of solutions.

    `points` is the most that the cell can get, 0 where it is not graded.
    """

    name: str
    cell_type: str  # "code" or "markdown"
    source: str
    locked: bool
    checksum: str | None
    grade: bool
    solution: bool
    task: bool
    points: float

    @property
    def is_test(self) -> bool:
        """Whether the cell is graded by running it."""
        return self.grade and not self.solution

    @property
    def restored(self) -> bool:
        """Whether the student's text of the cell does not count."""
        return self.locked or self.is_test

    def checksum_of(self, text: str) -> str:
        """nbgrader's checksum of the cell with this text in it, which has no half surrogates."""
        names = ("grade", "solution", "locked", "points")
        about = {"grade_id": self.name, **{name: getattr(self, name) for name in names}}
        cell = {"cell_type": self.cell_type, "source": text, "metadata": {"nbgrader": about}}
        return str(compute_checksum(from_dict(cell)))


@dataclass(frozen=True)
class Layout:
    """What only the teacher's notebook says, not the gradebook.

    `order`: the names of its cells as they stand; `prose`: the texts of the cells that nbgrader
    does not know; `names`: what its code binds; `skipped`: the given cells that grading need
    not run, each with the names that it changes; `modules`: what its code imports, also by way of
    the modules beside it.
    """

    order: tuple[str, ...] = ()
    prose: frozenset[str] = frozenset()
    names: Names = NO_NAMES
    skipped: tuple[tuple[str, frozenset[str]], ...] = ()
    modules: tuple[str, ...] = ()


NO_LAYOUT = Layout()  # of a notebook that is not there


@dataclass(frozen=True)
class SourceNotebook:
    """The cells of a notebook that nbgrader knows, in order.

    `layout` is what the gradebook does not keep, where it is known.
    """

    name: str
    cells: tuple[SourceCell, ...]
    kernelspec: dict[str, Any] | None
    layout: Layout = NO_LAYOUT


def source_notebook(
    gradebook: api.Gradebook,
    assignment: str,
    notebook: str,
    layout: Layout = NO_LAYOUT,
) -> SourceNotebook:
    """The teacher's notebook as `nbgrader generate_assignment` saved it.

    `layout` gives what the database does not keep, such as the order of the cells: after an edit,
    new cells come last. Raises nbgrader's MissingEntry.
    """
    found = gradebook.find_notebook(notebook, assignment)
    points = {cell.name: float(cell.max_score) for cell in found.grade_cells}
    task_points = {cell.name: float(cell.max_score) for cell in found.task_cells}
    solutions = {cell.name for cell in found.solution_cells}
    is_sqlite = gradebook.engine.dialect.name == "sqlite"
    saved = gradebook.db.scalars(
        sa.select(api.SourceCell)
        .where(api.SourceCell.notebook_id == found.id)
        # In the order in which they were saved, where the database knows that; the layout counts.
        .order_by(*([sa.text("source_cell.rowid")] if is_sqlite else [api.SourceCell.name]))
    )
    cells = [
        SourceCell(
            name=cell.name,
            cell_type=cell.cell_type,
            source=cell.source or "",
            locked=cell.locked,
            checksum=cell.checksum,
            grade=cell.name in points,
            solution=cell.name in solutions,
            task=cell.name in task_points,
            points=points.get(cell.name, task_points.get(cell.name, 0.0)),
        )
        for cell in saved
    ]
    rank = {name: number for number, name in enumerate(layout.order)}
    cells.sort(key=lambda cell: rank.get(cell.name, len(rank)))
    return SourceNotebook(
        name=notebook,
        cells=tuple(cells),
        kernelspec=json.loads(found.kernelspec or "null") or None,
        layout=layout,
    )


def read_layout(path: Path) -> Layout:
    """What the teacher's notebook in `path` holds, as far as it is there and can be read."""
    try:
        cells = json.loads(path.read_bytes())["cells"]
        known = [(cell["metadata"].get("nbgrader"), cell) for cell in cells]
        code = [
            (about, _text(cell))
            for about, cell in known
            if about and cell.get("cell_type") == "code"
        ]
        given = [
            text for about, text in code if not about.get("grade") and not about.get("solution")
        ]
        own = [
            _text(cell) for cell in cells if cell.get("cell_type") == "code" and not is_test(cell)
        ]
        return Layout(
            order=tuple(name for about, _ in known if about and (name := about.get("grade_id"))),
            prose=frozenset(
                text for about, cell in known if about is None and (text := _text(cell).strip())
            ),
            names=names_of(given, [text for about, text in code if about.get("solution")]),
            skipped=_skipped(cells),
            modules=imports.of_sources(own, path.parent).modules,
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return NO_LAYOUT


def _skipped(cells: list[dict[str, Any]]) -> tuple[tuple[str, frozenset[str]], ...]:
    """The cells that need not run, unless a cell of the teacher's own needs one after all."""
    steps = skipped.teachers_steps(cells)
    if skipped.needs(steps):  # `course check` says so
        return ()
    return tuple((step.name, step.changes) for step in steps if step.changes is not None)


def _text(cell: dict[str, Any]) -> str:
    return "".join(cell.get("source", ""))


def bound_names(cells: Iterable[str]) -> list[str]:
    """The names that the texts of some cells bind at their top; `module.*` for a star import."""
    found: set[str] = set()
    for defined, assigned, module, taken in _BINDING.findall("\n".join(cells)):
        names = [f"{module}.*"] if taken.startswith("*") else _words(taken)
        found.update(names if module else [defined or assigned])
    return sorted(found)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text)
