"""The warden: it starts sandboxes from a warm process, and watches them from outside.

    fork server ── init ── kernel
    (the warden)   (inside; the sandbox ends with it)
             ╰──── judge

One warden watches memory and time of all sandboxes of its process, passes signals on, and reports
how each ended. Each process dies with its parent. A fork of a warm process is dear, so there are no
more than these, but for two cases. Where a process may not come back from a new PID namespace
(where root does not grade, mostly) there is one more between the two, which does nothing but wait.
And a sandbox without a disk of its own has a warden of its own, for that one looks at what the
learner writes: so whatever there is disturbs no other.
"""

import errno
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import traceback
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NoReturn

from grader.engine.sandbox import linux, walls
from grader.engine.sandbox.walls import Limits, Place, Tier

_WATCH_SECONDS = 0.2
# At one sandbox without a pause. To look at one with hundreds of processes may take seconds, and
# the others must not wait for it.
_LOOK_SECONDS = 0.01
# How the init process tells that the kernel ended by a signal: 128 + its number, as shells do.
_SIGNALLED = 128

# Reasons for an end that the warden reports.
MEMORY, DISK, TIME, ENDED = "memory", "disk", "time", "ended"  # by the notebook itself
ASKED, LOST, SETUP = "asked", "lost", "setup"  # by the grader, by nobody knows whom, never began


# What runs in the sandbox; it calls the function that it is given when its own setup is over, for
# what fails before that is a fault of the machine.
Run = Callable[[Place, Callable[[], None]], None]


@dataclass(frozen=True)
class SandboxSpec:
    """What a sandboxed process is to get.

    `is_trusted`: whether no code of a learner's runs there. Then the first process of the sandbox
    runs it itself, which saves a fork. Of a learner's, nothing may be that: it would not end by
    the signals that it sends to itself, as it does elsewhere.
    """

    tier: Tier
    limits: Limits
    files: str | None
    readable: tuple[str, ...]
    is_trusted: bool = False


@dataclass
class _Sandbox:
    """One that runs: its first process, and what the warden has of it."""

    spec: SandboxSpec
    report: socket.socket
    scratch: str
    trouble: int  # a pipe: why it could not begin
    first: int
    process: int  # the same, as a descriptor
    own: int  # bytes of memory that the warm process had
    deadline: float
    why: str | None = None  # the warden ended it
    is_deserted: bool = False  # nobody is left to report to
    look: Iterator[str | None] | None = None  # one that is not over
    next_look: float = 0.0

    @property
    def descriptors(self) -> tuple[int, ...]:
        """Those of the warden's that no other sandbox may have."""
        return self.report.fileno(), self.trouble, self.process


