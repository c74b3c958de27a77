"""Catalogues: the texts of a language in gettext's PO files, which translators' programs edit.

The tool has one for each language, and a course one of its own in translations/. A text that is not
translated, or was before the English changed, stands in English.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

from babel.core import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog
from babel.messages.pofile import PoFileError, read_po

from grader.basics.errors import UserError
from grader.basics.kept import Kept

OF_TOOL = Path(__file__).parent / "catalogues"
# How a catalogue marks what grading writes.
SENTENCE = "written by grading, in English; a student's page says it in the page's language"
_LINE = re.compile(r'(?:#.*|(?:msg(?:id|str|ctxt|id_plural)(?:\[\d\])? )?"(?:[^"\\]|\\.)*")?')
FOLDER = "translations"  # in a course


@dataclass(frozen=True)
class Language:
    """A language that a course has a catalogue for: its code, such as "ko", and its texts.

    `sentences` are those of the texts that grading writes in English, for a page to say again.
    """

    code: str
    texts: Mapping[str, str] = field(default_factory=dict)
    sentences: frozenset[str] = frozenset()
    files: tuple[Path, ...] = ()


ENGLISH = Language("en")  # of the source, which needs no catalogue


def codes(root: Path) -> list[str]:
    """The languages that the course in `root` is translated into."""
    return sorted(path.stem for path in (root / FOLDER).glob("*.po") if _is_code(path.stem))


def language(root: Path, code: str) -> Language:
    """A language of the course in `root`; what the course says goes before what the tool does.

    Raises UserError where the course has no such catalogue, or one cannot be read.
    """
    own = of_course(root, code)
    if not own.is_file():
        raise UserError(
            f"The course has no translation into {code!r}: there is no {FOLDER}/{code}.po. "
            f"To begin one: course translate --language {code}"
        )
    files = tuple(path for path in (of_tool(code), own) if path.is_file())
    texts = [_texts_of(path) for path in files]
    key = own, code
    made = _kept_languages.get(key)
    if made is None or any(one is not other for one, other in zip(made[0], texts, strict=True)):
        whole: dict[str, str] = {}
        for each in texts:
            whole |= each
        made = texts, Language(code, whole, _sentences_of(of_tool(code)), files)
        _kept_languages[key] = made
    return made[1]


def languages_of_tool() -> list[Language]:
    """The languages that the tool itself speaks beside English."""
    return [
        Language(path.stem, _texts_of(path), _sentences_of(path), (path,))
        for path in sorted(OF_TOOL.glob("*.po"))
    ]


def of_tool(code: str) -> Path:
    """The tool's own catalogue of a language."""
    return OF_TOOL / f"{code}.po"


def of_course(root: Path, code: str) -> Path:
    """A course's catalogue of a language."""
    return root / FOLDER / f"{code}.po"


def read(path: Path) -> Catalog:
    """A catalogue as its file says; raises UserError if it cannot be read."""
    try:
        text = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
        for number, line in enumerate(text.split("\n"), 1):
            if not _LINE.fullmatch(line.strip()):  # Babel would take it for another text
                raise ValueError(f"line {number} is no line of one: {line[:60]!r}")
        return read_po(StringIO(text), locale=path.stem, abort_invalid=True)
    except (PoFileError, ValueError, LookupError, UnknownLocaleError) as error:
        raise UserError(f"{path} cannot be read as a PO file: {error}") from None


def _is_code(code: str) -> bool:
    try:
        Locale.parse(code)
    except (ValueError, UnknownLocaleError):
        return False
    return True


def known(code: str) -> str:
    """The code if it is one of a language; raises UserError if it is not."""
    if not _is_code(code):
        raise UserError(f"{code!r} is no code of a language, such as ko or pt_BR.")
    return code


# They are asked for with each notebook of a class.
_kept: Kept[dict[str, str]] = Kept()
_kept_languages: dict[tuple[Path, str], tuple[list[dict[str, str]], Language]] = {}
_kept_sentences: Kept[frozenset[str]] = Kept()


def _texts_of(path: Path) -> dict[str, str]:
    """What is translated, and was so since the English last changed."""
    return _kept.get(
        path,
        lambda: {
            str(message.id): str(message.string)
            for message in read(path)
            if message.id and message.string and not message.fuzzy
        },
    )


def _sentences_of(path: Path) -> frozenset[str]:
    if not path.is_file():
        return frozenset()
    return _kept_sentences.get(
        path,
        lambda: frozenset(
            str(message.id) for message in read(path) if SENTENCE in message.auto_comments
        ),
    )
