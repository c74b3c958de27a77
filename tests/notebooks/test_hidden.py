"""Lines of hidden tests do not reach what a student gets to see."""

import shutil
from copy import deepcopy

import nbformat
import numpy
import pytest
from nbformat import NotebookNode

from grader.notebooks import hidden, tracebacks
from grader.notebooks.source import SourceCell, SourceNotebook
from tests.courses import COURSE
from tests.engine.execution.test_run_notebook import notebook, run

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


# Lines of tracebacks: hidden only where a hidden test has them

IMPORTS = "import checks\nimport numpy as np\n"
VISIBLE = f"""# test
{IMPORTS}
def visible_f(x):
    try:
        return checks.plain(
            x, "f"
        )
    except KeyError:
        raise
visible_f(f)
"""
# What stands in json, in NumPy and in checks.py, too; and what is nobody else's.
HIDDEN = """# test
import numpy as np
### BEGIN HIDDEN TESTS
try:
    value = "short"
except ValueError:
    raise
array = np.array(value, subok=False)
if True:
    np.testing.assert_allclose(
        f(1),
        3,
    )
### END HIDDEN TESTS
"""
OF_LIBRARY = 'import json\njson.loads("{")'
REPLACED = "(a line of a hidden test)"


def code_in(cell: NotebookNode) -> list[str]:
    """The code that the tracebacks of a cell show."""
    text = "\n".join(line for out in cell.outputs for line in out.get("traceback", []))
    return [code.text for _, code in tracebacks.lines(text) if code]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> NotebookNode:
    """What IPython shows of errors in a library, in a handout and in a test."""
    place = tmp_path_factory.mktemp("ran")
    shutil.copy(COURSE.source / "checks.py", place)
    raises = "import checks\nchecks.relative_error('a', 1)"
    cells, _ = run(notebook("def f(x):\n    return 1", OF_LIBRARY, raises, VISIBLE, HIDDEN), place)
    for cell in cells:
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader["solution"] = False
    return nbformat.v4.new_notebook(cells=cells)


def without_hidden(ran: NotebookNode, *handouts: str) -> NotebookNode:
    made = deepcopy(ran)
    hidden.remove(made, hidden.hidden_lines(made, handouts=handouts))
    return made


def test_a_line_of_a_library_is_none_of_a_hidden_test(ran: NotebookNode) -> None:
    shown = code_in(without_hidden(ran).cells[1])
    assert "try:" in shown
    assert shown == code_in(ran.cells[1])


def test_a_line_of_a_handout_is_none(ran: NotebookNode) -> None:
    assert "a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)" in code_in(ran.cells[2])
    made = deepcopy(ran)
    line = "a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)"
    made.cells[4].source = made.cells[4].source.replace("if True:", f"{line}\nif True:")
    assert REPLACED in code_in(without_hidden(made).cells[2])
    handouts = hidden.code_of({"checks.py": (COURSE.source / "checks.py").read_bytes()})
    assert code_in(without_hidden(made, *handouts).cells[2]) == code_in(made.cells[2])


def test_of_a_hidden_test_each_line_is_hidden_and_no_other(ran: NotebookNode) -> None:
    shown, made = (code_in(each.cells[4]) for each in (ran, without_hidden(ran)))
    assert made[: shown.index(")") + 1] == [
        REPLACED if line in HIDDEN.partition("### BEGIN")[2] else line
        for line in shown[: shown.index(")") + 1]
    ]
    assert REPLACED in made
    assert shown[shown.index(")") + 1 :] == made[shown.index(")") + 1 :]
    assert "except ValueError:" in made  # of NumPy


@pytest.mark.parametrize("count", [4, 9])
def test_a_visible_line_that_a_hidden_part_has_too_stays(count: int) -> None:
    """Whether the frame is that of the cell itself, or of another one."""
    visible = 'def helps():\n    try:\n        check(")")\n    except KeyError:\n        raise'
    secret = (
        "### BEGIN HIDDEN TESTS\ntry:\n    f()\nexcept KeyError:\n    raise\n### END HIDDEN TESTS"
    )
    lines = visible.splitlines()
    frame = [f"      {number} {line}" for number, line in enumerate(lines, 1)]
    error = nbformat.v4.new_output(
        "error", ename="E", evalue="", traceback=["\n".join([f"Cell In[{count}], line 3", *frame])]
    )
    cells = [nbformat.v4.new_code_cell(source) for source in (visible, secret, "x = 1")]
    for cell in cells[:2]:
        cell.metadata.nbgrader = {"grade": True, "solution": False, "grade_id": cell.id}
    for cell, number in zip(cells, (count, 5, 4), strict=True):
        cell.execution_count = number
    cells[0 if count == 4 else 2].outputs = [error]
    made = nbformat.v4.new_notebook(cells=cells)
    assert not hidden.remove(made, hidden.hidden_lines(made))


@pytest.mark.parametrize(("number", "is_hidden"), [(2, False), (4, True), (5, True)])
def test_a_frame_of_the_judge_is_hidden_as_its_line_is(number: int, is_hidden: bool) -> None:
    source = "check()\nf(2)\n### BEGIN HIDDEN TESTS\nf(2)\nif f(1):\n    pass\n### END HIDDEN TESTS"
    text = source.splitlines()[number - 1].strip()
    frame = [f'  File "<test t>", line {number}, in <module>', f"    {text}", "    ^^^^"]
    handout = ['  File "/work/checks.py", line 3, in same', "    f(2)"]
    error = nbformat.v4.new_output(
        "error", ename="E", evalue="", traceback=["Traceback:", "\n".join([*frame, *handout]), "E"]
    )
    cell = nbformat.v4.new_code_cell(source, outputs=[error])
    cell.metadata.nbgrader = {"grade": True, "solution": False, "grade_id": "t"}
    made = nbformat.v4.new_notebook(cells=[cell])
    assert hidden.remove(made, hidden.hidden_lines(made)) == is_hidden
    assert code_in(cell) == [REPLACED if is_hidden else text, "f(2)"]


def test_a_frame_that_a_learner_made_up_is_no_excuse() -> None:
    line = "secret_value = 41 + 1"
    for path in (numpy.__file__, "/nowhere/site-packages/../../x.py", "/home/learner/work/x.py"):
        text = f"File {path}:3, in f(x)\n----> 3 {line}"
        notebook = shown(nbformat.v4.new_output("error", ename="E", evalue="", traceback=[text]))
        assert hidden.remove(notebook, hidden.hidden_lines(source()))
        assert line not in notebook.cells[0].outputs[0].traceback[0]
