"""Which error of a notebook is named, and when the machine that grades is what differs."""

import sys
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode

from grader.scoring import first_error
from grader.scoring.score import CellScore

LOST = [CellScore("test", 2.0, 9.0)]
WHOLE = [CellScore("test", 9.0, 9.0)]


def cell(name: str, *outputs: Any, **about: bool) -> NotebookNode:
    known = {"grade_id": name, "solution": False, "grade": False, **about} if name else {}
    metadata = {"nbgrader": known} if name else {}
    return nbformat.v4.new_code_cell("x", metadata=metadata, outputs=list(outputs))


def error(name: str, value: str) -> NotebookNode:
    return nbformat.v4.new_output("error", ename=name, evalue=value, traceback=[])


def printed(text: str, stream: str = "stdout") -> NotebookNode:
    return nbformat.v4.new_output("stream", name=stream, text=text)


def notebook(*given: NotebookNode) -> NotebookNode:
    return nbformat.v4.new_notebook(cells=list(given))


OF_THE_MACHINE = [
    (error("ModuleNotFoundError", "No module named 'pandas'"), "that package, or file"),
    (error("ModuleNotFoundError", "No module named 'google.colab'"), "it is only in Colab"),
    (error("ModuleNotFoundError", "No module named 'helper'"), "that package, or file"),
    (error("StdinNotImplementedError", "raw_input was called, but"), "nobody answers input()"),
    (error("TclError", "no display name and no $DISPLAY"), "there is no screen"),
    (error("ImportError", "Cannot load backend 'TkAgg' which requires"), "there is no screen"),
    (error("URLError", "<urlopen error [Errno -3]>"), "there is no network"),
    (error("FileNotFoundError", "[Errno 2] No such file: '/content/x'"), "that file is not there"),
    (
        error("TBNotInstalledError", "TensorBoard is not installed, missing implementation for"),
        "TensorBoard is not there",
    ),
    (error("PackageNotFoundError", "No package metadata was found for torch"), "that package, or"),
    (
        error("RuntimeError", "'widget' is not a recognised GUI loop or backend name"),
        "Matplotlib cannot draw in that way",
    ),
    (
        error("ValueError", "'widget' is not a valid value for backend; supported values are"),
        "Matplotlib cannot draw in that way",
    ),
    (
        error("ImportError", "You must install pydot (`pip install pydot`) for `plot_model`"),
        "that package, or file",
    ),
    (error("UsageError", "Line magic function `%cu` not found."), "IPython does not know it"),
    (
        printed("UsageError: Line magic function `%cu` not found.\n", "stderr"),
        "IPython does not know it",
    ),
]


@pytest.mark.parametrize(("output", "why"), OF_THE_MACHINE)
def test_what_the_machine_differs_in_is_told(output: NotebookNode, why: str) -> None:
    executed = notebook(cell("given"), cell("solve", output, solution=True))
    found = first_error.of_graded(executed, LOST)
    assert found is not None and found.why.startswith(why)
    assert found.told.startswith("The cell solve stopped with ")
    assert found.told.endswith(".") and "\n" not in found.told
    assert first_error.cause_in(f"Before. {found.told} After.") == found.error
    assert "of the student's" not in found.told_student
    assert first_error.of_graded(executed, WHOLE) is None


@pytest.mark.parametrize(
    "output",
    [
        error("NameError", "name 'np' is not defined"),
        error("NotImplementedError", "Replace this line by your code."),
        error("ImportError", "cannot import name 'Tahn' from 'checks'"),
        error("ImportError", "cannot import name 'install' from 'checks'"),
        printed("ModuleNotFoundError: No module named 'pandas'"),
        printed("UsageError: x\n"),
    ],
)
def test_an_error_of_their_own_needs_no_attention(output: NotebookNode) -> None:
    executed = notebook(cell("solve", output, solution=True))
    assert first_error.of_graded(executed, LOST) is None


def test_the_student_is_told_the_first_error() -> None:
    plain = cell("first", error("NameError", "name 'np' is not defined"), solution=True)
    found = first_error.first(notebook(plain, cell("second", error("E", "e"), solution=True)))
    assert found is not None and found.told_student.startswith(
        "The cell first stopped with NameError: name 'np' is not defined."
    )
    of_machine = cell("", error("ModuleNotFoundError", "No module named 'pandas'"))
    found = first_error.first(notebook(plain, of_machine))
    assert found is not None and "code cell 2" in found.told_student
    assert first_error.first(notebook(cell("given", error("E", "e")))) is None


def test_an_error_that_a_test_met_is_told() -> None:
    report = "FAILED (2 points): one\n  It ended with ModuleNotFoundError: No module named 'torch'"
    test = cell("test-solve", printed(report), grade=True)
    found = first_error.of_graded(notebook(test), LOST)
    assert found is not None and found.told.startswith("The code that test-solve tests stopped")


