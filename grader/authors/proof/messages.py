"""Collects the messages that a failed check can show, and says which no answer of the bank reaches.

A message is a string of a test cell, or of checks.py, that reads as prose; its placeholders may
stand for anything. It is reached if the report of a failed part shows it: a hidden message that of
a hidden part of its own cell, the title of a part that of the part itself. Texts of a single word,
such as the name of a function in a table of known mistakes, are not looked for.
"""

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from grader.authors.bank.answers import Answer, full_scores
from grader.authors.bank.graded import Graded, notebook_of
from grader.authors.proof import remarks
from grader.course.directory import Course
from grader.notebooks import cells, regions
from grader.scoring import check_report
from grader.scoring.check_report import Part

CHECKS = "checks.py"
# Functions that read a text: what is handed to them is shown to nobody.
_READERS = {"startswith", "endswith", "findall", "match", "search", "sub"}

# Strings of checks.py that read as prose and are no message for a learner whose work is graded: how
# each begins, and the reason. Those of a course's test cells stand in the course (remarks.py).
_OF_CHECKS = {
    r"\x1b\[": "a regular expression",
    'File "|': "a regular expression",
    "FAILED ": "the frame of every report",
    "passed ": "the frame of every report",
    "1 point": "the frame of every report",
    "{} points": "the frame of every report",
    "hidden tests give": "the frame of every report",
    "the parts are worth ": "tells an author that the points do not add up",
    "{} of {} points are checked": "stands below the checks of the released notebook",
}


@dataclass(frozen=True)
class Message:
    """A text in the source, with {} for each placeholder; `line` counts from 1 in the cell."""

    notebook: str  # or checks.py, whose messages may show in every cell
    cell: str
    line: int
    text: str
    hidden: bool = True
    is_title: bool = False

    def __str__(self) -> str:
        place = f"{self.notebook}, {self.cell}" if self.cell else self.notebook
        return f"{place}, line {self.line}: {self.text!r}"

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What the message looks like in a report, with a group for each literal piece."""
        pieces = [
            r"\n *".join(
                re.escape(line.lstrip() if number else line)
                for number, line in enumerate(piece.split("\n"))
            )
            for piece in self.text.split("{}")
        ]
        return re.compile(".*?".join(f"({piece})" for piece in pieces))


# What can be shown


def collect(course: Course) -> list[Message]:
    """Every message of the test cells and of checks.py, in the order in which they stand there.

    Messages with the same text in one cell are one message.
    """
    excluded = excluded_of(course)
    found = []
    for path in course.notebooks():
        for cell in cells.read_notebook(path).cells:
            if cells.kind(cell) == "test":
                found += in_cell(path.stem, cells.grade_id(cell) or "", cell.source, excluded)
    checks = course.source / CHECKS
    if checks.is_file():
        found += _in_source(CHECKS, "", checks.read_text(encoding="utf-8"), set(), excluded)
    return found


def excluded_of(course: Course) -> list[tuple[str, str]]:
    """What reads as prose and is no message: the place, and how the string begins."""
    return [*((CHECKS, start) for start in _OF_CHECKS), *remarks.of_course(course).messages]


def in_cell(
    notebook: str, name: str, source: str, excluded: Collection[tuple[str, str]] = ()
) -> list[Message]:
    """The messages of one test cell, those of its visible part among them."""
    return _in_source(notebook, name, source, _hidden_lines(source), excluded)


def _in_source(
    notebook: str,
    cell: str,
    source: str,
    hidden: set[int],
    excluded: Collection[tuple[str, str]],
) -> list[Message]:
    found: dict[tuple[str, bool, bool], Message] = {}
    for node, is_title in _strings(ast.parse(source)):
        text = _text_of(node)
        place = cell or notebook
        is_excluded = any(place == where and text.startswith(start) for where, start in excluded)
        if (is_title or _is_prose(text)) and not is_excluded:
            in_hidden = node.lineno in hidden or not cell
            message = Message(notebook, cell, node.lineno, text, in_hidden, is_title)
            found.setdefault((text, in_hidden, is_title), message)
    return sorted(found.values(), key=lambda message: message.line)


def _hidden_lines(source: str) -> set[int]:
    return {line.number for line in regions.lines(source, "HIDDEN TESTS") if line.inside}


def _strings(tree: ast.AST) -> Iterator[tuple[ast.expr, bool]]:
    """The strings that may be shown, each as a whole, and whether it is the title of a part."""
    for node in _shown(tree):
        if isinstance(node, ast.JoinedStr):
            yield node, False
            for value in node.values:
                if isinstance(value, ast.FormattedValue):
                    yield from _strings(value.value)
        elif isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                yield node, False
        elif isinstance(node, ast.Call) and _name_of(node.func) == "part" and len(node.args) == 2:
            yield node.args[1], True
        else:
            yield from _strings(node)


def _shown(node: ast.AST) -> Iterator[ast.AST]:
    """The children of a node, but for strings that are read or compared, and docstrings."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    if isinstance(node, (ast.JoinedStr, ast.Constant)):
        yield node  # the expression as a whole
        return
    for child in ast.iter_child_nodes(node):
        in_vain = isinstance(node, ast.Compare) or (
            isinstance(node, ast.Call) and _name_of(node.func) in _READERS
        )
        if not (in_vain and isinstance(child, (ast.JoinedStr, ast.Constant))):
            yield child


