"""Mutation analysis of the exercises: which small changes of a solution do the tests not see?"""

import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch

from nbformat import NotebookNode

from grader.authors.bank import answers
from grader.authors.bank.bench import Bench
from grader.authors.bank.graded import Graded
from grader.authors.proof.mutation.operators import Mutation, mutations
from grader.basics.errors import UserError
from grader.course import assignment
from grader.course.directory import Course
from grader.notebooks import cells

# Of the mutants of a notebook, one in so many is in the sample.
SAMPLE_SHARES = {"1-complexity": 11, "2-tanh": 8, "3-backprop": 10, "4-svhn": 20}


@dataclass(frozen=True)
class Mutant:
    """The reference solution of one cell, changed in one place."""

    notebook: str
    cell: str
    mutation: Mutation

    @property
    def id(self) -> str:
        """How a person names it: 2-tanh/tanh-class/line-5/NumberReplacer-1a2b3c4d."""
        number = zlib.crc32(self.mutation.source.encode())
        return f"{self.place}/line-{self.mutation.line}/{self.mutation.operator}-{number:08x}"

    @property
    def place(self) -> str:
        """The notebook and the cell."""
        return f"{self.notebook}/{self.cell}"

    @property
    def diff(self) -> str:
        """The lines that it changes, before and after; what equivalent-mutants.toml knows it by."""
        was, becomes = self.mutation.was.splitlines(), self.mutation.becomes.splitlines()
        lines = [*(f"- {line}" for line in was), *(f"+ {line}" for line in becomes)]
        return "\n".join(line.rstrip() for line in lines)


@dataclass(frozen=True)
class Outcome:
    """What the tests said of a mutant."""

    mutant: Mutant
    killed_by: tuple[str, ...]  # the test cells that took points off; none if it survived


def read_all(course: Course, patterns: Sequence[str] = ()) -> list[Mutant]:
    """The mutants of every solution cell that a pattern names, or of all: 4-svhn, 4-svhn/steps."""
    found = []
    for notebook, known in assignment.read(course).items():
        there = cells.by_grade_id(cells.read_notebook(course.source / f"{notebook}.ipynb"))
        for cell in known:
            if cell.kind == "solution":
                solution = cells.reference(there[cell.grade_id])
                made = [Mutant(notebook, cell.grade_id, each) for each in mutations(solution)]
                found += [mutant for mutant in made if _matches(mutant, patterns)]
    if not found:
        raise UserError(
            f"No mutant matches {' '.join(patterns)}. Name a notebook, or a cell: "
            "course mutants 2-tanh, course mutants 4-svhn/steps."
        )
    return found


def _matches(mutant: Mutant, patterns: Sequence[str]) -> bool:
    return not patterns or any(
        fnmatch(mutant.id, pattern) or mutant.id.startswith(pattern.rstrip("/") + "/")
        for pattern in patterns
    )


def sample(mutants: Iterable[Mutant]) -> list[Mutant]:
    """A fixed part of the mutants, some of every notebook."""
    return [
        mutant
        for mutant in mutants
        if zlib.crc32(mutant.id.encode()) % SAMPLE_SHARES.get(mutant.notebook, 10) == 0
    ]


def analyse(
    course: Course, bench: Bench, mutants: Sequence[Mutant], show: Callable[[str], None]
) -> list[Outcome]:
    """Grade mutants until a test sees what is wrong with them: killed, or survived.

    A notebook is first run up to the first test of the mutated cell, and only if that gives full
    points, to its end. What is run is the same, so a mutant that is killed early would be killed
    in the whole notebook. `show` is called with the id of each mutant.
    """
    fillers = {mutant.id: _filler(course, mutant) for mutant in mutants}
    until = {mutant.id: _first_test(course, mutant) for mutant in mutants}
    killed = _killed_by(course, bench.grade(fillers, show, until=until))
    rest = {id_: filler for id_, filler in fillers.items() if not killed[id_]}
    killed |= _killed_by(course, bench.grade(rest))
    return [Outcome(mutant, killed[mutant.id]) for mutant in mutants]


def _filler(course: Course, mutant: Mutant) -> Callable[[NotebookNode], NotebookNode]:
    given = {mutant.cell: mutant.mutation.source}
    return lambda released: answers.fill_in(course, released, mutant.notebook, given)


def _first_test(course: Course, mutant: Mutant) -> str:
    known = assignment.cells_of(course, mutant.notebook)
    names = [cell.grade_id for cell in known]
    later = known[names.index(mutant.cell) :]
    return next(cell.grade_id for cell in later if cell.kind == "test")


def _killed_by(course: Course, graded: dict[str, Graded]) -> dict[str, tuple[str, ...]]:
    found = {}
    for id_, each in graded.items():
        if not each.scores:
            raise UserError(f"{id_}: {each.error}")
        full = answers.full_scores(course, id_.split("/")[0])
        found[id_] = tuple(
            name for name, points in each.scores.items() if points is None or points < full[name]
        )
    return found
