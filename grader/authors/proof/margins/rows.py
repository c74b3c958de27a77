"""A threshold of the tests, and how far right and wrong answers stay from it."""

from dataclasses import dataclass, field
from typing import Literal

from grader.authors.proof.margins.thresholds import Threshold

Side = Literal["below", "above", "both", "none"]


NARROW = 3.0  # margins below this factor are named


MOST = 1e6  # farther from the threshold than this factor is far enough


@dataclass(frozen=True, order=True)
class Point:
    """The measure of one answer, and its margin: the factor to the threshold, 1 or more."""

    margin: float
    is_other: bool  # orders the reference first among equals
    answer: str
    measure: float

    @classmethod
    def of(cls, measure: float, answer: str) -> "Point":
        """A measure in the range that is shown, rounded to two digits, near 1 to three."""
        digits = 3 if 0.9 < measure < 1.1 else 2
        known = float(f"{min(max(measure, 1 / MOST), MOST):.{digits}g}")
        return cls(max(known, 1 / known), not answer.endswith("/reference"), answer, known)


@dataclass
class Row:
    """One threshold: where right answers lie, and where wrong ones lie on the other side."""

    notebook: str
    threshold: Threshold
    side: Side = "none"  # of the right answers
    right: list[Point] = field(default_factory=list)
    wrong: list[Point] = field(default_factory=list)
    allowed: tuple[float, float] | None = None

    @property
    def nearest(self) -> tuple[Point | None, Point | None]:
        """The right and the wrong answer that are nearest to the threshold."""
        return min(self.right, default=None), min(self.wrong, default=None)

    @property
    def narrow(self) -> list[Point]:
        """Those of `nearest` whose margin is narrow."""
        return [point for point in self.nearest if point and point.margin < NARROW]
