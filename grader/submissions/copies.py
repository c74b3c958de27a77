"""What a file beside the graded one has that this has not: a copy may be where the work was done.

Colab's "Save a copy in Drive" and downloads leave the notebook as it was released beside the copy
that was filled in. The file under the notebook's own name is graded; a person must hear of another.
"""

import ast
from collections.abc import Mapping

from nbformat import NotebookNode

from grader.notebooks import colab
from grader.notebooks.source import SourceNotebook
from grader.submissions import match_files
from grader.submissions.match_cells import recognise

Answers = Mapping[str, frozenset[str]]


def answers(notebook: NotebookNode, source: SourceNotebook) -> Answers:
    """What stands in each cell for an answer, by its name; without what was released there.

    Code goes by what it does: neither its form nor its comments count.
    """
    given = colab.without(notebook.cells)
    places = recognise(given, source).places
    return {
        cell.name: frozenset(_meaning(given[place]) for place in places[cell.name])
        - {_meaning(NotebookNode(cell_type=cell.cell_type, source=cell.source)), ""}
        for cell in source.cells
        if cell.solution
    }


def doubt(graded: Answers, graded_file: str, other: Answers, other_file: str, name: str) -> str:
    """What to tell of a file that is not graded; "" if it has no answer that the graded one lacks.

    `name` is that of the notebook that both files are.
    """
    if not any(texts - graded.get(cell, frozenset()) for cell, texts in other.items()):
        return ""
    graded_file, other_file = match_files.shown(graded_file), match_files.shown(other_file)
    state = "has other ones" if any(graded.values()) else "is as it was released there"
    return (
        f"{other_file} is not graded, but it is {name}, too, and has answers: {graded_file}, which "
        f"is graded, {state}. Look which of the two is the work; if it is {other_file}, ask the "
        f"student to hand it in as {name}.ipynb."
    )


def _meaning(cell: NotebookNode) -> str:
    if cell.cell_type == "code":
        try:
            body = ast.parse(cell.source).body
            return "\n".join(map(ast.dump, body))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            pass
    return str(cell.source.strip())
