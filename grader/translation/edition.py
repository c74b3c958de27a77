"""An assignment in another language: its cells, its files, and in which language a notebook is."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path, PurePath

from nbformat import NotebookNode
from nbgrader.utils import compute_checksum

from grader.notebooks import cells, colab, untrusted
from grader.notebooks.source import SourceCell, SourceNotebook
from grader.translation import markdown, python_code
from grader.translation.catalogue import Language

TEXTS = (".md", ".py")  # the files beside the notebooks that are translated


def cell(cell_type: str, source: str, language: Language) -> str:
    """The source of a cell in a language; of code, its comments and its texts."""
    if cell_type == "code":
        return python_code.translated(source, language.texts)
    return markdown.translated(source, language.texts) if cell_type == "markdown" else source


def file(name: str, content: bytes, language: Language) -> bytes:
    """A file beside the notebooks in a language; what is neither Python nor Markdown stays."""
    suffix = PurePath(name).suffix
    if suffix not in TEXTS:
        return content
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        return content
    translate = python_code.translated if suffix == ".py" else markdown.translated
    return translate(text, language.texts).encode()


def source(teachers: SourceNotebook, language: Language) -> SourceNotebook:
    """A teacher's notebook in a language, as grading has it: the same cells, names and points.

    What a cell holds as it is handed out has another checksum there.
    """
    return replace(teachers, cells=tuple(_cell(each, language) for each in teachers.cells))


def _cell(known: SourceCell, language: Language) -> SourceCell:
    text = cell(known.cell_type, known.source, language)
    if known.checksum is None or text == known.source:
        return replace(known, source=text)
    return replace(known, source=text, checksum=known.checksum_of(text))


def prose(texts: Iterable[str], languages: Iterable[Language]) -> frozenset[str]:
    """Texts of cells of prose, and the same in each language."""
    known = list(texts)
    made = (markdown.translated(text, each.texts).strip() for each in languages for text in known)
    return frozenset((*known, *made))


def notebook(path: Path, language: Language) -> NotebookNode:
    """A released notebook in a language."""
    made = cells.read_notebook(path)
    made.cells = colab.without(made.cells)  # the files that it gets are others
    for each in made.cells:
        each.source = cell(each.cell_type, each.source, language)
        if "checksum" in cells.about(each):
            each.metadata.nbgrader.checksum = compute_checksum(each)
    return made


class Recognition:
    """Tells in which language a notebook was handed out, by lines of its prose.

    No metadata are needed for it, which Colab and others lose.
    """

    _MOST = 8  # texts that are looked for

    def __init__(self, notebook: bytes, languages: Mapping[str, Language]) -> None:
        """`notebook` is the content of the teacher's."""
        # By language, "" for the source's own, a line that is in none of the others.
        self._lines: list[dict[str, str]] = []
        for text in _prose(notebook):
            texts = {"": text}
            for code, language in languages.items():
                texts[code] = markdown.translated(text, language.texts)
            if (lines := _telling(texts)) and len(self._lines) < self._MOST:
                self._lines.append(lines)
        # Most students have the source's: its first two lines are found at once.
        own = [each[""] for each in self._lines[:2]]
        others = [line for each in self._lines for code, line in each.items() if code]
        is_plain = len(own) == 2 and not any(line in other for line in own for other in others)
        self._at_once = [_written(line) for line in own] if is_plain else []

    def language_of(self, content: bytes) -> str:
        """The code of the language that most of these lines are there in; "" for the source's."""
        if not self._lines:
            return ""
        if self._at_once and all(line in content for line in self._at_once):
            return ""
        there = {line for text in _prose(content) for line in _lines(text)}
        votes = Counter(
            code for each in self._lines for code, line in each.items() if line in there
        )
        return votes.most_common(1)[0][0] if votes else ""


def _written(line: str) -> bytes:
    """A line as Jupyter writes it into a file."""
    return json.dumps(line, ensure_ascii=False)[1:-1].encode()


def _telling(texts: Mapping[str, str]) -> dict[str, str]:
    """By language, the first line of a text that is another one in each; none if there is none."""
    for lines in zip(*map(_lines, texts.values()), strict=False):
        if len({*lines}) == len(texts):
            return dict(zip(texts, lines, strict=True))
    return {}


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def _prose(notebook: bytes) -> list[str]:
    """The cells of prose in a notebook's file, in whatever encoding grading reads; else none."""
    try:
        known = json.loads(untrusted.text_of(notebook))["cells"]
        return ["".join(each["source"]) for each in known if each["cell_type"] == "markdown"]
    except (ValueError, KeyError, TypeError, RecursionError, untrusted.Unreadable):
        return []
