"""Say in a language what the tool says: its own texts, and sentences that were written in English.

Grading writes English, for instructors and into the gradebook. A student's page says the same in
the student's language: a finished sentence is recognised by the text that it was made from, its
values are taken out, and put into the translation.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from babel.dates import format_skeleton

from grader.translation import placeholders
from grader.translation.catalogue import ENGLISH, Language
from grader.translation.placeholders import Placeholder

_LONGEST = 20_000  # characters of a text that is looked at
_LONGEST_SENTENCE = 1_000
_DEEPEST = 4  # a value may hold a sentence, and that one, too
_MOST_SPLITS = 50
_MOST_TRIES = 2_000  # for one text of a page


class Speech:
    """What a page says, in one language."""

    def __init__(self, language: Language = ENGLISH) -> None:
        self.code = language.code.replace("_", "-")  # as pages have it
        self._locale = language.code
        self._texts = language.texts
        self._known = _known_in(language)
        self._left, self._heard = 0, dict[tuple[str, int], str]()

    def text(self, text: str, **values: object) -> str:
        """One of the tool's texts; `values` come in the place of %(name)s in it."""
        said = self._texts.get(text) or text
        if values and placeholders.mismatch("template", text, said):
            said = text  # as in code, the English stays
        return said % values if values else said

    def told(self, text: str) -> str:
        """What was said in English, line by line, as far as it is known in this language."""
        if not self._texts or len(text) > _LONGEST:
            return text
        self._left, self._heard = _MOST_TRIES, {}
        return "\n".join(map(self._line, text.split("\n")))

    def time(self, time: datetime) -> str:
        """A time in this year: the day and the minute."""
        if self._locale == ENGLISH.code:
            return f"{time.astimezone():%d %B, %H:%M (%Z)}"
        day = format_skeleton("MMMMd", time.astimezone(), locale=self._locale)
        return f"{day} {time.astimezone():%H:%M (%Z)}"

    def _line(self, line: str) -> str:
        begin = re.match(r"\s*(?:- )?", line)
        assert begin is not None
        start, said = line[: begin.end()], line[begin.end() :]
        return start + (self._sentence(said, 0) or self._sentences(said))

    def _sentences(self, line: str) -> str:
        """A line of some sentences, each said by itself."""
        parts = re.split(r"(?<=[.!?]) +(?=[A-Z'\"`])", line)
        return " ".join(self._sentence(part, 0) or part for part in parts)

    def _sentence(self, said: str, depth: int) -> str:
        """One sentence, or part of one, in the language; "" if it is not known.

        What a learner's error says may look like many of them: there is an end to what is tried.
        """
        if said in self._known.plain:
            return self._texts[said]
        key = said, depth
        if key not in self._heard:
            self._heard[key] = ""
            if depth < _DEEPEST and len(said) <= _LONGEST_SENTENCE:
                self._heard[key] = self._with_values(said, depth)
        return self._heard[key]

    def _with_values(self, said: str, depth: int) -> str:
        for template in self._known.templates:
            # A part of a sentence, such as "{number} seconds", is said where one has it as a value.
            if self._left <= 0 or (depth == 0 and not template.is_whole):
                continue
            best: list[str] | None = None
            most = -1
            for values in islice(template.splits(said), _MOST_SPLITS):
                self._left -= 1
                put = [self._sentence(value, depth + 1) for value in values]
                if (known := sum(map(bool, put))) > most:
                    most = known
                    best = [new or old for new, old in zip(put, values, strict=True)]
                if known == len(values) or self._left <= 0:
                    break
            if best is not None:
                return template.filled(best)
        return ""


@dataclass(frozen=True)
class _Template:
    """A sentence with values: its fixed texts, one more than values, and its translation."""

    fixed: tuple[str, ...]
    values: tuple[str, ...]  # by the shapes of their placeholders
    put: tuple[str | Placeholder, ...]

    @property
    def is_whole(self) -> bool:
        """Whether it ends as a sentence does."""
        return self.fixed[-1].endswith((".", ":"))

    def splits(self, said: str) -> Iterator[list[str]]:
        """Every way to take the values out of what was said; none if it is another sentence."""
        first, *later = self.fixed
        if said.startswith(first) and said.endswith(self.fixed[-1]):
            yield from _split(said[len(first) :], later)

    def filled(self, values: Sequence[str]) -> str:
        """The translation with values in it."""
        known = dict(zip(self.values, values, strict=True))
        return "".join(
            each if isinstance(each, str) else known.get(each.shape, "") for each in self.put
        )


def _split(said: str, fixed: Sequence[str]) -> Iterator[list[str]]:
    """The values before each of the fixed texts, where the last of these is the end."""
    if len(fixed) == 1:
        if said.endswith(fixed[0]):
            yield [said.removesuffix(fixed[0])]
        return
    at = said.find(fixed[0]) if fixed[0] else -1  # two values without a text between them
    while at >= 0:
        for rest in _split(said[at + len(fixed[0]) :], fixed[1:]):
            yield [said[:at], *rest]
        at = said.find(fixed[0], at + 1)


@dataclass(frozen=True)
class _Known:
    plain: frozenset[str]
    templates: tuple[_Template, ...]


def _known_in(language: Language) -> _Known:
    made = _kept.get(language.code)
    if made is None or made[0] is not language.texts:
        sentences = [text for text in language.sentences if text in language.texts]
        templates = [
            (sum(map(len, each.fixed)), each)
            for text in sentences
            for each in _templates(text, language.texts[text])
        ]
        templates.sort(key=lambda each: -each[0])  # the one that says most by itself
        made = (
            language.texts,
            _Known(frozenset(sentences), tuple(template for _, template in templates)),
        )
        _kept[language.code] = made
    return made[1]


_kept: dict[str, tuple[Mapping[str, str], _Known]] = {}  # for all pages of a class


def _templates(msgid: str, put: str) -> Iterator[_Template]:
    """The template that a text is, if it has values, and a translation that has the same."""
    try:
        parts = list(placeholders.pieces(msgid))
    except ValueError:  # a text that is no f-string, with a brace of its own
        return
    fixed, values = [""], []
    for each in parts:
        if isinstance(each, Placeholder):
            values.append(each.shape)
            fixed.append("")
        else:
            fixed[-1] += each
    if values and not placeholders.mismatch("f", msgid, put):
        yield _Template(tuple(fixed), tuple(values), tuple(placeholders.pieces(put)))
