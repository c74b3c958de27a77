"""What wakes `course watch`: events of the file system, or the clock where there are none.

An event says no more than: look. What is there is found by looking at all of it. So little is lost
with events that the system had no room for, if one looks after that. But where such events told of
new directories, these are not watched; and watchdog then watches everything anew, by which it may
make more events than there is room for, again and again. So it is let go for a while.
"""

import errno
import logging
import re
import threading
import time
import warnings
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from watchdog.events import (
    DirAttribEvent,
    DirCreatedEvent,
    DirDeletedEvent,
    DirModifiedEvent,
    DirMovedEvent,
    FileAttribEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import ObservedWatch

# Not that a file was opened or read: looking would wake the next look.
_CHANGES: list[type[FileSystemEvent]] = [
    *(DirAttribEvent, DirCreatedEvent, DirDeletedEvent, DirModifiedEvent, DirMovedEvent),
    *(FileAttribEvent, FileClosedEvent, FileCreatedEvent, FileDeletedEvent, FileModifiedEvent),
    FileMovedEvent,
]
_WITHOUT_EVENTS = ("nfs", "cifs", "smb", "9p", "fuse", "afs", "ceph", "lustre", "gluster", "vboxsf")
_MOUNTS = Path("/proc/self/mountinfo")
_CALM_SECONDS = 60.0  # without a loss of events, until they are trusted again
_LOST = (
    "more changed at once than the system has room to tell of (fs.inotify.max_queued_events, "
    "a sysctl)"
)
_LOG_OF_WATCHDOG = logging.getLogger("watchdog.observers")


class Alarm:
    """Wakes the one who waits for it; others may call `ring` from any thread."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def ring(self) -> None:
        """Let the one who waits go on."""
        self._event.set()

    def wait(self, seconds: float | None) -> bool:
        """Wait for a ring, for ever with None; returns whether it rang."""
        rang = self._event.wait(seconds)
        self._event.clear()
        return rang


class _Ring(FileSystemEventHandler):
    def __init__(self, alarm: Alarm, seen: threading.Event) -> None:
        self._alarm, self._seen = alarm, seen

    def on_any_event(self, event: FileSystemEvent) -> None:
        self._seen.set()
        self._alarm.ring()


class _Losses(logging.Handler):
    """Hears watchdog say that events were lost; it says so in its log only."""

    def __init__(self, alarm: Alarm, seen: threading.Event) -> None:
        super().__init__(logging.WARNING)
        self._alarm, self._seen = alarm, seen
        self.last = -_CALM_SECONDS

    def emit(self, record: logging.LogRecord) -> None:
        """Ring, for nobody else may after what was lost."""
        if record.levelno == logging.WARNING:  # its errors are of threads that end
            self.last = time.monotonic()
            self._seen.set()
            self._alarm.ring()

    @property
    def are_recent(self) -> bool:
        """Whether events may be lost just now."""
        return time.monotonic() - self.last < _CALM_SECONDS


@dataclass
class _Watched:
    identity: tuple[int, int]
    watch: ObservedWatch | None
    why: str


class Events:
    """Watches directories, and rings when something in them changes."""

    def __init__(self, alarm: Alarm) -> None:
        self._alarm = alarm
        self._observer = Observer()
        self._observer.daemon = True
        self._watched: dict[Path, _Watched] = {}
        self._seen = threading.Event()
        self._losses = _Losses(alarm, self._seen)
        _LOG_OF_WATCHDOG.addHandler(self._losses)
        # After a loss, of each directory that it watches once more, with the names of all others.
        warnings.filterwarnings("ignore", "Callback with id .* already exists", RuntimeWarning)
        self._observer.start()

    def take(self) -> bool:
        """Whether something changed since the last time that this was asked."""
        if not self._seen.is_set():
            return False  # and nothing is cleared: something may change just now
        self._seen.clear()
        return True

    def watch(self, directory: Path) -> str:
        """Watch a directory and all below it, again if it is another one than before.

        Returns why it has to be polled, "" if events tell of changes. Raises OSError if it is not
        there.
        """
        about = directory.stat()
        identity = about.st_dev, about.st_ino
        known = self._watched.get(directory)
        lost = self._losses.are_recent
        if known is not None and known.identity == identity and (known.why == _LOST) == lost:
            return known.why
        self.forget(directory)
        watch, why = None, _LOST if lost else without_events(directory)
        if not why:
            try:
                watch = self._observer.schedule(
                    _Ring(self._alarm, self._seen),
                    str(directory),
                    recursive=True,
                    event_filter=_CHANGES,
                )
            except OSError as error:
                why = _why(error)
        self._watched[directory] = _Watched(identity, watch, why)
        return why

    def is_same(self, directory: Path) -> bool:
        """Whether a directory is the one that is watched."""
        known = self._watched.get(directory)
        with suppress(OSError):
            about = directory.stat()
            return known is not None and known.identity == (about.st_dev, about.st_ino)
        return known is None

    def forget(self, directory: Path) -> None:
        """Watch a directory no more."""
        known = self._watched.pop(directory, None)
        if known is not None and known.watch is not None:
            with suppress(KeyError, OSError):  # its thread has ended with the directory
                self._observer.unschedule(known.watch)

    def close(self) -> None:
        """Watch nothing more."""
        _LOG_OF_WATCHDOG.removeHandler(self._losses)
        self._observer.stop()


def without_events(directory: Path, mounts: str | None = None) -> str:
    """Why the file system of a directory tells of no changes; "" where it does."""
    kind = _kind(directory.resolve(), mounts)
    if not kind.startswith(_WITHOUT_EVENTS):
        return ""
    return f"it is on a file system ({kind}) that does not tell of what other machines change"


def _kind(directory: Path, mounts: str | None) -> str:
    """The kind of the file system that a directory is on; "" if that is not known."""
    if mounts is None:
        try:
            mounts = _MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
        except OSError:
            return ""
    best, found = -1, ""
    for line in filter(None, mounts.split("\n")):  # a name may hold what else separates lines
        mounted, _, about = line.partition(" - ")
        place = _unescaped(mounted.split(" ")[4])
        if directory.is_relative_to(place) and len(place) >= best:
            best, found = len(place), about.split(" ")[0]
    return found


def _unescaped(name: str) -> str:
    """A name as it is written in the list of mounts, as a path has it: bytes may be octal there."""
    data = name.encode("utf-8", "surrogateescape")
    data = re.sub(rb"\\([0-3][0-7]{2})", lambda byte: bytes([int(byte[1], 8)]), data)
    return data.decode("utf-8", "surrogateescape")


def _why(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EMFILE):
        return (
            "this account may watch no more directories: raise fs.inotify.max_user_watches and "
            "fs.inotify.max_user_instances (sysctl)"
        )
    return f"it cannot be watched ({error.strerror or error})"
