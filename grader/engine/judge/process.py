"""The judge's process: runs test cells, with the names of the learner's notebook in their place.

It is forked from the warm process and confined like a kernel; no line of a learner's runs in it. It
speaks with the worker over one socket (JSON, a line a message), and with the kernel over
another (see wire). The worker says which cell to run, and a number for that; the judge answers,
with the same number, what the cell printed, how it ended, and the value of its last line.
"""

import ast
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
import tokenize
import traceback
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from IPython.core.displayhook import DisplayHook

from grader.engine.judge import tensors
from grader.engine.judge.classes import Classes
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
        said = judge.run_cell(asked["name"], asked["source"], asked["names"])
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

    def run_cell(self, name: str, source: str, names: Sequence[str]) -> dict[str, Any]:
        """Run one test cell; `names` are those that the learner's notebook binds.

        Returns "printed", "status" ("ok", "error", or "lost" if the kernel cannot be asked any
        more), "value" (the number that the last line gave, as text; None if it gave none), "kind"
        (the type of a result that is no number), and of an error "ename", "evalue" and "traceback".
        """
        printed = io.StringIO()
        classes = Classes(source, os.curdir)
        # A test that redirects what is printed wants nobody to see it.
        bridge = Bridge(self._kernel, classes, lambda: sys.stdout is not printed)
        classes.space, self._bridge = self._namespace, bridge
        said: dict[str, Any] = {"status": "ok", "value": None, "kind": None}
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            try:
                said |= _of_value(self._execute(name, source, names, bridge))
            except KernelLost as error:
                said |= {"status": "lost", "evalue": str(error)}
            except Interrupted:
                said |= {"status": "error", **_told("KeyboardInterrupt", "", [])}
            except BaseException as error:
                said |= {"status": "error", **_of_error(error, name)}
        bridge.end()
        self._bridge = None
        said["printed"] = printed.getvalue()[:_MOST_OUTPUT]
        return said

    def _execute(self, name: str, source: str, names: Sequence[str], bridge: Bridge) -> Any:
        """Run the cell; returns the value of its last line, if that is an expression."""
        space = self._namespace
        file = f"<test {name}>"
        linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
        tree = ast.parse(source, file)
        used: set[str] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Name):
                used.add(node.id)
            elif isinstance(node, ast.Constant):  # as in globals()["history"]
                used.add(str(node.value))
        others = [each for each in names if each not in used] if "globals" in used else []
        bridge.fill(space, [each for each in names if each in used], others)
        last = tree.body.pop() if tree.body else None
        if last is not None and not isinstance(last, ast.Expr):
            tree.body.append(last)
            last = None
        exec(compile(tree, file, "exec"), space)
        if last is None:
            return None
        value = eval(compile(ast.Expression(last.value), file, "eval"), space)
        return None if _is_silenced(source, last) else value


def _is_silenced(source: str, last: ast.Expr) -> bool:
    """Whether a semicolon stands after the last expression: then a notebook does not show it."""
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not any(";" in line for line in lines[last.lineno - 1 :]):
        return False  # IPython would say so, too, but it takes the whole cell to pieces for it
    with contextlib.suppress(tokenize.TokenError, SyntaxError):
        return bool(DisplayHook.semicolon_at_end_of_expression(source))
    return False


def _of_value(value: Any) -> dict[str, Any]:
    if value is None:
        return {"value": None}
    if type(value) not in (int, float) and not isinstance(value, (np.integer, np.floating)):
        return {"kind": type(value).__name__[:100]}
    try:
        return {"value": repr(float(value))}
    except OverflowError:
        return {"value": "inf"}


def _of_error(error: BaseException, name: str) -> dict[str, Any]:
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
