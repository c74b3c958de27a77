"""What pages of feedback show of hidden tests: a setting of the instructor's."""

import ast
from typing import Any

from nbconvert.preprocessors import CoalesceStreamsPreprocessor
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool, Enum

from grader.notebooks import cells, hidden, regions
from grader.scoring import check_report

SECRET = "secret_lines"  # in the resources of a page: the lines that it must not hold
NOT_SHOWN = "The results of hidden tests are not shown.\n"


class FeedbackPolicy(NbGraderPreprocessor):  # type: ignore[misc]
    """Takes out of a notebook what its student may not read."""

    hidden_tests = Enum(
        ["message", "source", "nothing"],
        "message",
        help=(
            "What students see of a hidden test. 'message': what it is about, whether it passed, "
            "and its message; never its code. 'source': its code, too. 'nothing': neither; only "
            "the points of the cell tell of it. What a learner's own code prints while a hidden "
            "test calls it is shown with the first two."
        ),
    ).tag(config=True)
    traceback = Bool(
        False,
        help=(
            "Whether students see the traceback of an error in a test, or only its message. Lines "
            "of hidden tests are taken out of it, unless their source is shown."
        ),
    ).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Return the notebook as its student may see it."""
        regions.use(self.config)
        kinds: list[regions.Kind] = ["SOLUTION", "MARK SCHEME"]
        if self.hidden_tests != "source":
            kinds.append("HIDDEN TESTS")
        lines = hidden.hidden_lines(nb, *kinds)
        # The engine did so when it graded; stock nbgrader leaves them in the outputs.
        hidden.remove(nb, lines, *kinds)
        # What the page must not hold, whatever else puts it there.
        resources[SECRET] = lines
        for cell in nb.cells:
            if cell.cell_type == "code":
                # What a cell prints comes in pieces.
                CoalesceStreamsPreprocessor().preprocess_cell(cell, resources, 0)
            if cells.is_test(cell):
                self._apply(cell)
            if hidden.is_of_teacher(cell):
                cell.source = regions.without(cell.source, *kinds)
        return nb, resources

    def _apply(self, cell: NotebookNode) -> None:
        visible = regions.without(cell.source)
        cell.metadata["visible_parts"] = _parts_of(visible)
        if not self.traceback:
            for output in cell.outputs:
                if output.output_type == "error":
                    output.traceback = [check_report.error_text(output)]
        if self.hidden_tests == "nothing" and hidden.has_hidden(cell.source):
            cell.outputs = _only_visible(cell)


def _parts_of(source: str) -> list[str]:
    """What the parts of a test cell are about, as its code says: `check.part(2, "values")`."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return []
    return [
        str(node.args[1].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "part"
        and len(node.args) > 1
        and isinstance(node.args[1], ast.Constant)
    ]


def _only_visible(cell: NotebookNode) -> list[NotebookNode]:
    """Outputs of a test cell that tell of nothing but its visible parts.

    All else may come from a hidden test: what it printed, or an error that ended it.
    """
    known = cell.metadata["visible_parts"]
    told = [part.text for part in check_report.parts(cell) if part.what in known]
    text = "".join(f"{each}\n" for each in told) + NOT_SHOWN
    return [NotebookNode(output_type="stream", name="stdout", text=text)]
