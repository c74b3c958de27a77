"""What `course watch` does now: a file for `course watch --status`, and a line on the screen."""

import json
import logging
import os
import sys
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from grader.basics import terminal
from grader.basics.words import counted, one_line
from grader.course import lock
from grader.course.directory import Course

LOG = logging.getLogger("grader.instructors.watch")
FILE = ".course-watch.json"
_EVERY = 0.5  # seconds between two writes
_LAST = 10  # submissions that are remembered as done
_FEW = 5  # students that are named


@dataclass
class Trouble:
    """Something that keeps `course watch` from its work, or that a person should see."""

    what: str
    since: float


@dataclass
class Status:
    """All that there is to tell; times are seconds since 1970."""

    pid: int = 0
    since: float = 0.0
    places: list[str] = field(default_factory=list)
    doing: str = "starts"
    waiting: list[str] = field(default_factory=list)  # the first of those whose turn comes
    queue: int = 0
    arriving: int = 0
    later: list[tuple[str, float, str]] = field(default_factory=list)  # who, until when, why
    running: list[tuple[str, str, float]] = field(default_factory=list)  # who, notebook, since
    done: list[tuple[str, float, float]] = field(default_factory=list)  # who, when, in seconds
    graded: int = 0
    troubles: list[Trouble] = field(default_factory=list)
    remarks: list[tuple[str, float]] = field(default_factory=list)  # what was said, and when


class Teller:
    """Keeps the status, and writes it where others read it, not too often."""

    def __init__(self, course: Course) -> None:
        self.status = Status(os.getpid(), time.time())
        self._path = course.made(FILE)
        self._troubles: dict[str, Trouble] = {}
        self._done: deque[tuple[str, float, float]] = deque(maxlen=_LAST)
        self._remarks: deque[tuple[str, float]] = deque(maxlen=_LAST)
        self._written = 0.0
        self._line = ""
        self._text = ""

    def trouble(self, key: str, what: str) -> None:
        """Tell of a trouble, until `well` is said of it; once, if it stays the same."""
        known = self._troubles.get(key)
        if known is None or known.what != what:
            self._troubles[key] = Trouble(what, time.time())
            LOG.warning("trouble: %s", what)
            self.say(what)

    def well(self, key: str) -> None:
        """Say that a trouble is over."""
        if known := self._troubles.pop(key, None):
            LOG.info("over: %s", known.what)

    def remark(self, text: str) -> None:
        """Tell of something about one submission, that a person should see once."""
        self._remarks.append((text, time.time()))
        LOG.warning("%s", text)
        self.say(text)

    def done(self, student: str, seconds: float) -> None:
        """Tell that a student's pages are made, so many seconds after the work had come."""
        self._done.append((student, time.time(), seconds))
        self.status.graded += 1
        if not sys.stdout.isatty():
            self.say(f"{student}: graded, {seconds:.1f} s after it came")

    def say(self, text: str) -> None:
        """Print a line that stays."""
        if sys.stdout.isatty():
            terminal.overwrite("")
            self._line = ""
        terminal.say(f"{datetime.now():%Y-%m-%d %H:%M:%S} {one_line(text)}")

    def tell(self, now: float, *, at_once: bool = False) -> float | None:
        """Write and show the status; in how many seconds to call this again, None for not."""
        self.status.troubles = list(self._troubles.values())
        self.status.done = list(self._done)
        self.status.remarks = list(self._remarks)
        if not at_once and now - self._written < _EVERY:
            return _EVERY
        self._written = now
        text = json.dumps(asdict(self.status), ensure_ascii=False)
        if text != self._text:
            self._text = text
            _write(self._path, text)
        self._show()
        return 1.0 if self.status.running and sys.stdout.isatty() else None

    def _show(self) -> None:
        if not sys.stdout.isatty():
            return
        line = summary(self.status, time.time())
        if line != self._line:
            terminal.overwrite(line)
            self._line = line


def _write(path: Path, text: str) -> None:
    """Put a text in the place of the last one; a full disk is told of elsewhere."""
    new = path.with_name(f"{path.name}.new")
    with suppress(OSError):
        new.unlink(missing_ok=True)
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
        with open(descriptor, "w", encoding="utf-8", errors="replace") as file:
            file.write(text)
        new.replace(path)


def summary(status: Status, now: float) -> str:
    """What it does, in one line."""
    parts = [status.doing, f"{status.queue} waiting"]
    if status.arriving:
        parts.append(f"{status.arriving} arriving")
    if status.running:
        them = (f"{who} {notebook} {now - at:.0f} s" for who, notebook, at in status.running[:3])
        parts.append(f"running: {', '.join(them)}" + (", ..." if status.running[3:] else ""))
    parts.append(f"{counted(status.graded, 'submission')} graded")
    if status.done:
        who, _, seconds = status.done[-1]
        parts[-1] += f" (last: {who}, {seconds:.1f} s after it came)"
    if status.troubles:
        parts.append(counted(len(status.troubles), "trouble"))
    return one_line(" | ".join(parts))


def show(course: Course) -> int:
    """Print what the `course watch` of this course does.

    Returns 0 if it runs and all is well, 1 if it has troubles or does not run.
    """
    status = read(course)
    runs = lock.is_watched(course)
    if not runs:
        last = f" The last one wrote this at {_time(_changed(course))}:" if status else ""
        terminal.say(f"No course watch looks after this course.{last}")
    elif status is None:
        terminal.say("A course watch has begun, and has not said yet what it does.")
    if status is not None:
        for line in lines(status, time.time()):
            terminal.say(line)
    return 0 if runs and status is not None and not status.troubles else 1


def lines(status: Status, now: float) -> list[str]:
    """What `--status` prints."""
    found = [f"since    {_time(status.since)} (process {status.pid})"]
    found += [f"watches  {place}" for place in status.places]
    found.append(f"does     {status.doing}")
    names = ", ".join(status.waiting[:_FEW]) + (", ..." if status.queue > _FEW else "")
    found.append(f"waiting  {status.queue}" + (f": {names}" if names else ""))
    if status.arriving:
        found.append(f"arriving {status.arriving}")
    found += [f"later    {who}, from {_time(at)} on: {why}" for who, at, why in status.later]
    found += [f"running  {who}, {name}: {now - at:.0f} s" for who, name, at in status.running]
    found += [
        f"done     {_time(at)} {who}, {seconds:.1f} s after it came"
        for who, at, seconds in reversed(status.done)
    ]
    found.append(f"graded   {counted(status.graded, 'submission')}")
    found += [f"remark   {_time(at)} {text}" for text, at in status.remarks]
    found += [f"TROUBLE  since {_time(one.since)}: {one.what}" for one in status.troubles]
    return [one_line(line) for line in found]


def read(course: Course) -> Status | None:
    """The status that was written last; None where none can be read."""
    try:
        told: Mapping[str, Any] = json.loads((course.made(FILE)).read_text(encoding="utf-8"))
        status = Status(**told)
        status.troubles = [Trouble(**each) for each in told["troubles"]]
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return status


def _changed(course: Course) -> float:
    with suppress(OSError):
        return (course.made(FILE)).stat().st_mtime
    return 0.0


def _time(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds):%Y-%m-%d %H:%M:%S}"
