"""Check the hidden tests with ruff and mypy, as the middle of their cell in their notebook.

Alone, a file of hidden tests uses names that it does not define. So each is checked behind the code
that runs before it: the notebook's earlier cells, with the reference solutions, but without the
other test cells, for a check puts back the names that it has made. What is said of these lines is
left out. A name that is misspelt is found so, and one that another test has imported.
"""

import ast
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode

from grader.authors.exercises import hidden_files
from grader.basics.errors import UserError
from grader.basics.terminal import say
from grader.basics.words import counted
from grader.course.directory import Course
from grader.notebooks import cells, regions

# Tests say in words what they check; annotations would be in the way of reading.
_MYPY = (
    "--allow-untyped-defs",
    "--allow-incomplete-defs",
    "--allow-untyped-calls",
    "--check-untyped-defs",
    "--allow-subclassing-any",
    "--disable-error-code=name-defined",  # ruff has said so
    "--disable-error-code=var-annotated",
    "--output=json",
)


_SYNTAX = "invalid-syntax"


@dataclass(frozen=True)
class View:
    """A program in which the hidden tests of a cell stand where they are when they run."""

    place: str  # the file that a finding is said to be in
    name: str  # the file that the tools' settings go by
    text: str
    first: int  # the row of `text` in which the hidden tests begin
    rows: int  # of the hidden tests
    shift: int  # their rows before these, in `place`
    indent: int

    def where(self, row: int, column: int) -> str | None:
        """The place of a character of `text`; None if it is not one of the hidden tests."""
        row -= self.first
        if not 0 <= row < self.rows:
            return None
        return f"{self.place}:{row + self.shift + 1}:{max(column - self.indent, 1)}"


def run(course: Course, names: list[str]) -> int:
    """Print what ruff and mypy say of the hidden tests; 0 if they say nothing."""
    with regions.of_config(course.config):
        seen = [*views(course, names)]
    by_ruff = {view: [*_ruff(course, view)] for view in seen}
    # mypy checks nothing at all where one file is no Python.
    are_python = [view for view in seen if not any(_SYNTAX in line for line in by_ruff[view])]
    said = [line for lines in by_ruff.values() for line in lines] + [*_mypy(course, are_python)]
    for line in said:
        say(line)
    say(
        f"lint: {counted(len(said), 'finding')} in the hidden tests of {counted(len(seen), 'cell')}"
    )
    return 1 if said else 0


def views(course: Course, names: list[str]) -> Iterator[View]:
    """The views of all hidden tests, or of those of the notebooks in `names`."""
    for name in names:
        if name not in course.names():
            raise UserError(f"There is no notebook {name}. There are: {', '.join(course.names())}")
    for path in course.notebooks():
        if not names or path.stem in names:
            yield from _of_notebook(course, path)


def _of_notebook(course: Course, path: Path) -> Iterator[View]:
    notebook = cells.read_notebook(path)
    tests = dict(hidden_files.test_cells(notebook))
    earlier: list[str] = []
    for cell in notebook.cells:
        name = cells.grade_id(cell)
        if cells.kind(cell) == "test":
            found = hidden_files.regions(cell.source)
            if name in tests and len(found) == 1:
                yield _view(course, path, name, found[0], earlier)
        elif cell.cell_type == "code":
            earlier += _as_python(course, path, cell).rstrip("\n").split("\n")


def _as_python(course: Course, path: Path, cell: NotebookNode) -> str:
    """A cell's code without what only IPython understands: %matplotlib, !pip."""
    code: str = TransformerManager().transform_cell(cell.source)
    try:
        ast.parse(code)
    except SyntaxError as error:
        where = f"{course.show(path)}, cell {cell.get('id', '?')}"
        raise UserError(f"{where} is no Python ({error.msg}). Mend it first.") from None
    return code


def _view(
    course: Course, path: Path, name: str, region: hidden_files.Region, earlier: list[str]
) -> View:
    """The view of a cell's file, or, without one, of its hidden tests in the notebook."""
    file = hidden_files.path_of(course, path.stem, name)
    place, text = f"{course.show(path)}, cell {name}", "\n".join(region.hidden)
    shift, indent = len(region.before), 0
    source = "\n".join([*region.before, text, *region.after])
    if file.is_file():
        try:
            text = hidden_files.read(file)
        except hidden_files.UnfitError as error:
            raise UserError(f"{course.show(file)} {error.what}. {error.mend}") from None
        place, source = course.show(file), region.source(text)
        shift, indent = len(text) - len(text.lstrip("\n")), len(region.indent)
    return View(
        place,
        course.show(file),
        "\n".join([*earlier, source]) + "\n",
        first=len(earlier) + len(region.before) + 1,
        rows=len(text.strip("\n").split("\n")),
        shift=shift,
        indent=indent,
    )


def _ruff(course: Course, view: View) -> Iterator[str]:
    options = ["check", "--output-format=json", f"--stdin-filename={view.name}", "-"]
    for found in json.loads(_output(course, "ruff", options, view.text)):
        row, column = found["location"]["row"], found["location"]["column"]
        if found["code"] == _SYNTAX:
            # A bracket that is left open is found out behind them.
            row = min(max(row, view.first), view.first + view.rows - 1)
        if where := view.where(row, column):
            yield f"{where}: {found['code']} {found['message']}"


def _mypy(course: Course, seen: list[View]) -> Iterator[str]:
    if not seen:
        return
    with tempfile.TemporaryDirectory() as folder:
        files = {str(Path(folder, f"view_{i}.py")): view for i, view in enumerate(seen)}
        for file, view in files.items():
            Path(file).write_text(view.text, encoding="utf-8")
        # mypy names files as it saw them first: in another folder, or relative to the course.
        by_name = {Path(file).name: view for file, view in files.items()}
        for line in filter(None, _output(course, "mypy", [*_MYPY, *files]).split("\n")):
            found: dict[str, Any] = json.loads(line)
            seen_in = by_name.get(Path(found["file"]).name)  # a handout has none
            if seen_in and (where := seen_in.where(found["line"], found["column"] + 1)):
                yield f"{where}: {found['message']} [{found['code']}]"


def _output(course: Course, tool: str, options: list[str], text: str = "") -> str:
    """What the tool prints, run in the course with its pyproject.toml."""
    ran = subprocess.run(
        [sys.executable, "-m", tool, *options],
        cwd=course.root,
        input=text,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if ran.returncode not in (0, 1):
        raise UserError(f"{tool} failed: {(ran.stderr or ran.stdout).strip()[:2000]}")
    return ran.stdout
