"""Read what a test cell reported: the parts that passed, those that failed, and why.

This is the one reader of such reports: for the pages of students, the report on a class, and the
proof that each message is shown to somebody.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

from nbformat import NotebookNode

from grader.basics.words import without_colours
from grader.notebooks import cells
from grader.translation import catalogue, placeholders
from grader.translation.catalogue import ENGLISH, Language

# As checks.py has them, in the language of the release.
_FAILED = "FAILED ({_in_points(points)}): {what}\n  {self._explain(error)}"
_PASSED = "passed ({_in_points(points)}): {what}"
_REST = "{hidden} of {self.points} points are checked by hidden tests."
_ONE_POINT, _POINTS, _NO_POINTS = "1 point", "{points} points", "hidden tests give its points"
_NUMBER = r"\d{1,6}(?:\.\d{1,6})?"
_MOST_AFTER = 100  # lines that look like parts, after the report
_PLAIN = ("CheckFailed", "AssertionError", "NotRun", "")  # their messages say it all


@dataclass(frozen=True)
class Part:
    """One part of a check, as checks.py reports it."""

    passed: bool
    points: float
    what: str
    message: str
    head: str  # its first line, as it was printed

    @property
    def text(self) -> str:
        """The part as it was printed."""
        return "\n".join([self.head, *(f"  {line}" for line in self.message.splitlines())])


def parts(cell: NotebookNode) -> list[Part]:
    """The parts that the check at the end of a test cell reported.

    The tested code may have printed lines that look alike; see `parts_of`.
    """
    return parts_of(_text(cell), cells.points(cell))


def parts_of(text: str, points: float | None) -> list[Part]:
    """The parts that a check worth `points` reported at the end of what its cell printed.

    A report is written in one piece, those that failed first, and its parts add up to the points
    of the check. Of several such pieces the last is taken, for what the tested code prints comes
    before. Without any, it is the last lines that look like one: the check of a released
    notebook, which lacks the hidden parts. With None for `points`, whatever looks like a part.
    """
    pieces = _pieces(text)
    if points is None:
        return [part for piece in pieces for part in piece]
    for piece in reversed(pieces):
        if found := _adding_up(piece, points):
            return found
    last = pieces[-1] if pieces else []
    return last if sum(part.points for part in last) < points else []


def _adding_up(piece: Sequence[Part], points: float) -> list[Part]:
    """The last parts in a row that can be a report worth so many points; none if there are none."""
    for end in range(len(piece), max(0, len(piece) - _MOST_AFTER), -1):
        total, first = 0.0, end
        while first and (total < points or not piece[first - 1].points):
            if first < end and piece[first - 1].passed and not piece[first].passed:
                break  # passed before failed: this belongs to something else
            first -= 1
            total += piece[first].points
        if first < end and total == points:
            return list(piece[first:end])
    return []


def error(cell: NotebookNode) -> str:
    """The last error of a test cell that ended without a report; "" if there is none."""
    errors = [output for output in cell.outputs if output.output_type == "error"]
    return error_text(errors[-1]) if errors else ""


def error_text(output: NotebookNode) -> str:
    """An error without its traceback."""
    message = without_colours(output.get("evalue", ""))
    name = output.get("ename", "")
    if name in _PLAIN and message:
        return message
    return f"{name}: {message}" if message else str(name)


def _text(cell: NotebookNode) -> str:
    """What a cell printed, and the messages of its errors, in their order.

    An error of the check's own is its report. Otherwise the cell's result follows the report, and
    what is printed after that is none.
    """
    texts: list[str] = []
    until = 0
    for output in cell.outputs:
        if output.output_type == "stream":
            texts.append(output.text)
        elif output.output_type == "error":
            texts.append(f"\n{output.get('evalue', '')}\n")
            if output.get("ename") == "CheckFailed":
                texts, until = texts[-1:], 1
        elif output.output_type == "execute_result":
            until = len(texts)
    return without_colours("".join(texts[:until] if until else texts))


@dataclass(frozen=True)
class _Words:
    """How a report is written in a language: the first line of a part, and the last line of all."""

    failed: re.Pattern[str]
    passed: re.Pattern[str]
    rest: re.Pattern[str]


@cache
def _languages() -> tuple[_Words, ...]:
    found = []
    for language in (ENGLISH, *catalogue.languages_of_tool()):
        with suppress(re.error):  # a translation that is no form of a report: English is read
            found.append(_words(language))
    return tuple(found)


def _words(language: Language) -> _Words:
    def pattern(text: str, **values: str) -> str:
        said = (language.texts.get(text) or text).partition("\n")[0]
        return "".join(
            re.escape(each) if isinstance(each, str) else values.get(each.code, r"\S+")
            for each in placeholders.pieces(said)
        )

    points = f"{pattern(_ONE_POINT)}|{pattern(_POINTS, points=_NUMBER)}"
    points = f"(?:(?P<none>{pattern(_NO_POINTS)})|(?P<points>{points}))"
    values = {"_in_points(points)": points, "what": "(?P<what>.*)"}
    made = _Words(*(re.compile(pattern(text, **values)) for text in (_FAILED, _PASSED, _REST)))
    if not all({"points", "what"} <= {*each.groupindex} for each in (made.failed, made.passed)):
        raise re.error("it says neither the points nor what the part is about")
    return made


def _begins(line: str) -> tuple[bool, float, str] | None:
    """Whether a part passed, its points, and what it is about, if a line begins one."""
    for words in _languages():
        for passed, pattern in ((False, words.failed), (True, words.passed)):
            if found := pattern.fullmatch(line):
                number = re.search(_NUMBER, "0" if found["none"] else found["points"])
                return passed, float(number[0]) if number else 1.0, found["what"]
    return None


def _pieces(text: str) -> list[list[Part]]:
    """The lines that look like parts, where they follow each other with nothing between them."""
    pieces: list[list[tuple[bool, float, str, str, list[str]]]] = [[]]
    for line in text.split("\n"):
        if begins := _begins(line):
            pieces[-1].append((*begins, line, []))
        elif pieces[-1] and line.startswith("  "):
            pieces[-1][-1][4].append(line[2:])
        elif pieces[-1] and line and not any(w.rest.fullmatch(line) for w in _languages()):
            pieces.append([])
    return [
        [
            Part(passed, points, what, _joined(rest), head)
            for passed, points, what, head, rest in piece
        ]
        for piece in pieces
        if piece
    ]


def _joined(lines: Sequence[str]) -> str:
    return "\n".join(lines).strip("\n")
