"""What goes wrong in `course watch`: it is told once, and tried again after a pause that grows."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from grader.basics.errors import GraderError, ResourceError
from grader.instructors.endings import plain_errors
from grader.instructors.watch.status import Teller

LOG = logging.getLogger("grader.instructors.watch")
_FIRST, _LONGEST = 1.0, 60.0  # seconds


@dataclass
class _Pause:
    until: float
    seconds: float


class Troubles:
    """By a key, such as "gradebook": what is wrong, and when to try again."""

    def __init__(self, teller: Teller) -> None:
        self._teller = teller
        self._pauses: dict[str, _Pause] = {}

    @contextmanager
    def guarded(self, key: str, *, any_error: bool = False) -> Iterator[None]:
        """Tell of what goes wrong, and raise it as a GraderError.

        With `any_error` also what nobody foresaw: that must not end the service either.
        """
        try:
            with as_grader_error():
                yield
        except GraderError as error:
            self.fails(key, str(error))
            raise
        except Exception as error:
            if not any_error:
                raise
            LOG.error("%s: the grader failed", key, exc_info=error)
            said = f"The grader failed ({key}: {type(error).__name__}, see the log)."
            self.fails(key, said)
            raise ResourceError(said) from error
        self.goes_well(key)

    def fails(self, key: str, what: str) -> None:
        """Tell of a trouble, and pause."""
        self._teller.trouble(key, what)
        self.pause(key)

    def tell(self, key: str, what: str) -> None:
        """Tell of a trouble that is not tried again by itself."""
        self._teller.trouble(key, what)

    def goes_well(self, key: str) -> None:
        """Say that there is no trouble (any more)."""
        self._teller.well(key)
        self._pauses.pop(key, None)

    def pause(self, key: str, *, grow: bool = True) -> float:
        """Let nothing be tried for a while, each time for longer; returns for how many seconds."""
        known = self._pauses.get(key)
        seconds = min(_LONGEST, 2 * known.seconds) if known and grow else _FIRST
        self._pauses[key] = _Pause(time.monotonic() + seconds, seconds)
        return seconds

    def is_paused(self, key: str) -> bool:
        """Whether it is too early to try again."""
        return self.pause_left(key) > 0

    def pause_left(self, key: str) -> float:
        """In how many seconds it may be tried again."""
        known = self._pauses.get(key)
        return max(0.0, known.until - time.monotonic()) if known is not None else 0.0

    def seconds(self) -> float | None:
        """In how many seconds the next pause is over; None if there is none."""
        now = time.monotonic()
        left = (each.until - now for each in self._pauses.values())
        return min((each for each in left if each > 0), default=None)


@contextmanager
def as_grader_error() -> Iterator[None]:
    """Let what is wrong with the machine or the gradebook be a GraderError that says so."""
    try:
        with plain_errors():
            yield
    except OSError as error:  # without the name of a file
        raise ResourceError(f"{error.strerror or error}. It is tried again.") from None
