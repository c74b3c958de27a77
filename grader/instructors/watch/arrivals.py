"""When what arrives is complete: what is still being written waits."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Seen:
    """One thing that can arrive, such as a student's folder, as it was just seen.

    `mark` differs after each change; `changed` is when the last one was, by the clock of the file
    system; `complete` whether whoever writes it has said that it is whole.
    """

    mark: object
    changed: float
    complete: bool = False


@dataclass(frozen=True)
class Arrival:
    """Something that is complete, and new or changed."""

    key: str
    mark: object
    changed: float


class Arrivals:
    """Tells what has arrived in one place, each change once."""

    def __init__(self, quiet: float) -> None:
        """`quiet` is for how many seconds nothing may have changed."""
        self._quiet = quiet
        self._taken: dict[str, object] = {}
        self._open: dict[str, tuple[object, float]] = {}  # the mark, and since when it is this one

    def look(self, seen: Mapping[str, Seen], now: float, wall: float) -> list[Arrival]:
        """What is complete now and not taken, in the order in which it last changed.

        `now` is of a clock that nobody sets, `wall` of the one that files have.
        """
        self._taken = {key: mark for key, mark in self._taken.items() if key in seen}
        before, self._open = self._open, {}
        ready = []
        for key, one in seen.items():
            if key in self._taken and self._taken[key] == one.mark:
                continue
            mark, since = before.get(key, (None, now))
            since = since if mark == one.mark else now
            # A file system's own clock may be ahead of this machine's; then this one's is asked.
            if one.complete or now - since >= self._quiet or wall - one.changed >= self._quiet:
                ready.append(Arrival(key, one.mark, one.changed))
            else:
                self._open[key] = one.mark, since
        return sorted(ready, key=lambda arrival: (arrival.changed, arrival.key))

    def take(self, arrival: Arrival) -> None:
        """Tell of this no more, until it changes."""
        self._taken[arrival.key] = arrival.mark

    def reopen(self, keys: Iterable[str]) -> None:
        """Tell of these once more, though they did not change."""
        for key in keys:
            self._taken.pop(key, None)

    @property
    def count(self) -> int:
        """How many things are not complete."""
        return len(self._open)

    def seconds(self, now: float) -> float | None:
        """In how many seconds something may be complete; None if nothing waits for that."""
        if not self._open:
            return None
        since = min(since for _, since in self._open.values())
        return max(0.0, since + self._quiet - now)
