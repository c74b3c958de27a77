"""The canonical form of a teacher notebook: minimal metadata, no outputs, ids that are words."""

import json
import re
from typing import Any

import nbformat
from nbformat import NotebookNode

from grader.notebooks import cells, skipped

NOTEBOOK_METADATA = {
    "kernelspec": {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    },
    "language_info": {"name": "python"},
}
_READABLE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_RANDOM = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{8}")


def text_of(notebook: NotebookNode) -> str:
    """The notebook's text in the canonical form; changes form, never content."""
    notebook = nbformat.from_dict(json.loads(json.dumps(notebook)))
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    notebook.metadata = nbformat.from_dict(NOTEBOOK_METADATA)
    for cell in notebook.cells:
        _mend_cell(cell)
    _mend_ids(notebook)
    return as_written(notebook)


def as_written(notebook: NotebookNode) -> str:
    """The notebook's text as nbformat writes it."""
    # nbformat's own writer, so that a notebook saved by Jupyter differs in nothing but what
    # the canonical form leaves out.
    text: str = nbformat.v4.writes(notebook, indent=1, sort_keys=True)
    return text.rstrip("\n") + "\n"


def _mend_cell(cell: NotebookNode) -> None:
    if cell.cell_type == "code":
        cell.outputs, cell.execution_count = [], None
    about = cell.metadata.get("nbgrader")
    is_skipped = skipped.has_tag(cell)  # the one tag that means something
    cell.metadata = nbformat.from_dict({})
    if about:
        cell.metadata["nbgrader"] = nbformat.from_dict(about_of(about))
    if is_skipped:
        cell.metadata["tags"] = [skipped.TAG]


def about_of(about: dict[str, Any]) -> dict[str, Any]:
    """nbgrader's metadata of a cell with the keys of schema 3 and no others."""
    flags = {key: bool(about.get(key, False)) for key in ("grade", "locked", "solution", "task")}
    points = {"points": _number(about.get("points"))} if flags["grade"] else {}
    if flags["grade"] or flags["solution"]:
        # nbgrader's own rule: tests are read-only, answers are not.
        flags["locked"] = not flags["solution"]
    return {**flags, **points, "grade_id": about.get("grade_id"), "schema_version": 3}


def _number(points: Any) -> Any:
    return int(points) if isinstance(points, float) and points.is_integer() else points


def _mend_ids(notebook: NotebookNode) -> None:
    """Give each cell its grade_id as id, or, where its id says nothing, the cell's first words."""
    taken = {name for cell in notebook.cells if (name := cells.grade_id(cell))}
    for cell in notebook.cells:
        wanted = cells.grade_id(cell) or cell.get("id", "")
        if cells.grade_id(cell) is None:
            if not is_readable(wanted) or wanted in taken:
                wanted = _free(_first_words(cell) if not is_readable(wanted) else wanted, taken)
            taken.add(wanted)
        cell.id = wanted


def is_readable(name: str) -> bool:
    """Whether a cell's name is words with hyphens, and not drawn at random."""
    return bool(_READABLE.fullmatch(name)) and not _RANDOM.fullmatch(name) and len(name) <= 64


def _first_words(cell: NotebookNode) -> str:
    text = next((line for line in cell.source.split("\n") if re.search("[A-Za-z]", line)), "")
    words = re.findall("[a-z0-9]+", re.sub(r"\$[^$]*\$|\([^)]*\)", " ", text).lower())
    name = "-".join(words[:5])[:48].strip("-")
    return name if name and not _RANDOM.fullmatch(name) else f"{cell.cell_type}-cell"


def _free(name: str, taken: set[str]) -> str:
    return next(
        candidate
        for number in range(1, len(taken) + 2)
        if (candidate := name if number == 1 else f"{name}-{number}") not in taken
    )
