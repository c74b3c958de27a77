"""What a student handed in: which file is which notebook, what it holds, and when it came."""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from nbformat import NotebookNode

from grader.basics import times
from grader.basics.words import listed
from grader.course.directory import Course
from grader.notebooks import cells, untrusted
from grader.submissions import exchange, match_files
from grader.submissions.match_files import Found, Marks

_MOST_TIMESTAMP = 1000  # bytes
_MOST_IN_FOLDER = 5  # files of a folder that are named
_MOST_NAMED = 3  # files that are named in a sentence
_MOST_COPIES = 5  # are read for one notebook
_DOCUMENT = re.compile(
    r"\.(?:png|jpe?g|hei[cf]|webp|gif|bmp|tiff?|svg|pdf|docx?|odt|rtf|pages|hwpx?|txt|md|tex|html?)$"
    r"|\.upload/",
    re.IGNORECASE,
)
_LITTER = frozenset((
    "__MACOSX", "__pycache__", "desktop.ini", "Thumbs.db", ".DS_Store", ".ipynb_checkpoints",
    ".virtual_documents", ".cache", ".config", ".local", ".npm", ".ipython", ".jupyter", ".keras",
    ".matplotlib", ".python_history", ".bash_history", ".viminfo", ".venv", ".conda", ".idea",
    ".vscode", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".svn", ".hg", ".smc", ".snapshots",
))  # fmt: skip


@dataclass(frozen=True)
class HandInTime:
    """When work was handed in, in UTC, as nbgrader's file `written` says; None where it does not.

    `doubt` tells the instructor why the file says no time; "" if it does, or is not there.
    """

    utc: datetime | None = None
    written: bytes = b""
    doubt: str = ""


