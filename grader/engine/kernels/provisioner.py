"""jupyter_client's view of the engine: kernels are forked from a warm process, in a sandbox."""

import asyncio
import json
import os
import re
import secrets
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from itertools import chain
from pathlib import Path
from queue import Empty
from typing import Any

import zmq
from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import KernelProvisionerBase
from traitlets import Bool, Dict, Enum, Float, Integer, List, Unicode, default

from grader.basics.errors import RetryableFault, UserError
from grader.engine.kernels.handover import CHANNELS
from grader.engine.kernels.rehearsal import COMES_WITH
from grader.engine.kernels.warm_server import Settings, WarmServer
from grader.engine.sandbox.walls import Limits, python_paths

_MOST_MESSAGE = 64 << 20  # bytes of a part of a message; a larger one closes the connection
_END_SECONDS = 5.0  # for a kernel to end when it is killed
_PORTS = {channel: number for number, channel in enumerate(CHANNELS, 1)}


class SandboxKernelClient(AsyncKernelClient):  # type: ignore[misc]
    """The client of a kernel that has no heartbeat: whether it lives is known from its process."""

    def start_channels(
        self,
        shell: bool = True,
        iopub: bool = True,
        stdin: bool = True,
        hb: bool = True,
        control: bool = True,
    ) -> None:
        """Start the channels, without the one of the heartbeat."""
        super().start_channels(shell, iopub, stdin, hb=False, control=control)

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the kernel answers and its outputs arrive; RuntimeError if it does not.

        Other than the usual client, this one does not then wait until there are no more outputs:
        nobody takes those of one request for those of another.
        """
        deadline = time.monotonic() + (timeout or float("inf"))
        while time.monotonic() < deadline:
            self.kernel_info()
            with suppress(Empty):
                await self.shell_channel.get_msg(timeout=1)
                await self.iopub_channel.get_msg(timeout=0.2)
                return
            if not await self._async_is_alive():
                raise RuntimeError("the kernel died before it was ready")
        raise RuntimeError(f"the kernel was not ready after {timeout:g} seconds")


class SandboxProvisioner(KernelProvisionerBase):  # type: ignore[misc]
    """Starts Python kernels as forks of a warm process, each in a sandbox of its own.

    jupyter_client makes one for each kernel; its name there is "sandbox".
    """

    memory = Integer(Limits.memory, help="Bytes that a notebook may allocate.").tag(config=True)
    processes = Integer(
        Limits.processes, help="Processes and threads that a notebook may start."
    ).tag(config=True)
    disk = Integer(Limits.disk, help="Bytes that a notebook may write to files.").tag(config=True)
    files = Integer(Limits.files, help="Files that a notebook may make.").tag(config=True)
    seconds = Float(
        Limits.seconds, help="Seconds after which a notebook's kernel is ended in any case."
    ).tag(config=True)
    cell_output = Integer(
        2 << 20, help="Bytes that a cell may print and show; what is beyond is cut."
    ).tag(config=True)
    readable = List(
        Unicode(), help="Paths outside of the sandbox that notebooks may read: data, say."
    ).tag(config=True)
    environment = List(
        Unicode(),
        ["LANG", "LC_ALL", "TZ", "NBGRADER_*"],
        help="Environment variables that a notebook gets to see; * at the end of a name counts.",
    ).tag(config=True)
    threads = Integer(
        1, help="Threads of TensorFlow and BLAS for one notebook: cores / notebooks at a time."
    ).tag(config=True)
    seed = Integer(0, help="Seed of `random`, NumPy and TensorFlow at a kernel's start.").tag(
        config=True
    )
    warm = List(
        Unicode(),
        help="Modules that are imported once, before kernels are forked: by default those that the "
        "teacher notebooks import, so that `c.SandboxProvisioner.warm.append(...)` adds one. None "
        "may start a thread when it is imported: a fork would lack it.",
    ).tag(config=True)
    common = List(
        Unicode(),
        help="Those modules of `warm` that every notebook needs. One that names no other is forked "
        "from a process that has imported no more than these, which takes less time. By default "
        "those that all teacher notebooks import.",
    ).tag(config=True)
    tier = Enum(
        ("full", "reduced"),
        None,
        allow_none=True,
        help='The sandbox to use: "full" or "reduced"; by default the best that holds.',
    ).tag(config=True)
    unsafe = Bool(False, help="Whether to run without a sandbox where none holds.").tag(config=True)

    # What the notebooks import, as far as whoever makes this knows it.
    imports = List(Unicode())

    # Whether this notebook may need more than the common modules.
    needs_all = Bool(True)

    # How the kernel ended: {"why", "code", "detail"} (see warden); None while it runs.
    ended = Dict(None, allow_none=True)

    # The kernel's end of the connection to the judge, to be handed to it and closed here.
    bridge: socket.socket | None = None

    used_tier: str = ""
    _report: socket.socket | None = None
    _sandbox: int | None = None
    _sockets: str = ""

    @default("warm")  # type: ignore[untyped-decorator]
    def _warm_default(self) -> list[str]:
        return list(self.imports)

    @default("common")  # type: ignore[untyped-decorator]
    def _common_default(self) -> list[str]:
        return list(self.warm)

    @property
    def has_process(self) -> bool:
        """Whether there is a kernel that may be running."""
        return self._report is not None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Make the kernel's channels; the kernel manager learns where they are."""
        manager = self.parent
        # A short name, for a socket's path may have no more than 107 bytes.
        self._sockets = tempfile.mkdtemp(prefix="course-", dir=_short_directory())
        manager.transport = "ipc"
        manager.ip = f"{self._sockets}/{secrets.token_hex(4)}"
        for channel, port in _PORTS.items():
            setattr(manager, f"{channel}_port", port)
        manager.hb_port = len(_PORTS) + 1  # nobody listens there: the warden tells
        manager.context.setsockopt(zmq.MAXMSGSIZE, _MOST_MESSAGE)
        manager.curve_publickey = manager.curve_secretkey = None
        if isinstance(manager, AsyncKernelManager):
            manager.client_factory = SandboxKernelClient
        self.connection_info = manager.get_connection_info()
        arguments = kwargs.pop("extra_arguments", [])
        prepared: dict[str, Any] = await super().pre_launch(cmd=["fork", *arguments], **kwargs)
        return prepared

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> dict[str, Any]:
        """Fork the kernel. Raises UserError where no sandbox holds, RetryableFault if it fails."""
        # In a thread: the first kernel waits seconds for the imports.
        await asyncio.to_thread(self._launch, cmd[1:], kwargs)
        connection: dict[str, Any] = self.connection_info
        return connection

    def warm_server(self) -> WarmServer:
        """The process that kernels are forked from; waits until it has imported its libraries.

        Raises UserError where no sandbox holds, RetryableFault if it does not start.
        """
        return WarmServer.shared(self.server_settings())

    def server_settings(self) -> Settings:
        """What the fork server is started with."""
        warm = self.warm if self.needs_all else self.common
        return Settings(tuple(warm), tuple(self.readable), self.tier, self.unsafe)

    def servers(self) -> list[Settings]:
        """What the fork servers are started with that notebooks may need, the quickest first."""
        few = replace(self.server_settings(), warm=tuple(self.common))
        return list(dict.fromkeys([few, replace(few, warm=tuple(self.warm))]))

    def find_needs(self, code: str, modules: Iterable[str] | None) -> None:
        """Find out which modules a notebook may need that has this code.

        `modules` are those that it imports as the teacher has made it, also by way of files that
        lie beside it; None if that is not known.
        """
        more = _libraries(self.warm) - _libraries(self.common)
        more |= _libraries(chain.from_iterable(COMES_WITH.get(name, ()) for name in more))
        named = _libraries(self.warm if modules is None else modules)
        # A word is enough, wherever it stands: a learner may import in many ways.
        self.needs_all = any(
            name in named or re.search(rf"\b{re.escape(name)}\b", code) for name in more
        )

    def _launch(self, arguments: list[str], kwargs: dict[str, Any]) -> None:
        server = self.warm_server()
        self.used_tier = server.tier
        channels: list[socket.socket] = []
        report, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            for port in _PORTS.values():
                channels.append(self._listen(port))
            request = self._request(arguments, kwargs)
            handed = [*channels, *([self.bridge] if self.bridge else [])]
            descriptors = (theirs.fileno(), *(each.fileno() for each in handed))
            self._sandbox = server.fork(request, descriptors)
        except OSError as error:
            report.close()
            raise RetryableFault(f"the kernel could not be forked ({error})") from None
        except RetryableFault:
            report.close()
            raise
        finally:
            theirs.close()
            for channel in channels:
                channel.close()
            if self.bridge:
                self.bridge.close()
        report.setblocking(False)
        self._report, self.ended = report, None

    def _listen(self, port: int) -> socket.socket:
        channel = socket.socket(socket.AF_UNIX)
        channel.bind(f"{self.connection_info['ip']}-{port}")
        channel.listen(16)
        return channel

    def _request(self, arguments: list[str], kwargs: dict[str, Any]) -> dict[str, Any]:
        key = self.connection_info["key"]
        directory = kwargs.get("cwd")
        return {
            "kind": "kernel",
            "connection": {**self.connection_info, "key": key.decode()},
            "arguments": arguments,
            "environment": self._environment(kwargs.get("env") or {}),
            "files": os.path.realpath(directory) if directory else None,
            "readable": [*python_paths(), *self.readable],
            "limits": Limits(
                self.memory, self.processes, self.disk, self.files, seconds=self.seconds
            ).as_data(),
            "cell_output": self.cell_output,
            "seed": self.seed,
        }

    def request_of_judge(self, imports: list[str], directory: str) -> dict[str, Any]:
        """What the fork server needs to make a judge beside this kernel.

        `imports` are those of the notebook, `directory` holds the assignment's files.
        """
        limits = Limits(self.memory, self.processes, self.disk, self.files, seconds=self.seconds)
        return {
            "kind": "judge",
            "environment": self._environment(dict(os.environ)),
            "files": os.path.realpath(directory),
            "readable": [*python_paths(), *self.readable],
            "limits": limits.as_data(),
            "seed": self.seed,
            "imports": imports,
        }

    def _environment(self, given: dict[str, str]) -> dict[str, str]:
        threads = str(self.threads)
        passed = {
            name: value
            for name, value in given.items()
            if any(
                name == wanted or (wanted.endswith("*") and name.startswith(wanted[:-1]))
                for wanted in self.environment
            )
        }
        return {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "TF_NUM_INTRAOP_THREADS": threads,
            "TF_NUM_INTEROP_THREADS": threads,
            "OMP_NUM_THREADS": threads,
            **passed,
        }

    async def poll(self) -> int | None:
        """None while the kernel runs, then its exit code."""
        if self._report is None:
            return 0 if self.ended is None else int(self.ended["code"])
        try:
            data = self._report.recv(1 << 16)
        except BlockingIOError:
            return None
        except OSError:
            data = b""
        self._report.close()
        self._report = None
        # A warden that says nothing was killed from outside.
        self.ended = json.loads(data) if data else {"why": "lost", "code": -9, "detail": ""}
        return int(self.ended["code"])

    async def wait(self) -> int | None:
        """Wait until the kernel has ended."""
        while await self.poll() is None:
            assert self._report is not None
            await _readable(self._report)
        return await self.poll()

    async def send_signal(self, signum: int) -> None:
        """Send a signal to the kernel; 0 is for asking whether it lives."""
        if self._report is not None and signum:
            with suppress(OSError):
                self._report.send(str(int(signum)).encode())

    async def kill(self, restart: bool = False) -> None:
        """End the kernel and all that it started."""
        await self.send_signal(signal.SIGKILL)
        # Waiting here saves the kernel manager a pause before it asks again.
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self.wait(), _END_SECONDS)

    async def terminate(self, restart: bool = False) -> None:
        """End the kernel and all that it started: it has nothing to save."""
        await self.kill(restart)

    async def cleanup(self, restart: bool = False) -> None:
        """Give back what the kernel used here."""
        if self._report is not None:
            await self.kill()
        if self._sandbox is not None:
            # Had it not ended by now, nothing but this would end it.
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._sandbox, signal.SIGKILL)
            os.close(self._sandbox)
            self._sandbox = None
        if self._report is not None:
            self._report.close()
            self._report = None
        if self._sockets:
            shutil.rmtree(self._sockets, ignore_errors=True)
            self._sockets = ""


