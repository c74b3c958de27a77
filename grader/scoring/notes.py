"""Tell a student, in the notebook itself, what was done to it."""

from collections.abc import Sequence

import nbformat
from nbformat import NotebookNode

_NOTES = "grading-notes"  # the id of the cell


def add(notebook: NotebookNode, notes: Sequence[str]) -> None:
    """Put a cell with the notes, if there are any, at the top of the notebook."""
    if notes:
        text = "**Notes on the grading**\n\n" + "\n".join(f"- {note}" for note in notes)
        notebook.cells.insert(0, nbformat.v4.new_markdown_cell(text, id=_NOTES))


def is_added(cell: NotebookNode) -> bool:
    """Whether a cell is the one with the notes."""
    is_ours = cell.get("id") == _NOTES and cell.cell_type == "markdown"
    return bool(is_ours and not cell.metadata.get("nbgrader"))
