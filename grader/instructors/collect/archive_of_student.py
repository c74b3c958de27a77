"""What was received is kept as it came, every version of it; submitted/ holds the newest.

    collected/STUDENT/ASSIGNMENT/VERSION/as-received/...   the files as they came
                                         notebooks/...     the assignment's, under its names
                                         received.json     when, from where, in which order
    collected/STUDENT/ASSIGNMENT/in-use.json               the version that is in submitted/

A version is known by what it holds. So collecting the same again changes nothing. Before a course
could have several assignments there was no folder for each; what lies so still counts.

What a platform packed later is newer, whatever a worksheet says: that has only the last time of
each student, which may be of work that an older archive does not hold. A folder has no such time.
What it holds now counts, also if that was there before something else was: see `bring_back`.
"""

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from grader.basics import atomic
from grader.course.directory import Course
from grader.notebooks import untrusted
from grader.submissions import exchange

RECEIVED, IN_USE = "received.json", "in-use.json"
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Version:
    """What a student handed in at one time, as it is kept.

    `order` tells which of two is newer: the time of handing in, or else that of the download.
    `packed` is when a platform packed the archive, as its own clock says: good for comparing with
    other archives of that platform only, for a zip does not tell the time zone. `place` is the
    folder in which it was found, if that was in one.
    """

    digest: str
    order: datetime
    submitted: datetime | None
    late: bool
    source: str
    notebooks: tuple[str, ...]
    packed: datetime | None = None
    place: str = ""

    @property
    def name(self) -> str:
        """The name of its directory."""
        kind = "submitted" if self.submitted else "received"
        time = (self.submitted or self.order).astimezone(UTC)
        return f"{kind}-{time:%Y-%m-%d-%H%M%S}-{self.digest[:12]}"


@dataclass(frozen=True)
class Files:
    """The files of a version: as they came, and the notebooks among them."""

    received: Mapping[str, bytes]
    notebooks: Mapping[str, bytes]

    @property
    def digest(self) -> str:
        """Tells two versions apart."""
        return _digest(self.received)


def _digest(files: Mapping[str, bytes]) -> str:
    lines = sorted(f"{name}\0{hashlib.sha256(data).hexdigest()}" for name, data in files.items())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


