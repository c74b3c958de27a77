"""The canonical form of the source notebooks: check it, and mend what is only form."""

import ast
import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from grader import atomic, cells, handin, regions
from grader.contract import CONTRACT, POINTS, Cell
from grader.course import Course, CourseError
from grader.screen import say
from grader.words import counted

MOST_LINES = 15  # visible lines of a code cell
MOST_WORDS = 80  # words of a text cell

_NOTEBOOK_METADATA = {
    "kernelspec": {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    },
    "language_info": {"name": "python"},
}
_READABLE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_RANDOM = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{8}")
_MEND = "mend it with: course form --fix"


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


def run(course: Course, names: list[str], fix: bool) -> int:
    """Print what is wrong with the source notebooks; 0 if nothing is but warnings."""
    with regions.of_course(course):
        return _run(course, names, fix)


def _run(course: Course, names: list[str], fix: bool) -> int:
    if fix:
        for path in course.notebooks():
            if not names or path.stem in names:
                wanted = canonical_text(cells.read_notebook(path))
                if path.read_text(encoding="utf-8") != wanted:
                    atomic.write_text(path, wanted)
                    say(f"{course.show(path)}: written in the canonical form")
        _fix_table(course)
    findings = check(course, names)
    for finding in findings:
        say(finding)
    errors = sum(not finding.warning for finding in findings)
    warnings = len(findings) - errors
    say(f"form: {counted(errors, 'error')}, {counted(warnings, 'warning')}")
    return 1 if errors else 0


def _fix_table(course: Course) -> None:
    """Write the table of handin.py, where the notebooks can be read; `check` names the others."""
    path = course.source / handin.NAME
    with suppress(CourseError):
        wanted = handin.table(course)
        if not path.is_file() or path.read_text(encoding="utf-8") != wanted:
            atomic.write_text(path, wanted)
            say(f"{course.show(path)}: written anew")


def check(course: Course, names: list[str] | None = None) -> list[Finding]:
    """Everything that is wrong with the source notebooks, or with those in `names`."""
    found: list[Finding] = []
    present = {path.stem: path for path in course.notebooks()}
    for name in names or []:
        if name not in present and name not in CONTRACT:
            raise CourseError(f"There is no notebook {name}. There are: {', '.join(CONTRACT)}")
    for name in sorted({*present, *CONTRACT}):
        if names and name not in names:
            continue
        if name not in present:
            found.append(Finding(name, "", "is missing", f"Write {course.source / name}.ipynb."))
        elif name not in CONTRACT:
            found.append(
                Finding(
                    name,
                    "",
                    "is not a notebook of this course",
                    "Remove it, or add it to grader/contract.py.",
                )
            )
        else:
            found += check_notebook(present[name])
    if sum(POINTS.values()) != 100:
        found.append(
            Finding("grader/contract.py", "", "the points do not add up to 100", "Mend it.")
        )
    return [*found, *_of_table(course)]


def _of_table(course: Course) -> Iterator[Finding]:
    path = course.source / handin.NAME
    with suppress(CourseError):  # found above
        if not path.is_file() or path.read_text(encoding="utf-8") != handin.table(course):
            yield Finding(handin.NAME, "", "is not what the notebooks make", _MEND)


def check_notebook(path: Path) -> list[Finding]:
    """Everything that is wrong with one source notebook."""
    name = path.stem
    try:
        notebook = cells.read_notebook(path)
    except CourseError as error:
        return [Finding(name, "", str(error), "Restore it, or write it anew.")]
    found = [*_of_file(name, path, notebook)]
    for cell in notebook.cells:
        found += _of_cell(name, cell)
    found += _of_ids(name, notebook)
    found += _of_contract(name, notebook)
    return found


# What --fix writes


def canonical_text(notebook: NotebookNode) -> str:
    """The notebook's text in the canonical form; changes form, never content."""
    notebook = nbformat.from_dict(json.loads(json.dumps(notebook)))
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    notebook.metadata = nbformat.from_dict(_NOTEBOOK_METADATA)
    for cell in notebook.cells:
        _mend_cell(cell)
    _mend_ids(notebook)
    return _text(notebook)


def _text(notebook: NotebookNode) -> str:
    # nbformat's own writer, so that a notebook saved by Jupyter differs in nothing but what
    # the canonical form leaves out.
    text: str = nbformat.v4.writes(notebook, indent=1, sort_keys=True)
    return text.rstrip("\n") + "\n"


