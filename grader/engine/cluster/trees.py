"""Files that travel to a worker once: a tree of them is an archive, known by its hash."""

import hashlib
import io
import os
import re
import shutil
import tarfile
import tempfile
import time
import uuid
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import IO, Any

PIECE = 4 << 20  # bytes that are sent at a time
_ID = "id"  # the file that tells one cache from another
_OLD_SECONDS = 24 * 3600.0  # after which what is not complete was left behind
_DIGEST = re.compile(r"[0-9a-f]{64}")


def files_of(path: Path) -> dict[str, Path]:
    """What lies at a path, by relative name: the file itself, or all files below it."""
    if path.is_file():
        return {path.name: path}
    return {each.relative_to(path).as_posix(): each for each in path.rglob("*") if each.is_file()}


class _Hashed:
    """A file to write to that knows the hash of all that was written."""

    def __init__(self, to: IO[bytes] | None) -> None:
        self._to, self.sha256 = to, hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.sha256.update(data)
        return len(data) if self._to is None else self._to.write(data)


def pack(files: Mapping[str, Path | bytes], to: IO[bytes] | None = None) -> str:
    """Write an archive of files; returns its hash. The same files give the same archive."""
    hashed = _Hashed(to)
    stream: Any = hashed
    with tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        for name, content in sorted(files.items()):
            about = tarfile.TarInfo(name)
            if isinstance(content, bytes):
                about.size = len(content)
                archive.addfile(about, io.BytesIO(content))
            else:
                with content.open("rb") as file:
                    about.size = os.fstat(file.fileno()).st_size
                    archive.addfile(about, file)
    return hashed.sha256.hexdigest()


class Cache:
    """A directory of trees that were received, for all workers that use it."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._verified: set[str] = set()
        with suppress(FileExistsError), (directory / _ID).open("x") as file:
            file.write(uuid.uuid4().hex)
        for path in (*directory.glob("new-*"), *directory.glob("partial-*")):
            with suppress(OSError):  # another worker was quicker
                if time.time() - path.stat().st_mtime > _OLD_SECONDS:
                    shutil.rmtree(path) if path.is_dir() else path.unlink()

    @property
    def id(self) -> str:
        """What tells it from the caches of other machines."""
        return (self._directory / _ID).read_text()

    def find(self, digest: str) -> Path | None:
        """Where a tree is, if it is here and as it was sent; one that is damaged is removed."""
        path = self._path(digest)
        if digest in self._verified and path.is_dir():
            return path
        if not path.is_dir():
            return None
        if pack(files_of(path)) != digest:
            self._remove(path)
            return None
        self._verified.add(digest)
        return path

    def receive(self, digest: str, transfer: str, start: int, piece: bytes, last: bool) -> None:
        """Take a piece of an archive; with the last one its files are put in place, at once.

        Raises ValueError if what arrived has another hash.
        """
        place = self._path(digest)
        partial = self._directory / f"partial-{uuid.UUID(transfer).hex}"
        with partial.open("r+b" if start else "wb") as file:
            file.seek(start)
            file.write(piece)
        if not last:
            return
        try:
            with partial.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                    raise ValueError("what arrived is not what was sent")
                file.seek(0)
                self._unpack(file, place)
        finally:
            partial.unlink()

    def _unpack(self, archive: IO[bytes], place: Path) -> None:
        new = Path(tempfile.mkdtemp(prefix="new-", dir=self._directory))
        try:
            with tarfile.open(fileobj=archive) as members:
                for member in members:
                    name = PurePosixPath(member.name)
                    content = members.extractfile(member)
                    if name.is_absolute() or ".." in name.parts or content is None:
                        raise ValueError(f"{member.name} is no name of a file in a tree")
                    path = new / name
                    path.parent.mkdir(parents=True, exist_ok=True)
                    with path.open("wb") as file:
                        shutil.copyfileobj(content, file)
            for path in (new, *new.rglob("*")):  # a learner's account reads them
                path.chmod(0o755 if path.is_dir() else 0o644)
            with suppress(OSError):  # another worker was quicker
                new.rename(place)
        finally:
            shutil.rmtree(new, ignore_errors=True)

    def _remove(self, path: Path) -> None:
        gone = path.with_name(f"new-{uuid.uuid4().hex}")
        with suppress(OSError):  # another worker was quicker
            path.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)

    def _path(self, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise ValueError(f"{digest} is no hash")
        return self._directory / digest
