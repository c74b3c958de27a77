"""Take hidden tests and mark schemes out of what a student gets to see."""

import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any, NamedTuple

from nbformat import NotebookNode
from nbgrader.utils import is_locked, is_task

from grader.basics.words import without_colours
from grader.notebooks import regions, tracebacks
from grader.notebooks.cells import grade_id
from grader.notebooks.source import SourceCell, SourceNotebook

_SHORTEST = 12  # characters; a shorter line gives nothing away
_REPLACEMENT = "(a line of a hidden test)"
_TAG = re.compile(r"<[^<>]*>")
_WORD = re.compile(r"\w{3}")
_WORDS = re.compile(r"\w+")
_ENCODED = re.compile(r"[A-Za-z0-9+/=]+")  # as pictures are; few lines of code are so
_LONG = 1000  # characters
_RUN = re.compile(rf"[A-Za-z0-9+/=]{{{_LONG},}}")
_MARKUP = ("text/html", "image/svg+xml", "text/markdown")


def hidden_lines(
    source: SourceNotebook | NotebookNode, *kinds: regions.Kind, handouts: Iterable[str] = ()
) -> list[str]:
    """The lines that stand in hidden parts and in nothing that students see.

    `source` is the teacher's notebook, or an autograded one, which has the same tests. Of the
    latter, what the student wrote counts as seen, and what its tracebacks show of libraries.
    `handouts` are the texts of the files that students get. A line of a few characters gives
    nothing away; a whole region of such lines does, and is among the lines.
    """
    handouts = tuple(handouts)
    if isinstance(source, SourceNotebook):  # the same for each student
        return list(_hidden_lines_of_source(source.cells, kinds, handouts, regions.delimiters()))
    lines = _hidden_lines(source.cells, kinds, handouts)
    public = _public(source, lines)
    return [line for line in lines if line not in public]


@lru_cache(maxsize=64)
def _hidden_lines_of_source(
    cells: tuple[SourceCell, ...],
    kinds: tuple[regions.Kind, ...],
    handouts: tuple[str, ...],
    _delimiters: tuple[regions.Delimiters, ...],
) -> tuple[str, ...]:
    return tuple(_hidden_lines(cells, kinds, handouts))


def _hidden_lines(
    cells: Iterable[NotebookNode | SourceCell],
    kinds: Iterable[regions.Kind],
    handouts: Iterable[str],
) -> list[str]:
    hidden: set[str] = set()
    seen: list[str] = []
    for cell in cells:
        if is_of_teacher(cell):
            parts = _parts(cell.source, tuple(kinds), regions.delimiters())
            hidden |= parts.hidden
            seen += parts.seen
        else:
            seen.append(cell.source)
    known = {*_Bare(*seen).held(tuple(hidden)), *_of_handouts(tuple(handouts)).held(tuple(hidden))}
    return sorted((line for line in hidden if line not in known), key=len, reverse=True)


class _Parts(NamedTuple):
    """Of a cell, the lines of its regions that say something, and the lines around these."""

    hidden: frozenset[str]
    seen: tuple[str, ...]


@lru_cache(maxsize=1000)  # of the teacher's cells, which are the same for each student
def _parts(
    source: str, kinds: tuple[regions.Kind, ...], _delimiters: tuple[regions.Delimiters, ...]
) -> _Parts:
    hidden: set[str] = set()
    seen: list[str] = []
    for inside, group in groupby(regions.lines(source, *kinds), lambda line: line.inside):
        texts = [line.text for line in group if not line.is_marker]
        if inside is None:
            seen += texts
        else:
            hidden.update(filter(says_something, _lines("\n".join(texts))))
            hidden.update(filter(says_something, ["\n".join(texts).strip()]))
    return _Parts(frozenset(hidden), tuple(seen))


def code_of(handouts: Mapping[str, bytes]) -> tuple[str, ...]:
    """The code among the files that students get, which are given by their names."""
    return tuple(
        data.decode("utf-8", "replace") for name, data in handouts.items() if name.endswith(".py")
    )


@lru_cache(maxsize=16)  # the same for each student
def _of_handouts(texts: tuple[str, ...]) -> "_Bare":
    return _Bare(*texts)


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
    own = set(written.held(there := shown.held(lines))) | _public(notebook, there)
    secrets = [line for line in there if line not in own]
    frames: _Frames | None = None
    found = False
    for cell, output, holder, key in _texts_of(notebook):
        changed = _without(holder[key], secrets, is_markup=_is_markup(output, holder, key))
        if holder is output.get("traceback"):
            frames = frames or _Frames(notebook, kinds, written)
            changed = frames.without(changed, cell)
        if changed != holder[key]:
            found = True
            holder[key] = changed
    return found


