"""Whose work is graded next: in the order of arrival, and each student has one place.

Who hands in again while they wait keeps their place, and the newest work is graded; who hands in
again afterwards stands behind all who wait. So nobody is held up by somebody who hands in often.
"""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Waiting:
    """A student who waits: since when, and until when in any case; times since 1970."""

    student: str
    since: float
    until: float = 0.0
    why: str = ""


class Turns:
    """The students whose work waits."""

    def __init__(self) -> None:
        self._waiting: dict[str, Waiting] = {}

    def add(self, student: str, since: float, until: float = 0.0, why: str = "") -> None:
        """Let a student wait, at the place that they have already if they have one."""
        known = self._waiting.get(student)
        since = min(since, known.since) if known else since
        self._waiting[student] = Waiting(student, since, until, why)

    def next(self, now: float) -> Waiting | None:
        """Take the one whose turn it is."""
        first = min((each for each in self if each.until <= now), key=_place, default=None)
        if first is not None:
            del self._waiting[first.student]
        return first

    def ready(self, now: float) -> list[Waiting]:
        """Those who could be graded now, in their order."""
        return sorted((each for each in self if each.until <= now), key=_place)

    def later(self, now: float) -> list[Waiting]:
        """Those who have to wait for a time, the first of these first."""
        return sorted((each for each in self if each.until > now), key=lambda each: each.until)

    def __iter__(self) -> Iterator[Waiting]:
        return iter(self._waiting.values())

    def __len__(self) -> int:
        return len(self._waiting)


def _place(waiting: Waiting) -> tuple[float, str]:
    return waiting.since, waiting.student
