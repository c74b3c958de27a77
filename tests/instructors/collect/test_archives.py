"""Archives that nobody vouches for: nothing leaves its place, nothing grows beyond the limits."""

import io
import os
import struct
import zipfile
from collections.abc import Callable
from datetime import UTC
from pathlib import Path

import pytest

from grader.instructors.collect import archives, folders
from grader.instructors.collect.archives import LIMITS, Budget, Contents, Limits, Refused
from tests.instructors.collect.packing import packed

PLENTY = 10**9


def contents(data: bytes, limits: Limits = LIMITS) -> tuple[dict[str, bytes], dict[str, str]]:
    """The files that can be read, and why others cannot, by name."""
    found: dict[str, bytes] = {}
    refused: dict[str, str] = {}
    budget = Budget(PLENTY)
    with archives.opened(io.BytesIO(data), UTC, limits) as opened:
        refused.update(opened.refused)
        for entry in opened.entries:
            try:
                found[entry.shown] = entry.read(budget)
            except Refused as refusal:
                refused[entry.shown] = str(refusal)
    return found, refused


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("../outside.ipynb", "leads out"),
        ("a/../../outside.ipynb", "leads out"),
        ("..\\outside.ipynb", "leads out"),
        ("/etc/passwd", "absolute path"),
        ("C:\\outside.ipynb", "absolute path"),
        ("a/b\\c.ipynb", "characters"),
        ("line\nbreak.ipynb", "characters"),
        ("n" * 300 + ".ipynb", "too long"),
        ("a/" * 20 + "deep.ipynb", "folders in each other"),
    ],
)
def test_unsafe_names_are_refused_and_the_rest_is_read(name: str, why: str) -> None:
    found, refused = contents(packed({name: b"bad", "good.ipynb": b"good"}))
    assert found == {"good.ipynb": b"good"}
    assert len(refused) == 1 and why in next(iter(refused.values()))


def test_a_name_with_a_null_byte_is_refused() -> None:
    data = packed({"aXb.ipynb": b"bad"}).replace(b"aXb.ipynb", b"a\0b.ipynb")
    assert contents(data) == (
        {},
        {"a?b.ipynb": "its name has characters that no file's name should have"},
    )


def test_backslashes_of_windows_are_folders() -> None:
    assert list(contents(packed({"dl\\2-tanh.ipynb": b""}))[0]) == ["dl/2-tanh.ipynb"]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("한글.ipynb".encode("cp949"), "한글.ipynb"),
        ("한글.ipynb".encode(), "한글.ipynb"),
        ("Façade.ipynb".encode("cp437"), "Façade.ipynb"),
    ],
)
def test_names_are_read_in_the_encoding_that_was_meant(raw: bytes, expected: str) -> None:
    place = b"x" * len(raw)
    data = packed({place.decode(): b"content"}).replace(place, raw)  # the UTF-8 flag is not set
    assert list(contents(data)[0]) == [expected]


def test_names_of_macos_are_composed() -> None:
    assert list(contents(packed({"한글/e\u0301.ipynb": b""}))[0]) == ["한글/é.ipynb"]


def test_what_systems_leave_behind_is_passed_over() -> None:
    junk = ("__MACOSX/a/._2-tanh.ipynb", "a/.DS_Store", "a/.ipynb_checkpoints/2-tanh.ipynb")
    assert contents(packed(dict.fromkeys(junk, b""))) == ({}, {})


def linked() -> bytes:
    info = zipfile.ZipInfo("link.ipynb")
    info.create_system, info.external_attr = 3, 0o120777 << 16
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(info, "/etc/passwd")
    return made.getvalue()


def encrypted() -> bytes:
    data = bytearray(packed({"secret.ipynb": b"x"}))
    for signature, place in ((b"PK\3\4", 6), (b"PK\1\2", 8)):  # the flags, in both headers
        data[data.index(signature) + place] |= 1
    return bytes(data)


def damaged() -> bytes:
    data = packed({"broken.ipynb": b"x" * 50})
    return data.replace(zlib_part(data), bytes(len(zlib_part(data))))


