"""The workers of `course watch`: warm, or let go; a slow notebook does not hold up the others.

All assignments that are watched share them.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

from grader.engine.execution import bundle
from grader.engine.execution.bundle import Result
from grader.engine.execution.pool import Flow, LocalExecutors, Pool

Key = tuple[str, str]  # student, notebook
_DIED = "the process that graded it died, three times"


class Crew:
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
        self._pool: Pool[tuple[str, Key]] | None = None
        self._flow: Flow[tuple[str, Key], bytes, bytes] | None = None
        # By assignment; since when, by the clock that nobody sets.
        self.running: dict[tuple[str, Key], float] = {}
        self._over: list[tuple[tuple[str, Key], Result]] = []
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

    def begin(self, assignment: str, key: Key, work: bytes) -> None:
        """Run a notebook."""
        self.start()
        assert self._flow is not None
        self.running[assignment, key] = time.monotonic()
        self._flow.begin((assignment, key), work)

    def over(self, assignment: str) -> list[tuple[Key, Result]]:
        """What became of the notebooks of an assignment that are over."""
        if self._flow is not None and self._flow.count:
            for key, result in self._flow.over(0):
                del self.running[key]
                self._idle_since = time.monotonic()
                known = Result(fault=_DIED) if result is None else bundle.unpack(result)
                self._over.append((key, known))
        own = [(key, result) for (whose, key), result in self._over if whose == assignment]
        self._over = [each for each in self._over if each[0][0] != assignment]
        return own

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
            self._over.clear()


class Workers:
    """The workers, as those see them who look after one assignment."""

    def __init__(self, crew: Crew, assignment: str) -> None:
        self.crew, self._assignment = crew, assignment

    @property
    def running(self) -> dict[Key, float]:
        """The notebooks that run, and since when."""
        every = self.crew.running.items()
        return {key: since for (whose, key), since in every if whose == self._assignment}

    def can_begin(self) -> bool:
        """Whether there is room for a notebook."""
        return self.crew.can_begin()

    def begin(self, key: Key, work: bytes) -> None:
        """Run a notebook."""
        self.crew.begin(self._assignment, key, work)

    def over(self) -> list[tuple[Key, Result]]:
        """What became of the notebooks that are over."""
        return self.crew.over(self._assignment)

    def has_run(self, key: Key, seconds: float) -> bool:
        """Whether a notebook has been running for so long, and is not over."""
        since = self.crew.running.get((self._assignment, key))
        return since is not None and time.monotonic() - since >= seconds