def _public(notebook: NotebookNode, lines: Iterable[str]) -> set[str]:
    """Those of `lines` that a library's file has, too, of which a traceback shows them.

    A student may read such a file, and would be told that the library's line is one of a test.
    """
    wanted = {line: _bare(line) for line in lines}
    found: set[str] = set()
    for _, output, holder, key in _texts_of(notebook) if wanted else ():
        if holder is output.get("data") or "File " not in without_colours(holder[key]):
            continue
        for _, code in tracebacks.lines(holder[key]):
            if code is not None and code.frame.file:
                bare = _bare(code.text)
                those = {line for line, each in wanted.items() if each in bare} - found
                if those and tracebacks.is_public(code):
                    found |= those
    return found


class _Here(NamedTuple):
    """A line of a cell, without layout, and whether it is hidden."""

    bare: str
    is_hidden: bool


@lru_cache(maxsize=1000)  # of the teacher's cells, which are the same for each student
def _lines_here(
    source: str, kinds: tuple[regions.Kind, ...], _delimiters: tuple[regions.Delimiters, ...]
) -> tuple[_Here, ...]:
    found = regions.lines(source, *kinds)
    return tuple(_Here(_bare(line.text), line.inside is not None) for line in found)


class _Frames:
    """Takes the lines of hidden tests out of tracebacks, however short these are.

    A short line says where it stands: it is one of a hidden test only if a cell has it there. For
    "try:" and ")" stand in other cells and in many files, and these are no secrets.
    """

    def __init__(
        self, notebook: NotebookNode, kinds: tuple[regions.Kind, ...], written: _Bare
    ) -> None:
        self._cells = [
            (cell, _lines_here(cell.source, kinds, regions.delimiters()))
            if is_of_teacher(cell)
            else (cell, tuple(_Here(_bare(text), False) for text in cell.source.split("\n")))
            for cell in notebook.cells
            if cell.cell_type == "code"
        ]
        hidden, seen = (
            {line.bare for _, lines in self._cells for line in lines if line.is_hidden == which}
            for which in (True, False)
        )
        hidden -= {"", *seen}
        self._hidden = hidden - set(written.held(tuple(hidden)))

    def without(self, text: str, cell: NotebookNode) -> str:
        """A traceback in the output of a cell, with a replacement for each such line."""
        return "\n".join(
            line if code is None or not self._is_hidden(code, cell) else code.before + _REPLACEMENT
            for line, code in tracebacks.lines(text)
        )

    def _is_hidden(self, code: tracebacks.Code, cell: NotebookNode) -> bool:
        frame, bare = code.frame, _bare(code.text)
        if frame.file or bare == _bare(_REPLACEMENT):
            return False
        if frame.test:
            return self._is_hidden_in_test(frame)
        if code.number is None:
            return False
        there = [
            (other, lines[code.number - 1].is_hidden)
            for other, lines in self._cells
            if 0 < code.number <= len(lines) and lines[code.number - 1].bare == bare
        ]
        if not there or frame.count is None:  # IPython leaves out empty lines at the top
            return bare in self._hidden
        # A test and the learner's next cell may have one number.
        own = [is_hidden for other, is_hidden in there if other is cell]
        same = [
            is_hidden for other, is_hidden in there if other.get("execution_count") == frame.count
        ]
        if own and cell.get("execution_count") == frame.count:
            return own[0]
        return any(same or (is_hidden for _, is_hidden in there))

    def _is_hidden_in_test(self, frame: tracebacks.Frame) -> bool:
        """Whether the statement at which a frame of the judge's stands is hidden."""
        return any(
            frame.line is not None
            and 0 < frame.line <= len(lines)
            and lines[frame.line - 1].is_hidden
            for cell, lines in self._cells
            if grade_id(cell) == frame.test
        )


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

    for _, output, holder, key in _texts_of(notebook):
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


def _each_line(text: str, is_secret: Callable[[str], bool]) -> str:
    """A text with a replacement for each line that is secret, but for the number before it."""
    return "\n".join(
        (code.before if code else "") + _REPLACEMENT if is_secret(line) else line
        for line, code in tracebacks.lines(text)
    )


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
    there = _Bare(text_of(page), html.unescape(page)).held(tuple(lines))
    known = set(_Bare(*seen).held(there))
    return [line for line in there if line not in known]


def _is_markup(output: Any, holder: Any, key: Any) -> bool:
    return holder is output.get("data") and key in _MARKUP


def _texts_of(notebook: NotebookNode) -> Iterator[tuple[NotebookNode, Any, Any, Any]]:
    """Each cell and output, with where its texts are."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            for holder, key in list(_texts(output)):
                yield cell, output, holder, key


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
