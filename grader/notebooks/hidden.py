"""Take hidden tests and mark schemes out of what a student gets to see."""

import html
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any, NamedTuple

from nbformat import NotebookNode
from nbgrader.utils import is_locked, is_task

from grader.basics.words import without_colours
from grader.notebooks import regions
from grader.notebooks.source import SourceCell, SourceNotebook

_SHORTEST = 12  # characters; a shorter line gives nothing away
_REPLACEMENT = "(a line of a hidden test)"
_TAG = re.compile(r"<[^<>]*>")
_WORD = re.compile(r"\w{3}")
_WORDS = re.compile(r"\w+")
_ENCODED = re.compile(r"[A-Za-z0-9+/=]+")  # as pictures are; few lines of code are so
_LONG = 1000  # characters
_RUN = re.compile(rf"[A-Za-z0-9+/=]{{{_LONG},}}")
_IN_TRACEBACK = re.compile(r"((?:-+>)?\s*\d+\s+)(\S.*)")  # "----> 3     x = 1"
_MARKUP = ("text/html", "image/svg+xml", "text/markdown")


def hidden_lines(source: SourceNotebook | NotebookNode, *kinds: regions.Kind) -> list[str]:
    """The lines that stand in hidden parts and in nothing that students see.

    `source` is the teacher's notebook, or an autograded one, which has the same tests. Of the
    latter, what the student wrote counts as seen. A line of a few characters gives nothing away;
    a whole region of such lines does, and is among the lines.
    """
    if isinstance(source, SourceNotebook):  # the same for each student
        return list(_hidden_lines_of_source(source.cells, kinds, regions.delimiters()))
    return _hidden_lines(source.cells, kinds)


@lru_cache(maxsize=64)
def _hidden_lines_of_source(
    cells: tuple[SourceCell, ...],
    kinds: tuple[regions.Kind, ...],
    _delimiters: tuple[regions.Delimiters, ...],
) -> tuple[str, ...]:
    return tuple(_hidden_lines(cells, kinds))


def _hidden_lines(
    cells: Iterable[NotebookNode | SourceCell], kinds: Iterable[regions.Kind]
) -> list[str]:
    hidden: set[str] = set()
    seen: list[str] = []
    for cell in cells:
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
    known = set(_Bare(*seen).held(tuple(hidden)))
    return sorted((line for line in hidden if line not in known), key=len, reverse=True)


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


class _Mark(NamedTuple):
    """By what a line is found in a text: the line itself without layout, the words that a text has
    as whole words if the line is in it, and whether an encoded picture can hold it.
    """

    line: str
    bare: str
    words: frozenset[str]
    is_plain: bool


@lru_cache(maxsize=10_000)  # the secrets of an assignment, which are looked for in every text
def _mark(line: str) -> _Mark:
    """The first and the last word of a line may be parts of longer ones in the text."""
    bare = _bare(line)
    inner = (each for each in _WORDS.finditer(bare) if each.start() and each.end() < len(bare))
    words = frozenset(word[0] for word in inner)
    return _Mark(line, bare, words, bool(_ENCODED.fullmatch(bare)))


@lru_cache(maxsize=64)  # most texts of a class are searched for the same lines
def _marks(lines: tuple[str, ...]) -> tuple[_Mark, ...]:
    return tuple(map(_mark, lines))


class _Bare:
    """Texts without layout. Their words are set apart, for to look for hundreds of lines by
    searching for each took half a second a notebook. `encoded` are pictures in them.
    """

    def __init__(self, *texts: str, encoded: Sequence[str] = ()) -> None:
        self._text, self._encoded = "\n".join(map(_bare, texts)), "\n".join(encoded)
        self._words = frozenset(_WORDS.findall(self._text))

    def held(self, lines: tuple[str, ...]) -> tuple[str, ...]:
        """Those of the lines that are in one of them, in whatever layout."""
        text, encoded, has = self._text, self._encoded, self._words
        return tuple(
            line
            for line, bare, words, is_plain in _marks(lines)
            if (words <= has and bare in text) or (is_plain and bare in encoded)
        )


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
    written = _Bare(*(cell.source for cell in notebook.cells if not is_of_teacher(cell)))
    # First in all texts at once, for most notebooks show none.
    lines = tuple(lines)
    shown = _shown(notebook, max((len(mark.bare) for mark in _marks(lines)), default=0))
    own = set(written.held(there := shown.held(lines)))
    secrets = [line for line in there if line not in own]
    inside = (
        _hidden_in(cell.source, kinds, regions.delimiters())
        for cell in notebook.cells
        if is_of_teacher(cell)
    )
    short = {line for each in inside for line in each}
    short -= set(written.held(tuple(short)))
    found = False
    for output, holder, key in _texts_of(notebook):
        changed = _without(holder[key], secrets, is_markup=_is_markup(output, holder, key))
        if holder is output.get("traceback"):
            changed = _without_frames(changed, short)
        if changed != holder[key]:
            found = True
            holder[key] = changed
    return found


@lru_cache(maxsize=1000)  # of the teacher's cells, which are the same for each student
def _hidden_in(
    source: str, kinds: tuple[regions.Kind, ...], _delimiters: tuple[regions.Delimiters, ...]
) -> frozenset[str]:
    """The lines of a cell's hidden parts, without layout."""
    inside = (_bare(line.text) for line in regions.lines(source, *kinds) if line.inside)
    return frozenset(filter(None, inside))


def _shown(notebook: NotebookNode, most: int) -> _Bare:
    """What all outputs hold, and what those say that are markup.

    Of an encoded picture only its ends stay with the text around it, `most` characters at each:
    no line is longer.
    """
    encoded: list[str] = []
    texts: list[str] = []

    def set_apart(found: re.Match[str]) -> str:
        picture = found[0]
        if len(picture) < _LONG + 2 * most:
            return picture
        encoded.append(picture)
        return f"{picture[:most]}\n{picture[len(picture) - most :]}"

    for output, holder, key in _texts_of(notebook):
        texts.append(_RUN.sub(set_apart, holder[key]))
        if _is_markup(output, holder, key):
            texts.append(text_of(texts[-1]))
    return _Bare(*texts, encoded=encoded)


def _without(text: str, secrets: Sequence[str], *, is_markup: bool) -> str:
    """A text in which each secret is replaced; or all of it, where that cannot be done."""
    there = _held(text, secrets, is_markup=is_markup) if secrets else []
    if not there:
        return text
    plain = without_colours(text)
    for line in there:
        plain = plain.replace(line, _REPLACEMENT)
    bare = [_bare(line) for line in there]
    plain = _each_line(plain, lambda line: any(each in _bare(line) for each in bare))
    if _held(plain, there, is_markup=is_markup):
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


def _held(text: str, lines: Sequence[str], *, is_markup: bool) -> list[str]:
    """Those of the lines that a text holds, or says as HTML."""
    said = _Bare(text, *([text_of(text)] if is_markup else []))
    return list(said.held(tuple(lines)))


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


def _is_markup(output: Any, holder: Any, key: Any) -> bool:
    return holder is output.get("data") and key in _MARKUP


def _texts_of(notebook: NotebookNode) -> Iterator[tuple[Any, Any, Any]]:
    """Each output, with where its texts are."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            for holder, key in list(_texts(output)):
                yield output, holder, key


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
