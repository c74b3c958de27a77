"""The warden looks at processes that come and go under its eyes."""

import os
import signal
from collections.abc import Iterator
from typing import NoReturn

import pytest

from grader.engine import linux, warden

_WALKS = 20_000  # by pathlib's glob, which fails then, one of some 3,000 failed


def _start_and_end_others() -> NoReturn:
    linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
    while True:
        for _ in range(4):
            if os.fork() == 0:
                os._exit(0)
        for _ in range(4):
            os.wait()


@pytest.fixture
def restless() -> Iterator[int]:
    """A process that starts others, which end at once."""
    pid = os.fork()
    if pid == 0:
        _start_and_end_others()
    yield pid
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def test_processes_that_end_while_they_are_looked_at_disturb_nothing(restless: int) -> None:
    counts = {len(warden._tree(restless)) for _ in range(_WALKS)}
    assert max(counts) > 1, "no process was seen below it"
    assert min(counts) >= 1