def damaged_in_lzma() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("broken.ipynb", b"x" * 50)
    data = bytearray(made.getvalue())
    start = 30 + len("broken.ipynb") + 9  # after the properties of the compression
    data[start : start + 8] = b"\xff" * 8
    return bytes(data)


def zlib_part(data: bytes) -> bytes:
    size = struct.unpack("<I", data[18:22])[0]
    start = 30 + len("broken.ipynb")
    return data[start : start + size]


def lying() -> bytes:
    """An archive that says of a large file that it is small."""
    data = bytearray(packed({"large.ipynb": b"x" * 500_000}))
    for signature, place in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        start = data.index(signature) + place
        data[start : start + 4] = struct.pack("<I", 10)
    return bytes(data)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (linked, "symbolic link"),
        (encrypted, "encrypted"),
        (damaged, "damaged"),
        (damaged_in_lzma, "damaged"),
        (lying, "damaged"),
    ],
)
def test_special_files_are_refused(make: Callable[[], bytes], why: str) -> None:
    found, refused = contents(make())
    assert found == {} and why in next(iter(refused.values()))


def test_a_bomb_is_not_unpacked() -> None:
    _, refused = contents(packed({"bomb.ipynb": b"0" * 5_000_000}))
    assert refused == {"bomb.ipynb": "it unpacks to more than 250 times its size"}


@pytest.mark.parametrize(
    ("limits", "why"),
    [
        (Limits(file_bytes=3), "larger than"),
        (Limits(entries=1), "more than 1 files"),
    ],
)
def test_limits_hold(limits: Limits, why: str) -> None:
    data = packed({"a.ipynb": b"1234", "b.ipynb": b"1234"})
    try:
        _, refused = contents(data, limits)
    except Refused as refusal:
        refused = {"": str(refusal)}
    assert why in next(iter(refused.values()))


def test_a_budget_counts_all_files_and_its_parents() -> None:
    everything = Budget(6)
    own = Budget(100, everything)
    with archives.opened(io.BytesIO(packed({"a": b"1234", "b": b"1234"})), UTC) as opened:
        first, second = opened.entries
        assert first.read(own) == b"1234"
        with pytest.raises(Refused, match="would be read"):
            second.read(own)
    assert (everything.left, own.left) == (2, 96)


@pytest.mark.parametrize("data", [b"", b"no archive", packed({"a": b"x"})[:-10]])
def test_what_is_no_archive_is_said(data: bytes) -> None:
    with pytest.raises(Refused, match="no zip archive"), archives.opened(io.BytesIO(data), UTC):
        pass


# Folders


def listed(found: Contents) -> tuple[list[str], dict[str, str]]:
    return sorted(entry.shown for entry in found.entries), dict(found.refused)


def test_links_and_pipes_in_a_folder_are_refused(tmp_path: Path) -> None:
    root = tmp_path / "class"
    (root / "student").mkdir(parents=True)
    (root / "student" / "good.ipynb").write_bytes(b"good")
    (tmp_path / "secret.ipynb").write_bytes(b"secret")
    (root / "student" / "link.ipynb").symlink_to(tmp_path / "secret.ipynb")
    (root / "linked").symlink_to(tmp_path)
    os.mkfifo(root / "student" / "pipe.ipynb")
    assert listed(folders.contents(root)) == (
        ["student/good.ipynb"],
        {
            "linked": "it is a symbolic link",
            "student/link.ipynb": "it is a symbolic link",
            "student/pipe.ipynb": "it is not a plain file",
        },
    )


def test_a_file_that_became_a_link_meanwhile_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "class"
    (root / "student").mkdir(parents=True)
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "a.ipynb").write_bytes(b"secret")
    (root / "student" / "a.ipynb").write_bytes(b"good")
    (entry,) = folders.contents(root).entries
    (root / "student").rename(tmp_path / "moved")
    (root / "student").symlink_to(tmp_path / "secret")
    with pytest.raises(Refused, match="symbolic link"):
        entry.read(Budget(PLENTY))


def test_a_folder_with_too_many_files_is_refused(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"{number}.ipynb").touch()
    with pytest.raises(Refused, match="more than 2 files"):
        folders.contents(tmp_path, Limits(entries=2))