async def _readable(connection: socket.socket) -> None:
    """Wait until there is something to receive."""
    loop = asyncio.get_running_loop()
    # A loop has one reader for a descriptor, and there may be two that wait.
    descriptor = os.dup(connection.fileno())
    ready = asyncio.Event()
    loop.add_reader(descriptor, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


def _libraries(modules: Iterable[str]) -> set[str]:
    """The names of the libraries that modules belong to."""
    return {name.partition(".")[0] for name in modules}


def _short_directory() -> str | None:
    """A directory for sockets: the usual one, unless its name is too long."""
    usual = tempfile.gettempdir()
    return None if len(usual) < 60 else next(p for p in ("/tmp", "/var/tmp") if Path(p).is_dir())


class SandboxKernelManager(AsyncKernelManager):  # type: ignore[misc]
    """Starts kernels with our provisioner, whatever the kernel's spec says.

    `seconds` is for the provisioner, if it is more than what is configured there, and so is
    `imports`; `code` and `modules` are for its `find_needs`.
    """

    seconds = Float(0.0)
    imports = List(Unicode())
    code = Unicode()
    modules = List(Unicode(), None, allow_none=True)
    bridge: Any = None  # the kernel's end of the connection to a judge
    provisioner: Any

    async def _async_pre_start_kernel(self, **kw: Any) -> Any:
        if self.provisioner is None:
            language = self.kernel_spec.language if self.kernel_spec else ""
            if language != "python":
                raise UserError(
                    f"The notebook is in {language or 'no known language'}, but the engine runs "
                    "Python only. To grade it with stock nbgrader: set COURSE_STOCK=1"
                )
            provisioner = SandboxProvisioner(
                kernel_id=self.kernel_id or "",
                kernel_spec=self.kernel_spec,
                parent=self,
                imports=self.imports,
            )
            provisioner.seconds = max(provisioner.seconds, self.seconds)
            provisioner.find_needs(self.code, self.modules)
            provisioner.bridge = self.bridge
            self.provisioner = provisioner
        return await super()._async_pre_start_kernel(**kw)