def _mend_cell(cell: NotebookNode) -> None:
    if cell.cell_type == "code":
        cell.outputs, cell.execution_count = [], None
    about = cell.metadata.get("nbgrader")
    cell.metadata = nbformat.from_dict({})
    if about:
        cell.metadata["nbgrader"] = nbformat.from_dict(_canonical_about(about))


def _canonical_about(about: dict[str, Any]) -> dict[str, Any]:
    """nbgrader's metadata of a cell with the keys of schema 3 and no others."""
    flags = {key: bool(about.get(key, False)) for key in ("grade", "locked", "solution", "task")}
    points = {"points": _number(about.get("points"))} if flags["grade"] else {}
    if flags["grade"] or flags["solution"]:
        # nbgrader's own rule: tests are read-only, answers are not.
        flags["locked"] = not flags["solution"]
    return {**flags, **points, "grade_id": about.get("grade_id"), "schema_version": 3}


def _number(points: Any) -> Any:
    return int(points) if isinstance(points, float) and points.is_integer() else points


def _mend_ids(notebook: NotebookNode) -> None:
    """Give each cell its grade_id as id, or, where its id says nothing, the cell's first words."""
    taken = {name for cell in notebook.cells if (name := cells.grade_id(cell))}
    for cell in notebook.cells:
        wanted = cells.grade_id(cell) or cell.get("id", "")
        if cells.grade_id(cell) is None:
            if not _is_readable(wanted) or wanted in taken:
                wanted = _free(_first_words(cell) if not _is_readable(wanted) else wanted, taken)
            taken.add(wanted)
        cell.id = wanted


def _is_readable(name: str) -> bool:
    return bool(_READABLE.fullmatch(name)) and not _RANDOM.fullmatch(name) and len(name) <= 64


def _first_words(cell: NotebookNode) -> str:
    text = next((line for line in cell.source.split("\n") if re.search("[A-Za-z]", line)), "")
    words = re.findall("[a-z0-9]+", re.sub(r"\$[^$]*\$|\([^)]*\)", " ", text).lower())
    name = "-".join(words[:5])[:48].strip("-")
    return name if name and not _RANDOM.fullmatch(name) else f"{cell.cell_type}-cell"


def _free(name: str, taken: set[str]) -> str:
    return next(
        candidate
        for number in range(1, len(taken) + 2)
        if (candidate := name if number == 1 else f"{name}-{number}") not in taken
    )


# What is checked


def _of_file(name: str, path: Path, notebook: NotebookNode) -> Iterator[Finding]:
    format_ = (notebook.get("nbformat"), notebook.get("nbformat_minor"))
    if format_ != (4, 5):
        yield Finding(name, "", f"has the format {format_[0]}.{format_[1]}, not 4.5", _MEND)
    if notebook.metadata != _NOTEBOOK_METADATA:
        extra = sorted(set(notebook.metadata) ^ set(_NOTEBOOK_METADATA)) or ["kernelspec"]
        yield Finding(name, "", f"has metadata of its own ({', '.join(extra)})", _MEND)
    if format_ == (4, 5) and path.read_text(encoding="utf-8") != _text(notebook):
        yield Finding(name, "", "is not written as nbformat writes (indent 1, UTF-8)", _MEND)


def _of_cell(name: str, cell: NotebookNode) -> Iterator[Finding]:
    here = cells.grade_id(cell) or cell.get("id", "?")
    if cell.cell_type == "code" and cell.get("outputs"):
        yield Finding(name, here, "has outputs", _MEND)
    if cell.cell_type == "code" and cell.get("execution_count") is not None:
        yield Finding(name, here, "has an execution count", _MEND)
    if extra := sorted(set(cell.metadata) - {"nbgrader"}):
        yield Finding(name, here, f"has metadata of its own ({', '.join(extra)})", _MEND)
    about = cell.metadata.get("nbgrader")
    if about is not None and (not about or dict(about) != _canonical_about(about)):
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
        if known is not None and not _is_readable(known):
            yield Finding(name, known, "has a grade_id that is not words", "Use words and hyphens.")
        if known is None and not _is_readable(id_):
            yield Finding(name, id_, "has an id that is not words and hyphens", _MEND)
    for what, names in (
        ("id", [cell.get("id", "") for cell in notebook.cells]),
        ("grade_id", [cells.grade_id(cell) for cell in notebook.cells]),
    ):
        for twice, count in Counter(names).items():
            if twice and count > 1:
                mend = _MEND if what == "id" else "Give each its own."
                yield Finding(name, twice, f"its {what} is there {count} times", mend)


