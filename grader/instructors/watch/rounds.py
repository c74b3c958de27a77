"""The loop of `course watch`: it sleeps until something happens; then all assignments work."""

import logging
from collections import deque
from collections.abc import Iterable
from contextlib import ExitStack

from grader.instructors.watch.events import Alarm
from grader.instructors.watch.service import Service
from grader.instructors.watch.settings import Watch
from grader.instructors.watch.workers import Crew

_DEATHS = 2.0  # seconds after which it is seen that a worker died
_SHORTEST = 0.02  # seconds of sleep


class Turned(logging.Filter):
    """Lets through what is logged while an assignment has its round, or none has."""

    now = ""

    def __init__(self, assignment: str) -> None:
        super().__init__()
        self._assignment = assignment

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record is for the log of the assignment."""
        return Turned.now in ("", self._assignment)


class Rounds:
    """Lets assignments take turns, on the same workers."""

    def __init__(self, services: Iterable[Service], crew: Crew, watch: Watch, alarm: Alarm) -> None:
        self._services, self._crew = deque(services), crew
        self._warm_seconds, self._alarm = 60 * watch.warm_minutes, alarm

    def run(self) -> None:
        """Work until an exception ends it: KeyboardInterrupt, or BeginAnew."""
        with ExitStack() as stack:
            for service in self._services:
                stack.callback(service.end)
            stack.callback(_nobody)
            stack.callback(self._crew.let_go)
            for service in self._services:
                service.begin()
            self._crew.start()
            while True:
                for service in self._services:
                    Turned.now = service.assignment
                    service.go_round()
                _nobody()
                self._services.rotate(-1)  # the first has the choice of the free workers
                if self._warm_seconds and self._crew.idle_seconds() >= self._warm_seconds:
                    self._crew.let_go()
                self._alarm.wait(self._seconds())

    def _seconds(self) -> float | None:
        """For how long to sleep if nothing happens; None for ever."""
        found = [service.seconds() for service in self._services]
        if self._crew.running:
            found += [_DEATHS, self._crew.next_slow()]
        elif self._warm_seconds and self._crew.are_warm:
            found.append(self._warm_seconds - self._crew.idle_seconds())
        seconds = [each for each in found if each is not None]
        return max(_SHORTEST, min(seconds)) if seconds else None


def _nobody() -> None:
    Turned.now = ""
