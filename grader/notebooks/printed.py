"""What the cells of an executed notebook printed."""

from collections.abc import Iterator

from nbformat import NotebookNode

from grader.notebooks import cells


def outputs_of(notebook: NotebookNode) -> dict[str, str]:
    """The text that each code cell printed, by name."""
    return {
        known: "\n".join(_output_texts(cell))
        for known, cell in cells.by_grade_id(notebook).items()
        if cell.cell_type == "code"
    }


def _output_texts(cell: NotebookNode) -> Iterator[str]:
    for output in cell.get("outputs", []):
        if output.output_type == "stream":
            yield output.text
        elif output.output_type == "error":
            yield "\n".join(output.traceback) or f"{output.ename}: {output.evalue}"
        else:
            yield output.get("data", {}).get("text/plain", "")
