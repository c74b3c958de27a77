"""The step `course translate`: keep a catalogue up with the English, and say what it lacks."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from babel.core import Locale
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from grader.authors.translation import extract
from grader.authors.translation.extract import Found
from grader.basics import atomic
from grader.basics.terminal import say
from grader.basics.words import counted
from grader.course.directory import Course
from grader.nbgrader_app import opening
from grader.translation import catalogue, placeholders

_WIDTH = 100
_SHOWN = 60  # characters of a text in a message
_HEADER = "# What students read, in {name}. Made and kept up by: course translate"
# Translators' programs want a head. Dates in it would make each run another one.
_HEAD = """{comment}
msgid ""
msgstr ""
"Language: {code}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


@dataclass(frozen=True)
class State:
    """How a catalogue stands to the English: texts, and what is wrong with some of them."""

    path: Path
    total: int
    missing: tuple[str, ...]
    changed: tuple[str, ...]
    broken: tuple[tuple[str, str], ...]  # a text, and what is wrong with its placeholders
    is_old: bool  # whether the file is not as `course translate` would write it

    @property
    def translated(self) -> int:
        """The texts that are shown in the language."""
        return self.total - len(self.missing) - len(self.changed) - len(self.broken)

    @property
    def told(self) -> str:
        """How much is translated, in one line."""
        parts = [f"{self.translated} of {counted(self.total, 'text')} translated"]
        if self.missing:
            parts.append(f"{len(self.missing)} not")
        if self.changed:
            parts.append(f"{len(self.changed)} to look at again, for the English changed (fuzzy)")
        return ", ".join(parts)


def run(courses: Sequence[Course], language: str, *, check: bool, of_tool: bool, show: bool) -> int:
    """Bring the catalogues up to date; with `check`, write nothing and say what they lack.

    Returns 1 for placeholders that do not match, and with `check` also for a catalogue that is not
    up to date. A text that is not translated is no fault: the English stands in.
    """
    root = courses[0].root
    courses = opening.open_courses(root)  # the catalogue is of all assignments, whichever is named
    chosen = [catalogue.known(language)] if language else catalogue.codes(root)
    if not chosen:
        say(
            "translate: the course is in no other language. To begin one: "
            "course translate --language ko (or another language's code)"
        )
        return 0
    failed = False
    for code in chosen:
        for path, found in _catalogues(courses, code, of_tool):
            made, content = updated(path, code, found)
            state = state_of(path, made, found, content)
            if not check and state.is_old:
                atomic.write(path, content)
            failed |= bool(state.broken) or (check and state.is_old)
            _tell(courses[0], state, check, show)
    return int(failed)


def _catalogues(
    courses: Sequence[Course], code: str, with_tool: bool
) -> Iterable[tuple[Path, list[Found]]]:
    of_tool = list(extract.of_tool())
    if with_tool:
        yield catalogue.of_tool(code), of_tool
    path = catalogue.of_course(courses[0].root, code)
    known = {text.msgid for text in of_tool}
    if path.is_file():  # a course may say a text of the tool's in its own way
        known -= {str(message.id) for message in catalogue.read(path)}
    of_course = list(extract.of_course(courses))
    there = {text.msgid for text in of_course}
    of_tool = [text for text in of_tool if text.msgid not in known and text.msgid not in there]
    yield path, [*(text for text in of_course if text.msgid not in known), *of_tool]


def states(courses: Sequence[Course]) -> list[State]:
    """How each catalogue of the course stands."""
    found = []
    for code in catalogue.codes(courses[0].root):
        for path, texts in _catalogues(courses, code, False):
            made, content = updated(path, code, texts)
            found.append(state_of(path, made, texts, content))
    return found


def updated(path: Path, code: str, found: Collection[Found]) -> tuple[Catalog, bytes]:
    """The catalogue with the texts that there are now, and its file's content.

    A text that changed keeps its translation, marked as fuzzy: a translator must look at it.
    """
    template = Catalog(locale=code, fuzzy=False)
    for each in found:
        comments = [catalogue.SENTENCE] if each.is_sentence else []
        template.add(each.msgid, locations=[(each.file, each.line)], auto_comments=comments)
    made = catalogue.read(path) if path.is_file() else template
    if made is not template:
        # What is gone may come back: a cell that is no Python for a while, a text put back.
        for message in list(made.obsolete.values()):
            if message.id not in made:
                made[message.id] = message
        made.obsolete.clear()
        made.update(template, update_header_comment=False)
    forms = {each.msgid for each in found if each.form == "f"}
    for message in made:  # Babel takes every brace, such as those of a formula, for a placeholder
        message.flags -= {"python-format", "python-brace-format"}
        if message.id in forms:
            message.flags.add("python-brace-format")
    out = BytesIO()
    write_po(out, made, width=_WIDTH, omit_header=True, include_lineno=False)
    comment = _HEADER.format(name=Locale.parse(code).english_name)
    text = _HEAD.format(comment=comment, code=code) + out.getvalue().decode()
    return made, text.encode()


def state_of(path: Path, made: Catalog, found: Iterable[Found], content: bytes) -> State:
    """How a catalogue that was brought up to date stands."""
    forms = {text.msgid: text.form for text in found}
    missing, changed, broken = [], [], []
    for message in made:
        msgid = str(message.id)
        if not msgid:
            continue
        if not message.string:
            missing.append(msgid)
        elif message.fuzzy:
            changed.append(msgid)
        elif why := placeholders.mismatch(forms[msgid], msgid, str(message.string)):
            broken.append((msgid, why))
    is_old = not path.is_file() or path.read_bytes() != content
    return State(path, len(forms), tuple(missing), tuple(changed), tuple(broken), is_old)


def _tell(course: Course, state: State, check: bool, show: bool) -> None:
    name = course.show(state.path)
    say(f"translate: {name}: {state.told}")
    for text, why in state.broken:
        say(f"translate: {name}: {why}, in the translation of {_short(text)}")
    if check and state.is_old:
        say(f"translate: {name} is not up to date. To bring it there: course translate")
    if show:
        for kind, those in (("not translated", state.missing), ("changed", state.changed)):
            for text in those:
                say(f"translate: {name}: {kind}: {_short(text)}")


def _short(text: str) -> str:
    line = " ".join(text.split())
    return repr(line if len(line) <= _SHOWN else f"{line[:_SHOWN]}...")
