"""The fork server: a process that has imported the libraries once and forks kernels.

    python -m grader.engine.kernels.forkserver FD

It speaks over the Unix socket FD. It first sends what it is able to do, and its own size: {"tier",
"lacks", "probe", "memory"}. Then for each request (JSON, with file descriptors: a socket for the
answer, one for the warden's report, and what the kernel gets) it forks a sandbox, and answers with
a descriptor of that, or with {"fault": ...}. Several processes may ask at the other end of FD.
It never runs an operation of TensorFlow's: the threads that one starts do not survive a fork.
"""

import gc
import importlib
import json
import os
import random
import resource
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from grader.engine.judge import process as judge
from grader.engine.kernels import huge_pages, kernel, rehearsal
from grader.engine.kernels.handover import send
from grader.engine.sandbox import self_test
from grader.engine.sandbox.walls import Limits, Place, Tier
from grader.engine.sandbox.warden import SandboxSpec, Warden

_MOST_BYTES, _MOST_DESCRIPTORS = 1 << 18, 8


def main() -> None:
    """Import, report, and fork until the other end of the socket is closed."""
    control = socket.socket(fileno=int(sys.argv[1]))
    settings = json.loads(control.recv(_MOST_BYTES))
    # The limit of a worker's (see pool) is not for kernels, which have one of their own.
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the grader
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # where it is ignored, nobody can be waited for
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


def _serve(control: socket.socket, tier: Tier) -> None:
    warden = Warden()
    while True:
        if control.fileno() not in warden.watch([control.fileno()]):
            continue
        data, received, _, _ = socket.recv_fds(control, _MOST_BYTES, _MOST_DESCRIPTORS)
        if not data:
            return  # the grader is gone; the sandboxes die with this process
        if len(received) < 2:  # there was no room for more
            for descriptor in received:
                os.close(descriptor)
            continue
        answer, report, *handed = received
        private = [control.fileno(), answer]
        with socket.socket(fileno=answer) as asker:
            told, process = _begin(warden, tier, json.loads(data), report, handed, private)
            with suppress(OSError):  # who asked may be gone
                send(asker, told, process)
        for descriptor in handed:
            os.close(descriptor)


def _begin(
    warden: Warden,
    tier: Tier,
    request: dict[str, Any],
    report: int,
    handed: list[int],
    private: list[int],
) -> tuple[dict[str, str], tuple[int, ...]]:
    """Start the kernel or the judge that is asked for; returns the answer and its descriptor."""

    def run(place: Place, started: Callable[[], None]) -> None:
        request["environment"].update(place.environment())
        _seed(request["seed"])
        what = judge.run if is_judge else kernel.run
        what(request, handed, started)

    is_judge = request["kind"] == "judge"
    limits, readable = Limits(**request["limits"]), tuple(request["readable"])
    spec = SandboxSpec(tier, limits, request["files"], readable, is_trusted=is_judge)
    end = socket.socket(fileno=report)
    try:
        return {}, (warden.begin(spec, end, run, private),)
    except OSError as error:
        end.close()
        return {"fault": str(error)}, ()


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
