"""The judge's process: runs test cells, with the names of the learner's notebook in their place.

It is forked from the warm process and confined like a kernel; no line of a learner's runs in it. It
speaks with the worker over one socket (JSON, a line a message), and with the kernel over
another (see wire). The worker says which cell to run, and a number for that; the judge answers,
with the same number, what the cell printed, how it ended, and the value of its last line.
"""

import contextlib
import functools
import io
import json
import linecache
import logging
import os
import signal
import socket
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from grader.engine.judge import program, tensors
from grader.engine.judge.classes import Classes
from grader.engine.judge.program import Program
from grader.engine.judge.remote import Bridge, Interrupted, KernelLost, OfLearner

_MOST_OUTPUT = 1 << 20  # characters of what a test prints


def run(request: dict[str, Any], descriptors: list[int], started: Callable[[], None]) -> None:
    """Be a judge until the worker closes the connection.

    `request`: "environment", and "imports", the source lines of the notebook's own
    imports. `descriptors`: the worker's socket, and the kernel's.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(request["environment"])
    tempfile.tempdir = None
    sys.path.insert(0, "")  # the handouts
    worker, kernel = (socket.socket(fileno=number) for number in descriptors)
    started()
    # Warnings are for the tests that ask for them; nobody else would see them.
    warnings.showwarning = lambda *_, **__: None
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    judge = Judge(request["imports"], kernel)
    lines = worker.makefile("rb")
    while line := lines.readline():
        asked = json.loads(line)
        said = judge.run_cell(asked["name"], asked["source"], asked["packed"], asked["names"])
        worker.sendall(json.dumps({**said, "number": asked["number"]}).encode() + b"\n")


class Judge:
    """Runs the test cells of one notebook."""

    def __init__(self, imports: Sequence[str], kernel: socket.socket) -> None:
        self._kernel = kernel
        self._namespace: dict[str, Any] = {"__name__": "__main__"}
        for line in imports:
            # What cannot be imported fails in the test that needs it.
            with contextlib.suppress(Exception):
                exec(line, self._namespace)
        self._bridge: Bridge | None = None
        for setting in tensors.SETTINGS:
            with contextlib.suppress(AttributeError, KeyError):
                self._share(setting)

    def _share(self, setting: str) -> None:
        """Have a test that calls this function change the same thing in the kernel, too."""
        place, name = tensors.setting(setting)
        change = getattr(place, name)

        @functools.wraps(change)
        def change_both(*arguments: Any) -> Any:
            # The one that a test calls may call others of them.
            bridge, self._bridge = self._bridge, None
            try:
                done = change(*arguments)
                if bridge is not None:
                    bridge.ask("setting", setting, list(map(bridge.values.encode, arguments)))
            finally:
                self._bridge = bridge
            return done

        setattr(place, name, change_both)

    def run_cell(
        self, name: str | None, source: str, packed: str | None, names: Sequence[str]
    ) -> dict[str, Any]:
        """Run one test cell. `packed` is what the worker has read in it (see program), `names` are
        those that the learner's notebook binds.

        Returns "printed", "status" ("ok", "error", or "lost" if the kernel cannot be asked any
        more), "value" (the number that the last line gave, as text; None if it gave none), "kind"
        (the type of a result that is no number), "processor" (the seconds that it worked for it),
        and of an error "ename", "evalue" and "traceback".
        """
        began = time.process_time()
        printed = io.StringIO()
        classes = Classes(os.curdir)
        # A test that redirects what is printed wants nobody to see it.
        bridge = Bridge(self._kernel, classes, lambda: sys.stdout is not printed)
        self._bridge = bridge
        said: dict[str, Any] = {"status": "ok", "value": None, "kind": None}
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            try:
                read = program.unpacked(packed) if packed else program.compiled(name, source)
                classes.space, classes.definitions = self._namespace, read.definitions
                file = program.file_of(name)
                linecache.cache[file] = (len(source), None, source.splitlines(True), file)
                said |= _of_value(self._execute(read, names, bridge))
            except KernelLost as error:
                said |= {"status": "lost", "evalue": str(error)}
            except Interrupted:
                said |= {"status": "error", **_told("KeyboardInterrupt", "", [])}
            except BaseException as error:
                said |= {"status": "error", **_of_error(error)}
        bridge.end()
        self._bridge = None
        said["printed"] = printed.getvalue()[:_MOST_OUTPUT]
        said["processor"] = time.process_time() - began
        return said

    def _execute(self, read: Program, names: Sequence[str], bridge: Bridge) -> Any:
        """Run the cell; returns the value of its last line, if that is an expression."""
        used = [each for each in names if each in read.names]
        others = [each for each in names if each not in read.names]
        bridge.fill(self._namespace, used, others if "globals" in read.names else [])
        exec(read.body, self._namespace)
        value = eval(read.last, self._namespace) if read.last else None
        return value if read.shows_last else None


def _of_value(value: Any) -> dict[str, Any]:
    if value is None:
        return {"value": None}
    if type(value) not in (int, float) and not isinstance(value, (np.integer, np.floating)):
        return {"kind": type(value).__name__[:100]}
    try:
        return {"value": repr(float(value))}
    except OverflowError:
        return {"value": "inf"}


def _of_error(error: BaseException) -> dict[str, Any]:
    shown = getattr(error, "_render_traceback_", None)
    if shown is not None:
        lines = list(shown())
    elif isinstance(error, OfLearner):
        lines = [f"{type(error).__name__}: {error}", *filter(None, [error.learner_line])]
    else:
        lines = traceback.format_exception(error)
        lines = [line.rstrip("\n") for line in lines if "/grader/" not in line]
    return _told(type(error).__name__, str(error), lines)


def _told(name: str, value: str, lines: list[str]) -> dict[str, Any]:
    return {"ename": name, "evalue": value, "traceback": lines}
