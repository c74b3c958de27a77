"""What the gradebook knows of a teacher's notebook: its cells, points and kernel."""

import json
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from nbgrader import api

from grader.notebooks.cells import grade_id

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


@dataclass(frozen=True)
class SourceNotebook:
    """The cells of a notebook that nbgrader knows, in order.

    `prose` are the texts of the others, where they are known.
    """

    name: str
    cells: tuple[SourceCell, ...]
    kernelspec: dict[str, Any] | None
    prose: frozenset[str] = frozenset()


def source_notebook(
    gradebook: api.Gradebook,
    assignment: str,
    notebook: str,
    order: Sequence[str] = (),
    prose: Iterable[str] = (),
) -> SourceNotebook:
    """The teacher's notebook as `nbgrader generate_assignment` saved it.

    `order` gives the cells' names as they stand in the notebook, for the database keeps no
    order: after an edit, new cells come last. Nor does it keep `prose`, the texts of cells that
    nbgrader does not know. Raises nbgrader's MissingEntry.
    """
    found = gradebook.find_notebook(notebook, assignment)
    points = {cell.name: float(cell.max_score) for cell in found.grade_cells}
    task_points = {cell.name: float(cell.max_score) for cell in found.task_cells}
    solutions = {cell.name for cell in found.solution_cells}
    saved = gradebook.db.scalars(
        sa.select(api.SourceCell)
        .where(api.SourceCell.notebook_id == found.id)
        .order_by(sa.text("source_cell.rowid"))
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
    rank = {name: number for number, name in enumerate(order)}
    cells.sort(key=lambda cell: rank.get(cell.name, len(rank)))
    return SourceNotebook(
        name=notebook,
        cells=tuple(cells),
        kernelspec=json.loads(found.kernelspec or "null") or None,
        prose=frozenset(prose),
    )


def cell_order(path: Path) -> list[str]:
    """The names of the cells as they stand in the teacher's notebook, as far as it is there."""
    with suppress(OSError, ValueError):
        cells = json.loads(path.read_bytes())["cells"]
        return [name for cell in cells if (name := grade_id(cell))]
    return []


def prose(path: Path) -> list[str]:
    """The texts of the cells in the teacher's notebook that nbgrader does not know."""
    with suppress(OSError, ValueError):
        cells = json.loads(path.read_bytes())["cells"]
        texts = ("".join(cell["source"]) for cell in cells if "nbgrader" not in cell["metadata"])
        return [text.strip() for text in texts if text.strip()]
    return []


def bound_names(cells: Iterable[str]) -> list[str]:
    """The names that the texts of some cells bind at their top; `module.*` for a star import."""
    found: set[str] = set()
    for defined, assigned, module, imported in _BINDING.findall("\n".join(cells)):
        names = [f"{module}.*"] if imported.startswith("*") else _words(imported)
        found.update(names if module else [defined or assigned])
    return sorted(found)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text)
