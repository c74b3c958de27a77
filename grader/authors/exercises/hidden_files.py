"""Keep each cell's hidden tests as a file of the authors' too, and the two the same.

A file holds what stands between the markers of one test cell: `hidden/ASSIGNMENT/NOTEBOOK/CELL.py`.
There it can be formatted, linted and compared like other code. nbgrader never sees these files, and
nothing releases them. A course without the folder keeps its hidden tests in the notebooks alone.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from nbformat import NotebookNode

from grader.basics import atomic
from grader.course.directory import Course, is_aside, is_litter
from grader.notebooks import cells
from grader.notebooks.regions import delimiters, markers, written

_FILE_NAME = re.compile(r"[A-Za-z0-9_-]+")


class Problem(NamedTuple):
    """What is wrong with the hidden tests of a cell, and how to mend it."""

    cell: str
    what: str
    mend: str


class UnfitError(Exception):
    """This text cannot be the hidden tests of a cell; the message says why."""

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(what)
        self.what, self.mend = what, mend


@dataclass(frozen=True)
class Region:
    """A cell's source in three: up to the line that begins the hidden tests, these, the rest."""

    before: list[str]
    hidden: list[str]
    after: list[str]

    @property
    def indent(self) -> str:
        """The white space before the first marker: all hidden lines have at least that."""
        return self.before[-1][: -len(self.before[-1].lstrip())]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing but blank lines between the markers."""
        return not any(line.strip() for line in self.hidden)

    def text(self) -> str:
        """The text that the file must have; raises UnfitError where it cannot have it."""
        lines = [line.removesuffix("\r") for line in self.hidden]
        for number, line in enumerate(lines, len(self.before) + 1):
            if line.strip() and not line.startswith(self.indent):
                raise UnfitError(
                    f"line {number}: {line.strip()!r} begins to the left of its hidden tests",
                    "Move the markers, or the line.",
                )
        if self.indent:
            lines = [line.removeprefix(self.indent) if line.strip() else "" for line in lines]
        return "\n".join(lines).strip("\n") + "\n"

    def source(self, text: str) -> str:
        """The cell's source with the text of a file as its hidden tests."""
        lines = text.strip("\n").split("\n")
        if self.indent:
            lines = [self.indent + line if line.strip() else "" for line in lines]
        return "\n".join([*self.before, *lines, *self.after])


def regions(source: str) -> list[Region]:
    """The hidden regions of a cell's source; none where the markers are not in pairs."""
    lines, found, begin = source.split("\n"), [], None
    for marker in markers(source):
        number = marker.number - 1
        if marker.kind != "HIDDEN TESTS":
            continue
        if marker.begins:
            if begin is not None:
                return []
            begin = number
        else:
            if begin is None:
                return []
            found.append(Region(lines[: begin + 1], lines[begin + 1 : number], lines[number:]))
            begin = None
    return found if begin is None else []


def folder(course: Course) -> Path:
    """Where the files of the assignment are."""
    return course.hidden


def path_of(course: Course, notebook: str, cell: str) -> Path:
    """The file of a cell."""
    return folder(course) / notebook / f"{cell}.py"


