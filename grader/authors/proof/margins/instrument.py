"""Makes the comparisons of the test cells report themselves, in a temporary course."""

import ast
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copy2

import nbformat

from grader.authors.proof import remarks
from grader.authors.proof.margins import probe
from grader.authors.proof.margins.thresholds import PROBE, Rewriter, Threshold
from grader.authors.proof.remarks import NO_REMARKS, Remarks
from grader.course import notebook_data
from grader.course.directory import Course
from grader.nbgrader_app import commands
from grader.notebooks import cells


def find(course: Course) -> dict[str, list[Threshold]]:
    """The thresholds of every notebook, in the order in which they stand in it."""
    said = remarks.of_course(course)
    return {
        path.stem: [
            threshold
            for cell in cells.read_notebook(path).cells
            if cells.kind(cell) == "test"
            for threshold in instrument(cells.grade_id(cell) or "", cell.source, said)[1]
        ]
        for path in course.notebooks()
    }


@contextmanager
def instrumented(course: Course) -> Iterator[Course]:
    """A temporary course whose test cells print what `reports` reads."""
    said = remarks.of_course(course)
    with commands.temporary_course(course) as copy:
        if course.requirements.is_file():
            copy2(course.requirements, copy.requirements)
        for program in (one for data in notebook_data.of_course(course) for one in data.programs()):
            (copy.root / program).parent.mkdir(parents=True, exist_ok=True)
            copy2(course.root / program, copy.root / program)
        copy2(Path(probe.__file__), copy.source / "margin_probe.py")
        for path in copy.notebooks():
            notebook = cells.read_notebook(path)
            for cell in notebook.cells:
                if cells.kind(cell) == "test":
                    cell.source = instrument(cells.grade_id(cell) or "", cell.source, said)[0]
            nbformat.write(notebook, path)
        yield copy


@dataclass(frozen=True)
class Report:
    """What one answer came to at one threshold: pairs of a lowest and a highest number.

    `below` and `above` hold the measures on either side of 1, or are empty; `allowed` holds the
    threshold itself.
    """

    below: tuple[float, ...]
    above: tuple[float, ...]
    allowed: tuple[float, ...]


def reports(output: str) -> dict[int, Report]:
    """What a cell printed of its thresholds, by number."""
    found = {}
    for line in output.splitlines():
        if line.startswith(probe.MARK):
            for number, pairs in json.loads(line.removeprefix(probe.MARK)).items():
                found[int(number)] = Report(*map(tuple, pairs))
    return found


def instrument(cell: str, source: str, said: Remarks = NO_REMARKS) -> tuple[str, list[Threshold]]:
    """The source of a test cell in which each threshold reports itself, and the thresholds.

    `said` are the remarks of the course. Comments are lost, among them the marks of the hidden
    tests; grading needs none of them.
    """
    tree = ast.parse(source)
    rewriter = Rewriter(cell, source, tree, said)
    tree = ast.fix_missing_locations(rewriter.visit(tree))
    if not rewriter.found:
        return source, []
    (start,) = ast.parse(f"import margin_probe as {PROBE}").body
    (tell,) = ast.parse(f"{PROBE}.tell()").body
    # The value of the last statement is the score.
    tree.body = [start, *tree.body[:-1], tell, tree.body[-1]]
    return ast.unparse(tree), _with_distinct_names(rewriter.found)


def _with_distinct_names(found: list[Threshold]) -> list[Threshold]:
    seen: Counter[tuple[str, str]] = Counter()
    made = []
    for each in found:
        seen[each.name, each.allowed] += 1
        count = seen[each.name, each.allowed]
        what = each.what if count == 1 else f"{each.what} ({count})"
        made.append(Threshold(**{**vars(each), "what": what}))
    return made
