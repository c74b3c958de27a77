"""The distribution of points: in all, and in each notebook."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from grader.gradebook.class_view import Facts
from grader.instructors.report.tables import Column, Table, Value

ALL = "all notebooks"
_BINS = 10
_DECIDED = ("graded", "missing")


@dataclass(frozen=True)
class Spread:
    """The points of students in one notebook, or in all."""

    what: str
    possible: float
    points: Sequence[float]

    @property
    def edges(self) -> list[float]:
        """Where the bins begin, and the end of the last, which lies beyond full points."""
        width = max(1, math.ceil(self.possible / _BINS))
        most = max([self.possible, *self.points])  # extra credit may go beyond what is possible
        return [width * float(i) for i in range(math.floor(most / width) + 2)]

    @property
    def counts(self) -> list[int]:
        """How many students are in each bin, which holds its beginning and not its end."""
        edges = self.edges
        places = np.searchsorted(edges, np.maximum(self.points, 0), side="right") - 1
        return [int(n) for n in np.bincount(places, minlength=len(edges) - 1)]

    @property
    def median(self) -> float | None:
        """The median, if there are any points."""
        return float(np.median(self.points)) if self.points else None


def spreads(facts: Facts) -> list[Spread]:
    """In all first, if there is more than one notebook, then by notebook.

    In all count the students for whom each notebook is graded or missing, one at least graded.
    """
    found = [
        Spread(
            notebook,
            facts.possible(notebook),
            [facts.points(student, notebook) for student in facts.graded(notebook)],
        )
        for notebook in facts.notebooks
    ]
    if len(found) == 1:
        return found
    totals = [
        sum(facts.points(student, n) for n in facts.notebooks if _is(facts, student, n, "graded"))
        for student in decided(facts)
    ]
    return [Spread(ALL, sum(facts.possible(n) for n in facts.notebooks), totals), *found]


def decided(facts: Facts) -> list[str]:
    """The students for whom each notebook is graded or missing, one at least graded."""
    return [
        student
        for student in facts.students
        if all(facts.states[student, n] in _DECIDED for n in facts.notebooks)
        and any(_is(facts, student, n, "graded") for n in facts.notebooks)
    ]


def _is(facts: Facts, student: str, notebook: str, state: str) -> bool:
    return facts.states[student, notebook] == state


def summary(found: Sequence[Spread]) -> Table:
    """Mean, spread and quartiles."""
    titles = ("mean", "standard deviation", "lowest", "lower quartile", "median")
    numbers = [Column(title, ".1f") for title in (*titles, "upper quartile", "highest")]
    columns = [
        Column("points in", whole=True),
        Column("possible", "g"),
        Column("students", "d"),
        *numbers,
    ]
    rows = [[s.what, s.possible, len(s.points), *_statistics(s.points)] for s in found]
    return Table("points", "Points", columns, rows)


def _statistics(points: Sequence[float]) -> list[float | None]:
    if not points:
        return [None] * 7
    low, lower, middle, upper, high = (
        float(q) for q in np.quantile(points, [0, 0.25, 0.5, 0.75, 1])
    )
    deviation = float(np.std(points, ddof=1)) if len(points) > 1 else None
    return [float(np.mean(points)), deviation, low, lower, middle, upper, high]


def distribution(found: Sequence[Spread]) -> Table:
    """The figures of the plots."""
    columns = [
        Column("points in", whole=True),
        Column("from", "g"),
        Column("to below", "g"),
        Column("students", "d"),
    ]
    rows: list[list[Value]] = [
        [spread.what, low, high, count]
        for spread in found
        for low, high, count in zip(spread.edges[:-1], spread.edges[1:], spread.counts, strict=True)
    ]
    return Table("distribution", "The figures of the plots", columns, rows, shown=0)
