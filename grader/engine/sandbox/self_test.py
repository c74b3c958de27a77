"""The self-test of the sandbox: a process in it tries to break out, and tells how far it got."""

import ctypes
import encodings.idna  # noqa: F401 - for a connection; it could not be read in the sandbox
import errno
import json
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from grader.engine.sandbox import landlock, linux, seccomp, walls, warden
from grader.engine.sandbox.walls import Limits, Place, Tier

# Small limits make the tests of them quick: a fork of a process with TensorFlow takes 15 ms.
_LIMITS = Limits(memory=256 << 20, processes=16, disk=8 << 20, files=500, seconds=20.0)
_SECRET = "not for the learner"
_TRIES = 3


def choose_tier(
    wanted: Tier | None, readable: tuple[str, ...], unsafe: bool
) -> tuple[Tier | None, list[str], dict[str, dict[str, str]]]:
    """The best tier that holds (or `wanted`, if it does), what it lacks, and what the tests said.

    The results are by tier and test: "held", or what got out. Without a tier that holds, the
    choice is "unsafe" if that is allowed, and None if not.
    """
    results: dict[str, dict[str, str]] = {}
    tiers: tuple[Tier, ...] = ("full", "reduced") if wanted is None else (wanted,)
    for tier in tiers:
        if tier == "unsafe":
            break
        results[tier] = test(tier, readable)
        if all(result == "held" for result in results[tier].values()):
            return tier, walls.lacks(tier), results
    return ("unsafe", walls.lacks("unsafe"), results) if unsafe else (None, [], results)


def test(tier: Tier, readable: tuple[str, ...]) -> dict[str, str]:
    """What became of each attempt to break out of `tier`: "held", or what got out."""
    if not sys.platform.startswith("linux") or not seccomp.supported():
        return {"start": f"there is no sandbox for {sys.platform} on {os.uname().machine} yet"}
    if tier == "reduced" and landlock.version() == 0:
        return {"start": "the kernel of this machine has no Landlock"}
    with (
        tempfile.TemporaryDirectory(prefix="course-probe-") as outside,
        socket.create_server(("127.0.0.1", 0)) as server,
    ):
        secret = Path(outside, "secret")
        secret.write_text(_SECRET)
        secret.chmod(0o644)
        port = server.getsockname()[1]
        for _ in range(_TRIES):
            told, ended = _attempts_in_sandbox(tier, readable, str(secret), port)
            if told:  # otherwise it was killed from outside, or the machine failed for a moment
                break
    if told:
        outcome: dict[str, str] = json.loads(told)
        return outcome
    if ended["why"] == warden.SETUP:
        return {"start": str(ended["detail"]).strip().splitlines()[-1]}
    return {"start": f"the process in the sandbox ended early ({ended['why']})"}


