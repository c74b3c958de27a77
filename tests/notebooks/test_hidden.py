"""Lines of hidden tests do not reach what a student gets to see."""

import nbformat
from nbformat import NotebookNode

from grader.notebooks import hidden
from grader.notebooks.source import SourceCell, SourceNotebook

TEST = """same("f(1)", f(1), 2)
### BEGIN HIDDEN TESTS
secret_value = 41 + 1
same("f(1)", f(1), 2)
x = 1
### END HIDDEN TESTS
check.result()"""


def source() -> SourceNotebook:
    cell = SourceCell("test", "code", TEST, True, None, True, False, False, 2.0)
    return SourceNotebook("notebook", (cell,), None)


def shown(*outputs: NotebookNode) -> NotebookNode:
    cell = nbformat.v4.new_code_cell("f = 1", outputs=list(outputs), id="own")
    return nbformat.v4.new_notebook(cells=[cell])


def test_only_lines_that_are_hidden_and_say_something_count() -> None:
    region = TEST.partition("TESTS\n")[2].partition("\n###")[0]
    assert hidden.hidden_lines(source()) == [region, "secret_value = 41 + 1"]


def test_they_are_taken_out_of_every_kind_of_output() -> None:
    line = "secret_value = 41 + 1"
    coloured = "secret_value \x1b[38;5;241m=\x1b[39m 41 + 1"
    notebook = shown(
        nbformat.v4.new_output("stream", name="stdout", text=f"In: {line}\nfine\n"),
        nbformat.v4.new_output("error", ename="E", evalue=line, traceback=["a", coloured]),
        nbformat.v4.new_output("display_data", data={"text/html": f"<b>{line}</b>"}),
    )
    assert hidden.remove(notebook, hidden.hidden_lines(source()))
    assert "secret_value" not in nbformat.writes(notebook)
    assert "fine" in notebook.cells[0].outputs[0].text


def test_other_outputs_stay_as_they_are() -> None:
    text = "\x1b[31mred\x1b[0m same('f(1)', f(1), 2)"
    notebook = shown(nbformat.v4.new_output("stream", name="stdout", text=text))
    assert not hidden.remove(notebook, hidden.hidden_lines(source()))
    assert notebook.cells[0].outputs[0].text == text


def test_a_line_that_the_student_wrote_stays() -> None:
    line = "secret_value = 41 + 1"
    notebook = shown(nbformat.v4.new_output("stream", name="stdout", text=f"----> 1 {line}"))
    notebook.cells[0].source = f"def f(x):\n    {line}"
    assert not hidden.remove(notebook, hidden.hidden_lines(source()))
    assert line in notebook.cells[0].outputs[0].text


def test_an_autograded_notebook_tells_its_hidden_lines_and_does_not_excuse_them() -> None:
    line = "secret_value = 41 + 1"
    notebook = shown(nbformat.v4.new_output("stream", name="stdout", text=line))
    notebook.cells[0].source = TEST
    notebook.cells[0].metadata.nbgrader = {"grade": True, "solution": False}
    assert hidden.remove(notebook, hidden.hidden_lines(notebook))
    assert line not in notebook.cells[0].outputs[0].text


def test_they_are_found_at_and_in_an_encoded_picture() -> None:
    line = "secret_value = 41 + 1"
    plain = "secretvaluewithoutsigns"
    picture = "iVBORw0KGgo" * 500
    texts = [
        f"{picture}{line}",
        f"{line}{picture}",
        f"{picture}{plain}{picture}",
        f"{picture}\n{plain} {picture}",
    ]
    for text in texts:
        for wanted in (line, plain):
            notebook = shown(nbformat.v4.new_output("stream", name="stdout", text=text))
            found = hidden.remove(notebook, [line, plain])
            assert found == (line in text or plain in text)
            assert wanted not in notebook.cells[0].outputs[0].text
    notebook = shown(nbformat.v4.new_output("stream", name="stdout", text=picture))
    assert not hidden.remove(notebook, [line, plain])