def _name_of(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _text_of(node: ast.expr) -> str:
    """The text of a string, with {} for each placeholder."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_text_of(value) for value in node.values)
    return "{}"


def _is_prose(text: str) -> bool:
    """Whether it has words: a name, a key or a type has no space in it."""
    literal = text.replace("{}", "")
    return bool(re.search("[A-Za-z]", literal) and re.search(r"\S\s+\S", text.strip()))


# What was shown


def unreached(course: Course, graded: Mapping[str, Graded]) -> list[Message]:
    """The messages, of hidden and of visible parts and of checks.py, that no answer is shown."""
    return missing(course, collect(course), graded)


def missing(course: Course, messages: list[Message], graded: Mapping[str, Graded]) -> list[Message]:
    """Those of the messages that no graded answer is shown."""
    by_place: dict[tuple[str, str], list[Message]] = {}
    for message in messages:
        by_place.setdefault((message.notebook, message.cell), []).append(message)
    reached: set[Message] = set()
    outputs = {
        (notebook_of(id_), name, output)
        for id_, result in graded.items()
        for name, output in result.outputs.items()
    }
    everywhere = by_place.get((CHECKS, ""), [])
    for notebook, name, output in sorted(outputs):
        here = by_place.get((notebook, name), [])
        full = full_scores(course, notebook).get(name)
        for part in check_report.parts_of(output, full) if here else ():
            if not part.passed:
                reached |= _reached_by(part, here, everywhere)
    return [message for message in messages if message not in reached]


def _reached_by(part: Part, here: list[Message], everywhere: list[Message]) -> set[Message]:
    """The messages, of the cell and of checks.py, that the failure of a part shows."""
    titles = {m for m in here if m.is_title and m.pattern.fullmatch(part.what)}
    hidden = any(title.hidden for title in titles)
    texts = [m for m in here if not m.is_title and m.hidden == hidden]
    return titles | _shown_in(part.message, texts + everywhere)


def _shown_in(text: str, messages: list[Message]) -> set[Message]:
    """The messages that stand in a text.

    Words that are only a piece of the words of a longer message are no message: "o**2" does not
    stand in "1 + o**2".
    """
    spans: dict[Message, list[list[tuple[int, int]]]] = {}
    for message in messages:
        for match in message.pattern.finditer(text):
            groups = range(1, message.pattern.groups + 1)
            spans.setdefault(message, []).append([_words_of(match, group) for group in groups])
    words = {span for matches in spans.values() for pieces in matches for span in pieces}
    return {
        message
        for message, matches in spans.items()
        if not all(_lies_within(max(pieces, key=_length), words) for pieces in matches)
    }


def _words_of(match: re.Match[str], group: int) -> tuple[int, int]:
    """Where a literal piece stands, without the spaces and line ends around it."""
    start, piece = match.start(group), match[group]
    return start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())


def _lies_within(piece: tuple[int, int], others: set[tuple[int, int]]) -> bool:
    start, end = piece
    return any(s <= start and end <= e and (s, e) != piece for s, e in others)


def _length(piece: tuple[int, int]) -> int:
    return piece[1] - piece[0]


# A page for the review of the messages


def shown(course: Course, graded: Graded, answer: Answer) -> str:
    """The slip that an answer shows, and what its student reads about it."""
    lines = [answer.id, f"  {answer.shows}"]
    if graded.error:
        return "\n".join([*lines, f"  {graded.error}"])
    for cell, full in full_scores(course, answer.notebook).items():
        score, output = graded.scores.get(cell), graded.outputs.get(cell, "")
        failed = [part for part in check_report.parts_of(output, full) if not part.passed]
        if not failed and score == full:
            continue
        points = "no score" if score is None else f"{score:g} of {full:g} points"
        lines.append(f"  {cell}: {points}")
        for part in failed:
            lines += [f"    {line}" for line in part.text.splitlines()]
        if not failed:
            lines += [f"    {line}" for line in output.splitlines()[-8:]]
    return "\n".join(lines)
