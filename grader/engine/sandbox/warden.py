"""The processes around one notebook: a warden outside of the sandbox, an init inside of it.

    fork server ── warden ── init ── kernel
                   (outside)  (inside; the sandbox ends with it)

The warden watches memory, disk and time, and passes signals on; it reports how the kernel ended.
Each process dies with its parent.
"""

import json
import os
import select
import shutil
import signal
import socket
import tempfile
import time
import traceback
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NoReturn

from grader.engine.sandbox import linux, walls
from grader.engine.sandbox.walls import Limits, Place, Tier

_WATCH_SECONDS = 0.2
# How the init process tells that the kernel ended by a signal: 128 + its number, as shells do.
_SIGNALLED = 128

# Reasons for an end that a warden reports.
MEMORY, DISK, TIME, ENDED = "memory", "disk", "time", "ended"  # by the notebook itself
ASKED, LOST, SETUP = "asked", "lost", "setup"  # by the grader, by nobody knows whom, never began


# What runs in the sandbox; it calls the function that it is given when its own setup is over, for
# what fails before that is a fault of the machine.
Run = Callable[[Place, Callable[[], None]], None]


@dataclass(frozen=True)
class SandboxSpec:
    """What a sandboxed process is to get."""

    tier: Tier
    limits: Limits
    files: str | None
    readable: tuple[str, ...]


def supervise(spec: SandboxSpec, report: socket.socket, run: Run) -> NoReturn:
    """Run `run` in a sandbox and supervise it; never returns.

    `report` is one end of a socket: numbers of signals come in, and when the process has ended
    one JSON object {"why", "code", "detail"} goes out. `code` is as in subprocess.Popen.
    """
    linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
    if spec.tier != "full":  # what is left if somebody kills the init process comes to this one
        linux.prctl(linux.PR_SET_CHILD_SUBREAPER, 1)
    scratch = tempfile.mkdtemp(prefix="course-kernel-") if spec.tier != "full" else ""
    try:
        ended = _supervise(spec, report, run, scratch)
    except BaseException:
        ended = {"why": SETUP, "code": 1, "detail": traceback.format_exc()[-2000:]}
    finally:
        if scratch:
            shutil.rmtree(scratch, ignore_errors=True)
    with suppress(OSError):
        report.send(json.dumps(ended).encode())
    os._exit(0)


def _supervise(
    spec: SandboxSpec, report: socket.socket, run: Run, scratch: str
) -> dict[str, object]:
    walls.isolate_from_parent(spec.tier)
    trouble, trouble_in = os.pipe()
    init = os.fork()
    if init == 0:
        os.close(trouble)
        report.close()
        _init(spec, run, scratch, trouble_in)
    os.close(trouble_in)
    why = _watch(spec, report, init, scratch)
    _, status = os.waitpid(init, 0)
    code = os.waitstatus_to_exitcode(status)
    if spec.tier != "full":
        end_below(os.getpid())
    detail = os.read(trouble, 4000).decode(errors="replace")
    if detail:
        return {"why": SETUP, "code": code, "detail": detail}
    if why is None:
        # Nothing in the sandbox can end its init; so somebody outside did.
        why = LOST if code < 0 else ENDED
    if code > _SIGNALLED:
        code = _SIGNALLED - code
    return {"why": why, "code": code, "detail": ""}


def _watch(spec: SandboxSpec, report: socket.socket, init: int, scratch: str) -> str | None:
    """Wait until the init process ends, ending it where a limit is passed; returns which."""
    deadline = time.monotonic() + spec.limits.seconds
    with suppress(OSError):  # the kernel of the machine ends this one before the grader's
        Path(f"/proc/{init}/oom_score_adj").write_text("1000")
    own = _anonymous(os.getpid())
    why = None
    process = os.pidfd_open(init)
    poll = select.poll()
    poll.register(process, select.POLLIN)
    poll.register(report, select.POLLIN)
    while True:
        ready = dict(poll.poll(_WATCH_SECONDS * 1000))
        if process in ready:
            break
        if report.fileno() in ready:
            asked = report.recv(16)
            if not asked:  # whoever asked for the kernel is gone
                asked = str(int(signal.SIGKILL)).encode()
            if int(asked) == signal.SIGKILL:
                why = ASKED
            with suppress(ProcessLookupError):
                os.kill(init, int(asked))
        if why is None:
            why = _over_limit(spec, init, own, deadline, scratch)
            if why is not None:
                os.kill(init, signal.SIGKILL)
    os.close(process)
    return why


