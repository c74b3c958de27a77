"""The assignment in the languages that a course is translated into, as grading needs it.

Here alone grading meets the catalogues; elsewhere a language is its code. In each there are the
same cells, points and tests, with other words in them.
"""

from collections.abc import Iterable
from dataclasses import replace

from grader.basics.kept import Kept
from grader.course import fingerprint
from grader.course.directory import Course
from grader.notebooks.source import SourceNotebook
from grader.translation import catalogue, edition
from grader.translation.edition import Recognition


class Editions:
    """The languages of a course, by code; "" is the source's own.

    The catalogues are read once, when it is made.
    """

    def __init__(self, course: Course) -> None:
        """Raises UserError for a catalogue that cannot be read."""
        self._course = course
        self._languages = {
            code: catalogue.language(course.root, code) for code in catalogue.codes(course.root)
        }
        self._made_from = {
            code: fingerprint.of_texts(*(path.read_bytes() for path in language.files))
            for code, language in self._languages.items()
        }
        self._sources: dict[tuple[str, str], tuple[SourceNotebook, SourceNotebook]] = {}
        self._handouts: dict[str, dict[str, bytes]] = {}
        self._recognitions: Kept[Recognition] = Kept()

    @property
    def are_several(self) -> bool:
        """Whether there is another language than the source's."""
        return bool(self._languages)

    def language_of(self, notebook: str, content: bytes | None) -> str:
        """The code of the language in which a student got a notebook, by its content."""
        path = self._course.source / f"{notebook}.ipynb"
        if not self._languages or not content or not path.is_file():
            return ""
        return self._recognitions.get(
            path, lambda: Recognition(path.read_bytes(), self._languages)
        ).language_of(content)

    def made_from(self, code: str) -> tuple[str, ...]:
        """What a grade depends on in this language beyond what it does in any: its catalogues."""
        return (self._made_from[code],) if code else ()

    def in_all(self, texts: Iterable[str]) -> frozenset[str]:
        """Texts of the source's cells of prose, and the same in each language."""
        return edition.prose(texts, self._languages.values())

    def source(self, source: SourceNotebook, code: str) -> SourceNotebook:
        """The teacher's notebook in a language, with the prose of all: a student may mix them."""
        known = self._sources.get((code, source.name))
        if known is None or known[0] is not source:  # it is asked for with each student
            made = edition.source(source, self._languages[code]) if code else source
            layout = replace(made.layout, prose=self.in_all(source.layout.prose))
            known = self._sources[code, source.name] = source, replace(made, layout=layout)
        return known[1]

    def handouts(self, code: str) -> dict[str, bytes]:
        """What a notebook finds beside it, in a language."""
        if code not in self._handouts:
            files = self._course.handout_contents()
            if code:
                language = self._languages[code]
                files = {name: edition.file(name, data, language) for name, data in files.items()}
            self._handouts[code] = files
        return self._handouts[code]
