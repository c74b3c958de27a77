"""The kernel in the sandbox: ipykernel on sockets that were opened for it outside."""

import io
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from codecs import getincrementaldecoder
from collections.abc import Callable
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import zmq
from ipykernel import ipkernel
from ipykernel.iostream import IOPubThread, OutStream
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from ipykernel.zmqshell import ZMQInteractiveShell
from jupyter_client.session import Session
from traitlets.config import Config

from grader.engine.judge.agent import Agent
from grader.engine.kernels.handover import CHANNELS, REQUEST, SERVE
from grader.engine.kernels.output_limits import OutputMeter
from grader.engine.kernels.test_cell import TestCells


class MeteredSession(Session):  # type: ignore[misc]
    """Sends no more output for a request than the limit, and nothing that the engine does not read.

    What the learner prints is cut here, before it is a message: a gigabyte on one line would
    have to be read whole outside. That a cell begins, and with which text, is half of all messages;
    the engine, which has sent the text, only waits for the end.
    """

    meter: OutputMeter
    _request: str | None = None

    def send(
        self, stream: Any, msg_or_type: Any, content: Any = None, *args: Any, **kw: Any
    ) -> Any:
        """Send a message (see Session.send), or what the limit leaves of it."""
        if isinstance(msg_or_type, str) and isinstance(content, dict):
            parent = kw.get("parent") or (args[0] if args else None) or {}
            content = self._left_of(msg_or_type, content, parent.get("header", parent))
            if content is None:
                return None
        elif isinstance(msg_or_type, dict):  # as ipykernel sends streams and displays
            kind, parent = msg_or_type["header"]["msg_type"], msg_or_type.get("parent_header")
            left = self._left_of(kind, msg_or_type["content"], parent)
            if left is None:
                return None
            msg_or_type = {**msg_or_type, "content": left}
        return super().send(stream, msg_or_type, content, *args, **kw)

    def _left_of(self, kind: str, content: dict[str, Any], parent: Any) -> dict[str, Any] | None:
        """What is sent of a message; `parent` is the header of the request that it belongs to."""
        is_begin = kind == "status" and content.get("execution_state") == "busy"
        if is_begin or kind == "execute_input":
            return None
        request = parent.get("msg_id") if isinstance(parent, dict) else None
        if request != self._request:
            self._request = request
            self.meter.begin_cell()
        return self.meter.cut(kind, content)


