"""The worker's side of a judge: start it, have it run a test cell, take its answer."""

import json
import os
import select
import socket
import time
from contextlib import suppress
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output

from grader.basics.errors import RetryableFault
from grader.engine.judge.program import packed
from grader.engine.kernels.provisioner import SandboxProvisioner

_MOST_ANSWER = 16 << 20  # bytes


class JudgeProcess:
    """A judge for one notebook, and its connection to the kernel.

    `kernels_end` is the other end of that connection, for the kernel.
    """

    def __init__(self) -> None:
        self.kernels_end, self._judges_end = socket.socketpair()
        self._connection: socket.socket | None = None
        self._report: socket.socket | None = None
        self._sandbox: int | None = None
        self._buffer = b""
        self._number = 0  # of the cell that runs

    def start(self, provisioner: SandboxProvisioner, imports: list[str], directory: str) -> None:
        """Fork it from the process that the kernel was forked from; raises RetryableFault."""
        ours, theirs = socket.socketpair()
        self._report, report = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._connection = ours
        with theirs, report, self._judges_end:
            request = provisioner.request_of_judge(imports, directory)
            descriptors = tuple(end.fileno() for end in (report, theirs, self._judges_end))
            try:
                self._sandbox = provisioner.warm_server().fork(request, descriptors)
            except OSError as error:
                raise RetryableFault(f"the judge could not be forked ({error})") from None

    def begin(self, name: str | None, source: str, names: list[str]) -> None:
        """Let it run a test cell. `names` are those that stand for the learner's."""
        assert self._connection is not None
        self._number += 1
        asked = {"number": self._number, "name": name, "source": source, "names": names}
        asked["packed"] = packed(name, source)
        with suppress(OSError):  # its end is seen when its answer does not come
            self._connection.sendall(json.dumps(asked).encode() + b"\n")

    def outcome(self, seconds: float) -> dict[str, Any] | None:
        """What it says of the cell that began last; None if it says nothing in time. Raises
        RetryableFault.
        """
        deadline = time.monotonic() + seconds
        while (line := self._line(deadline)) is not None:
            said: dict[str, Any] = json.loads(line)
            # A cell that ran too long may end after its time; it is not the one that runs now.
            if said["number"] == self._number:
                return said
        return None

    def _line(self, deadline: float) -> bytes | None:
        """The next line that it says; None if that does not come in time."""
        assert self._connection is not None
        while b"\n" not in self._buffer:
            left = max(0.0, deadline - time.monotonic())
            if not select.select([self._connection], [], [], left)[0]:
                return None
            data = b""
            with suppress(ConnectionError):  # it ended with a cell unread
                data = self._connection.recv(1 << 16)
            if not data or len(self._buffer) > _MOST_ANSWER:
                raise RetryableFault(f"the judge ended ({self._how_ended()})")
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line

    def _how_ended(self) -> str:
        assert self._report is not None
        self._report.settimeout(1)
        with suppress(OSError):
            return self._report.recv(1 << 16).decode(errors="replace")[-500:]
        return "nobody knows why"

    def close(self) -> None:
        """End it."""
        for end in (self.kernels_end, self._judges_end, self._connection, self._report):
            if end is not None:
                end.close()  # at which the warden ends what it keeps
        if self._sandbox is not None:
            os.close(self._sandbox)
            self._sandbox = None


def show(cell: NotebookNode, said: dict[str, Any]) -> None:
    """Put what the judge says of a test into the cell's outputs, as a kernel would have done."""
    if said["printed"]:
        cell.outputs.append(new_output("stream", name="stdout", text=said["printed"]))
    if said["status"] == "error":
        about = {key: said[key] for key in ("ename", "evalue", "traceback")}
        cell.outputs.append(new_output("error", **about))
    elif said["value"] is not None or said["kind"]:
        data = {"text/plain": said["value"] or f"<{said['kind']}>"}
        cell.outputs.append(new_output("execute_result", data, execution_count=None))