def _over_limit(
    spec: SandboxSpec, init: int, own: int, deadline: float, scratch: str
) -> str | None:
    if time.monotonic() > deadline:
        return TIME
    if spec.tier == "unsafe":
        return None
    if _used(init, own, spec.limits.memory) > spec.limits.memory:
        return MEMORY
    if scratch and _is_full(scratch, spec.limits):
        return DISK
    return None


def _tree(pid: int, but: Collection[int] = ()) -> list[int]:
    """A process and all below it, except `but` and what is below these."""
    found, queue = [], [pid]
    while queue:
        pid = queue.pop()
        found.append(pid)
        queue += [child for child in _children(pid) if child not in but]
    return found


def _children(pid: int) -> list[int]:
    """The processes that any thread of `pid` has started; none, if it ends meanwhile."""
    found: list[int] = []
    with suppress(OSError):  # not Path.glob, which fails when a directory goes away under it
        for thread in os.listdir(f"/proc/{pid}/task"):
            with suppress(OSError):
                found += map(int, Path(f"/proc/{pid}/task/{thread}/children").read_text().split())
    return found


def _used(init: int, own: int, limit: int) -> int:
    """Bytes of memory of all processes from `init` on, beyond the `own` of the warm process."""
    tree = _tree(init)
    sizes = {pid: _anonymous(pid) for pid in tree}
    # Each has the pages of the warm process, shared or not; at most so much is beyond them:
    most = sum(sizes.values()) - own
    if most <= limit:
        return most
    # To ask how much is really private takes longer, so it is asked only then.
    return sum(
        max(0, size - own) if (private := _private(pid)) is None else private
        for pid, size in sizes.items()
    )


def _private(pid: int) -> int | None:
    """Bytes of memory of a process that no other has; None if that may not be known."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return None
    lines = (line for line in text.splitlines() if line.startswith(("Private_", "Pss_Shmem:")))
    return sum(int(line.split()[1]) * 1024 for line in lines)


def _anonymous(pid: int) -> int:
    """Bytes of memory of a process that no file backs."""
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    lines = (line for line in text.splitlines() if line.startswith(("RssAnon:", "RssShmem:")))
    return sum(int(line.split()[1]) * 1024 for line in lines)


def _is_full(scratch: str, limits: Limits) -> bool:
    size = count = 0
    for directory, names, files in os.walk(scratch):
        count += len(names) + len(files)
        for name in files:
            with suppress(OSError):
                size += os.lstat(os.path.join(directory, name)).st_blocks * 512
        if size > limits.disk or count > limits.files:
            return True
    return False


def _init(spec: SandboxSpec, run: Run, scratch: str, trouble: int) -> NoReturn:
    """Be the first process of the sandbox: start the learner's, pass interrupts on to it,
    reap what it leaves behind, and end with it."""
    try:
        _die_with_reader(trouble)
        linux.prctl(linux.PR_SET_CHILD_SUBREAPER, 1)
        place = walls.enter(spec.tier, spec.limits, spec.files, spec.readable, scratch)
        if spec.tier == "full":
            walls.give_up_rights(spec.tier, place, spec.readable)
            _die_with_reader(trouble)
        child = os.fork()
        if child == 0:
            if spec.tier != "full":
                walls.give_up_rights(spec.tier, place, spec.readable)
                _die_with_reader(trouble)
            os.setsid()
            run(place, partial(os.close, trouble))
            os._exit(0)
    except BaseException:
        with suppress(OSError):  # closed, once the learner's part has begun
            os.write(trouble, traceback.format_exc()[-3000:].encode())
        os._exit(1)
    os.close(trouble)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: _signal(child, number))
    code = _reap(child)
    if spec.tier != "full":  # with its PID namespace, all of the sandbox ends
        end_below(os.getpid())
    os._exit(code)


def _die_with_reader(pipe: int) -> None:
    """Die with the parent; `pipe` is one that the warden reads.

    To be called again after a change of account, for that cancels it.
    """
    linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
    poll = select.poll()
    poll.register(pipe, 0)
    if poll.poll(0):  # the warden died before: an error on the pipe
        os._exit(1)


def _signal(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def _reap(child: int) -> int:
    """Wait for the learner's process; its exit code, or 128 + the signal that ended it."""
    while True:
        pid, status = os.waitpid(-1, 0)
        if pid == child:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else _SIGNALLED - code


def end_below(process: int, but: Collection[int] = ()) -> None:
    """End every process below `process`, except `but` and what is below these."""
    for _ in range(1000):
        left = [pid for pid in _tree(process, but) if pid != process]
        if not left:
            return
        for pid in left:
            _signal(pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            for pid in left:
                os.waitpid(pid, 0)
