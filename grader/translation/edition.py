"""An assignment in another language: its cells, its files, and in which language a notebook is."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import compute_checksum

from grader.notebooks import cells, colab
from grader.notebooks.source import Layout, SourceCell, SourceNotebook
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
        text = content.decode()
    except UnicodeDecodeError:
        return content
    translate = python_code.translated if suffix == ".py" else markdown.translated
    return translate(text, language.texts).encode()


def source(teachers: SourceNotebook, language: Language) -> SourceNotebook:
    """A teacher's notebook in a language, as grading has it: the same cells, names and points.

    What a cell holds as it is handed out has another checksum there.
    """
    made = tuple(_cell(each, language) for each in teachers.cells)
    return replace(teachers, cells=made, layout=_layout(teachers.layout, language))


def _cell(known: SourceCell, language: Language) -> SourceCell:
    made = replace(known, source=cell(known.cell_type, known.source, language))
    if known.checksum is None or made.source == known.source:
        return made
    names = ("grade", "solution", "locked", "points")
    about = {"grade_id": known.name, **{name: getattr(known, name) for name in names}}
    return replace(made, checksum=checksum(known.cell_type, made.source, about))


def checksum(cell_type: str, text: str, about: Mapping[str, Any]) -> str:
    """nbgrader's checksum of a cell of which its metadata say `about`."""
    made = {"cell_type": cell_type, "source": text, "metadata": {"nbgrader": dict(about)}}
    return str(compute_checksum(nbformat.from_dict(made)))


def _layout(layout: Layout, language: Language) -> Layout:
    """The same, with the prose in both languages: a student may have a cell of each."""
    prose = {markdown.translated(text, language.texts).strip() for text in layout.prose}
    return replace(layout, prose=layout.prose | prose)


def notebook(path: Path, language: Language) -> NotebookNode:
    """A released notebook in a language."""
    made = cells.read_notebook(path)
    made.cells = colab.without(made.cells)  # the files that it gets are others
    for each in made.cells:
        each.source = cell(each.cell_type, each.source, language)
        about = cells.about(each)
        if "checksum" in about:
            each.metadata.nbgrader.checksum = checksum(each.cell_type, each.source, about)
    return made


class Recognition:
    """Tells in which language a notebook was handed out, by what its prose begins with.

    No metadata are needed for it, which Colab and others lose.
    """

    _MOST = 6  # texts that are looked for; enough where a student has taken some out

    def __init__(self, notebook: bytes, languages: Mapping[str, Language]) -> None:
        """`notebook` is the content of the teacher's."""
        self._texts = []  # as it is, and in the languages in which it is another one
        for text in _first_lines(notebook)[: self._MOST]:
            put = {code: markdown.translated(text, each.texts) for code, each in languages.items()}
            others = {code: _written(other) for code, other in put.items() if other != text}
            # What a language has not translated says nothing for the source's own.
            own = _written(text) if len(others) == len(languages) else ()
            self._texts.append((own, others))

    def language_of(self, content: bytes) -> str:
        """The code of the language of the first of these texts that is there; "" for the source's.

        That is found at once, at the begin of a file, where most students have the source's.
        """
        for own, others in self._texts:
            if _is_in(own, content):
                return ""
            for code, other in others.items():
                if _is_in(other, content):
                    return code
        return ""


def _first_lines(notebook: bytes) -> list[str]:
    """The blocks that the cells of prose begin with."""
    try:
        known = json.loads(notebook)["cells"]
        prose = ["".join(each["source"]) for each in known if each["cell_type"] == "markdown"]
    except (ValueError, KeyError, TypeError):
        return []
    return [found[0].text for text in prose if (found := markdown.blocks(text))]


def _written(text: str) -> tuple[bytes, ...]:
    """How JSON has the first line of a text: as it is, and with escapes for all that is not ASCII.

    With the mark before it, so that it is not found within another text.
    """
    line = text.partition("\n")[0]
    forms = {json.dumps(line, ensure_ascii=False)[:-1], json.dumps(line)[:-1]}
    return tuple(sorted(form.encode() for form in forms))


def _is_in(forms: tuple[bytes, ...], content: bytes) -> bool:
    return any(form in content for form in forms)