class StudentArchive:
    """The place of one student in collected/ and in submitted/.

    With `dry` nothing is written; what would be there is remembered.
    """

    def __init__(self, course: Course, student: str, *, dry: bool = False) -> None:
        self._root = course.collected / student / course.assignment
        self._target = course.submission(student)
        self._course, self._dry = course, dry
        self._at: dict[str, Path] = {}  # by digest and time
        self.versions = self._read()
        self.by_hand = ""  # where put_in_use moved what a person had put into submitted/
        self.passed: Version | None = None  # what bring_back found no longer to be the newest

    def newest(self) -> Version | None:
        """The version that belongs into submitted/: the newest in which there is a notebook."""
        with_notebooks = [version for version in self.versions if version.notebooks]
        return max(with_notebooks, key=lambda version: version.order, default=None)

    def show(self, version: Version) -> str:
        """Where a version is kept, as a person in the course directory writes it."""
        return self._course.show(self._at.get(_key(version), self._root / version.name))

    def add(self, version: Version, files: Files) -> bool:
        """Keep a version; returns whether it is new. Of a known one, the time may be learned."""
        same = [known for known in self.versions if known.digest == version.digest]
        if fitting := [known for known in same if _may_be_one(known, version)]:
            self._learn(max(fitting, key=lambda known: known.order), version)
            return False
        if same and not self._is_later(version):
            return False  # the time is of work that was handed in after this
        version = self._placed(version, self.versions)
        if not self._dry:
            self._keep(version, files)
        self.versions.append(version)
        return True

    def _learn(self, known: Version, found: Version) -> None:
        """Take over what a source that holds a known version tells of it."""
        others = [one for one in self.versions if one is not known]
        taken = any(one.submitted == found.submitted for one in others)
        may_count = self._is_later(found)
        submitted = known.submitted
        if submitted is None and found.submitted is not None:
            if taken and not may_count:
                return  # the time is of work that was handed in after this
            submitted = found.submitted
        elif not (may_count and _is_newer_archive(found, known) and self._is_passed(known)):
            return  # it was not handed in again after another one
        packed = max(filter(None, (known.packed, found.packed)), default=None)
        learned = replace(
            known, submitted=submitted, order=found.order, late=found.late, packed=packed
        )
        self._write_anew(known, self._placed(learned, others))

    def _write_anew(self, known: Version, learned: Version) -> None:
        """Keep what was learned of a version."""
        if not self._dry:
            place = self._place(known)
            _write(place / RECEIVED, _as_json(learned))
            self._at[_key(learned)] = place
        self.versions[self.versions.index(known)] = learned

    def bring_back(self, found: Version, changed: datetime) -> None:
        """Let a known version that a folder holds now be the newest, if it came there after that.

        `changed` is when its files did. If they are older than the newest version, it came after
        it only where the folder held that; `passed` is then that one, for a person to judge: an
        old copy in the place of the folder looks the same.
        """
        newest = self.newest()
        same = [known for known in self.versions if known.digest == found.digest]
        if newest is None or newest in same or not (same and found.place and found.notebooks):
            return
        if found.submitted not in (None, newest.submitted):
            return  # its own time says which is newer
        is_later = changed > newest.order
        if not is_later and found.place != newest.place:
            return
        known = max(same, key=lambda one: one.order)
        learned = replace(known, order=max(found.order, newest.order), place=found.place)
        others = [one for one in self.versions if one is not known]
        self._write_anew(known, self._placed(learned, others))
        self.passed = None if is_later else newest

    def _is_passed(self, version: Version) -> bool:
        """Whether another one is newer."""
        return any(known.order > version.order for known in self.versions)

    def _is_later(self, version: Version) -> bool:
        """Whether what a source holds may be newer than all that is known."""
        if version.packed is None:
            # By its time alone; and that can be of one only.
            return all(known.submitted != version.submitted for known in self.versions)
        return all(
            version.packed >= known.packed if known.packed else version.order > known.order
            for known in self.versions
        )

    def _placed(self, version: Version, others: Sequence[Version]) -> Version:
        """The version with an order that no other has, and after no archive that is newer."""
        order, tick = version.order, _TICK  # of two with one time, that found later is newer
        if version.packed is not None:
            archives = [(one.packed, one.order) for one in others if one.packed]
            older = [at + _TICK for packed, at in archives if packed <= version.packed]
            newer = [at - _TICK for packed, at in archives if packed > version.packed]
            order = max([order, *older])
            if newer and order > min(newer):
                order, tick = min(newer), -_TICK
        while any(order == one.order for one in others):
            order += tick
        return replace(version, order=order)

    def put_in_use(self) -> str | None:
        """Bring submitted/ to the newest version.

        Returns what happened: "new", "newer", or None if it was there already. What a person had
        put there is moved to collected/, never deleted; what a person changed there since, stays.
        """
        version, last = self.newest(), self._in_use()
        if version is None:
            return None
        there = os.path.lexists(self._target)
        same = last.get("version") == version.digest and last.get("submitted") == _iso(version)
        if same and there:
            return None
        if there and not self._is_as_put(last.get("holds", "")):
            self.by_hand = self._course.show(self._free_place())
        if not self._dry:
            self._replace(version, there=there)
        return "newer" if there else "new"

    def _replace(self, version: Version, *, there: bool) -> None:
        new, old = (
            self._target.with_name(f".{self._course.assignment}.{what}") for what in ("new", "old")
        )
        _remove(old)
        with _unfinished(new):
            self._fill(new, version)
            holds = self._digest_of(new)
            if there and self.by_hand:
                self._move_by_hand(old)
            elif there:
                self._target.rename(old)
            new.rename(self._target)
        _write(
            self._root / IN_USE,
            {"version": version.digest, "submitted": _iso(version), "holds": holds},
        )
        _remove(old)

    def _fill(self, new: Path, version: Version) -> None:
        """Write what belongs into submitted/."""
        for name in version.notebooks:
            notebook = self._place(version) / "notebooks" / f"{name}.ipynb"
            _put(new / notebook.name, notebook.read_bytes())
        if version.submitted:
            time = version.submitted.astimezone(UTC).replace(tzinfo=None)
            _put(new / exchange.TIMESTAMP, f"{time.isoformat(' ')} UTC\n".encode())
        # By this, nbgrader's exchange leads the pages to the account that handed in.
        secret = self._place(version) / "as-received" / exchange.SECRET
        if secret.is_file():
            _put(new / secret.name, secret.read_bytes())

    def _move_by_hand(self, old: Path) -> None:
        """Move what is in submitted/ to collected/; from another disk it is copied, and set aside.

        `old` is where to.
        """
        place = self._free_place()
        try:
            self._target.rename(place)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
        else:
            return
        with _unfinished(self._root / ".by-hand.new") as new:
            copy = new / place.name
            if self._target.is_dir() and not self._target.is_symlink():
                shutil.copytree(self._target, copy, symlinks=True)
            else:
                shutil.copy2(self._target, copy, follow_symlinks=False)
            copy.rename(place)
        self._target.rename(old)

    def _free_place(self) -> Path:
        """A name in collected/ that is not taken."""
        number = 1
        while os.path.lexists(place := self._root / f"by-hand-{number}"):
            number += 1
        return place

    def _is_as_put(self, holds: str) -> bool:
        """Whether submitted/ is as put_in_use left it, by a digest; not where nobody can say."""
        return bool(holds) and self._digest_of(self._target) == holds

    def _digest_of(self, directory: Path) -> str:
        """The digest of what lies in a directory below submitted/, which may lie elsewhere.

        Empty if it is no plain directory of files, or cannot be read.
        """
        try:
            return _digest(
                {
                    path.name: untrusted.read_bytes(path, self._course.submitted)
                    for path in directory.iterdir()
                }
            )
        except (untrusted.Unreadable, OSError):
            return ""

    def _keep(self, version: Version, files: Files) -> None:
        """Write a version under another name and rename it, so that none is there half."""
        place = self._root / version.name
        with _unfinished(self._root / f".{version.name}.new") as new:
            for name, data in files.received.items():
                _put(new / "as-received" / name, data)
            (new / "notebooks").mkdir()
            for name, data in files.notebooks.items():
                _put(new / "notebooks" / f"{name}.ipynb", data)
            _write(new / RECEIVED, _as_json(version))
            shutil.rmtree(place, ignore_errors=True)  # without a readable received.json
            new.rename(place)
        self._at[_key(version)] = place

    def _place(self, version: Version) -> Path:
        return self._at[_key(version)]

    def _in_use(self) -> dict[str, str]:
        about = _json_of(self._root / IN_USE)
        if not about and self.versions:
            about = _json_of(self._root.parent / IN_USE)
        return {key: value for key, value in about.items() if isinstance(value, str)}

    def _read(self) -> list[Version]:
        found = []
        for path in [*_records(self._course, self._root.parent)]:
            version = _version(_json_of(path))
            if version is not None:
                found.append(version)
                self._at[_key(version)] = path.parent
        return sorted(found, key=lambda version: version.order)


