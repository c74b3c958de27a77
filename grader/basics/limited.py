"""Do something in a process of its own, which is ended when it has used up its time.

Parsers of other people take the square of a text's length for some texts, in code that no signal
interrupts. The time is that of the processor, so a busy machine changes nothing.
"""

import math
import os
import pickle
import select
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")
_PATIENCE = 20  # of the clock, for each second of the processor's


class TooLong(Exception):
    """It was not done in its time."""


class Limit:
    """Seconds of the processor, used up by one thing after another."""

    def __init__(self, seconds: float) -> None:
        self._left = seconds

    def call(self, function: Callable[[], T]) -> T:
        """What a function returns, which must be possible to pickle; raises TooLong."""
        if self._left <= 0:
            raise TooLong
        result, used = _in_child(function, math.ceil(self._left))
        self._left = self._left - used if result is not None else 0.0
        if result is None:
            raise TooLong
        value: T = pickle.loads(result)
        return value


def _in_child(function: Callable[[], object], seconds: int) -> tuple[bytes | None, float]:
    """The pickled result, None if there is none, and the seconds that the process used."""
    source, sink = os.pipe()
    child = os.fork()
    if child == 0:
        _answer(function, seconds, sink)
    os.close(sink)
    try:
        data = _read(source, time.monotonic() + _PATIENCE * seconds)
    finally:
        os.close(source)
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        _, _, usage = os.wait4(child, 0)
    return data, usage.ru_utime + usage.ru_stime


def _answer(function: Callable[[], object], seconds: int, sink: int) -> None:
    """In the child: write the result, and end."""
    import resource  # here, for Windows has none and loads this module

    try:
        signal.signal(signal.SIGXCPU, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        with os.fdopen(sink, "wb") as file:
            file.write(b"+" + pickle.dumps(function()))
    finally:
        os._exit(0)  # without the parent's own clearing up


def _read(source: int, until: float) -> bytes | None:
    pieces: list[bytes] = []
    while select.select([source], [], [], max(0.0, until - time.monotonic()))[0]:
        piece = os.read(source, 1 << 16)
        if not piece:
            data = b"".join(pieces)
            return data[1:] if data.startswith(b"+") else None
        pieces.append(piece)
    return None
