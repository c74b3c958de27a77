"""The fork server: a process that has imported the libraries once and forks kernels.

    python -m grader.engine.kernels.forkserver FD

It speaks over the Unix socket FD. It first sends what it is able to do, and its own size: {"tier",
"lacks", "probe", "memory"}. Then for each request (JSON, with file descriptors: a socket for the
answer, the report socket of the warden, and what the kernel gets) it forks a warden and answers
{"pid": ...}. Several processes may ask at the other end of FD.
It never runs an operation of TensorFlow's: the threads that one starts do not survive a fork.
"""

import gc
import importlib
import json
import os
import random
import resource
import select
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from grader.engine.judge import process as judge
from grader.engine.kernels import huge_pages, kernel, rehearsal
from grader.engine.kernels.handover import send
from grader.engine.sandbox import linux, self_test, warden
from grader.engine.sandbox.walls import Limits, Place

_MOST_BYTES, _MOST_DESCRIPTORS = 1 << 18, 8


def main() -> None:
    """Import, report, and fork until the other end of the socket is closed."""
    control = socket.socket(fileno=int(sys.argv[1]))
    settings = json.loads(control.recv(_MOST_BYTES))
    # The limit of a worker's (see pool) is not for kernels, which have one of their own.
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the grader
    for name in settings["warm"]:
        with suppress(ImportError):
            importlib.import_module(name)
    rehearsal.rehearse()
    # What is there now is never collected: a collection in a fork would copy all of it.
    gc.collect()
    gc.freeze()
    huge_pages.gather()
    tier, lacks, results = self_test.choose_tier(
        settings["tier"], tuple(settings["readable"]), settings["unsafe"]
    )
    told = {"tier": tier, "lacks": lacks, "probe": results, "memory": _resident()}
    send(control, told)
    if tier is None:
        return
    _serve(control, tier)


def _resident() -> int:
    """Bytes of memory that this process has in use."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def _serve(control: socket.socket, tier: str) -> None:
    # Without PID namespaces, what a killed warden leaves behind becomes a child of this process.
    linux.prctl(linux.PR_SET_CHILD_SUBREAPER, 1)
    wardens: set[int] = set()
    # A child's end wakes the loop, which then reaps it.
    wake, wake_in = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake_in, warn_on_full_buffer=False)
    poll = select.poll()
    for descriptor in (control.fileno(), wake):
        poll.register(descriptor, select.POLLIN)
    while True:
        ready = dict(poll.poll())
        if wake in ready:
            with suppress(BlockingIOError):
                os.read(wake, 4096)
            _reap(wardens)
        if control.fileno() not in ready:
            continue
        data, received, _, _ = socket.recv_fds(control, _MOST_BYTES, _MOST_DESCRIPTORS)
        if not data:
            return  # the grader is gone; the wardens die with this process
        answer, *descriptors = received
        pid = os.fork()
        if pid == 0:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for descriptor in (control.fileno(), wake, wake_in, answer):
                os.close(descriptor)
            _become_warden(json.loads(data), descriptors, tier)
        wardens.add(pid)
        for descriptor in descriptors:
            os.close(descriptor)
        with socket.socket(fileno=answer) as asker, suppress(OSError):  # it may be gone
            send(asker, {"pid": pid})


def _reap(wardens: set[int]) -> None:
    """Forget the children that have ended, and end those that are no warden."""
    with suppress(ChildProcessError):
        while pid := os.waitpid(-1, os.WNOHANG)[0]:
            wardens.discard(pid)
    warden.end_below(os.getpid(), but=wardens)


def _become_warden(request: dict[str, Any], descriptors: list[int], tier: Any) -> None:
    report, *handed = descriptors
    # The log of the fork server's is one open file for all forks: what one writes, another reads.
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.close(nothing)

    def run(place: Place, started: Callable[[], None]) -> None:
        request["environment"].update(place.environment())
        _seed(request["seed"])
        what = judge.run if request["kind"] == "judge" else kernel.run
        what(request, handed, started)

    spec = warden.SandboxSpec(
        tier, Limits(**request["limits"]), request["files"], tuple(request["readable"])
    )
    warden.supervise(spec, socket.socket(fileno=report), run)


def _seed(number: int) -> None:
    """Let random numbers begin at `number`: the same submission draws the same ones each time.

    Forks would else all go on with one state, and TensorFlow would begin anywhere.
    """
    random.seed(number)
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed(number)
    if tensorflow := sys.modules.get("tensorflow"):
        tensorflow.random.set_seed(number)


if __name__ == "__main__":
    main()
