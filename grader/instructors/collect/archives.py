"""Read zip archives that nobody vouches for, within limits, without writing anything."""

import lzma
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path
from typing import IO

MB = 10**6
_DRIVE = re.compile(r"[A-Za-z]:")
_UTF8 = 0x800  # the flag that says that the names are in UTF-8
_ENCRYPTED = 0x1
# What zipfile and the decompressors raise for data that is not as they expect.
_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(EOFError, OSError, ValueError, MemoryError),
)
_JUNK = {"__macosx", ".ds_store", "thumbs.db", "desktop.ini", ".ipynb_checkpoints", "__pycache__"}


@dataclass(frozen=True)
class Limits:
    """How much is read. Beyond it a file is told of and left in the source."""

    entries: int = 200_000  # files of a source
    own_entries: int = 20_000  # files in a zip that a student handed in
    own_notebooks: int = 200  # notebooks and zips that are unpacked for one submission
    folders: int = 12  # in each other
    zips: int = 2  # a student's zip, and a zip in that
    file_bytes: int = 100 * MB
    student_bytes: int = 300 * MB  # of one submission, with what its zips hold
    ratio: int = 250  # unpacked to packed, of what is larger than a megabyte
    all_bytes: int = 50_000 * MB


LIMITS = Limits()


class Refused(Exception):
    """Something that is not read; the message says why, as the end of a sentence."""


class Budget:
    """How many bytes, and files inside zips, may still be read; shared by all that it counts."""

    def __init__(self, most: int, within: "Budget | None" = None, files: int = 0) -> None:
        self.left, self._most, self._within, self._files = most, most, within, files

    def ask_file(self) -> None:
        """Count one more file that is unpacked, unless there are too many."""
        if not self._files:
            raise Refused("more notebooks are in the zips of this submission than are read")
        self._files -= 1

    def ask(self, size: int) -> None:
        """Refuse what would go over."""
        if size > self.left:
            raise Refused(f"with it, more than {self._most // MB} MB would be read")
        if self._within is not None:
            self._within.ask(size)

    def spend(self, size: int) -> None:
        """Count what was read."""
        self.left -= size
        if self._within is not None:
            self._within.spend(size)


@dataclass(frozen=True)
class Entry:
    """A file in a source: its safe path, when it was changed, and what it holds."""

    path: tuple[str, ...]
    size: int
    time: datetime | None
    read: Callable[[Budget], bytes]  # raises Refused

    @property
    def shown(self) -> str:
        """The path as a person writes it."""
        return "/".join(self.path)


@dataclass
class Contents:
    """The files of a source, and what in it is not read: name and reason."""

    entries: list[Entry] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


def is_junk(path: tuple[str, ...]) -> bool:
    """Whether the file is one that a system or Jupyter left behind."""
    return any(part.casefold() in _JUNK or part.startswith("._") for part in path)


def is_zip(name: str) -> bool:
    """Whether the name says that it is a zip archive."""
    return name.lower().endswith(".zip")


@contextmanager
def opened(
    file: Path | IO[bytes], zone: tzinfo, limits: Limits = LIMITS, *, own: bool = False
) -> Iterator[Contents]:
    """The contents of a zip archive, which can be read while it is open; raises Refused.

    `zone` is where the archive was made: a zip holds local times, in steps of two seconds. In a
    student's `own` zip the names of folders say nothing, so they may hold any signs.
    """
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Refused(f"it is no zip archive that can be read ({error})") from None
    with archive:
        yield _contents(archive, zone, limits, own=own)


def _contents(archive: zipfile.ZipFile, zone: tzinfo, limits: Limits, *, own: bool) -> Contents:
    infos = [info for info in archive.infolist() if not info.is_dir()]
    if len(infos) > limits.entries:
        raise Refused(f"it holds more than {limits.entries} files")
    found = Contents()
    for info in infos:
        name = _name(info)
        try:
            path = safe_path(_without_signs(name) if own else name, limits)
            if is_junk(path):
                continue
            _refuse_special(info)
        except Refused as refusal:
            found.refused.append((printable(name), str(refusal)))
            continue
        found.entries.append(
            Entry(path, info.file_size, _time(info, zone), _reader(archive, info, limits))
        )
    return found


def safe_path(name: str, limits: Limits = LIMITS) -> tuple[str, ...]:
    """The parts of a path that stays where it is put; raises Refused for any other."""
    if "/" not in name:
        name = name.replace("\\", "/")  # some programs for Windows write it so
    parts = tuple(unicodedata.normalize("NFC", part) for part in name.split("/"))
    if name.startswith("/") or _DRIVE.match(name) or any(map(_DRIVE.fullmatch, parts)):
        raise Refused("its name is an absolute path")
    if ".." in parts:
        raise Refused("its name leads out of the archive")
    parts = tuple(part for part in parts if part not in ("", "."))
    if not parts or any("\\" in part or not _is_text(part) for part in parts):
        raise Refused("its name has characters that no file's name should have")
    if any(len(part.encode()) > 255 for part in parts):
        raise Refused("its name is too long")
    if len(parts) > limits.folders:
        raise Refused(f"it lies in more than {limits.folders} folders in each other")
    return parts


