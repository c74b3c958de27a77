"""What the worker reads in a test cell for the judges of a class."""

import subprocess
import sys
import warnings
from typing import Any

import pytest

from grader.engine.judge import program

CELL = '''
import functools


class Counting:
    def __init__(self):
        self.count = 0

    def add(self, more):
        self.count += more
        self.last, other.of_another = more, 1
        return half(self.count)


@functools.cache
def half(x):
    """No name."""
    def inner(y):
        return y / 2
    return inner(x)


globals()["history"]
half(8)
'''


def test_a_cell_that_is_packed_is_the_same_cell() -> None:
    text = program.packed("test-half", CELL)
    assert text is not None
    packed, read = program.unpacked(text), program.compiled("test-half", CELL)
    assert packed == read
    space: dict[str, Any] = {"history": [], "__name__": "__main__"}
    exec(packed.body, space)
    assert packed.last is not None
    assert eval(packed.last, space) == 4
    assert space["half"].__wrapped__.__code__.co_filename == program.file_of("test-half")


def test_its_names_are_those_of_its_code_and_of_its_texts() -> None:
    names = program.compiled(None, CELL).names
    assert names >= {"half", "globals", "history", "functools", "x"}
    assert not names & {"No name.", "add", "count", "8"}


def test_what_it_defines_is_known_with_its_own_source() -> None:
    found = program.compiled(None, CELL).definitions
    assert found.keys() == {"Counting", "__init__", "add", "half", "inner"}
    (counting,), (half,), (inner,) = found["Counting"], found["half"], found["inner"]
    assert (counting.is_class, half.is_class) == (True, False)
    assert counting.attributes == ("count", "last")
    assert half.source.startswith("def half(x):")  # without what decorates it
    assert CELL.splitlines()[half.first_line - 1] == "@functools.cache"
    assert inner.source == "def inner(y):\n    return y / 2"
    assert inner.names == ("y",)


@pytest.mark.parametrize(
    ("cell", "value", "is_shown"),
    [
        ("5 - 2", 3, True),
        ("5 - 2;", 3, False),
        ("a = 3\r\na  # ; is no end", 3, True),
        ("a = 3", None, False),
        ("", None, False),
    ],
)
def test_the_last_line_is_shown_as_in_a_notebook(cell: str, value: object, is_shown: bool) -> None:
    read = program.compiled(None, cell)
    space: dict[str, object] = {}
    exec(read.body, space)
    assert (eval(read.last, space) if read.last else None) == value
    assert read.shows_last == is_shown


@pytest.mark.parametrize("end", ["\x0c", "\u2028", "\x1c"])
def test_its_lines_are_those_that_python_counts(end: str) -> None:
    cell = f"text = 'a{end}b'\ndef half(x):\n    return x / 2\n"
    (half,) = program.compiled(None, cell).definitions["half"]
    assert half.source == "def half(x):\n    return x / 2"


def test_it_keeps_its_assertions_whatever_the_worker_was_started_with() -> None:
    code = "from grader.engine.judge import program; print(program.packed(None, 'assert False'))"
    command = [sys.executable, "-O", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    with pytest.raises(AssertionError):
        exec(program.unpacked(done.stdout.strip()).body)


@pytest.mark.parametrize("cell", ["def (", "\0", "%%time\nx", "(" * 1000])
def test_what_is_no_code_is_told_where_it_is_run(cell: str) -> None:
    assert program.packed(None, cell) is None
    with pytest.raises((SyntaxError, ValueError, MemoryError)):
        program.compiled(None, cell)


def test_a_worker_prints_no_warnings_of_a_test_and_changes_no_filter() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("error")
        before = list(warnings.filters)
        assert program.packed(None, "'\\d' is 5") is not None
        assert warnings.filters == before
    assert not caught


def test_the_worker_needs_no_ipython_for_it() -> None:
    code = "import sys, grader.engine.judge.program; print('IPython' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
