"""A file is written whole or not at all."""

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from grader.basics import atomic

LIMIT = 10_000
TOO_LARGE = f"""
import resource, sys
from pathlib import Path
from grader.basics import atomic
resource.setrlimit(resource.RLIMIT_FSIZE, ({LIMIT}, {LIMIT}))
try:
    atomic.write(Path(sys.argv[1]), bytes({LIMIT} + 1))
except OSError as error:
    print(error.errno, error.filename)
"""


def test_a_file_is_put_in_the_place_of_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "made" / "file.txt"
    atomic.write_text(path, "old")
    atomic.write_text(path, "한국어, half a character: \ud800")
    assert path.read_text(encoding="utf-8") == "한국어, half a character: ?"
    assert os.listdir(path.parent) == ["file.txt"]


def test_a_file_that_may_not_be_changed_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    atomic.write(path, b"old", read_only=True)
    (tmp_path / ".file.txt.new").write_bytes(b"of a run that was killed")
    (tmp_path / ".file.txt.new").chmod(0o444)
    atomic.write(path, b"new", read_only=True)
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o444
    assert os.listdir(tmp_path) == ["file.txt"]


def test_what_does_not_fit_leaves_the_old_file_and_names_it(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_bytes(b"old")
    command = [sys.executable, "-c", TOO_LARGE, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(errno.EFBIG), str(path)]
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file.txt"]


def test_a_directory_that_cannot_be_made_is_told_with_the_name_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    path = tmp_path / "file" / "below.txt"
    with pytest.raises(FileExistsError, match="below.txt"):
        atomic.write(path, b"new")