def _of_contract(name: str, notebook: NotebookNode) -> Iterator[Finding]:
    wanted = {cell.grade_id: cell for cell in CONTRACT[name]}
    there = {
        known: cell
        for known, cell in cells.by_grade_id(notebook).items()
        if cells.kind(cell) is not None
    }
    contract = "the table in grader/contract.py"
    for known in wanted.keys() - there.keys():
        yield Finding(name, known, f"is missing, but it is in {contract}", "Write the cell.")
    for known in there.keys() - wanted.keys():
        yield Finding(name, known, f"is not in {contract}", "Rename it, or change the table.")
    for known in [known for known in wanted if known in there]:
        yield from _of_contract_cell(name, there[known], wanted[known])
    points = sum(_points(cell) for cell in notebook.cells if cells.kind(cell) in ("test", "manual"))
    if points != POINTS[name]:
        yield Finding(name, "", f"has {points:g} points, not {POINTS[name]}", "Mend the points.")


def _of_contract_cell(name: str, cell: NotebookNode, wanted: Cell) -> Iterator[Finding]:
    here, kind = wanted.grade_id, cells.kind(cell)
    type_ = "markdown" if wanted.kind == "manual" else "code"
    if kind != wanted.kind:
        yield Finding(name, here, f"is a {kind} cell, not a {wanted.kind} cell", "Change its type.")
        return
    if cell.cell_type != type_:
        yield Finding(name, here, f"is {cell.cell_type}, not {type_}", "Change its type.")
        return
    if kind in ("test", "manual") and _points(cell) != wanted.points:
        what = f"is worth {_points(cell):g} points, not {wanted.points}"
        yield Finding(name, here, what, "Mend the points in its metadata.")
    split = cells.parts(cell)
    if kind == "solution" and not split.solution:
        yield Finding(name, here, "has no ### BEGIN SOLUTION region", "Mark the solution.")
    if kind == "manual" and not cells.has_rubric(cell.source):
        what = f"has no line that begins with {cells.MODEL_ANSWER} and one with {cells.RUBRIC}"
        yield Finding(name, here, what, "Write the answer and the rubric under these words.")
    if kind == "test":
        yield from _of_test(name, cell, split)


def _of_test(name: str, cell: NotebookNode, split: cells.Parts) -> Iterator[Finding]:
    here, points = cell.metadata.nbgrader.grade_id, _points(cell)
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
    of_parts = _points_of_parts(tree)
    if of_parts is not None and of_parts != points:
        what = f"its parts add up to {of_parts:g} points, not {points:g}"
        yield Finding(name, here, what, "Mend the points of check.part(...).")
    last = tree.body[-1] if tree.body else None
    if not (isinstance(last, ast.Expr) and ast.unparse(last).endswith(".result()")):
        yield Finding(name, here, "does not end with check.result()", "End it so.")


def _points_of_parts(tree: ast.Module) -> float | None:
    """What the parts of a check add up to; None where that cannot be read off the source."""
    for node in ast.walk(tree):
        if not _part_calls(node):
            continue
        if isinstance(node, (ast.For, ast.While)):
            return None
        if isinstance(node, ast.FunctionDef) and _uses(tree, node.name) != 1:
            return None
    calls = _part_calls(tree)
    first = [call.args[0] for call in calls if call.args]
    values = [ast.literal_eval(argument) for argument in first if _is_number(argument)]
    return float(sum(values)) if len(values) == len(calls) else None


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, (int, float))


def _uses(tree: ast.Module, name: str) -> int:
    return sum(isinstance(node, ast.Name) and node.id == name for node in ast.walk(tree))


def _part_calls(tree: ast.AST) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "attr", None) == "part"
    ]


def _points(cell: NotebookNode) -> float:
    points = cell.metadata.nbgrader.get("points")
    return float(points) if isinstance(points, (int, float)) else 0.0