def _attempts_in_sandbox(
    tier: Tier, readable: tuple[str, ...], secret: str, port: int
) -> tuple[bytes, dict[str, Any]]:
    """What the process in the sandbox told, if it came so far, and how it ended."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    results, results_in = os.pipe()
    grader = os.getpid()

    def run(place: Place, started: Callable[[], None]) -> None:
        started()
        said = {}
        for name, attempt in ATTEMPTS.items():
            said[name] = _outcome(lambda attempt=attempt: attempt(secret, port, grader))  # type: ignore[misc]
        os.write(results_in, json.dumps(said).encode())

    pid = os.fork()
    if pid == 0:
        os.close(results)
        ours.close()
        warden.supervise(warden.SandboxSpec(tier, _LIMITS, None, readable), theirs, run)
    os.close(results_in)
    theirs.close()
    try:
        ended = json.loads(ours.recv(1 << 16) or b'{"why": "lost", "detail": ""}')
        # Not waited for: if that process was killed, what it left has the other end open.
        os.set_blocking(results, False)
        told = b""
        with suppress(BlockingIOError):
            told = os.read(results, 1 << 16)
    finally:
        os.close(results)
        ours.close()
        with suppress(ChildProcessError):
            os.waitpid(pid, 0)
    return told, ended


def _outcome(attempt: Callable[[], str | None]) -> str:
    try:
        return attempt() or "held"
    except (OSError, MemoryError):
        return "held"
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def _read(secret: str, port: int, grader: int) -> str | None:
    return f"read {secret}" if Path(secret).read_text() == _SECRET else None


def _write(secret: str, port: int, grader: int) -> str:
    Path(secret).with_name("written").write_text("x")
    return "wrote a file outside"


def _change_python(secret: str, port: int, grader: int) -> str:
    path = Path(os.__file__).with_name("written-by-the-probe.py")
    path.write_text("x")
    path.unlink()
    return "wrote into Python's own library"


def _connect(secret: str, port: int, grader: int) -> str:
    with socket.create_connection(("127.0.0.1", port), timeout=1):
        return "connected to a server of this machine"


def _send_datagram(secret: str, port: int, grader: int) -> str | None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(("192.0.2.1", 53))  # an address kept for documentation: nobody is there
        return "found a way to the network"


def _signal(secret: str, port: int, grader: int) -> str | None:
    if Path(f"/proc/{grader}").exists() and not _is_pid_namespace():
        os.kill(grader, 0)
        return "may send signals to the grader"
    return None


def _is_pid_namespace() -> bool:
    return os.getppid() == 1


def _environment(secret: str, port: int, grader: int) -> str | None:
    if _is_pid_namespace():
        return None
    return "read the grader's environment" if Path(f"/proc/{grader}/environ").read_bytes() else None


def _become_root(secret: str, port: int, grader: int) -> str:
    os.setuid(0)
    return "became root"


def _make_namespace(secret: str, port: int, grader: int) -> str:
    linux.unshare(linux.CLONE_NEWUSER)
    return "made a namespace"


def _open_odd_sockets(secret: str, port: int, grader: int) -> str | None:
    """Sockets of families and protocols that no notebook needs, by number: some have no name."""
    netlink = 16
    asked = [(family, 0) for family in range(3, 46) if family not in (socket.AF_INET6, netlink)]
    asked += [(netlink, protocol) for protocol in range(1, 23)]
    asked += [(internet, protocol) for internet in (2, 10) for protocol in (33, 132, 136, 262)]
    for family, protocol in asked:
        for kind in (1, 2, 3, 5):
            try:
                socket.socket(family, kind, protocol)
            except OSError as error:
                if error.errno == errno.EACCES:
                    continue
                return f"{family}, {kind}, {protocol} reached the kernel ({error.strerror})"
            return f"made one of {family}, {kind}, {protocol}"
    return None


def _make_refused_calls(secret: str, port: int, grader: int) -> str | None:
    """With arguments that mean nothing: it is the filter that must answer, and not the kernel."""
    newer = {f"call {number}": number for number in (*range(451, 500), 1000, 1 << 20)}
    for name, number in {**seccomp.refused_calls(os.uname().machine), **newer}.items():
        try:
            linux.syscall(number, *[ctypes.c_long(-1)] * 6)
        except OSError as error:
            if error.errno not in (errno.EPERM, errno.ENOSYS):
                return f"{name} reached the kernel ({error.strerror})"
        else:
            return f"{name} reached the kernel"
    return None


def _memory(secret: str, port: int, grader: int) -> str:
    bytearray(1 << 30)
    return "got more memory than the limit"


def _processes(secret: str, port: int, grader: int) -> str:
    started: list[int] = []
    try:
        for _ in range(2 * _LIMITS.processes):
            pid = os.fork()
            if pid == 0:
                # Should the grader be killed now, nobody else would end this one.
                linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
                signal.pause()
            started.append(pid)
    finally:
        for pid in started:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    return "started more processes than the limit"


def _disk(secret: str, port: int, grader: int) -> str:
    path = Path(os.environ.get("TMPDIR", "."), "large")
    with path.open("wb") as file:
        for _ in range(20):
            file.write(bytes(1 << 20))
    return "wrote more than the limit"


ATTEMPTS: dict[str, Callable[[str, int, int], str | None]] = {
    "read a file outside": _read,
    "write a file outside": _write,
    "change Python's library": _change_python,
    "connect to a server": _connect,
    "reach the network": _send_datagram,
    "signal the grader": _signal,
    "read the grader's environment": _environment,
    "become root": _become_root,
    "make a namespace": _make_namespace,
    "open sockets of other kinds": _open_odd_sockets,
    "make calls that no notebook needs": _make_refused_calls,
    "use too much memory": _memory,
    "start too many processes": _processes,
    "fill the disk": _disk,
}


def explain(results: dict[str, dict[str, Any]]) -> str:
    """In words, for a person: why no tier held."""
    lines = []
    for tier, tests in results.items():
        broken = [f"{name} ({result})" for name, result in tests.items() if result != "held"]
        lines.append(f"  {tier} sandbox: {'; '.join(broken)}")
    return "\n".join(lines)
