"""The canonical form of the source notebooks: check it, and mend what is only form."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode
from traitlets import Dict, Float
from traitlets.config import Configurable

from grader.authors.exercises import (
    blocks,
    canonical,
    check_parts,
    handin_table,
    hidden_files,
    student_kit,
)
from grader.basics import atomic, config_file
from grader.basics.errors import GraderError, UserError
from grader.basics.terminal import say
from grader.basics.words import counted
from grader.course import assignment
from grader.course.directory import Course
from grader.notebooks import cells, regions, skipped

MOST_LINES = 15  # visible lines of a code cell
MOST_WORDS = 80  # words of a text cell
MOST_OF_BLOCK = 40  # lines of hidden tests that are read at a time

_MEND = "mend it with: course form --fix"


class FormRules(Configurable):  # type: ignore[misc]
    """What a course asks of its own notebooks; set it by c.FormRules in nbgrader_config.py."""

    points = Dict(Float(), help="To how much the points of an assignment add up, by its name.").tag(
        config=True
    )


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it must be, and how to mend it."""

    notebook: str
    cell: str
    what: str
    mend: str
    warning: bool = False

    def __str__(self) -> str:
        place = f"{self.notebook}, cell {self.cell}" if self.cell else self.notebook
        return f"{'warning: ' if self.warning else ''}{place}: {self.what}. {self.mend}"


def run(course: Course, names: list[str], *, fix: bool = False, take: bool = False) -> int:
    """Print what is wrong with the source notebooks; 0 if nothing is but warnings.

    First, `take` writes their hidden tests into files, and `fix` mends what is only form.
    """
    with regions.of_config(course.config):
        return _run(course, names, fix=fix, take=take)


def _run(course: Course, names: list[str], *, fix: bool, take: bool) -> int:
    chosen = [path for path in course.notebooks() if not names or path.stem in names]
    if take:
        for path in chosen:
            for file in hidden_files.take(course, path, cells.read_notebook(path)):
                say(f"{course.show(file)}: written from {course.show(path)}")
    if fix:
        for path in chosen:
            _fix(course, path)
        if handin_table.write(course):
            say(f"{course.show(course.source / handin_table.NAME)}: written anew")
    findings = check(course, names)
    for finding in findings:
        say(finding)
    errors = sum(not finding.warning for finding in findings)
    warnings = len(findings) - errors
    say(f"form: {counted(errors, 'error')}, {counted(warnings, 'warning')}")
    return 1 if errors else 0


def _fix(course: Course, path: Path) -> None:
    """Write the notebook in the canonical form, with the hidden tests that the files have."""
    notebook = cells.read_notebook(path)
    for cell in hidden_files.put(course, path, notebook):
        file = hidden_files.path_of(course, path.stem, cell)
        say(f"{course.show(path)}, cell {cell}: hidden tests written from {course.show(file)}")
    wanted = canonical.text_of(notebook)
    if path.read_text(encoding="utf-8") != wanted:
        atomic.write_text(path, wanted)
        say(f"{course.show(path)}: written in the canonical form")


def check(course: Course, names: list[str] | None = None) -> list[Finding]:
    """Everything that is wrong with the source notebooks, or with those in `names`."""
    found: list[Finding] = []
    present = {path.stem: path for path in course.notebooks()}
    for name in names or []:
        if name not in present:
            raise UserError(f"There is no notebook {name}. There are: {', '.join(present)}")
    for name, path in present.items():
        if not names or name in names:
            found += check_notebook(path)
            found += _of_hidden_files(course, path)
    found += _of_points(course)
    if not names:
        for file in hidden_files.strays(course):
            mend = f"Move it into the folder of a notebook: {', '.join(present)}."
            found.append(Finding(course.show(file), "", "belongs to no notebook", mend))
        found += _of_kit(course)
    return [*found, *_of_table(course)]


def _of_points(course: Course) -> Iterator[Finding]:
    rules = config_file.settings(FormRules, course.config)
    with suppress(UserError):  # found above
        points = sum(assignment.points(course).values())
        wanted = rules.points.get(course.assignment, points)
        if points != wanted:
            what = f"the notebooks have {points:g} points, not {wanted:g} (c.FormRules.points)"
            yield Finding(course.assignment, "", what, "Mend the points.")


def _of_hidden_files(course: Course, path: Path) -> Iterator[Finding]:
    with suppress(UserError):  # found above
        notebook = cells.read_notebook(path)
        for problem in hidden_files.problems(course, path, notebook):
            yield Finding(path.stem, *problem)


