"""A bridge to a process that runs a learner's code, and one to a process that makes up answers."""

import ast
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from textwrap import dedent
from typing import Any

from grader.engine.judge import wire
from grader.engine.judge.classes import Classes
from grader.engine.judge.program import definitions_of
from grader.engine.judge.remote import Bridge

PATIENCE = 60.0  # seconds for a process to answer


def bridge_over(connection: socket.socket, source: str = "") -> Bridge:
    """A judge's end; `source` is the text of the test cell."""
    connection.settimeout(PATIENCE)
    classes = Classes(".")
    classes.definitions = definitions_of(source, ast.parse(source))
    return Bridge(connection, classes, lambda: False)


@contextmanager
def learner(code: str, source: str = "") -> Iterator[tuple[Bridge, dict[str, Any]]]:
    """A bridge to a process with the learner's code, and the names that this binds; `source` is
    the text of the test cell.
    """
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "tests.engine.judge.kernel",
                    str(theirs.fileno()),
                    dedent(code),
                ],
                pass_fds=(theirs.fileno(),),
            )
        try:
            bridge = bridge_over(ours, source)
            space: dict[str, Any] = {}
            names = sorted(set(re.findall(r"[A-Za-z_]\w*", code)))
            bridge.fill(space, names)
            yield bridge, space
            bridge.end()
        finally:
            ours.close()
            process.kill()
            process.wait()


@contextmanager
def forging() -> Iterator[Callable[[Callable[[Any], bytes | list[Any] | None]], Bridge]]:
    """Makes a bridge to a kernel whose answers `answer` makes up from each question.

    It gives a message, or bytes that are sent as they are, or None to hang up.
    """
    ends: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def make(answer: Callable[[Any], bytes | list[Any] | None]) -> Bridge:
        ours, theirs = socket.socketpair()
        ends.append(ours)

        def serve() -> None:
            with theirs:
                while (question := wire.receive(theirs)) is not None:
                    made = answer(question)
                    if made is None:
                        return
                    try:
                        if isinstance(made, bytes):
                            theirs.sendall(made)
                        else:
                            wire.send(theirs, made)
                    except OSError:
                        return

        threads.append(threading.Thread(target=serve))
        threads[-1].start()
        return bridge_over(ours)

    yield make
    for end in ends:
        end.close()
    for thread in threads:
        thread.join(PATIENCE)
