"""How hard each test is, and how well it separates strong from weak submissions.

Two figures of classical test theory say the latter. Both compare the share of a test's points
that a submission has with its rest score: the share of the points of all other tests, of the
notebooks of that student which are graded. The test itself is left out, for a test separates
perfectly by its own points.

- The corrected item-total correlation: Pearson's r of the two shares over the n submissions,
  r = sum (x - mean x)(y - mean y) / sqrt(sum (x - mean x)^2 sum (y - mean y)^2). For a test that
  one either passes or fails it is the point-biserial correlation with the rest score. (Henrysson,
  "Correction of item-total correlations in item analysis", Psychometrika 28, 1963.)
- The upper-lower index: D = mean x of the upper 27 % by rest score - mean x of the lower 27 %.
  (Kelley, "The selection of upper and lower groups for the validation of test items", Journal of
  Educational Psychology 30, 1939.) Submissions with the rest score at which a group ends count as
  the part of them that the group has room for: D does not depend on how ties are ordered.

Below ENOUGH submissions neither means anything, and both are left out: at n = 10 the 95 %
confidence interval of r = 0.3 still reaches from about -0.4 to 0.8.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from grader.gradebook.class_view import Cell, Facts
from grader.instructors.report.tables import NOTEBOOK, Column, Table

ENOUGH = 10
GROUP = 0.27
# Ebel and Frisbie, "Essentials of Educational Measurement" (1991): below 0.2 poor.
POOR = 0.2

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Item:
    """One test and what the graded submissions have for it: shares of its points from 0 to 1."""

    cell: Cell
    shares: Sequence[float]
    correlation: float | None
    difference: float | None

    @property
    def full(self) -> int:
        """How many have all of its points."""
        return sum(share >= 1 for share in self.shares)

    @property
    def none(self) -> int:
        """How many have none of its points."""
        return sum(share <= 0 for share in self.shares)

    @property
    def part(self) -> int:
        """How many have some of its points."""
        return len(self.shares) - self.full - self.none

    @property
    def remark(self) -> str:
        """What the figures say about the test, if they say anything."""
        if not self.shares:
            return ""
        if len(set(self.shares)) == 1:
            return "the same points for all: separates nobody"
        if self.correlation is None:
            return ""
        if self.correlation <= -POOR / 2:  # nearer to 0 it may be chance in a small class
            return "stronger submissions lose more: look at this test"
        return "separates little" if self.correlation < POOR else ""


def items(facts: Facts) -> list[Item]:
    """Every test, in the order of the exercises."""
    tests = [cell for cell in facts.cells if cell.is_test]
    found = []
    for cell in tests:
        shares, rests = [], []
        for student in facts.graded(cell.notebook):
            others = [
                other
                for other in tests
                if other != cell and facts.states[student, other.notebook] == "graded"
            ]
            possible = sum(other.possible for other in others)
            own = facts.marks[student, cell.notebook, cell.name].points
            shares.append(own / cell.possible if cell.possible else 0.0)
            rests.append(_sum(facts, student, others) / possible if possible else np.nan)
        found.append(Item(cell, shares, *discrimination(shares, rests)))
    return found


def _sum(facts: Facts, student: str, cells: Sequence[Cell]) -> float:
    return sum(facts.marks[student, cell.notebook, cell.name].points for cell in cells)


def discrimination(
    shares: Sequence[float], rests: Sequence[float]
) -> tuple[float | None, float | None]:
    """The correlation and the upper-lower index; None for both where they mean nothing.

    A rest score that is not a number belongs to a student without any other test.
    """
    x, y = np.asarray(shares, dtype=float), np.asarray(rests, dtype=float)
    x, y = x[~np.isnan(y)], y[~np.isnan(y)]
    if len(x) < ENOUGH or np.ptp(x) == 0 or np.ptp(y) == 0:
        return None, None
    upper, lower = _group(x, y), _group(x, -y)
    return float(np.corrcoef(x, y)[0, 1]), upper - lower


def _group(x: Numbers, y: Numbers) -> float:
    """The mean of x where y is highest, for GROUP of the submissions."""
    room = max(1, round(GROUP * len(x)))
    last = np.sort(y)[-room]
    above, ties = y > last, y == last
    left = room - int(above.sum())
    return float((x[above].sum() + left * x[ties].mean()) / room)


def table(found: Sequence[Item]) -> Table:
    """The figures of each test."""
    columns = [
        NOTEBOOK,
        Column("test", code=True),
        Column("points", "g"),
        Column("graded", "d"),
        Column("full points (%)", ".0f"),
        Column("part (%)", ".0f"),
        Column("none (%)", ".0f"),
        Column("mean points", ".2f"),
        Column("correlation r", ".2f"),
        Column("upper − lower D", ".2f"),
        Column("remark"),
    ]
    return Table("tests", "Tests", columns, [_row(item) for item in found])


def _row(item: Item) -> list[str | int | float | None]:
    cell, n = item.cell, len(item.shares)
    percents = [100 * k / n if n else None for k in (item.full, item.part, item.none)]
    mean = float(np.mean(item.shares)) * cell.possible if n else None
    figures = [*percents, mean, item.correlation, item.difference]
    return [cell.notebook, cell.name, cell.possible, n, *figures, item.remark]