class Warden:
    """The sandboxes that are forked from this process, which has no threads."""

    def __init__(self, *, is_only_one: bool = False) -> None:
        """`is_only_one`: whether there will be one sandbox, which no other warden is to watch."""
        self._is_only_one = is_only_one
        self._sandboxes: dict[int, _Sandbox] = {}  # by their first process
        self._wardens: dict[int, int] = {}  # of one sandbox each: descriptors of their processes
        # What is left if somebody kills the first process of a sandbox comes to this one.
        linux.prctl(linux.PR_SET_CHILD_SUBREAPER, 1)

    def begin(
        self, spec: SandboxSpec, report: socket.socket, run: Run, private: Iterable[int] = ()
    ) -> int:
        """Run `run` in a sandbox of its own; returns a descriptor of its first process.

        `report` is one end of a socket: numbers of signals come in, and when the sandbox has ended
        one JSON object {"why", "code", "detail"} goes out, and the end is closed. `code` is as in
        subprocess.Popen. `private` are descriptors that the sandbox must not have. The one that is
        returned stays open until the sandbox has ended. Raises OSError if nothing could be started.
        """
        others = [*private, *self._wardens.values()]
        others += [each for box in self._sandboxes.values() for each in box.descriptors]
        if spec.tier != "full" and not self._is_only_one:
            return self._begin_apart(spec, report, run, others)
        trouble, trouble_in = os.pipe()
        scratch = ""
        try:
            if spec.tier != "full":
                scratch = tempfile.mkdtemp(prefix="course-kernel-")
            own = _anonymous(os.getpid())
            init = partial(_init, spec, run, scratch, trouble_in)
            first = _fork(spec.tier, trouble_in, [trouble, report.fileno(), *others], init)
            process = _descriptor_of(first)
        except BaseException:
            os.close(trouble)
            shutil.rmtree(scratch, ignore_errors=True)
            raise
        finally:
            os.close(trouble_in)
        deadline = time.monotonic() + spec.limits.seconds
        box = _Sandbox(spec, report, scratch, trouble, first, process, own, deadline)
        self._sandboxes[first] = box
        return process

    def _begin_apart(
        self, spec: SandboxSpec, report: socket.socket, run: Run, others: Iterable[int]
    ) -> int:
        """Start a warden that has this sandbox alone."""
        pid = os.fork()
        if pid == 0:
            try:
                for descriptor in others:
                    os.close(descriptor)
                supervise(spec, report, run)
            finally:
                os._exit(1)
        process = self._wardens[pid] = _descriptor_of(pid)
        report.close()
        return process

    def watch(self, others: Iterable[int] = ()) -> set[int]:
        """Wait until something is to be done, and do it; returns which of `others` can be read."""
        poll = select.poll()
        asked = set(others)
        for descriptor in asked:
            poll.register(descriptor, select.POLLIN)
        for process in self._wardens.values():
            poll.register(process, select.POLLIN)
        for box in self._sandboxes.values():
            poll.register(box.process, select.POLLIN)
            if not box.is_deserted:
                poll.register(box.report, select.POLLIN)
        next_look = min((box.next_look for box in self._sandboxes.values()), default=None)
        left = None if next_look is None else 1000 * max(0.0, next_look - time.monotonic())
        ready = {number for number, _ in poll.poll(left)}
        for warden, process in list(self._wardens.items()):
            if process in ready:
                os.waitpid(warden, 0)
                os.close(self._wardens.pop(warden))
                self._end_strays()
        for box in list(self._sandboxes.values()):
            try:
                if box.process in ready:
                    self._finish(box)
                    continue
                if not box.is_deserted and box.report.fileno() in ready:
                    _obey(box)
                if time.monotonic() >= box.next_look:
                    _look_at(box)
            except Exception:  # whatever it is, it ends no other one
                self._give_up(box, traceback.format_exc()[-2000:])
        return asked & ready

    def wait(self) -> None:
        """Watch until all sandboxes have ended."""
        while self._sandboxes or self._wardens:
            self.watch()

    def _end_strays(self) -> None:
        """End what somebody who killed the first process of a sandbox has left of it."""
        end_below(os.getpid(), but={*self._sandboxes, *self._wardens})

    def _finish(self, box: _Sandbox) -> None:
        """Report how a sandbox ended, and leave nothing of it."""
        _, status = os.waitpid(box.first, 0)
        code = os.waitstatus_to_exitcode(status)
        del self._sandboxes[box.first]
        self._end_strays()
        os.set_blocking(box.trouble, False)
        detail = ""
        with suppress(BlockingIOError):
            detail = os.read(box.trouble, 4000).decode(errors="replace")
        if box.scratch:
            _remove(box.scratch)
        why = box.why
        if detail:
            why = SETUP
        elif why is None:
            # Nothing in the sandbox can end its init; so somebody outside did.
            why = LOST if code < 0 else ENDED
        if code > _SIGNALLED and why != SETUP:
            code = _SIGNALLED - code
        _report(box, why, code, detail)

    def _give_up(self, box: _Sandbox, detail: str) -> None:
        """End a sandbox that cannot be watched."""
        _send(box, signal.SIGKILL)
        with suppress(ChildProcessError):  # it is waited for already
            os.waitpid(box.first, 0)
        self._sandboxes.pop(box.first, None)
        _report(box, SETUP, 1, detail)


def _obey(box: _Sandbox) -> None:
    """Send the signal that is asked for."""
    asked = b""
    with suppress(OSError):
        asked = box.report.recv(16)
    if not asked:  # whoever asked for the kernel is gone
        box.is_deserted = True
    number = int(asked or signal.SIGKILL)
    if number == signal.SIGKILL:
        box.why = box.why or ASKED
    _send(box, number)


def _send(box: _Sandbox, number: int) -> None:
    with suppress(OSError):
        signal.pidfd_send_signal(box.process, number)


