"""What wakes `course watch`: events of the file system, or the clock where there are none.

An event says no more than: look. What is there is found by looking at all of it. So nothing is
lost with an event that the kernel had no room for: those before it are still to be read, and
whoever reads them looks once more.
"""

import errno
import threading
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
        self._observer.start()

    def take(self) -> bool:
        """Whether something changed since the last time that this was asked."""
        seen = self._seen.is_set()
        self._seen.clear()
        return seen

    def watch(self, directory: Path) -> str:
        """Watch a directory and all below it, again if it is another one than before.

        Returns why it has to be polled, "" if events tell of changes. Raises OSError if it is not
        there.
        """
        about = directory.stat()
        identity = about.st_dev, about.st_ino
        known = self._watched.get(directory)
        if known is not None and known.identity == identity:
            return known.why
        self.forget(directory)
        watch, why = None, without_events(directory)
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
    for line in mounts.splitlines():
        mounted, _, about = line.partition(" - ")
        place = mounted.split(" ")[4].encode().decode("unicode_escape")
        if directory.is_relative_to(place) and len(place) >= best:
            best, found = len(place), about.split(" ")[0]
    return found


def _why(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EMFILE):
        return (
            "this account may watch no more directories: raise fs.inotify.max_user_watches and "
            "fs.inotify.max_user_instances (sysctl)"
        )
    return f"it cannot be watched ({error.strerror or error})"
