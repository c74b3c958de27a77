"""What the report needs of the autograded notebooks: what the tests said, and the own code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from grader.basics.errors import GraderError, UserError
from grader.course.directory import Course
from grader.gradebook.class_view import Facts
from grader.notebooks import cells, printed, regions
from grader.scoring import check_report
from grader.scoring.check_report import Part

# More is no exercise any more: characters of a cell, cells of a notebook.
_LONGEST, _MOST = 20_000, 100


@dataclass(frozen=True)
class Work:
    """One student's notebook: what each test said, by cell, and the cells of own code.

    A test says the messages of those parts that failed, or the last line of what it printed: it
    stopped there, unless it passed. More is not kept, for a class is in memory at once.
    """

    said: Mapping[str, Sequence[str]]
    code: Sequence[str]


def read_all(
    course: Course, facts: Facts
) -> tuple[dict[tuple[str, str], Work], list[tuple[str, str, str]]]:
    """The notebooks that are graded, by student and name; and those that cannot be read, why."""
    found, problems = {}, []
    for notebook in facts.notebooks:
        given = _given(course, notebook)
        tests = {cell.name for cell in facts.cells_of(notebook) if cell.is_test}
        for student in facts.graded(notebook):
            path = course.executed(student, notebook)
            try:
                found[student, notebook] = _read(path, tests, given)
            except GraderError as error:
                problems.append((student, notebook, str(error)))
    return found, problems


def _read(path: Path, tests: set[str], given: set[str]) -> Work:
    try:
        read = cells.read_notebook(path)
        outputs = printed.outputs_of(read)
        by_name = cells.by_grade_id(read)
        said = {
            name: _said(check_report.parts(by_name[name]), outputs[name])
            for name in tests & outputs.keys()
        }
        code = [cell.source[:_LONGEST] for cell in read.cells if _is_own(cell, given)]
    except (AttributeError, KeyError, TypeError, OSError) as error:
        # No notebook that grading wrote; somebody changed it.
        raise UserError(
            f"{path.name} in autograded/ is not as it was graded ({error!r})."
        ) from None
    return Work(said, code[:_MOST])


def _said(parts: Sequence[Part], output: str) -> list[str]:
    if failed := [part.message for part in parts if not part.passed]:
        return failed
    return [line.strip() for line in output.splitlines() if line.strip()][-1:]


def _is_own(cell: NotebookNode, given: set[str]) -> bool:
    """Whether it is code of the learner's: a solution, or a cell that they added."""
    if cell.cell_type != "code" or not cell.source.strip():
        return False
    return cells.kind(cell) == "solution" or (
        cells.kind(cell) is None and cell.source.strip() not in given
    )


def _given(course: Course, notebook: str) -> set[str]:
    """The sources of the code cells that the release gives."""
    return {source.strip() for source in _released(course, notebook)}


def _released(course: Course, notebook: str) -> list[str]:
    """The code that students get; by the teacher notebook, where there is no release here."""
    path = course.release / f"{notebook}.ipynb"
    if path.is_file():
        return [c.source for c in cells.read_notebook(path).cells if c.cell_type == "code"]
    source = cells.read_notebook(course.source / f"{notebook}.ipynb")
    return [regions.without(c.source) for c in source.cells if c.cell_type == "code"]


def template(course: Course, notebook: str) -> list[str]:
    """Code that nobody invented: what the release gives, and the teacher's solution."""
    source = cells.read_notebook(course.source / f"{notebook}.ipynb")
    solutions = [cells.reference(c) for c in source.cells if cells.kind(c) == "solution"]
    return [*_released(course, notebook), *solutions]
