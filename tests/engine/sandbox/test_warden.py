"""The warden looks at processes that come and go under its eyes."""

import errno
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from grader.engine.sandbox import warden

# Starts processes without pause, which end at once. In a process of its own, for a fork of one
# with threads, as pytest's may be, can hang.
_RESTLESS = """
import os
while True:
    for _ in range(4):
        if os.fork() == 0:
            os._exit(0)
    for _ in range(4):
        os.wait()
"""


@pytest.fixture
def restless() -> Iterator[int]:
    """A process that starts others, which end at once."""
    with subprocess.Popen([sys.executable, "-c", _RESTLESS]) as process:
        yield process.pid
        process.kill()


def walk(pid: int, times: int) -> set[int]:
    """How many processes each of some walks sees; until one has seen others, and then `times`."""
    counts: set[int] = set()
    left = times
    while left > 0:
        counts.add(len(warden._tree(pid)))
        left -= max(counts) > 1
    return counts


def test_processes_that_end_while_they_are_looked_at_disturb_nothing(restless: int) -> None:
    assert min(walk(restless, 300)) >= 1


@pytest.mark.slow("kills")
def test_many_walks_are_disturbed_by_nothing(restless: int) -> None:
    """By pathlib's glob, which fails where a directory goes away, one of some 3,000 failed."""
    assert min(walk(restless, 20_000)) >= 1


@pytest.mark.parametrize("gone", ["listdir", "read_text"])
@pytest.mark.parametrize("number", [errno.ENOENT, errno.ESRCH])
def test_a_process_that_is_gone_at_any_step_has_no_children(
    gone: str, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    target = "pathlib.Path.read_text" if gone == "read_text" else f"os.{gone}"
    monkeypatch.setattr(target, fails)
    assert warden._tree(os.getpid()) == [os.getpid()]