HERE = "{}.{}".format(*sys.version_info)
NEWER = f"{sys.version_info[0]}.{sys.version_info[1] + 1}"
OF_ANOTHER_PYTHON = [
    error("ImportError", "cannot import name 'override' from 'typing' (/usr/lib/typing.py)"),
    error("AttributeError", "module 'itertools' has no attribute 'batched'"),
]


@pytest.mark.parametrize("output", OF_ANOTHER_PYTHON)
def test_what_a_newer_python_allows_is_told(output: NotebookNode) -> None:
    executed = notebook(cell("solve", output, solution=True))
    found = first_error.first(executed)  # Colab does not say which Python it has
    assert found is not None and first_error.of_graded(executed, LOST) is None
    assert found.told_student.endswith(
        f"It was graded with Python {HERE}; a newer Python may allow what this one does not."
    )
    executed.metadata["course"] = {"python": f"{NEWER}.1"}
    found = first_error.of_graded(executed, LOST)
    assert found is not None
    assert f"; Python {HERE} grades it, and the notebook was saved with Python {NEWER}," in (
        found.told
    )
    assert first_error.cause_in(found.told) == found.error
    executed.metadata["course"] = {"python": f"{HERE}.1"}  # then it is the student's own
    found = first_error.first(executed)
    assert found is not None and first_error.of_graded(executed, LOST) is None
    assert "newer Python" not in found.told_student


@pytest.mark.parametrize(
    "output",
    [
        error("NameError", "name 'np' is not defined"),
        error("ImportError", "cannot import name 'Tahn' from 'checks'"),
        error("AttributeError", "module 'numpy' has no attribute 'float'"),
    ],
)
def test_what_no_newer_python_mends_is_not(output: NotebookNode) -> None:
    executed = notebook(cell("solve", output, solution=True))
    executed.metadata["course"] = {"python": f"{NEWER}.1"}
    assert first_error.of_graded(executed, LOST) is None
    found = first_error.first(executed)
    assert found is not None and "Python" not in found.told_student


# Cells, and what Python 3.11 says of their second line.
OF_NEWER_SYNTAX = [
    ('h = {"loss": 1}\nprint(f"{h["loss"]}")', "f-string: unmatched '['"),
    ("b = 1\ntype Batch = tuple", "invalid syntax"),
    ("a = 1\ndef first[T](x): pass", "expected '('"),
    ("a = 1\nclass Box[T]: pass", "invalid syntax"),
    ('a = 1\nx = t"{a}"', "invalid syntax"),
    ("try:\n    x\nexcept A, B:\n    pass", "multiple exception types must be parenthesized"),
]
OF_NO_SYNTAX = [
    ("a = 1\nprint((1, 2)", "'(' was never closed"),
    ('print(f"{a}")\ndef f(x)', "expected ':'"),
    ('print(f"{a}")\nx = = 1', "invalid syntax"),
    ("a = 1\nreturn a", "'return' outside function"),
    ('a = 1\nx = "abc', "unterminated string literal (detected at line 2)"),
]


def of_syntax(source: str, message: str) -> NotebookNode:
    line = 3 if source.startswith("try") else 2
    made = cell("solve", error("SyntaxError", f"{message} (829077307.py, line {line})"))
    made.metadata["nbgrader"]["solution"] = True
    made.source = source
    executed = notebook(made)
    executed.metadata["course"] = {"python": f"{NEWER}.1"}
    return executed


@pytest.mark.parametrize(("source", "message"), OF_NEWER_SYNTAX)
def test_syntax_that_a_newer_python_knows_is_told(source: str, message: str) -> None:
    found = first_error.of_graded(of_syntax(source, message), LOST)
    assert found is not None and f"the notebook was saved with Python {NEWER}" in found.told


@pytest.mark.parametrize(("source", "message"), OF_NO_SYNTAX)
def test_syntax_that_no_python_knows_is_the_students_own(source: str, message: str) -> None:
    executed = of_syntax(source, message)
    assert first_error.of_graded(executed, LOST) is None
    found = first_error.first(executed)
    assert found is not None and "Python" not in found.told_student


def test_the_line_of_a_syntax_error_is_that_of_the_cell() -> None:
    output = error("SyntaxError", "invalid syntax (829077307.py, line 2)")
    found = first_error.first(notebook(cell("solve", output, solution=True)))
    assert found is not None and found.error == "SyntaxError: invalid syntax (line 2 of the cell)"


def test_a_test_meets_a_package_that_is_not_there() -> None:
    report = (
        "FAILED: one\n  Your code stopped with TBNotInstalledError: TensorBoard is not installed"
    )
    found = first_error.of_graded(notebook(cell("test-solve", printed(report), grade=True)), LOST)
    assert found is not None and found.why.startswith("TensorBoard is not there")


def test_a_long_error_is_cut_and_stands_on_one_line() -> None:
    long = error("FileNotFoundError", "x\n" * 5000)
    found = first_error.of_graded(notebook(cell("solve", long, solution=True)), LOST)
    assert found is not None and len(found.told) < 400 and "\n" not in found.told