def digests(course: Course) -> dict[str, set[str]]:
    """What is kept of each student, by the name of their folder."""
    found: dict[str, set[str]] = {}
    for student in course.collected.glob("*"):
        for path in _records(course, student):
            if (version := _version(_json_of(path))) is not None:
                found.setdefault(student.name, set()).add(version.digest)
    return found


def _records(course: Course, student: Path) -> Iterator[Path]:
    """The records of a student's versions, sorted; `student` is the folder in collected/."""
    yield from sorted((student / course.assignment).glob(f"[!.]*/{RECEIVED}"))
    names = {*course.names()}
    for path in sorted(student.glob(f"[!.]*/{RECEIVED}")):  # without a folder of the assignment
        version = _version(_json_of(path))
        if version is not None and names >= {*version.notebooks}:
            yield path


@contextmanager
def _unfinished(new: Path) -> Iterator[Path]:
    """An empty directory to fill and rename. If that fails, on a full disk say, it is removed."""
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    try:
        yield new
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _remove(path: Path) -> None:
    """Remove whatever has this name, as far as that is possible."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _put(path: Path, data: bytes) -> None:
    """Write a file into a directory that is not in its place yet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic.named(path):
        path.write_bytes(data)


def _may_be_one(known: Version, found: Version) -> bool:
    """Whether two versions that hold the same were handed in at one time, as far as is known."""
    return None in (known.submitted, found.submitted) or known.submitted == found.submitted


def _is_newer_archive(found: Version, known: Version) -> bool:
    return found.packed is not None and (known.packed is None or found.packed > known.packed)


def _key(version: Version) -> str:
    return f"{version.digest} {_iso(version)}"


def _iso(version: Version) -> str:
    return version.submitted.astimezone(UTC).isoformat() if version.submitted else ""


def _as_json(version: Version) -> dict[str, object]:
    return {
        "digest": version.digest,
        "order": version.order.astimezone(UTC).isoformat(),
        "submitted": _iso(version),
        "late": version.late,
        "source": version.source,
        "notebooks": list(version.notebooks),
        "packed": version.packed.astimezone(UTC).isoformat() if version.packed else "",
        "place": version.place,
    }


def _version(about: dict[str, object]) -> Version | None:
    with suppress(KeyError, ValueError):
        submitted, notebooks = str(about["submitted"]), about["notebooks"]
        packed = str(about.get("packed", ""))  # older records have none
        return Version(
            str(about["digest"]),
            datetime.fromisoformat(str(about["order"])),
            datetime.fromisoformat(submitted) if submitted else None,
            bool(about["late"]),
            str(about["source"]),
            tuple(map(str, notebooks)) if isinstance(notebooks, list) else (),
            datetime.fromisoformat(packed) if packed else None,
            str(about.get("place", "")),
        )
    return None


def _json_of(path: Path) -> dict[str, object]:
    with suppress(OSError, ValueError):
        about = json.loads(path.read_text(encoding="utf-8"))
        return about if isinstance(about, dict) else {}
    return {}


def _write(path: Path, about: Mapping[str, object]) -> None:
    atomic.write_text(path, json.dumps(about, ensure_ascii=False, indent=1) + "\n")