def read(path: Path) -> str:
    """The text of a file of hidden tests; raises UnfitError if no cell can hold it."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise UnfitError("is not in UTF-8", "Save it in UTF-8.") from None
    if not text.strip():
        raise UnfitError("is empty", "Write the tests, or remove the file.")
    for number, line in enumerate(text.split("\n"), 1):
        if markers(line):
            raise UnfitError(
                f"line {number}: {line.strip()!r} is a marker for notebooks",
                "Remove the line: the notebook has the markers.",
            )
    return text


def test_cells(notebook: NotebookNode) -> Iterator[tuple[str, NotebookNode]]:
    """The test cells that can have a file, with their names: not those whose name is no name."""
    names = Counter(cells.grade_id(cell) for cell in notebook.cells)
    for cell in notebook.cells:
        name = cells.grade_id(cell)
        if cells.kind(cell) == "test" and name and _FILE_NAME.fullmatch(name) and names[name] == 1:
            yield name, cell


def put(course: Course, path: Path, notebook: NotebookNode) -> list[str]:
    """Write the files' text into the cells of `notebook`, which was read from `path`.

    A cell keeps hidden tests that differ where the notebook was saved after the file: they may
    have been changed in JupyterLab, and `problems` names them. Returns the changed cells.
    """
    changed = []
    for name, cell in test_cells(notebook):
        file, found = path_of(course, path.stem, name), regions(cell.source)
        if len(found) != 1 or not file.is_file():
            continue
        try:
            source = found[0].source(read(file))
        except UnfitError:
            continue
        if source != cell.source and (found[0].is_empty or not _is_newer(path, file)):
            cell.source = source
            changed.append(name)
    return changed


def take(course: Course, path: Path, notebook: NotebookNode) -> list[Path]:
    """Write the hidden tests of `notebook` into files, where they differ; returns these files."""
    written = []
    for name, cell in test_cells(notebook):
        file, found = path_of(course, path.stem, name), regions(cell.source)
        if len(found) != 1 or found[0].is_empty:
            continue
        try:
            text = found[0].text()
        except UnfitError:
            continue
        if _text_in(file) != text:
            atomic.write_text(file, text)
            written.append(file)
    return written


def _text_in(file: Path) -> str | None:
    """What `take` would have to write for the file to be as it is; None if it must be written."""
    if not file.is_file():
        return None
    try:
        return read(file).strip("\n") + "\n"
    except UnfitError:
        return None


def _is_newer(path: Path, than: Path) -> bool:
    return path.stat().st_mtime_ns > than.stat().st_mtime_ns


def problems(course: Course, path: Path, notebook: NotebookNode) -> Iterator[Problem]:
    """Where the cells of `notebook`, which is in `path`, and the files are not the same."""
    if not folder(course).is_dir():
        return
    for name, cell in test_cells(notebook):
        yield from _of_cell(course, path, name, cell)
    known = {name for name, _ in test_cells(notebook)}
    for file in sorted((folder(course) / path.stem).glob("*.py")):
        if file.stem not in known:
            yield Problem(
                file.stem,
                f"{course.show(file)} is there, but no test cell of this name",
                "Rename the file like its cell, or remove it.",
            )


def strays(course: Course) -> Iterator[Path]:
    """Python files in the folder that belong to no notebook."""
    for file in sorted(folder(course).rglob("*.py")):
        of_notebook = file.parent.parent == folder(course) and file.parent.name in course.names()
        if not of_notebook and not is_litter(file) and not is_aside(file.name):
            yield file


def _of_cell(course: Course, path: Path, name: str, cell: NotebookNode) -> Iterator[Problem]:
    file, found = path_of(course, path.stem, name), regions(cell.source)
    shown, take_it = course.show(file), f"course form --take {path.stem}"
    if len(found) > 1:
        what = f"has {len(found)} regions of hidden tests, but a file holds one"
        yield Problem(name, what, "Put them together.")
        return
    if not found:
        if file.is_file() and not cells.parts(cell).problems:
            what = f"has no hidden tests, but there is {shown}"
            tests = next(each for each in delimiters() if each.kind == "HIDDEN TESTS")
            begin, end = written(tests.begin), written(tests.end)
            yield Problem(name, what, f"Mark their place: {begin}, {end}.")
        return
    region = found[0]
    if not file.is_file():
        if not region.is_empty:
            what = f"has hidden tests without a file {shown}"
            yield _unfit(name, region) or Problem(
                name, what, f"Write it from the notebook: {take_it}"
            )
        return
    try:
        differs = region.source(read(file)) != cell.source
    except UnfitError as error:
        yield Problem(name, f"{shown} {error.what}", error.mend)
        return
    if differs and not region.is_empty and _is_newer(path, file):
        if unfit := _unfit(name, region):
            yield unfit
            return
        what = f"its hidden tests are not those of {shown}, and the notebook was saved last"
        mend = (
            f"If the notebook is right: {take_it}. "
            "If the file is right: save it once more, then course form --fix"
        )
        yield Problem(name, what, mend)
    elif differs:
        what = f"its hidden tests are not those of {shown}, which was saved last"
        yield Problem(name, what, f"If the file is right: course form --fix. If not: {take_it}")


def _unfit(name: str, region: Region) -> Problem | None:
    """Why the hidden tests of a cell cannot be taken into a file."""
    try:
        region.text()
    except UnfitError as error:
        return Problem(name, error.what, error.mend)
    return None
