"""Runs that begin at the same time have temporary directories, each its own."""

import os
import tempfile
from pathlib import Path
from typing import Any

import pytest

from grader.basics import scratch


def test_a_run_whose_directory_another_one_took_for_an_old_one_makes_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    usual, opened = os.open, list[str]()

    def opens(path: str | Path, flags: int, *rest: Any, **named: Any) -> int:
        if flags == os.O_RDONLY and not named:
            opened.append(str(path))
            if len(opened) == 1:
                os.rmdir(path)  # by another run, before this one has locked it
        return usual(path, flags, *rest, **named)

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", opens)
        first, lock = scratch._new()
    os.close(lock)
    assert [str(first)] == opened[1:]
    assert [*tmp_path.iterdir()] == [first]
