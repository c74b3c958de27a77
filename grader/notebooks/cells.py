"""Read notebooks, and tell apart what a student sees in a cell and what is the teacher's."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import nbformat.reader
from nbformat import NotebookNode

from grader.basics.errors import UserError
from grader.notebooks import regions

Kind = Literal["solution", "test", "manual"]

# How the parts of a manually graded cell begin.
MODEL_ANSWER, RUBRIC = "**A model answer", "**Rubric"


def read_notebook(path: Path) -> NotebookNode:
    """The notebook in `path` as it is; raises UserError if it is none.

    nbformat.read would put new ids in the place of those that are there twice.
    """
    try:
        notebook = nbformat.reader.reads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{path} is missing.") from None
    except Exception as error:  # nbformat raises many kinds
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise UserError(f"{path} cannot be read as a notebook: {first[:200]}") from None
    if notebook.get("nbformat") != 4 or not isinstance(notebook.get("cells"), list):
        raise UserError(f"{path} is no notebook of format 4.")
    return notebook


def about(cell: Mapping[str, Any]) -> Mapping[str, Any]:
    """What nbgrader's metadata say of the cell; empty where they are missing or no table."""
    found = cell["metadata"].get("nbgrader")
    return found if isinstance(found, dict) else {}


def grade_id(cell: Mapping[str, Any]) -> str | None:
    """The name that nbgrader knows the cell by."""
    name = about(cell).get("grade_id")
    return name if isinstance(name, str) else None


def kind(cell: Mapping[str, Any]) -> Kind | None:
    """What the cell is to nbgrader; None for prose and for code that is given."""
    is_answer = about(cell).get("solution")
    if about(cell).get("grade"):
        return "manual" if is_answer else "test"
    return "solution" if is_answer else None


def is_test(cell: Mapping[str, Any]) -> bool:
    """Whether the cell is code that tests what students wrote."""
    return cell["cell_type"] == "code" and kind(cell) == "test"


def points(cell: Mapping[str, Any]) -> float:
    """The points in nbgrader's metadata; 0 where they are missing or no number."""
    found = about(cell).get("points", 0)
    return found if isinstance(found, (int, float)) else 0


def by_grade_id(notebook: NotebookNode) -> dict[str, NotebookNode]:
    """The cells that nbgrader knows, by name."""
    return {name: cell for cell in notebook.cells if (name := grade_id(cell)) is not None}


# A line that looks like a marker, and that nbgrader would leave where it is.
_LIKE_A_MARKER = re.compile(
    r"^\s*#+\s*(begin|end)[\s_-]+(solution|hidden|test|mark)", re.IGNORECASE
)


@dataclass(frozen=True)
class Parts:
    """The lines of a cell: those that students see, and those that only teachers do."""

    visible: list[str]
    solution: list[str]
    hidden: list[str]
    problems: list[str]


def parts(cell: NotebookNode) -> Parts:
    """The lines of `cell`, sorted; the marker lines are in none of the lists."""
    found = Parts([], [], [], [*_misplaced(cell.source)])
    for line in regions.lines(cell.source):
        if line.is_marker:
            continue
        if cell.cell_type == "code" and _LIKE_A_MARKER.search(line.text):
            found.problems.append(
                f"line {line.number}: {line.text.strip()!r} is no marker that nbgrader knows"
            )
        if line.inside is None:
            found.visible.append(line.text)
        else:
            (found.solution if line.inside == "SOLUTION" else found.hidden).append(line.text)
    if kind(cell) == "manual" and not found.solution:
        # nbgrader replaces the whole cell: all of it is model answer and rubric.
        return Parts([], found.visible, found.hidden, found.problems)
    return found


def _misplaced(source: str) -> Iterator[str]:
    """What is wrong with the markers of a cell: how they are written, and where they stand."""
    inside: str | None = None
    for marker in regions.markers(source):
        where = f"line {marker.number}: "
        # A solution may stand within a function.
        text = marker.text.lstrip(" ") if marker.kind == "SOLUTION" else marker.text
        if text != marker.written:
            yield f"{where}{marker.text.strip()!r} must be written {marker.written!r}"
        if marker.begins:
            if inside is not None:
                yield f"{where}{marker.kind} begins inside {inside}"
            inside = marker.kind
        else:
            if inside != marker.kind:
                yield f"{where}{marker.kind} ends but has not begun"
            inside = None
    if inside is not None:
        yield f"{inside} begins and never ends"


def has_rubric(source: str) -> bool:
    """Whether a manually graded cell has both a model answer and a rubric."""
    return source.startswith(MODEL_ANSWER) and f"\n{RUBRIC}" in source


def model_and_rubric(path: Path, name: str) -> tuple[str, str]:
    """The model answer and the rubric of a manually graded cell of the teacher notebook `path`.

    Raises UserError if they are not there.
    """
    cell = by_grade_id(read_notebook(path)).get(name)
    if cell is None:
        raise UserError(f"{path.name} has no cell {name}.")
    if not has_rubric(cell.source):
        raise UserError(f"The cell {name} of {path.name} has no model answer with a rubric.")
    rubric: str = RUBRIC + cell.source.partition(f"\n{RUBRIC}")[2]
    return reference(cell), rubric


def reference(cell: NotebookNode) -> str:
    """The teacher's solution to a cell as a student would have written it."""
    if kind(cell) == "manual":
        answer: str = cell.source.partition(f"\n{RUBRIC}")[0]
        return answer.removeprefix(MODEL_ANSWER).lstrip(" .*\n").rstrip()
    return without_markers(cell.source)


def without_markers(source: str) -> str:
    """The source without the lines that begin and end a region."""
    return "\n".join(line.text for line in regions.lines(source) if not line.is_marker)
