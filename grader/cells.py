"""Read notebooks, and tell apart what a student sees in a cell and what is the teacher's."""

import re
from dataclasses import dataclass
from pathlib import Path

import nbformat.reader
from nbformat import NotebookNode

from grader.contract import Kind
from grader.course import CourseError

# How the parts of a manually graded cell begin.
MODEL_ANSWER, RUBRIC = "**A model answer", "**Rubric"

_REGION = re.compile(r"\b(BEGIN|END) (SOLUTION|HIDDEN TESTS|MARK SCHEME)\b")


def read_notebook(path: Path) -> NotebookNode:
    """The notebook in `path` as it is; raises CourseError if it is none.

    nbformat.read would put new ids in the place of those that are there twice.
    """
    try:
        notebook = nbformat.reader.reads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CourseError(f"{path} is missing.") from None
    except Exception as error:  # nbformat raises many kinds
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise CourseError(f"{path} cannot be read as a notebook: {first[:200]}") from None
    if notebook.get("nbformat") != 4 or not isinstance(notebook.get("cells"), list):
        raise CourseError(f"{path} is no notebook of format 4.")
    return notebook


def grade_id(cell: NotebookNode) -> str | None:
    """The name that nbgrader knows the cell by."""
    name = cell.metadata.get("nbgrader", {}).get("grade_id")
    return name if isinstance(name, str) else None


def kind(cell: NotebookNode) -> Kind | None:
    """What the cell is to nbgrader; None for prose and for code that is given."""
    about = cell.metadata.get("nbgrader", {})
    if about.get("grade"):
        return "manual" if about.get("solution") else "test"
    return "solution" if about.get("solution") else None


def by_grade_id(notebook: NotebookNode) -> dict[str, NotebookNode]:
    """The cells that nbgrader knows, by name."""
    return {name: cell for cell in notebook.cells if (name := grade_id(cell)) is not None}


_LIKE_A_MARKER = re.compile(r"^\s*#+\s*(begin|end)\s+(solution|hidden|test|mark)", re.IGNORECASE)


@dataclass(frozen=True)
class Parts:
    """The lines of a cell: those that students see, and those that only teachers do."""

    visible: list[str]
    solution: list[str]
    hidden: list[str]
    problems: list[str]


def parts(cell: NotebookNode) -> Parts:
    """The lines of `cell`, sorted; the marker lines are in none of the lists."""
    found = Parts([], [], [], [])
    inside: str | None = None
    for number, line in enumerate(cell.source.split("\n"), 1):
        marker = _REGION.search(line)
        if marker is None and cell.cell_type == "code" and _LIKE_A_MARKER.search(line):
            found.problems.append(
                f"line {number}: {line.strip()!r} is no marker that nbgrader knows"
            )
        if marker is None:
            if inside is None:
                found.visible.append(line)
            else:
                (found.solution if inside == "SOLUTION" else found.hidden).append(line)
            continue
        edge, region = marker.groups()
        if edge == "BEGIN":
            if inside is not None:
                found.problems.append(f"line {number}: {region} begins inside {inside}")
            inside = region
        else:
            if inside != region:
                found.problems.append(f"line {number}: {region} ends but has not begun")
            inside = None
    if inside is not None:
        found.problems.append(f"{inside} begins and never ends")
    if kind(cell) == "manual" and not found.solution:
        # nbgrader replaces the whole cell: all of it is model answer and rubric.
        return Parts([], found.visible, found.hidden, found.problems)
    return found


def has_rubric(source: str) -> bool:
    """Whether a manually graded cell has both a model answer and a rubric."""
    return source.startswith(MODEL_ANSWER) and f"\n{RUBRIC}" in source


def model_and_rubric(path: Path, name: str) -> tuple[str, str]:
    """The model answer and the rubric of a manually graded cell of the teacher notebook `path`.

    Raises CourseError if they are not there.
    """
    cell = by_grade_id(read_notebook(path)).get(name)
    if cell is None:
        raise CourseError(f"{path} has no cell {name}.")
    if not has_rubric(cell.source):
        raise CourseError(f"The cell {name} of {path} has no model answer with a rubric.")
    rubric: str = RUBRIC + cell.source.partition(f"\n{RUBRIC}")[2]
    return reference(cell), rubric


def reference(cell: NotebookNode) -> str:
    """The teacher's solution to a cell as a student would have written it."""
    if kind(cell) == "manual":
        answer: str = cell.source.partition(f"\n{RUBRIC}")[0]
        return answer.removeprefix(MODEL_ANSWER).lstrip(" .*\n").rstrip()
    return without_markers(cell.source)


def is_marker(line: str) -> bool:
    """Whether the line begins or ends a region."""
    return _REGION.search(line) is not None


def without_markers(source: str) -> str:
    """The source without the lines that begin and end a region."""
    return "\n".join(line for line in source.split("\n") if not is_marker(line))
