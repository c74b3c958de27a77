"""The grader's side of the fork server: start it, ask it for kernels, start it again if it died."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from typing import IO, Any, ClassVar

from grader.basics import system
from grader.basics.errors import RetryableFault, UserError
from grader.engine.kernels.handover import send
from grader.engine.sandbox import self_test
from grader.engine.sandbox.walls import python_paths

# What a kernel may need of TensorFlow is imported lazily by its first use; so the modules behind
# it are named here, too.
WARM = (
    "numpy",
    "numpy.testing",
    "PIL.ImageDraw",
    "PIL.ImageFilter",
    "PIL.ImageFont",
    "pooch",
    "scipy.io",
    "matplotlib.pyplot",
    "matplotlib_inline.backend_inline",
    "tensorflow",
    "tensorflow.python.data.ops.take_op",
    "keras",
    "tqdm",
)
_START_SECONDS = 120.0  # a cold import of TensorFlow on a slow disk


@dataclass(frozen=True)
class Settings:
    """What a fork server is started with."""

    warm: tuple[str, ...] = WARM
    readable: tuple[str, ...] = ()
    tier: str | None = None
    unsafe: bool = False


class WarmServer:
    """One fork server, and the socket to it."""

    _shared: ClassVar[dict[Settings, "WarmServer"]] = {}
    _lock: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self, settings: Settings) -> None:
        """Start the server; raises UserError if no sandbox holds here, or none can."""
        if why := system.cannot_grade():
            raise UserError(why)
        self._asking = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control = ours
        with tempfile.TemporaryFile() as log:
            with theirs:  # closed here at once, so that a server that dies is seen to be dead
                self._process = _start(theirs, log)
            ours.settimeout(_START_SECONDS)
            try:
                send(ours, _as_data(settings))
                hello = self._receive()
            except OSError:
                hello = {}
            if not hello:
                self.close()
                log.seek(0)
                said = log.read().decode(errors="replace").strip()[-1500:]
                raise RetryableFault(
                    f"the process that kernels are forked from did not start: {said}"
                )
        if hello["tier"] is None:
            self.close()
            raise UserError(
                "No sandbox holds on this machine, so students' code would run with your rights:\n"
                f"{self_test.explain(hello['probe'])}\n"
                "Grade on Linux where unprivileged user namespaces or Landlock are allowed (in a "
                "container: docker run --security-opt seccomp=unconfined). To grade without a "
                "sandbox all the same, in a machine that you can throw away: --unsafe"
            )
        self.tier: str = hello["tier"]
        self.lacks: list[str] = hello["lacks"]
        self.probe: dict[str, dict[str, str]] = hello["probe"]

    @classmethod
    def shared(cls, settings: Settings) -> "WarmServer":
        """The server of this process with these settings; started if there is none alive."""
        with cls._lock:
            server = cls._shared.get(settings)
            if server is None or not server.is_alive():
                if server is not None:
                    server.close()
                server = cls._shared[settings] = cls(settings)
            return server

    def is_alive(self) -> bool:
        """Whether it can be asked."""
        return self._process is not None and self._process.poll() is None

    def fork(self, request: dict[str, Any], descriptors: tuple[int, ...]) -> int:
        """Fork a kernel; returns the pid of its warden. Raises RetryableFault if that fails."""
        with self._asking:
            try:
                send(self._control, request, descriptors)
                answer = self._receive()
            except OSError as error:
                self.close()  # a late answer would be taken for that to another request
                raise RetryableFault(f"the fork server does not answer ({error})") from None
        if not answer:
            raise RetryableFault("the fork server died")
        return int(answer["pid"])

    def close(self) -> None:
        """End the server, and with it all its kernels."""
        self._control.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _receive(self) -> dict[str, Any]:
        data = self._control.recv(1 << 20)
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
