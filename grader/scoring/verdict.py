"""What is recorded of an executed notebook: its scores, and how its student may see it."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import nbformat
from nbformat import NotebookNode

from grader.engine.execution.bundle import Result
from grader.notebooks import hidden
from grader.notebooks.source import SourceNotebook
from grader.scoring import score

_NOTES = "grading-notes"  # the id of the cell that tells a student what was done


def outcome_of(
    result: Result,
    source: SourceNotebook,
    told: Sequence[str],
    doubts: Sequence[str] = (),
    handouts: Mapping[str, bytes] = MappingProxyType({}),
) -> dict[str, Any]:
    """Score the notebook of `result`; returns what an Outcome says of it.

    Changes the notebook: hidden tests are taken out of its outputs, and what was done to it
    (`told`, and what stopped its cells) stands at its top. `doubts` are told to the instructor.
    `handouts` are the files that students get: what stands in them is no secret.
    """
    executed = result.notebook
    assert executed is not None
    scores = score.score(executed, source)
    about = {
        "status": "graded",
        "reason": " ".join([*result.troubles, *doubts]),
        "notes": tuple(told),
        "scores": scores,
        "comments": score.comments(executed, source),
        "tier": result.tier,
        "seconds": result.seconds.get("kernel", 0.0) + result.seconds.get("cells", 0.0),
        "attention": bool(result.troubles or doubts),
    }
    hidden.remove(executed, hidden.hidden_lines(source, handouts=hidden.code_of(handouts)))
    _add_notes(executed, [*told, *result.troubles])
    return about


def _add_notes(notebook: NotebookNode, notes: Sequence[str]) -> None:
    """Put a cell with the notes, if there are any, at the top of the notebook."""
    if notes:
        text = "**Notes on the grading**\n\n" + "\n".join(f"- {note}" for note in notes)
        notebook.cells.insert(0, nbformat.v4.new_markdown_cell(text, id=_NOTES))


def is_notes(cell: NotebookNode) -> bool:
    """Whether a cell is the one that tells what was done to the notebook."""
    is_ours = cell.get("id") == _NOTES and cell.cell_type == "markdown"
    return bool(is_ours and not cell.metadata.get("nbgrader"))
