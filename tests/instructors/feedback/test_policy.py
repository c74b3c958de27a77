"""What the instructor lets students see of hidden tests is what is left of a notebook."""

from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode

from grader.instructors.feedback.policy import NOT_SHOWN, FeedbackPolicy

SOURCE = """check = Check(points=3)
with check.part(1, "one number"):
    same("f(1)", f(1), 1)
### BEGIN HIDDEN TESTS
with check.part(2, "other numbers"):
    secret_values = [3, 5, 8]
### END HIDDEN TESTS
check.result()
"""
REPORT = "FAILED (2 points): other numbers\n  f(3) is 3\npassed (1 point): one number\n"
ABOUT = {"grade": True, "solution": False, "points": 3, "grade_id": "test"}
FRAME = "----> 6     secret_values = [3, 5, 8]"


def seen(source: str = SOURCE, *outputs: NotebookNode, **policy: Any) -> NotebookNode:
    """A test cell as a student gets to see it."""
    cell = nbformat.v4.new_code_cell(source, outputs=list(outputs), id="test")
    cell.metadata.nbgrader = {**ABOUT}
    notebook = nbformat.v4.new_notebook(cells=[cell])
    notebook, _ = FeedbackPolicy(**policy).preprocess(notebook, {})
    return notebook.cells[0]


def printed(text: str) -> NotebookNode:
    return nbformat.v4.new_output("stream", name="stdout", text=text)


def raised() -> NotebookNode:
    """An error as stock nbgrader leaves it: with the source of the hidden test."""
    return nbformat.v4.new_output(
        "error", ename="ValueError", evalue="no number", traceback=["Traceback", FRAME]
    )


def shown(cell: NotebookNode) -> str:
    return "".join(out.get("text") or "\n".join(out.get("traceback", [])) for out in cell.outputs)


def test_by_default_messages_are_shown_and_neither_source_nor_traceback() -> None:
    cell = seen(SOURCE, printed(REPORT), raised())
    assert "secret" not in cell.source and "one number" in cell.source
    assert shown(cell) == f"{REPORT}ValueError: no number"


def test_with_its_traceback_an_error_shows_no_line_of_a_hidden_test() -> None:
    assert shown(seen(SOURCE, raised(), traceback=True)) == (
        "Traceback\n----> 6     (a line of a hidden test)"
    )


def test_the_source_can_be_shown() -> None:
    cell = seen(SOURCE, raised(), hidden_tests="source", traceback=True)
    assert cell.source == SOURCE
    assert shown(cell) == f"Traceback\n{FRAME}"


@pytest.mark.parametrize("output", [raised(), printed("secret = 3\n" + REPORT)])
def test_nothing_at_all(output: NotebookNode) -> None:
    cell = seen(SOURCE, output, hidden_tests="nothing", traceback=True)
    assert "secret" not in cell.source
    visible = "passed (1 point): one number\n" if output.output_type == "stream" else ""
    assert shown(cell) == visible + NOT_SHOWN


def test_a_test_without_a_hidden_part_is_shown_under_each_policy() -> None:
    source = SOURCE.partition("###")[0]
    for policy in ("message", "source", "nothing"):
        cell = seen(source, printed(REPORT), hidden_tests=policy)
        assert (cell.source, shown(cell)) == (source, REPORT)


def test_what_a_cell_printed_is_put_together() -> None:
    cell = seen(SOURCE, *(printed(line) for line in REPORT.splitlines(keepends=True)))
    assert [output.text for output in cell.outputs] == [REPORT]


LOOP = """check = Check(points=4)
for x in (1, 2):
    with check.part(1, f"f({x})"):
        same(f"f({x})", f(x), 1)
### BEGIN HIDDEN TESTS
with check.part(2, f"f of {numbers}"):
    secret_values = [3, 5, 8]
### END HIDDEN TESTS
check.result()
"""
OF_LOOP = "FAILED (1 point): f(2)\n  f(2) is 3\npassed (1 point): f(1)\n"
OF_HIDDEN = "FAILED (2 points): f of [7]\n  f(7) is 3\n"


@pytest.mark.parametrize(
    ("source", "is_known"),
    [
        (LOOP, True),
        (LOOP.replace("(2, f", "(1, f"), True),  # other words
        (LOOP.replace("f of {numbers}", "f({numbers})"), True),  # other points
        (LOOP.replace("(2, f", "(worth, f").replace("f of {numbers}", "{numbers}"), False),
    ],
)
def test_a_visible_part_is_known_though_its_label_is_no_constant(
    source: str, is_known: bool
) -> None:
    report = OF_HIDDEN.replace("2 points", "1 point") if '(1, f"f of' in source else OF_HIDDEN
    made = printed(report + OF_LOOP)
    cell = nbformat.v4.new_code_cell(source, outputs=[made], id="test")
    points = 3 if "1 point" in report else 4
    cell.metadata.nbgrader = {**ABOUT, "points": points}
    notebook = nbformat.v4.new_notebook(cells=[cell])
    notebook, _ = FeedbackPolicy(hidden_tests="nothing").preprocess(notebook, {})
    assert shown(notebook.cells[0]) == (OF_LOOP if is_known else "") + NOT_SHOWN
    known = ["FAILED (1 point): f(2)", "passed (1 point): f(1)"] if is_known else []
    assert notebook.cells[0].metadata["visible_parts"] == known
