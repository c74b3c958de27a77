"""Read what a test cell reported: the parts that passed, those that failed, and why."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nbformat import NotebookNode

from grader.words import counted

_PART = re.compile(r"(FAILED|passed) \((\d+(?:\.\d+)?) points?\): (.*)")
_REST = re.compile(r"\S+ of \S+ points are checked by hidden tests\.")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_PLAIN = ("CheckFailed", "AssertionError", "NotRun", "")  # their messages say it all


@dataclass(frozen=True)
class Part:
    """One part of a check, as checks.py reports it."""

    passed: bool
    points: float
    what: str
    message: str

    @property
    def text(self) -> str:
        """The part as it was printed."""
        word = "passed" if self.passed else "FAILED"
        rest = [f"  {line}" for line in self.message.splitlines()]
        return "\n".join([f"{word} ({counted(self.points, 'point')}): {self.what}", *rest])


def parts(cell: NotebookNode) -> list[Part]:
    """The parts that the check at the end of a test cell reported.

    The tested code may have printed lines that look alike before. The report stands last, and
    its parts add up to the points of the cell.
    """
    found = _parts(_text(cell))
    points = cell.metadata.get("nbgrader", {}).get("points", 0)
    total, first = 0.0, len(found)
    while first and (total < points or not found[first - 1].points):
        first -= 1
        total += found[first].points
    return found[first:]


def error(cell: NotebookNode) -> str:
    """The last error of a test cell that ended without a report; "" if there is none."""
    errors = [output for output in cell.outputs if output.output_type == "error"]
    return error_text(errors[-1]) if errors else ""


def error_text(output: NotebookNode) -> str:
    """An error without its traceback."""
    message = _COLOUR.sub("", output.get("evalue", ""))
    name = output.get("ename", "")
    if name in _PLAIN and message:
        return message
    return f"{name}: {message}" if message else str(name)


def _text(cell: NotebookNode) -> str:
    """What a cell printed, and the messages of its errors, in their order."""
    texts = []
    for output in cell.outputs:
        if output.output_type == "stream":
            texts.append(output.text)
        elif output.output_type == "error":
            texts.append(f"\n{output.get('evalue', '')}\n")
    return _COLOUR.sub("", "".join(texts))


def _parts(text: str) -> list[Part]:
    found: list[tuple[bool, float, str, list[str]]] = []
    for line in text.splitlines():
        if begins := _PART.fullmatch(line):
            found.append((begins[1] == "passed", float(begins[2]), begins[3], []))
        elif found and not _REST.fullmatch(line):
            found[-1][3].append(line.removeprefix("  "))
    return [Part(passed, points, what, _joined(rest)) for passed, points, what, rest in found]


def _joined(lines: Sequence[str]) -> str:
    return "\n".join(lines).strip("\n")
