"""Take the lines of hidden tests out of what a student gets to see."""

import re
from collections.abc import Iterable
from typing import Any

from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_solution

from grader.engine.source import SourceNotebook

_SHORTEST = 12  # characters; a shorter line gives nothing away
_HIDDEN = re.compile(r"### BEGIN HIDDEN TESTS(.*?)### END HIDDEN TESTS", re.DOTALL)
_REPLACEMENT = "(a line of a hidden test)"


def hidden_lines(source: SourceNotebook | NotebookNode) -> list[str]:
    """The lines that stand in hidden parts of tests and nowhere else.

    `source` is the teacher's notebook, or an autograded one, which has the same tests.
    """
    hidden: set[str] = set()
    visible: set[str] = set()
    for cell in source.cells:
        for part in _HIDDEN.findall(cell.source):
            hidden.update(_lines(part))
        visible.update(_lines(_HIDDEN.sub("", cell.source)))
    return sorted(hidden - visible, key=len, reverse=True)


def _lines(text: str) -> Iterable[str]:
    return (line for each in text.splitlines() if len(line := each.strip()) >= _SHORTEST)


def has_hidden(text: str) -> bool:
    """Whether a test cell has a hidden part."""
    return bool(_HIDDEN.search(text))


def without_hidden(text: str) -> str:
    """The text of a test cell as students have it."""
    return re.sub(rf"^[^\n]*{_HIDDEN.pattern}[^\n]*\n?", "", text, flags=re.DOTALL | re.MULTILINE)


def remove(notebook: NotebookNode, lines: Iterable[str]) -> bool:
    """Replace `lines` in the outputs of `notebook`; returns whether there were any.

    Tracebacks show them, and a learner's code may have read them. Colour codes between the
    characters are no hiding place; an encoding of the learner's own is. A line that the student
    wrote as well stays, for a traceback without it would puzzle its author.
    """
    written = {
        line
        for cell in notebook.cells
        if not (is_grade(cell) and not is_solution(cell))
        for line in _lines(cell.source)
    }
    lines = [line for line in lines if line not in written]
    found = False
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            for holder, key in _texts(output):
                text = holder[key]
                plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
                if any(line in plain for line in lines):
                    found = True
                    for line in lines:
                        plain = plain.replace(line, _REPLACEMENT)
                    holder[key] = plain
    return found


def _texts(output: Any) -> Iterable[tuple[Any, Any]]:
    """Where the texts of an output are: a holder and a key for each."""
    for key in ("text", "evalue", "ename"):
        if isinstance(output.get(key), str):
            yield output, key
    for holder in (output.get("traceback"), output.get("data")):
        keys: Iterable[Any] = range(len(holder)) if isinstance(holder, list) else list(holder or ())
        for key in keys:
            if isinstance(holder[key], str):
                yield holder, key
