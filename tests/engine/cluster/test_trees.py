"""Files travel by their hash: whole, once, and only as they were sent."""

import io
import os
import uuid
from pathlib import Path

import pytest

from grader.engine.cluster import trees
from grader.engine.cluster.trees import Cache

FILES = {"a.txt": b"one", "deep/b.bin": bytes(range(256)) * 100, "empty": b""}


def sent(cache: Cache, archive: bytes, digest: str, piece: int) -> None:
    transfer = str(uuid.uuid4())
    for start in range(0, len(archive), piece):
        part = archive[start : start + piece]
        cache.receive(digest, transfer, start, part, start + piece >= len(archive))


def archive_of(files: dict[str, bytes]) -> tuple[bytes, str]:
    archive = io.BytesIO()
    digest = trees.pack(files, archive)
    return archive.getvalue(), digest


@pytest.mark.parametrize("piece", [1000, 1 << 20])
def test_a_tree_arrives_as_it_was_sent(piece: int, tmp_path: Path) -> None:
    archive, digest = archive_of(FILES)
    cache = Cache(tmp_path)
    assert cache.find(digest) is None
    sent(cache, archive, digest, piece)
    place = cache.find(digest)
    assert place is not None
    assert {name: path.read_bytes() for name, path in trees.files_of(place).items()} == FILES
    assert {path.name for path in tmp_path.iterdir()} == {"id", digest}  # nothing is left over


def test_the_hash_is_that_of_names_and_contents_alone(tmp_path: Path) -> None:
    _, digest = archive_of(FILES)
    for name, content in reversed(FILES.items()):
        path = tmp_path / "other" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o600)
        os.utime(path, (1, 1))
    assert trees.pack(trees.files_of(tmp_path / "other")) == digest
    assert trees.pack({**FILES, "a.txt": b"two"}) != digest
    assert trees.pack({**FILES, "c.txt": b""}) != digest


def test_what_arrives_damaged_is_refused(tmp_path: Path) -> None:
    archive, digest = archive_of(FILES)
    damaged = archive.replace(b"one", b"two", 1)
    assert damaged != archive
    cache = Cache(tmp_path)
    with pytest.raises(ValueError, match="not what was sent"):
        sent(cache, damaged, digest, 4096)
    assert cache.find(digest) is None
    assert [path.name for path in tmp_path.iterdir()] == ["id"]


def test_what_is_damaged_later_is_sent_again(tmp_path: Path) -> None:
    archive, digest = archive_of(FILES)
    sent(Cache(tmp_path), archive, digest, 1 << 20)
    (tmp_path / digest / "a.txt").write_bytes(b"two")
    cache = Cache(tmp_path)  # as the next worker finds it
    assert cache.find(digest) is None
    sent(cache, archive, digest, 1 << 20)
    place = cache.find(digest)
    assert place is not None
    assert (place / "a.txt").read_bytes() == b"one"


@pytest.mark.parametrize("name", ["../outside", "/outside", "deep/../../outside"])
def test_no_file_leaves_its_tree(name: str, tmp_path: Path) -> None:
    archive, digest = archive_of({name: b""})
    (tmp_path / "cache").mkdir()
    cache = Cache(tmp_path / "cache")
    with pytest.raises(ValueError, match="no name of a file"):
        sent(cache, archive, digest, 1 << 20)
    assert not list(tmp_path.rglob("outside"))


@pytest.mark.parametrize("digest", ["", "../x", "0" * 63, "0" * 64 + "/x"])
def test_a_hash_is_no_path(digest: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is no hash"):
        Cache(tmp_path).find(digest)


def test_two_that_receive_at_once_end_with_one_tree(tmp_path: Path) -> None:
    archive, digest = archive_of(FILES)
    first, second = Cache(tmp_path), Cache(tmp_path)
    assert first.id == second.id
    transfers = [(each, str(uuid.uuid4())) for each in (first, second)]
    for start in range(0, len(archive), 4096):
        for cache, transfer in transfers:
            part = archive[start : start + 4096]
            cache.receive(digest, transfer, start, part, start + 4096 >= len(archive))
    assert first.find(digest) == second.find(digest) == tmp_path / digest
    assert {path.name for path in tmp_path.iterdir()} == {"id", digest}


def test_what_was_left_behind_is_removed_after_a_day(tmp_path: Path) -> None:
    for name, age in (("new-old", 90_000), ("new-now", 0)):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (os.stat(tmp_path).st_mtime - age,) * 2)
    Cache(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"id", "new-now"}