def _report(box: _Sandbox, why: str | None, code: int, detail: str) -> None:
    """Tell how a sandbox ended, and give back what the warden has of it."""
    with suppress(OSError):
        box.report.send(_ended(why, code, detail), socket.MSG_DONTWAIT)
    box.report.close()
    os.close(box.trouble)
    os.close(box.process)


def _look_at(box: _Sandbox) -> None:
    """Look, or look on, whether a sandbox has passed a limit, and end it if so."""
    until = time.monotonic() + _LOOK_SECONDS
    if box.look is None:
        box.look = _over_limit(box)
    for why in box.look:
        if why is not None:
            box.why = box.why or why
            _send(box, signal.SIGKILL)
        if time.monotonic() >= until:
            return  # the rest in the next round
    box.look = None
    box.next_look = time.monotonic() + _WATCH_SECONDS


def supervise(spec: SandboxSpec, report: socket.socket, run: Run) -> NoReturn:
    """Be the warden of one sandbox, in a process that does nothing else; never returns."""
    linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
    try:
        warden = Warden(is_only_one=True)
        warden.begin(spec, report, run)
        warden.wait()
    except BaseException:
        with suppress(OSError):
            report.send(_ended(SETUP, 1, traceback.format_exc()[-2000:]))
    os._exit(0)


def _ended(why: str | None, code: int, detail: str) -> bytes:
    return json.dumps({"why": why, "code": code, "detail": detail}).encode()


def _fork(tier: Tier, trouble: int, others: Iterable[int], init: Callable[[int], None]) -> int:
    """Fork the first process of a sandbox, in a PID namespace of its own where the tier has one.

    It calls `init` with a pipe that its parent reads; it has none of the descriptors `others`.
    """
    comes_back = False
    space = os.open("/proc/self/ns/pid", os.O_RDONLY)
    pid = -1
    try:
        if tier == "full":
            with suppress(OSError):
                linux.join_namespace(space, linux.CLONE_NEWPID)  # its own: this only asks
                comes_back = True
        if comes_back:
            linux.unshare(linux.CLONE_NEWPID)
        pid = os.fork()
    finally:
        if comes_back and pid != 0:
            _come_back(space, pid)
        os.close(space)
    if pid:
        return pid
    try:
        for descriptor in others:
            os.close(descriptor)
        # The log of the fork server's is one open file for all forks: what one writes, another
        # reads.
        nothing = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(nothing, standard)
        os.close(nothing)
        init(trouble if tier != "full" or comes_back else _fork_into_namespace(trouble))
    except BaseException:
        with suppress(OSError):
            os.write(trouble, traceback.format_exc()[-3000:].encode())
    finally:
        os._exit(1)


def _come_back(space: int, pid: int) -> None:
    """Fork into the process's own PID namespace again; if that cannot be, the process must end."""
    try:
        linux.join_namespace(space, linux.CLONE_NEWPID)
    except OSError as error:
        if pid > 0:
            _signal(pid, signal.SIGKILL)  # nobody would watch it
        raise SystemExit(f"there is no way back from a PID namespace ({error})") from None


def _descriptor_of(pid: int) -> int:
    try:
        return os.pidfd_open(pid)
    except OSError:
        _signal(pid, signal.SIGKILL)  # nobody would watch it
        os.waitpid(pid, 0)
        raise


def _fork_into_namespace(trouble: int) -> int:
    """Make a PID namespace and go on in a fork, its first process, while this one waits for that.

    Returns a pipe that this one reads.
    """
    _die_with_reader(trouble)
    walls.make_pid_namespace()
    reader, pipe = os.pipe()
    init = os.fork()
    if init == 0:
        os.close(reader)
        return pipe
    os.close(pipe)
    os.close(trouble)
    _pass_signals_on(init)
    _, status = os.waitpid(init, 0)
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        os.kill(os.getpid(), signal.SIGKILL)  # as that was, by somebody outside
    os._exit(code)


def _over_limit(box: _Sandbox) -> Iterator[str | None]:
    """Look which limit is passed; gives None where there may be a pause."""
    limits = box.spec.limits
    if time.monotonic() > box.deadline:
        yield TIME
    if box.spec.tier == "unsafe":
        return
    for used in _used(box.first, box.own, limits):
        yield MEMORY if used > limits.memory else None
    if box.scratch and _is_full(box.scratch, limits):
        yield DISK