def _of_table(course: Course) -> Iterator[Finding]:
    if handin_table.to_write(course) is not None:
        yield Finding(handin_table.NAME, "", "is not what the notebooks make", _MEND)


def _of_kit(course: Course) -> Iterator[Finding]:
    for copy in student_kit.copies(course):
        if copy.state is student_kit.State.CHANGED:
            what = f"is not as this tool has it{copy.difference()}"
            mend = "To take the tool's: course kit --replace"
            yield Finding(copy.path.name, "", what, mend, warning=True)


def check_notebook(path: Path) -> list[Finding]:
    """Everything that is wrong with one source notebook."""
    name = path.stem
    try:
        notebook = cells.read_notebook(path)
    except GraderError as error:
        return [Finding(name, "", str(error), "Restore it, or write it anew.")]
    found = [*_of_file(name, path, notebook)]
    for cell in notebook.cells:
        found += _of_cell(name, cell)
    found += _of_ids(name, notebook)
    for cell in notebook.cells:
        found += _of_known_cell(name, cell)
    return found


# What is checked


def _of_file(name: str, path: Path, notebook: NotebookNode) -> Iterator[Finding]:
    format_ = (notebook.get("nbformat"), notebook.get("nbformat_minor"))
    if format_ != (4, 5):
        yield Finding(name, "", f"has the format {format_[0]}.{format_[1]}, not 4.5", _MEND)
    if notebook.metadata != canonical.NOTEBOOK_METADATA:
        extra = sorted(set(notebook.metadata) ^ set(canonical.NOTEBOOK_METADATA)) or ["kernelspec"]
        yield Finding(name, "", f"has metadata of its own ({', '.join(extra)})", _MEND)
    if format_ == (4, 5) and path.read_text(encoding="utf-8") != canonical.as_written(notebook):
        yield Finding(name, "", "is not written as nbformat writes (indent 1, UTF-8)", _MEND)


def _of_cell(name: str, cell: NotebookNode) -> Iterator[Finding]:
    here = cells.grade_id(cell) or cell.get("id", "?")
    if cell.cell_type == "code" and cell.get("outputs"):
        yield Finding(name, here, "has outputs", _MEND)
    if cell.cell_type == "code" and cell.get("execution_count") is not None:
        yield Finding(name, here, "has an execution count", _MEND)
    known = {"nbgrader", "tags"} if cell.metadata.get("tags") == [skipped.TAG] else {"nbgrader"}
    if extra := sorted(set(cell.metadata) - known):
        yield Finding(name, here, f"has metadata of its own ({', '.join(extra)})", _MEND)
    if skipped.has_tag(cell) and not skipped.is_given_code(cell):
        what = f"has the tag {skipped.TAG}, which only given code may have"
        yield Finding(name, here, what, "Take the tag off.")
    about = cell.metadata.get("nbgrader")
    if about is not None and (not about or dict(about) != canonical.about_of(about)):
        yield Finding(name, here, "has nbgrader metadata not in the canonical form", _MEND)
    if about and not cells.grade_id(cell):
        yield Finding(name, here, "has nbgrader metadata without a grade_id", "Give it one.")
    if about and about.get("task"):
        yield Finding(name, here, "is a task cell", "Use a manually graded answer.")
    if cell.cell_type == "code" and about is None:
        yield Finding(
            name,
            here,
            "is given code that students could change unnoticed",
            "Lock it: nbgrader metadata with locked true and a grade_id.",
        )
    split = cells.parts(cell)
    for problem in split.problems:
        yield Finding(name, here, problem, "Mend the BEGIN and END lines.")
    if split.solution and cells.kind(cell) not in ("solution", "manual"):
        yield Finding(name, here, "has a solution but is no solution cell", "Move it.")
    if split.hidden and cells.kind(cell) != "test":
        yield Finding(name, here, "has hidden tests but is no test cell", "Move them.")
    yield from _of_size(name, here, cell, split)


def _of_size(name: str, here: str, cell: NotebookNode, split: cells.Parts) -> Iterator[Finding]:
    if cell.cell_type == "code":
        lines = len("\n".join(split.visible).strip().split("\n"))
        if lines > MOST_LINES:
            what = f"has {lines} visible lines, more than {MOST_LINES}"
            yield Finding(name, here, what, "Divide it, if that reads better.", warning=True)
    elif cells.kind(cell) is None:
        words = count_words(cell.source)
        if words > MOST_WORDS:
            what = f"has {words} words, more than {MOST_WORDS}"
            yield Finding(name, here, what, "Divide or shorten it.", warning=True)


