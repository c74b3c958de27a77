"""Take hidden tests and mark schemes out of what a student gets to see."""

import html
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from nbformat import NotebookNode
from nbgrader.utils import is_locked, is_task

from grader.basics.words import without_colours
from grader.notebooks import regions
from grader.notebooks.source import SourceCell, SourceNotebook

_SHORTEST = 12  # characters; a shorter line gives nothing away
_REPLACEMENT = "(a line of a hidden test)"
_TAG = re.compile(r"<[^<>]*>")
_WORD = re.compile(r"\w{3}")
_IN_TRACEBACK = re.compile(r"((?:-+>)?\s*\d+\s+)(\S.*)")  # "----> 3     x = 1"
_MARKUP = ("text/html", "image/svg+xml", "text/markdown")


def hidden_lines(source: SourceNotebook | NotebookNode, *kinds: regions.Kind) -> list[str]:
    """The lines that stand in hidden parts and in nothing that students see.

    `source` is the teacher's notebook, or an autograded one, which has the same tests. Of the
    latter, what the student wrote counts as seen. A line of a few characters gives nothing away;
    a whole region of such lines does, and is among the lines.
    """
    hidden: set[str] = set()
    seen: list[str] = []
    for cell in source.cells:
        if not is_of_teacher(cell):
            seen.append(cell.source)
            continue
        for inside, group in groupby(regions.lines(cell.source, *kinds), lambda line: line.inside):
            texts = [line.text for line in group if not line.is_marker]
            if inside is None:
                seen += texts
            else:
                hidden.update(filter(says_something, _lines("\n".join(texts))))
                hidden.update(filter(says_something, ["\n".join(texts).strip()]))
    known = "\n".join(map(_bare, seen))
    return sorted((line for line in hidden if _bare(line) not in known), key=len, reverse=True)


def is_of_teacher(cell: NotebookNode | SourceCell) -> bool:
    """Whether a cell's text is the teacher's when it is graded, whatever its student wrote."""
    if isinstance(cell, SourceCell):
        return True
    return bool(is_locked(cell) or is_task(cell))


def _lines(text: str) -> Iterator[str]:
    return (line.strip() for line in text.splitlines())


def says_something(text: str) -> bool:
    """Whether a line is long enough to give something away; "return x" is not."""
    return len(text) >= _SHORTEST and bool(_WORD.search(text))


def _bare(text: str) -> str:
    """A text by which it is found in whatever layout: without spaces and colours."""
    return "".join(without_colours(text).split())


def has_hidden(text: str) -> bool:
    """Whether a test cell has a hidden part."""
    return any(line.inside == "HIDDEN TESTS" for line in regions.lines(text))


def remove(notebook: NotebookNode, lines: Iterable[str], *kinds: regions.Kind) -> bool:
    """Replace `lines`, those of regions of these kinds, in the outputs of `notebook`.

    Returns whether there were any.

    Tracebacks show them, and a learner's code may have read them. Colours, spaces and HTML around
    the characters are no hiding place; an encoding of the learner's own is. A line that the
    student wrote as well stays, for a traceback without it would puzzle its author.
    """
    written = "\n".join(_bare(cell.source) for cell in notebook.cells if not is_of_teacher(cell))
    secrets = [line for line in lines if _bare(line) not in written]
    short = {
        text
        for cell in notebook.cells
        if is_of_teacher(cell)
        for line in regions.lines(cell.source, *kinds)
        if line.inside and (text := _bare(line.text)) and text not in written
    }
    found = False
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            for holder, key in _texts(output):
                is_markup = holder is output.get("data") and key in _MARKUP
                changed = _without(holder[key], secrets, is_markup=is_markup)
                if holder is output.get("traceback"):
                    changed = _without_frames(changed, short)
                if changed != holder[key]:
                    found = True
                    holder[key] = changed
    return found


def _without(text: str, secrets: Sequence[str], *, is_markup: bool) -> str:
    """A text in which each secret is replaced; or all of it, where that cannot be done."""
    there = [line for line in secrets if _holds(text, line, is_markup=is_markup)]
    if not there:
        return text
    plain = without_colours(text)
    for line in there:
        plain = plain.replace(line, _REPLACEMENT)
    bare = [_bare(line) for line in there]
    plain = _each_line(plain, lambda line: any(each in _bare(line) for each in bare))
    if any(_holds(plain, line, is_markup=is_markup) for line in there):
        return _REPLACEMENT
    return plain


def _without_frames(text: str, secrets: set[str]) -> str:
    """A traceback without the numbered lines of hidden tests, however short these are."""

    def is_secret(line: str) -> bool:
        frame = _IN_TRACEBACK.fullmatch(without_colours(line))
        return frame is not None and _bare(frame[2]) in secrets

    return _each_line(text, is_secret)


def _each_line(text: str, is_secret: Callable[[str], bool]) -> str:
    """A text with a replacement for each line that is secret, but for the number before it."""

    def shown(line: str) -> str:
        if not is_secret(line):
            return line
        frame = _IN_TRACEBACK.fullmatch(without_colours(line))
        return (frame[1] if frame else "") + _REPLACEMENT

    return "\n".join(map(shown, text.split("\n")))


def _holds(text: str, line: str, *, is_markup: bool) -> bool:
    bare = _bare(line)
    return bare in _bare(text) or (is_markup and bare in _bare(text_of(text)))


def text_of(page: str) -> str:
    """What HTML says: without its tags, and with characters in the place of references."""
    return html.unescape(_TAG.sub("", page))


def shown_in(page: str, lines: Sequence[str], seen: Iterable[str] = ()) -> list[str]:
    """Those of `lines` that can be read in an HTML page, but for what is in the texts `seen`.

    What stands in an attribute can be read, too.
    """
    texts = (_bare(text_of(page)), _bare(html.unescape(page)))
    known = "\n".join(map(_bare, seen))
    bare = {line: _bare(line) for line in lines}
    return [
        line
        for line, each in bare.items()
        if each not in known and any(each in text for text in texts)
    ]


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