def _tree(pid: int, but: Collection[int] = (), most: int = 1 << 30) -> list[int]:
    """A process and all below it, except `but` and what is below these.

    They may come and go more quickly than they are found, so no more than `most`.
    """
    found: list[int] = []
    queue = [pid]
    while queue and len(found) < most:
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


def _used(init: int, own: int, limits: Limits) -> Iterator[int]:
    """Bytes of memory of the processes from `init` on, beyond the `own` of the warm process.

    Gives them while it counts, process by process; the last number is of all.
    """
    sizes = {pid: _anonymous(pid) for pid in _tree(init, most=2 * limits.processes)}
    # Each has the pages of the warm process, shared or not; at most so much is beyond them:
    most = sum(sizes.values()) - own
    if most <= limits.memory:
        yield most
        return
    # To ask how much is really private takes longer, so it is asked only then.
    used = 0
    for pid, size in sizes.items():
        private = _private(pid)
        used += max(0, size - own) if private is None else private
        yield used


def _private(pid: int) -> int | None:
    """Bytes of memory of a process that no other has; None if that may not be known."""
    return _bytes_in(f"/proc/{pid}/smaps_rollup", b"Private_", b"Pss_Shmem:")


def _anonymous(pid: int) -> int:
    """Bytes of memory of a process that no file backs."""
    return _bytes_in(f"/proc/{pid}/status", b"RssAnon:", b"RssShmem:") or 0


def _bytes_in(path: str, *names: bytes) -> int | None:
    """The sum of what stands in the lines of these names, which are in kB; None without the file.

    A line begins after `\\n` and nowhere else: one of them is the name that a process has given to
    itself, which may be of any other bytes.
    """
    try:
        lines = Path(path).read_bytes().split(b"\n")
    except OSError:
        return None
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(names))


def _is_full(scratch: str, limits: Limits) -> bool:
    """Whether there is more than may be; what is too deep to be looked at counts as that."""
    size = count = 0

    def raise_if_deep(error: OSError) -> None:
        if error.errno == errno.ENAMETOOLONG:
            raise error

    try:
        for directory, names, files in os.walk(scratch, onerror=raise_if_deep):
            count += len(names) + len(files)
            for name in files:
                try:
                    size += os.lstat(os.path.join(directory, name)).st_blocks * 512
                except OSError as error:  # gone meanwhile, say
                    raise_if_deep(error)
            if size > limits.disk or count > limits.files:
                return True
    except (OSError, RecursionError):
        return True
    return False


def _remove(scratch: str) -> None:
    with suppress(RecursionError):
        shutil.rmtree(scratch, ignore_errors=True)
    if os.path.lexists(scratch):  # too deep for that
        subprocess.run(["/bin/rm", "-rf", scratch], check=False)


def _init(spec: SandboxSpec, run: Run, scratch: str, trouble: int, parent: int) -> None:
    """Be the first process of the sandbox: start the learner's, pass interrupts on to it,
    reap what it leaves behind, and end with it; or run what is trusted.

    `trouble` is the warden's pipe, `parent` one that the parent reads.
    """
    _die_with_reader(parent)
    with suppress(OSError):  # the kernel of the machine ends this one before the grader's
        Path("/proc/self/oom_score_adj").write_text("1000")
    try:
        linux.prctl(linux.PR_SET_CHILD_SUBREAPER, 1)
        place = walls.enter(spec.tier, spec.limits, spec.files, spec.readable, scratch)
        if spec.tier == "full":
            walls.give_up_rights(spec.tier, place, spec.readable)
            _die_with_reader(parent)
        child = 0 if spec.is_trusted else os.fork()
        if child == 0:
            if spec.tier != "full":
                walls.give_up_rights(spec.tier, place, spec.readable)
                _die_with_reader(trouble)
            if parent != trouble:
                os.close(parent)
            os.setsid()
            run(place, partial(os.close, trouble))
            os._exit(0)
    except BaseException:
        with suppress(OSError):  # closed, once the learner's part has begun
            os.write(trouble, traceback.format_exc()[-3000:].encode())
        os._exit(1)
    os.close(trouble)
    _pass_signals_on(child)
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


def _pass_signals_on(pid: int) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: _signal(pid, number))


def _signal(pid: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
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
        for pid in left:
            with suppress(ChildProcessError):  # a child of another one's, as yet
                os.waitpid(pid, 0)