@dataclass(frozen=True)
class Submission:
    """A student's folder: the names in it, and which of them is which notebook.

    `known` tells the notebooks from one another.
    """

    course: Course
    student: str
    names: Sequence[str] = ()
    found: Found = field(default_factory=Found)
    known: Sequence[Marks] = ()

    @cached_property
    def directory(self) -> Path:
        """Where it is."""
        return self.course.submission(self.student)

    @cached_property
    def time(self) -> HandInTime:
        """When the work was handed in, if nbgrader's file says so."""
        path = self.directory / exchange.TIMESTAMP
        if not os.path.lexists(path):
            return HandInTime()
        written = b"?"
        try:
            written = untrusted.read_bytes(path, self.course.submitted, _MOST_TIMESTAMP)
            time = times.plain_time(untrusted.text_of(written))
        except (untrusted.Unreadable, times.NotPlain) as error:
            said = f"{exchange.TIMESTAMP}: {error}"
            return HandInTime(
                None, written, f"{said.rstrip('.')}. Until then the work does not count as late."
            )
        # As nbgrader keeps it: in UTC, without saying so.
        return HandInTime(
            time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo else time, written
        )

    def content(self, file: str) -> tuple[bytes | None, str]:
        """What a file holds, or why it cannot be read; neither, if it is not there."""
        path = self.directory / file
        if not os.path.lexists(path):
            return None, ""
        try:
            return untrusted.read_bytes(path, self.course.submitted), ""
        except untrusted.Unreadable as error:
            return None, str(error)

    def file(self, notebook: str) -> str:
        """The name of the file that is taken for a notebook; its own one, if there is none."""
        return self.found.files.get(notebook, f"{notebook}.ipynb")

    def doubt(self, notebook: str, handouts: Iterable[str]) -> str:
        """Why no file is taken for a notebook although one may be it; "" if there is none."""
        if notebook in self.found.doubts:
            return self.found.doubts[notebook]
        others = self.beside(notebook, handouts)
        if notebook in self.found.files or not others:
            return ""
        notebooks = [path for path in others if match_files.is_notebook(path)]
        if own := [path for path in notebooks if self._named(path) == notebook]:
            return _elsewhere(notebook, own, ())
        if notebooks:
            rest = [path for path in others if path not in notebooks]
            return _elsewhere(notebook, notebooks, rest)
        are = "which is no notebook" if len(others) == 1 else "which are no notebooks"
        return (
            f"There is no {notebook}.ipynb, but {_listed(others)}, {are}: look whether that is "
            f"the work. If it is, ask the student to hand in {notebook}.ipynb."
        )

    def other_notebook(self, notebook: str, content: NotebookNode) -> str:
        """Why the file under a notebook's own name is not that notebook; "" if it may be."""
        inside = match_files.by_content(content, self.known)
        said = match_files.disagrees(self.file(notebook), notebook, inside)
        return f"{said}; {match_files.rename(notebook)}." if said else ""

    def beside(self, notebook: str, handouts: Iterable[str]) -> tuple[str, ...]:
        """What was handed in beside the notebooks and may belong to this one.

        Paths in the folder of the submission. Of a folder, the first files in it, those named after
        the notebook before others; of a link, its own name, for it is not followed.
        """
        others = self._others(handouts)
        own = [name for name in others if self._named(name) in (None, notebook)]
        return tuple(path for name in own for path in self._paths(name, notebook))

    def documents(self, notebook: str, handouts: Iterable[str]) -> tuple[str, ...]:
        """Those of the files beside the notebook that a person reads: pictures, PDFs and the like.

        Their paths in the course.
        """
        found = [path for path in self.beside(notebook, handouts) if _DOCUMENT.search(path)]
        return tuple(self.course.show(self.directory / path) for path in found)

    def copies(self, notebook: str, handouts: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """The first files beside the one that is graded that may be this notebook, too.

        Their names and what they hold; what cannot be read is left out.
        """
        names = [each.name for each in self.known]
        if notebook not in self.found.files:
            return
        others = [
            (named is None, name)
            for name in self._others(handouts)
            if match_files.may_be_notebook(name, names)
            and (named := match_files.by_name(name, names)) in (None, notebook)
        ]
        for _, name in sorted(others)[:_MOST_COPIES]:
            content, _ = self.content(name)
            if content is not None:
                yield name, content

    def _others(self, handouts: Iterable[str]) -> list[str]:
        """The names of what is neither a notebook of the assignment nor came with it."""
        of_handouts = (name.partition("/")[0] for name in handouts)
        known = {*of_handouts, *exchange.NAMES, "__pycache__", *self.found.files.values()}
        known.update(f"{each.name}.ipynb" for each in self.known)
        return [name for name in self.names if name not in known]

    def _paths(self, name: str, notebook: str) -> list[str]:
        path = self.directory / name
        with suppress(OSError):
            if path.is_dir() and not path.is_symlink():
                inside = [each for each in os.listdir(path) if not is_litter(each)]
                own = [each for each in inside if self._named(each) in (None, notebook)]
                own.sort(key=lambda each: (self._named(each) is None, each))
                found = [f"{name}/{each}" for each in own[:_MOST_IN_FOLDER]]
                return found if inside else [f"{name}/"]
        return [name]

    def _named(self, file: str) -> str | None:
        """The notebook that a file is named after, if it is one."""
        return match_files.by_name(file, [each.name for each in self.known])

    def notes(self, notebook: str, handouts: Iterable[str]) -> tuple[str, ...]:
        """What the student must know: a file by another name was taken, others were not used."""
        notes = []
        file = self.file(notebook)
        if file != f"{notebook}.ipynb":
            notes.append(
                f"{match_files.shown(file)} was graded as {notebook}; hand it in under its own "
                f"name, {notebook}.ipynb."
            )
        if unused := self._others(handouts):
            shown = listed(unused, 5)
            notes.append(f"Only the notebooks of the assignment are graded; not used: {shown}.")
        return tuple(notes)


def _elsewhere(notebook: str, found: Sequence[str], rest: Sequence[str]) -> str:
    """What to do about notebooks that may be the one that is missing; `rest` are other files."""
    # Sentences by themselves, for each is said again in the language of a page.
    said = [
        f"There is no {notebook}.ipynb, but {_listed(found)}: look whether that is the work.",
        f"If it is, put it directly into the folder of the submission, as {notebook}.ipynb.",
    ]
    return " ".join([*said, f"There is also {_listed(rest)}."] if rest else said)


def _listed(paths: Sequence[str]) -> str:
    shown = ", ".join(map(match_files.shown, paths[:_MOST_NAMED]))
    return shown + (f" and {len(paths) - _MOST_NAMED} more" if len(paths) > _MOST_NAMED else "")


def marks(course: Course) -> tuple[Marks, ...]:
    """What tells the notebooks of the assignment from one another."""
    return match_files.marks({path.stem: cells.read_notebook(path) for path in course.notebooks()})


def find_submission(course: Course, student: str, known: Sequence[Marks]) -> Submission:
    """Look at what a student handed in; files are read only where a name is not as asked for."""
    directory = course.submission(student)

    def read(file: str) -> bytes:
        return untrusted.read_bytes(directory / file, course.submitted)

    names = _names(directory, [each.name for each in known])
    return Submission(course, student, names, match_files.find(names, known, read), known)


def _names(directory: Path, notebooks: Sequence[str]) -> list[str]:
    """What lies in a directory; nothing if that may not be known.

    What is hidden is left out, but for what goes by the name of a notebook: CoCalc keeps pictures
    that were pasted into 2-tanh.ipynb in the folder .2-tanh.ipynb.upload.
    """
    try:
        names = sorted(os.listdir(directory))
    except OSError:
        return []
    return [
        name
        for name in names
        if not is_litter(name)
        and (not name.startswith(".") or match_files.by_name(name, notebooks) is not None)
    ]


def is_litter(name: str) -> bool:
    """Whether programs leave files and folders of this name, which hold no work."""
    return name in _LITTER or name.startswith(("._", ".~", ".nfs", ".Trash", ".git"))
