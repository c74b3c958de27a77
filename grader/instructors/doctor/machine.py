"""Probes of the machine: Python, packages, text and time, cores and memory, disk space."""

import locale
import os
import shutil
import sys
import tempfile
from contextlib import suppress
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from grader.basics import system
from grader.basics.errors import UserError
from grader.basics.words import counted
from grader.course.directory import Course
from grader.instructors.doctor.finding import Finding, set_up

OLDEST, NEWEST = (3, 11), (3, 13)  # as pyproject.toml says
GB = 1 << 30
_SHOWN = 5  # packages that are named
_WORKER = GB // 8  # bytes, measured: a process with nbgrader in it, which runs one notebook


def python(course: Course) -> Finding:
    """The version of Python, and whether it is an environment of its own."""
    version = "{}.{}.{}".format(*sys.version_info)
    found = f"{version}, {sys.prefix}"
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        wanted = f"{'.'.join(map(str, OLDEST))} to {'.'.join(map(str, NEWEST))}"
        todo = f"The course needs {wanted}. Name one: make clean setup PYTHON=python3.12"
        return Finding("wrong", found, todo)
    if sys.prefix == sys.base_prefix:
        own = "This is no environment of its own; other programs may change its packages"
        todo = f"{own}: {set_up(course)}"
        return Finding("warning", found, todo)
    told = ""
    with suppress(UserError, ImportError):  # a configuration that cannot be read has its own line
        from grader.nbgrader_app.offers import offers

        told = offers(course).python
    if told and told != "{}.{}".format(*sys.version_info):
        todo = (
            f"Students are told that Python {told} grades (c.Course.python). If another one does, "
            "change that, then: course form --fix; course release"
        )
        return Finding("warning", found, todo)
    return Finding("ok", found)


def packages(course: Course) -> Finding:
    """The installed packages against the pins of requirements.txt."""
    from grader.basics.packages import named_in

    if not course.requirements.is_file():
        return Finding(
            "warning",
            f"no {course.requirements.name} pins them, so another version can change a score",
            f"Write down those that are here: pip freeze > {course.requirements.name}",
        )
    missing, other, count = [], [], 0
    for pinned in named_in(course.requirements.read_text(encoding="utf-8")):
        if not str(pinned.specifier).startswith("=="):
            continue  # any version will do
        if pinned.marker is not None and not pinned.marker.evaluate():
            continue
        count += 1
        try:
            version = metadata.version(pinned.name)
        except metadata.PackageNotFoundError:
            missing.append(f"{pinned.name} is missing")
            continue
        if not pinned.specifier.contains(version, prereleases=True):
            other.append(f"{pinned.name} is {version}, not {str(pinned.specifier)[2:]}")
    if not missing and not other:
        return Finding("ok", f"all {count} are the versions that {course.requirements.name} pins")
    odd = [*missing, *other]
    more = f" and {len(odd) - _SHOWN} more" if len(odd) > _SHOWN else ""
    return Finding(
        "wrong" if missing else "warning",
        f"{len(odd)} of {count} are not what is pinned: {'; '.join(odd[:_SHOWN])}{more}",
        f"{sys.executable} -m pip install -r {course.requirements.name}",
    )


def text(course: Course) -> Finding:
    """Whether text is UTF-8 wherever it is read and written."""
    used = {
        "files": locale.getencoding() if not sys.flags.utf8_mode else "utf-8",
        "names of files": sys.getfilesystemencoding(),
        "output": sys.stdout.encoding or "?",
    }
    other = [f"{what}: {name}" for what, name in used.items() if _plain(name) != "utf8"]
    if other:
        todo = "Students' names and answers may be garbled. Set LANG=C.UTF-8, or PYTHONUTF8=1"
        return Finding("warning", f"not UTF-8 ({', '.join(other)})", todo)
    return Finding("ok", f"UTF-8 (LANG={os.environ.get('LANG', '')})")


def _plain(encoding: str) -> str:
    return encoding.lower().replace("-", "").replace("_", "")


def clock(course: Course) -> Finding:
    """The time and its zone; a clock that is behind makes work late or early."""
    now = datetime.now().astimezone()
    found = f"{now:%Y-%m-%d %H:%M %Z (UTC%z)}"
    paths = [course.config, *course.notebooks(), course.requirements]
    newest = max((path.stat().st_mtime for path in paths if path.is_file()), default=0.0)
    if now.timestamp() < newest - 60:
        written = datetime.fromtimestamp(newest, UTC)
        todo = f"A file of the course was written at {written:%Y-%m-%d %H:%M} UTC: set the clock."
        return Finding("warning", f"{found}, which is before its own files", todo)
    return Finding("ok", found)


def memory(course: Course, libraries: int | None) -> Finding:
    """Cores and memory: is there enough for as many notebooks as run at a time?

    `libraries` are the bytes of what the notebooks import, where they were measured. All notebooks
    of a run share them. What a notebook takes beside them depends on its code; it is taken to be as
    much again, which is an estimate.
    """
    cores = system.cores()
    free = free_memory()
    shown = counted(cores, "core")
    if free is None:
        return Finding("ok", f"{shown}; how much memory is free is not known here")
    found = f"{shown}, {free / GB:.1f} GB of memory free"
    if libraries is None:
        return Finding("ok", found)
    needed = _WORKER + libraries
    found += (
        f"; what the notebooks import takes {libraries / GB:.1f} GB, and each notebook that runs "
        f"about {needed / GB:.1f} GB more"
    )
    fit = int((free - libraries) / needed)
    if fit < 1:
        return Finding("wrong", found, "End other programs, or grade where there is more memory.")
    if fit < system.notebooks_at_a_time():
        return Finding("warning", found, f"Grade fewer notebooks at a time: --jobs {fit}")
    return Finding("ok", found)


def free_memory(root: Path = Path("/")) -> int | None:
    """Bytes that can be had: what the machine has left, or the limit of this container."""
    try:
        lines = (root / "proc/meminfo").read_text().splitlines()
        kilobytes = {name: value.split()[0] for name, _, value in (s.partition(":") for s in lines)}
        free = int(kilobytes["MemAvailable"]) << 10
    except (OSError, KeyError, ValueError, IndexError):
        return None
    group = root / "sys/fs/cgroup"
    try:
        limit = int((group / "memory.max").read_text())
        used = int((group / "memory.current").read_text())
        # Contents of files that were read or written count as used, until somebody needs the room.
        about = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
        used -= int(about["active_file"]) + int(about["inactive_file"])
        return max(0, min(free, limit - used))
    except (OSError, ValueError, KeyError):  # no group of its own, or "max"
        return free


def disk(course: Course) -> Finding:
    """Space for the gradebook and the pages, and for what is temporary."""
    places = {"course": course.root, "temporary files": Path(tempfile.gettempdir())}
    free = {name: shutil.disk_usage(path).free for name, path in places.items()}
    found = ", ".join(f"{size / GB:.1f} GB free for {name}" for name, size in free.items())
    closed = [str(path) for path in places.values() if not os.access(path, os.W_OK)]
    if closed:
        return Finding("wrong", f"{' and '.join(closed)} cannot be written", "Allow writing there.")
    least = min(free.values())
    if least < 0.3 * GB:
        return Finding("wrong", found, "Make room: grading stops when the disk is full.")
    if least < 2 * GB:
        return Finding("warning", found, "Make room: a class of hundreds needs some GB.")
    return Finding("ok", found)
