"""The warden has several sandboxes at once, whose processes come and go under its eyes."""

import errno
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from grader.engine.sandbox import warden
from grader.engine.sandbox.walls import Limits
from tests.courses import COURSE

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


# Begins two sandboxes, the first of which waits until nobody asks for it any more. Each tells what
# its descriptors are of.
_TWO = """
import json, os, signal, socket, sys
from grader.engine.sandbox.walls import Limits, python_paths
from grader.engine.sandbox.warden import SandboxSpec, Warden
spec = SandboxSpec(sys.argv[1], Limits(seconds=60), None, tuple(python_paths()))
warden, reports, links = Warden(), [], []
for number in range(2):
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    answer, answer_in = os.pipe()
    reports.append(ours)

    def run(place, started):
        started()
        paths = [f"/proc/self/fd/{number}" for number in range(100)]
        own = [os.readlink(path) for path in paths if os.path.lexists(path)]
        os.write(answer_in, json.dumps(own).encode())
        if number == 0:
            signal.pause()

    private = [answer, *(report.fileno() for report in reports)]
    warden.begin(spec, theirs, run, private)
    while not warden.watch([answer]):
        pass
    links.append(json.loads(os.read(answer, 1 << 16)))
    os.close(answer)
    os.close(answer_in)
ended = []
for report in reversed(reports):
    if report is reports[0]:
        report.shutdown(socket.SHUT_WR)
    while not warden.watch([report.fileno()]):
        pass
    ended.append(json.loads(report.recv(1 << 16))["why"])
warden.wait()
print(json.dumps([links, ended]))
"""


def told_by(program: str, *arguments: str) -> Any:
    """What a program prints, as data; one of its own, for this one has threads."""
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=COURSE.root,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("tier", ["full", "reduced", "unsafe"])
def test_a_sandbox_has_nothing_of_another_and_ends_without_it(tier: str) -> None:
    links, ended = told_by(_TWO, tier)
    first, second = ({link for link in own if not link.startswith("/")} for own in links)
    assert first and second and first.isdisjoint(second)
    assert ended == ["ended", "asked"]


_NAMED = """
import ctypes, sys
ctypes.CDLL(None).prctl(15, bytes.fromhex(sys.argv[1]))
print(flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("name", [b"plain", b"\xff", b"\rRssAnon: -9999", b"\x1cRssAnon:"])
def test_no_name_of_a_process_changes_what_it_is_known_to_use(name: bytes) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _NAMED, name.hex()], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        used = psutil.Process(process.pid).memory_info()
        # Not to the page: the machine does not count its memory at one moment.
        other = used.rss - _of_files(process.pid)
        assert warden._anonymous(process.pid) == pytest.approx(other, abs=1 << 20)
        process.communicate()


def _of_files(pid: int) -> int:
    """Bytes of a process's memory that files back."""
    status = Path(f"/proc/{pid}/status").read_bytes()
    return 1024 * int(re.findall(rb"^RssFile:\s+(\d+) kB$", status, re.MULTILINE)[0])


# One that cannot be looked at, and one that ends by itself.
_FAILING = """
import json, os, signal, socket
from grader.engine.sandbox import warden
from grader.engine.sandbox.walls import Limits, python_paths
spec = warden.SandboxSpec("full", Limits(seconds=60), None, tuple(python_paths()))
look, guard, ends = warden._over_limit, warden.Warden(), []

def fails(box):
    if box.first == first:
        raise ValueError("what nobody has thought of")
    return look(box)

for number in range(2):
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ends.append(ours)

    def run(place, started):
        started()
        if number == 0:
            signal.pause()

    guard.begin(spec, theirs, run, [end.fileno() for end in ends])
first = min(guard._sandboxes)
warden._over_limit = fails
guard.wait()
print(json.dumps([json.loads(end.recv(1 << 16)) for end in ends]))
"""


def test_what_goes_wrong_with_one_sandbox_ends_no_other() -> None:
    failed, other = told_by(_FAILING)
    assert failed["why"] == "setup" and "what nobody has thought of" in failed["detail"]
    assert other["why"] == "ended"


@pytest.mark.parametrize("name", ["d", "d" * 200], ids=["many-folders", "a-path-too-long"])
def test_folders_that_are_too_deep_to_be_looked_at_are_too_much_and_are_removed(
    name: str, tmp_path: Path
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    assert not warden._is_full(str(scratch), Limits())
    # In a process of its own, for it goes down into each.
    deep = "import os\nfor _ in range(1500):\n    os.mkdir(name)\n    os.chdir(name)\n"
    subprocess.run([sys.executable, "-c", f"name = {name!r}\n{deep}"], cwd=scratch, check=True)
    assert warden._is_full(str(scratch), Limits())
    warden._remove(str(scratch))
    assert not scratch.exists()
