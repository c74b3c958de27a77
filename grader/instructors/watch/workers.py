"""The workers of `course watch`: warm, or let go; a slow notebook does not hold up the others."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from grader.engine.execution import bundle
from grader.engine.execution.bundle import Result
from grader.engine.execution.pool import Flow, LocalExecutors, Pool

Key = tuple[str, str]
_DIED = "the process that graded it died, three times"


class Workers:
    """Processes that run notebooks, `jobs` at a time, and as many slow ones beside them.

    A notebook can only be ended by its own limit, which is minutes. So one that has run for
    `slow` seconds is not counted any more, until there are `jobs` such; the processors are then
    shared by more notebooks than there are jobs, and none waits for another's end.
    """

    def __init__(
        self,
        settings: Mapping[str, Any],
        jobs: int,
        slow: float,
        wake: Callable[[], None],
    ) -> None:
        self._settings, self._jobs, self._slow, self._wake = settings, jobs, slow, wake
        self._pool: Pool[Key] | None = None
        self._flow: Flow[Key, bytes, bytes] | None = None
        self.running: dict[Key, float] = {}  # since when, by the clock that nobody sets
        self._idle_since = time.monotonic()

    def start(self) -> None:
        """Start what grades, unless it is there."""
        if self._pool is None:
            # A worker that nobody needs is not started.
            self._pool = Pool(2 * self._jobs, LocalExecutors(self._settings))
            self._pool.start(self._jobs)
            self._flow = Flow(self._pool, bundle.execute, self._wake)

    @property
    def are_warm(self) -> bool:
        """Whether they are there."""
        return self._pool is not None

    def can_begin(self) -> bool:
        """Whether there is room for a notebook."""
        now = time.monotonic()
        quick = sum(now - since < self._slow for since in self.running.values())
        has_room = quick < self._jobs and len(self.running) < 2 * self._jobs
        return has_room and (self._flow is None or self._flow.can_begin(2 * self._jobs))

    def begin(self, key: Key, work: bytes) -> None:
        """Run a notebook."""
        self.start()
        assert self._flow is not None
        self.running[key] = time.monotonic()
        self._flow.begin(key, work)

    def over(self) -> list[tuple[Key, Result]]:
        """What became of the notebooks that are over."""
        if self._flow is None or not self._flow.count:
            return []
        found = []
        for key, result in self._flow.over(0):
            del self.running[key]
            self._idle_since = time.monotonic()
            found.append((key, Result(fault=_DIED) if result is None else bundle.unpack(result)))
        return found

    def has_run(self, key: Key, seconds: float) -> bool:
        """Whether a notebook has been running for so long, and is not over."""
        since = self.running.get(key)
        return since is not None and time.monotonic() - since >= seconds

    def next_slow(self) -> float | None:
        """In how many seconds the next of those that run becomes slow; None if none does."""
        now = time.monotonic()
        left = [self._slow - (now - since) for since in self.running.values()]
        return min((each for each in left if each > 0), default=None)

    def idle_seconds(self) -> float:
        """For how long nothing ran."""
        return 0.0 if self.running else time.monotonic() - self._idle_since

    def let_go(self) -> None:
        """End the workers, and with them what they run."""
        if self._pool is not None:
            self._pool.kill()
            self._pool = self._flow = None
            self.running.clear()
