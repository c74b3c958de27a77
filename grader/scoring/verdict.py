"""From an executed notebook to what is recorded of it and what its student may see."""

from collections.abc import Sequence
from typing import Any

import nbformat
from nbformat import NotebookNode

from grader.engine.execution.bundle import Result
from grader.notebooks import cells, hidden
from grader.notebooks.source import SourceNotebook
from grader.scoring import score
from grader.scoring.score import CellScore

_NOTES = "grading-notes"  # the id of the cell that tells a student what was done


def judge(
    result: Result, source: SourceNotebook, told: Sequence[str], doubts: Sequence[str] = ()
) -> dict[str, Any]:
    """Score the notebook of `result`; returns what an Outcome says of it.

    Changes the notebook: hidden tests are taken out of its outputs, and what was done to it
    (`told`, and what stopped its cells) stands at its top. `doubts` are told to the instructor.
    """
    executed = result.notebook
    assert executed is not None
    scores = score.score(executed, source)
    flags = [*result.flags, *changes(executed, scores)]
    verdict = {
        "status": "graded",
        "reason": " ".join([*result.troubles, *flags, *doubts]),
        "notes": tuple(told),
        "scores": scores,
        "comments": score.comments(executed, source),
        "tier": result.tier,
        "seconds": result.seconds.get("kernel", 0.0) + result.seconds.get("cells", 0.0),
        "attention": bool(result.troubles or flags or doubts),
    }
    hidden.remove(executed, hidden.hidden_lines(source))
    _add_notes(executed, [*told, *result.troubles])
    return verdict


def changes(executed: NotebookNode, scores: Sequence[CellScore]) -> list[str]:
    """What the notebook had changed that tests stand on, where a test lost points after that."""
    lost = {each.name for each in scores if each.lost}
    found: dict[str, None] = {}
    for name, cell in cells.by_grade_id(executed).items():
        told = cell.metadata.get("course", {}).get("test", {}) if name in lost else {}
        if changed := told.get("changed"):
            back = "they were" if " and " in changed else "it was"
            sentence = f"{changed} changed by the notebook before a test; {back} put back, and the "
            found[f"{sentence}points count."] = None
    return list(found)


def _add_notes(notebook: NotebookNode, notes: Sequence[str]) -> None:
    """Put a cell with the notes, if there are any, at the top of the notebook."""
    if notes:
        text = "**Notes on the grading**\n\n" + "\n".join(f"- {note}" for note in notes)
        notebook.cells.insert(0, nbformat.v4.new_markdown_cell(text, id=_NOTES))


def is_notes(cell: NotebookNode) -> bool:
    """Whether a cell is the one that tells what was done to the notebook."""
    is_ours = cell.get("id") == _NOTES and cell.cell_type == "markdown"
    return bool(is_ours and not cell.metadata.get("nbgrader"))