class SandboxShell(ZMQInteractiveShell):  # type: ignore[misc]
    """IPython's shell, where `!command` needs no terminal: the sandbox has none."""

    def system(self, cmd: str) -> None:
        """Run a command and print what it prints; its exit code goes to `_exit_code`."""
        if cmd.rstrip().endswith("&"):
            raise OSError("Background processes not supported.")  # IPython's words
        decoder = getincrementaldecoder("utf-8")("replace")
        with subprocess.Popen(
            self.var_expand(cmd, depth=1),
            shell=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process:
            assert process.stdout is not None
            try:
                while data := os.read(process.stdout.fileno(), 1 << 16):
                    print(decoder.decode(data), end="", flush=True)
            except BaseException:
                process.kill()
                raise
        self.user_ns["_exit_code"] = process.returncode


class SandboxKernel(IPythonKernel):  # type: ignore[misc]
    """An IPython kernel that knows test cells, and tells with its answer how long it ran a cell
    ("seconds"), how long the processor did ("processor"), and the verdict on a test ("test").
    """

    shell_class = SandboxShell
    tests: TestCells
    bridge: socket.socket | None = None  # to the judge

    def __init__(self, **kwargs: Any) -> None:
        """As ipykernel does, but without a list of all modules' files: that is for the debugger.

        To look at each of thousands of modules copies memory that forks share, and takes 20 ms
        where TensorFlow is loaded.
        """
        ipkernel.sys = SimpleNamespace(**{**vars(sys), "modules": {}})
        try:
            super().__init__(**kwargs)
        finally:
            ipkernel.sys = sys

    # A pause after each cell, so that outputs overtake the answer; the grader waits for the
    # message that comes after all outputs.
    _execute_sleep = 0.0

    def init_metadata(self, parent: Any) -> dict[str, Any]:
        """Begin an answer."""
        metadata = super().init_metadata(parent)
        return {**metadata, "seconds": -time.monotonic(), "processor": -time.process_time()}

    def finish_metadata(self, parent: Any, metadata: Any, reply_content: Any) -> Any:
        """End an answer."""
        metadata["seconds"] += time.monotonic()
        metadata["processor"] += time.process_time()
        return super().finish_metadata(parent, metadata, reply_content)

    async def execute_request(self, stream: Any, ident: Any, parent: Any) -> None:
        """Run a cell; a test cell without IPython's way of doing that."""
        try:
            await self._execute(stream, ident, parent)
        finally:
            _stop_timers()

    async def _execute(self, stream: Any, ident: Any, parent: Any) -> None:
        content = parent["content"]
        if content["code"] == SERVE and self.bridge is not None:
            await self._serve(stream, ident, parent)
            return
        own = content.get("user_expressions", {}).get(REQUEST)
        if own is None:
            await super().execute_request(stream, ident, parent)
            return
        metadata = self.init_metadata(parent)
        reply, metadata["test"] = await self.tests.run(content["code"], json.loads(own), parent)
        metadata = self.finish_metadata(parent, metadata, reply)
        self.session.send(stream, "execute_reply", reply, parent, ident, metadata=metadata)

    async def _serve(self, stream: Any, ident: Any, parent: Any) -> None:
        """Answer what the judge asks while it runs a test."""
        assert self.bridge is not None
        metadata = self.init_metadata(parent)
        with self.tests.neutral(parent):
            Agent(self.shell.user_ns, _is_learners).serve(self.bridge)
        count = self.shell.execution_count
        reply = {"status": "ok", "execution_count": count, "user_expressions": {}, "payload": []}
        metadata = self.finish_metadata(parent, metadata, reply)
        self.session.send(stream, "execute_reply", reply, parent, ident, metadata=metadata)

    async def do_execute(self, *args: Any, **kw: Any) -> Any:
        """Run a cell in IPython's way, which stops at streams of a notebook's own that lack what
        it calls: then the cell has failed, and not the kernel.
        """
        try:
            return await super().do_execute(*args, **kw)
        except Exception as error:
            told = {"ename": type(error).__name__, "evalue": str(error), "traceback": [str(error)]}
            self.send_response(self.iopub_socket, "error", told)
            return {"status": "error", **told, "execution_count": self.execution_count}
        finally:
            _make_streams_flushable()


def _stop_timers() -> None:
    """End what a cell has set with `signal.alarm` or `setitimer` and forgot: between cells it would
    end the kernel, and in a test, that.
    """
    for timer in (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF):
        signal.setitimer(timer, 0)


class _Flushable:
    """A stream of the notebook's own that ipykernel can flush, which it does after each cell."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def flush(self) -> None:
        """Flush the stream, if it knows how."""
        with suppress(Exception):
            self._stream.flush()


def _make_streams_flushable() -> None:
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        try:
            if not _is_kernels_own(stream):  # the flush of that waits for another thread
                stream.flush()
        except Exception:
            setattr(sys, name, _Flushable(stream or io.StringIO()))


_FLUSH = OutStream.flush  # as it was before code of the learner's


def _is_kernels_own(stream: Any) -> bool:
    """Whether a stream is the kernel's, as it made it."""
    return (
        type(stream) is OutStream
        and OutStream.flush is _FLUSH
        and "flush" not in vars(stream)
        and type(stream.pub_thread) is IOPubThread
    )


class SandboxKernelApp(IPKernelApp):  # type: ignore[misc]
    """An IPython kernel that needs no connection file and opens no socket by itself."""

    kernel_class = SandboxKernel

    connection: dict[str, Any]
    descriptors: dict[int, int]

    def parse_command_line(self, argv: Any = None) -> None:
        """Read the arguments; without any, the parser is not made, which takes a while."""
        if argv:
            super().parse_command_line(argv)

    def init_connection_file(self) -> None:
        """Take the connection from the request."""
        self.load_connection_info(self.connection)

    def write_connection_file(self, **kwargs: Any) -> None:
        """There is nobody to read it."""

    def log_connection_info(self) -> None:
        """There is nobody to read it."""

    def init_heartbeat(self) -> None:
        """Leave it out: whether the kernel lives is known from its process."""

    def init_sockets(self) -> None:
        """Open the channels, but no connection to the debugger: nobody debugs here."""
        super().init_sockets()
        endpoint = self.shell_socket.getsockopt(zmq.LAST_ENDPOINT)
        with suppress(zmq.ZMQError):
            self.debug_shell_socket.disconnect(endpoint.rstrip(b"\0").decode())

    def _try_bind_socket(self, s: Any, port: int) -> int:
        s.setsockopt(zmq.USE_FD, self.descriptors[port])
        s.bind(f"ipc://{self.ip}-{port}")
        return port


def run(request: dict[str, Any], descriptors: list[int], started: Callable[[], None]) -> None:
    """Be the kernel that `request` describes until it is shut down; calls `started` before code
    of the learner's can run.

    `request`: "connection" (as in a connection file), "arguments" (of the kernel's command line),
    "environment", "cell_output" (bytes).
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(request["environment"])
    tempfile.tempdir = None  # to be found anew, by the new environment
    os.environ.setdefault(
        "PIP_NO_INDEX", "1"
    )  # no network: a package that is missing is told at once
    sys.path.insert(0, "")  # the files of the assignment, as in any notebook
    connection = {**request["connection"], "key": request["connection"]["key"].encode()}
    session = MeteredSession()
    session.meter = OutputMeter(request["cell_output"], extras=1000)  # more than outside
    config = Config(HistoryManager={"hist_file": ":memory:"})  # nobody needs it later
    channels, bridge = descriptors[: len(CHANNELS)], descriptors[len(CHANNELS) :]
    app = SandboxKernelApp.instance(session=session, config=config)
    app.connection = connection
    app.descriptors = dict(zip((connection[f"{c}_port"] for c in CHANNELS), channels, strict=True))
    app.initialize(request["arguments"])
    # exit() would end the kernel a tenth of a second later, in the middle of some other cell.
    app.kernel.shell.unobserve_all("exit_now")
    if bridge:
        app.kernel.bridge = socket.socket(fileno=bridge[0])
    app.kernel.tests = TestCells(app.kernel)
    started()
    app.start()


def _is_learners(file: str) -> bool:
    """Whether a file is a cell of the notebook."""
    return "ipykernel" in file or file.startswith("<ipython")