def _without_signs(name: str) -> str:
    """The name with folders as Windows writes them, and without what no name should have."""
    return "".join(sign if _is_text(sign) else "_" for sign in name.replace("\\", "/"))


def _is_text(part: str) -> bool:
    return all(unicodedata.category(sign) not in ("Cc", "Cs", "Zl", "Zp") for sign in part)


def printable(name: str) -> str:
    """A name in one line, without signs that would change how a screen shows it."""
    signs = (sign if unicodedata.category(sign)[0] != "C" else "?" for sign in name)
    return "".join(signs)[:500]


def _name(info: zipfile.ZipInfo) -> str:
    """The name as it was meant.

    Where the flag for UTF-8 is missing, Python reads code page 437. macOS writes UTF-8 without
    the flag, Windows the code page of its language; in those of East Asia the second byte of a
    sign may be that of a backslash.
    """
    name = info.orig_filename
    if info.flag_bits & _UTF8:
        return name
    try:
        raw = name.encode("cp437")
    except UnicodeEncodeError:
        return name
    for encoding in ("utf-8", "cp949"):
        decoded = _decoded(raw, encoding)
        if decoded and (encoding == "utf-8" or _is_korean(decoded)):
            return decoded
    if all(sign.isalpha() for sign in name if not sign.isascii()) and not _is_cut(name):
        return name
    for encoding, may_be in _EAST_ASIAN:
        decoded = _decoded(raw, encoding)
        if decoded and may_be.fullmatch(raw) and not _is_cut(decoded):
            return decoded
    return name


# By the bytes that their usual signs begin and end with: those of GB 2312 never end as ASCII does.
_EAST_ASIAN = (
    ("cp932", re.compile(rb"(?:[\0-\x7f]|[\x81-\x9f\xe0-\xea][\x40-\xfc])*")),
    ("gb2312", re.compile(rb"(?:[\0-\x7f]|[\xa1-\xf7][\xa1-\xfe])*")),
    ("cp950", re.compile(rb".*", re.DOTALL)),
    ("gbk", re.compile(rb".*", re.DOTALL)),
)


def _decoded(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return ""


def _is_cut(name: str) -> bool:
    """Whether a backslash is in a part of the name, so that it is not between the parts."""
    return "\\" in name and "/" in name


def _is_korean(name: str) -> bool:
    # Accents of code page 437 with a letter after them read as rare syllables, Chinese mostly as
    # signs that are none; EUC-KR has the usual ones.
    foreign = [sign for sign in name if not sign.isascii()]
    usual = sum(
        "\uac00" <= sign <= "\ud7a3" and len(sign.encode("euc_kr", "ignore")) == 2
        for sign in foreign
    )
    return 0 < len(foreign) <= 2 * usual


def _refuse_special(info: zipfile.ZipInfo) -> None:
    mode = info.external_attr >> 16
    if stat.S_ISLNK(mode):
        raise Refused("it is a symbolic link")
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        raise Refused("it is not a plain file")
    if info.flag_bits & _ENCRYPTED:
        raise Refused("it is encrypted; ask for it without a password")


def _time(info: zipfile.ZipInfo, zone: tzinfo) -> datetime | None:
    try:
        return datetime(*info.date_time, tzinfo=zone)
    except ValueError:
        return None


def _reader(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, limits: Limits
) -> Callable[[Budget], bytes]:
    def read(budget: Budget) -> bytes:
        refuse_large(info.file_size, limits)
        if info.file_size > MB and info.file_size > limits.ratio * max(1, info.compress_size):
            raise Refused(f"it unpacks to more than {limits.ratio} times its size")
        budget.ask(info.file_size)
        try:
            with archive.open(info) as file:
                # Never more than the archive says: zipfile stops there.
                data = file.read(info.file_size + 1)
        except _DAMAGED as error:
            raise Refused(f"it is damaged in the archive ({error})") from None
        except (NotImplementedError, RuntimeError) as error:
            raise Refused(f"it cannot be unpacked ({error})") from None
        budget.spend(len(data))
        return data

    return read


def refuse_large(size: int, limits: Limits = LIMITS) -> None:
    """Refuse a file above the limit."""
    if size > limits.file_bytes:
        raise Refused(f"it is larger than {limits.file_bytes // MB} MB")
