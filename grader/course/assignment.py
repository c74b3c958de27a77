"""The cells of an assignment that nbgrader knows, and their points, by its teacher notebooks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from grader.basics.kept import Kept
from grader.course.directory import Course
from grader.notebooks import cells
from grader.notebooks.cells import Kind


@dataclass(frozen=True)
class Cell:
    """A cell that nbgrader knows: learner's code, its test, or what a person grades.

    That is an answer, or a task: a text of the teacher's that asks for anything in the notebook.
    """

    grade_id: str
    kind: Kind | Literal["task"]
    points: float = 0


def read(course: Course) -> dict[str, tuple[Cell, ...]]:
    """The cells of each notebook, in their order; raises UserError for what is no notebook."""
    return {path.stem: _of_notebook(path) for path in course.notebooks()}


def cells_of(course: Course, notebook: str) -> tuple[Cell, ...]:
    """The cells of one notebook; none if it is not there. Raises UserError if it is none."""
    path = course.source / f"{notebook}.ipynb"
    return _of_notebook(path) if path.is_file() else ()


_kept: Kept[tuple[Cell, ...]] = Kept()  # a command asks for each answer of a bank


def _of_notebook(path: Path) -> tuple[Cell, ...]:
    return _kept.get(path, lambda: tuple(_cells(path)))


def _cells(path: Path) -> Iterator[Cell]:
    for cell in cells.read_notebook(path).cells:
        name, kind = cells.grade_id(cell), _kind(cell)
        if name is not None and kind is not None:
            yield Cell(name, kind, cells.points(cell))


def _kind(cell: Mapping[str, Any]) -> Kind | Literal["task"] | None:
    return "task" if cells.about(cell).get("task") else cells.kind(cell)


def foreign_language(course: Course, notebook: str) -> str:
    """The language of a notebook that is not in Python, by what its file says; else ""."""
    about = cells.read_notebook(course.source / f"{notebook}.ipynb").metadata
    kernel, language = about.get("kernelspec") or {}, about.get("language_info") or {}
    name = str(kernel.get("language") or language.get("name") or "python")
    return "" if name.lower().startswith(("python", "ipython")) else name


def points(course: Course) -> dict[str, float]:
    """The most points of each notebook."""
    return {name: sum(cell.points for cell in own) for name, own in read(course).items()}
