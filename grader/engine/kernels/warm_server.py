"""A process's line to the fork server: borrow or start it, ask it for forks: kernels and judges."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import IO, Any, ClassVar

from grader.basics import system
from grader.basics.errors import RetryableFault, UserError
from grader.engine.kernels.handover import send
from grader.engine.sandbox import self_test
from grader.engine.sandbox.walls import python_paths

_ANSWER_SECONDS = 120.0  # as long as the import of large libraries from a slow disk may take
_MOST_BYTES = 1 << 20


@dataclass(frozen=True)
class Settings:
    """What a fork server is started with; `warm` are the modules that it imports first."""

    warm: tuple[str, ...] = ()
    readable: tuple[str, ...] = ()
    tier: str | None = None
    unsafe: bool = False


class WarmServer:
    """One fork server, and a connection to it. Several processes may have one to the same."""

    _shared: ClassVar[dict[Settings, "WarmServer"]] = {}
    _lock: ClassVar[threading.Lock] = threading.Lock()
    _lender: ClassVar[socket.socket | None] = None

    def __init__(self, control: socket.socket, process: int, hello: dict[str, Any]) -> None:
        """`process` is a descriptor of the server's, `hello` is what that has sent first."""
        self.control, self.process, self.hello = control, process, hello
        # Set for each copy of the socket: the copies share whether they block.
        control.settimeout(_ANSWER_SECONDS)
        self._child: subprocess.Popen[bytes] | None = None
        self.tier: str = hello["tier"]
        self.lacks: list[str] = hello["lacks"]
        self.probe: dict[str, dict[str, str]] = hello["probe"]
        self.memory: int = hello["memory"]  # bytes, when it had imported its libraries

    @classmethod
    def start(
        cls, settings: Settings, begun: Callable[[subprocess.Popen[bytes]], None] = lambda _: None
    ) -> "WarmServer":
        """Start a server, and wait until it has imported its libraries; `begun` gets its process
        before that. Raises UserError if no sandbox holds here, or none can; RetryableFault.
        """
        if why := system.cannot_grade():
            raise UserError(why)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with tempfile.TemporaryFile() as log:
            with theirs:  # closed here at once, so that a server that dies is seen to be dead
                child = _start(theirs, log)
            begun(child)
            ours.settimeout(_ANSWER_SECONDS)
            hello: dict[str, Any] = {}
            with suppress(OSError):
                send(ours, _as_data(settings))
                hello = _message(ours)
            if not hello or hello["tier"] is None:
                ours.close()
                child.kill()
                child.wait()
            if not hello:
                log.seek(0)
                said = log.read().decode(errors="replace").strip()[-1500:]
                raise RetryableFault(
                    f"the process that kernels are forked from did not start: {said}"
                )
        if hello["tier"] is None:
            raise UserError(
                "No sandbox holds on this machine, so students' code would run with your rights:\n"
                f"{self_test.explain(hello['probe'])}\n"
                "Grade on Linux where unprivileged user namespaces or Landlock are allowed (in a "
                "container: docker run --security-opt seccomp=unconfined). To grade without a "
                "sandbox all the same, in a machine that you can throw away: --unsafe"
            )
        server = cls(ours, os.pidfd_open(child.pid), hello)
        server._child = child
        return server

    @classmethod
    def borrow_from(cls, lender: socket.socket) -> None:
        """Let `shared` in this process start no server, but ask a Lender for one."""
        cls._lender = lender

    @classmethod
    def _borrowed(cls, lender: socket.socket, settings: Settings) -> "WarmServer":
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        data, descriptors = b"", list[int]()
        with ours, suppress(OSError):
            with theirs:
                send(lender, asdict(settings), (theirs.fileno(),))
            ours.settimeout(2 * _ANSWER_SECONDS)  # it may start another one first
            data, descriptors, _, _ = socket.recv_fds(ours, _MOST_BYTES, 2)
        said = json.loads(data) if data else {"fault": "nobody lends a fork server"}
        if "refused" in said:
            raise UserError(said["refused"])
        if "fault" in said:
            raise RetryableFault(said["fault"])
        control, process = descriptors
        return cls(socket.socket(fileno=control), process, said)

    @classmethod
    def shared(cls, settings: Settings) -> "WarmServer":
        """The server with these settings that this process uses; started if there is none alive."""
        with cls._lock:
            server = cls._shared.get(settings)
            if server is None or not server.is_alive():
                if server is not None:
                    server.close()
                lender = cls._lender
                server = cls._borrowed(lender, settings) if lender else cls.start(settings)
                cls._shared[settings] = server
            return server

    @classmethod
    def let_go(cls, settings: Settings) -> None:
        """Close the server with these settings, if this process has one."""
        with cls._lock:
            server = cls._shared.pop(settings, None)
        if server is not None:
            server.close()

    def is_alive(self) -> bool:
        """Whether it can be asked."""
        return self.process >= 0 and not select.select([self.process], [], [], 0)[0]

    def fork(self, request: dict[str, Any], descriptors: tuple[int, ...]) -> int:
        """Fork a kernel or a judge; returns a descriptor of the first process of its sandbox.

        Raises RetryableFault if that fails.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with ours:
            data, received = b"", list[int]()
            try:
                with theirs:
                    send(self.control, request, (theirs.fileno(), *descriptors))
                ours.settimeout(_ANSWER_SECONDS)
                data, received, _, _ = socket.recv_fds(ours, _MOST_BYTES, 1)
            except TimeoutError:
                self._kill()  # whoever has it takes another one
                raise RetryableFault("the fork server does not answer") from None
            except OSError:
                pass
        if not data:
            # Its sockets close before the system says that it ended. Until then it would be asked
            # again and again, and all tries of a notebook be used up in a moment.
            self._kill()
            select.select([self.process], [], [], _ANSWER_SECONDS)
            raise RetryableFault("the fork server died")
        if not received:
            raise RetryableFault(f"nothing could be forked ({json.loads(data).get('fault')})")
        os.set_inheritable(received[0], False)
        return received[0]

    def close(self) -> None:
        """Give the server back: it ends, with all its kernels, if this process has started it."""
        self.control.close()
        if self.process >= 0:
            if self._child is not None:
                self._kill()
                self._child.wait()
            os.close(self.process)
            self.process = -1

    def _kill(self) -> None:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.process, signal.SIGKILL)


def _message(connection: socket.socket) -> dict[str, Any]:
    """The next message; empty at the end of the connection."""
    data = connection.recv(_MOST_BYTES)
    message: dict[str, Any] = json.loads(data) if data else {}
    return message


def _as_data(settings: Settings) -> dict[str, Any]:
    return {
        "warm": settings.warm,
        "readable": [*python_paths(), *settings.readable],
        "tier": settings.tier,
        "unsafe": settings.unsafe,
    }


def _start(control: socket.socket, log: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start the process with nothing of this one's environment but what it needs.

    Its forks inherit its memory, and a learner can read the environment that it was started
    with.
    """
    kept = (
        "HOME",
        "LANG",
        "LC_ALL",
        "LD_LIBRARY_PATH",
        "MPLCONFIGDIR",
        "PYTHONPATH",
        "TZ",
        "XDG_CACHE_HOME",
        # Numbers for processors on which a library's own choice is wrong.
        "OPENBLAS_CORETYPE",
        "OPENBLAS_L2_SIZE",
    )
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    environment |= {
        "TMPDIR": tempfile.gettempdir(),  # that of the run, which removes it at its end
        "PATH": f"{sys.prefix}/bin:/usr/local/bin:/usr/bin:/bin",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        # A thread of these libraries that is there before the fork would be missing after it.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    descriptor = control.fileno()
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "grader.engine.kernels.forkserver", str(descriptor)],
        pass_fds=(descriptor,),
        env=environment,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=log,
        start_new_session=True,
    )