def count_words(text: str) -> int:
    """The words of a text cell as read: a formula is one, an image its description."""
    text = re.sub(r"<!--.*?-->", " ", text, flags=re.DOTALL)
    text = re.sub(r"\$\$.*?\$\$|\$[^$]+\$", " formula ", text, flags=re.DOTALL)
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"<[^>]+>", " ", text)
    return len([word for word in text.split() if re.search(r"\w", word)])


def _of_ids(name: str, notebook: NotebookNode) -> Iterator[Finding]:
    for cell in notebook.cells:
        id_, known = cell.get("id", ""), cells.grade_id(cell)
        if known is not None and id_ != known:
            yield Finding(name, known, f"has the id {id_!r}, not its grade_id", _MEND)
        if known is not None and not canonical.is_readable(known):
            yield Finding(name, known, "has a grade_id that is not words", "Use words and hyphens.")
        if known is None and not canonical.is_readable(id_):
            yield Finding(name, id_, "has an id that is not words and hyphens", _MEND)
    for what, names in (
        ("id", [cell.get("id", "") for cell in notebook.cells]),
        ("grade_id", [cells.grade_id(cell) for cell in notebook.cells]),
    ):
        for twice, count in Counter(names).items():
            if twice and count > 1:
                mend = _MEND if what == "id" else "Give each its own."
                yield Finding(name, twice, f"its {what} is there {count} times", mend)


def _of_known_cell(name: str, cell: NotebookNode) -> Iterator[Finding]:
    here, kind = cells.grade_id(cell), cells.kind(cell)
    if here is None or kind is None:
        return
    type_ = "markdown" if kind == "manual" else "code"
    if cell.cell_type != type_:
        what = f"is {cell.cell_type}, but a {kind} cell is {type_}"
        yield Finding(name, here, what, "Change its type.")
        return
    if kind != "solution" and not cells.points(cell):
        yield Finding(name, here, "is graded, but worth 0 points", "Give it points.")
    split = cells.parts(cell)
    if kind == "solution" and not split.solution:
        yield Finding(name, here, "has no ### BEGIN SOLUTION region", "Mark the solution.")
    if kind == "manual" and not cells.has_rubric(cell.source):
        what = f"has no line that begins with {cells.MODEL_ANSWER} and one with {cells.RUBRIC}"
        yield Finding(name, here, what, "Write the answer and the rubric under these words.")
    if kind == "test":
        yield from _of_test(name, cell, split)


def _of_test(name: str, cell: NotebookNode, split: cells.Parts) -> Iterator[Finding]:
    here, points = cell.metadata.nbgrader.grade_id, cells.points(cell)
    if not split.hidden:
        yield Finding(name, here, "has no hidden tests", "Add some.", warning=True)
    try:
        tree = ast.parse(cell.source)
        ast.parse("\n".join(split.visible))
    except SyntaxError as error:
        yield Finding(name, here, f"is no Python ({error.msg})", "Mend it.")
        return
    declared = [
        keyword.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", None) == "Check"
        for keyword in node.keywords
        if keyword.arg == "points" and isinstance(keyword.value, ast.Constant)
    ]
    if declared != [points]:
        said = ", ".join(map(str, declared)) or "nothing"
        what = f"Check(points=...) says {said}, nbgrader's metadata {points:g}"
        yield Finding(name, here, what, "Make them equal.")
    yield from _of_length(name, here, cell)
    of_parts = check_parts.points_of(tree)
    if of_parts is not None and of_parts != points:
        what = f"its parts add up to {of_parts:g} points, not {points:g}"
        yield Finding(name, here, what, "Mend the points of check.part(...).")
    last = tree.body[-1] if tree.body else None
    if not (isinstance(last, ast.Expr) and ast.unparse(last).endswith(".result()")):
        yield Finding(name, here, "does not end with check.result()", "End it so.")


def _of_length(name: str, here: str, cell: NotebookNode) -> Iterator[Finding]:
    for region in hidden_files.regions(cell.source):
        first, last = len(region.before) + 1, len(region.before) + len(region.hidden)
        for block in blocks.of_check(cell.source, first, last):
            if block.lines > MOST_OF_BLOCK:
                yield Finding(name, here, *_too_long(block), warning=True)


def _too_long(block: blocks.Block) -> tuple[str, str]:
    """What is said of a block of many lines, and what helps."""
    takes = f"{block.lines} lines, more than {MOST_OF_BLOCK}"
    if block.kind == "rest":
        what = f"takes {takes}, beside its parts and its functions with a docstring"
        return what, "Put what is repeated into a table, and the rest into such functions."
    return f"its {block.kind} {block.name} takes {takes}", f"Divide the {block.kind}."
