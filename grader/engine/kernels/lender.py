"""The fork servers of a run, for all its workers: the grader starts them, and lends connections.

So each is imported, tested and kept in memory once, and no worker's death ends it. If one dies
itself, the worker that sees this first asks for another one, and the others get the same.
"""

import json
import socket
import subprocess
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from queue import SimpleQueue

from grader.basics.errors import RetryableFault, UserError
from grader.engine.kernels.handover import send
from grader.engine.kernels.warm_server import Settings, WarmServer


class Lender:
    """Keeps fork servers, one for each Settings that is asked for, each in a thread of its own."""

    def __init__(self, first: Callable[[], Iterable[Settings]] = tuple) -> None:
        """`first`, called in a thread, tells with what to start some before anybody asks."""
        # For WarmServer.borrow_from, in any number of processes.
        self.connection, self._ours = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._keepers: dict[Settings, _Keeper] = {}
        self._has_begun = False
        self._thread = threading.Thread(target=self._serve, args=(first,), daemon=True)
        self._thread.start()

    def _serve(self, first: Callable[[], Iterable[Settings]]) -> None:
        with suppress(Exception):  # told to the worker that asks
            for settings in first():
                self._keeper(settings).start()
        self._has_begun = True
        while True:
            data, descriptors, _, _ = socket.recv_fds(self._ours, 1 << 16, 1)
            if not data:
                return
            asked = json.loads(data)
            settings = Settings(
                tuple(asked["warm"]), tuple(asked["readable"]), asked["tier"], asked["unsafe"]
            )
            self._keeper(settings).lend(socket.socket(fileno=descriptors[0]))

    def _keeper(self, settings: Settings) -> "_Keeper":
        if settings not in self._keepers:
            self._keepers[settings] = _Keeper(settings)
        return self._keepers[settings]

    @property
    def is_ready(self) -> bool:
        """Whether nobody has to wait until a server has imported its libraries."""
        return self._has_begun and all(keeper.is_ready for keeper in [*self._keepers.values()])

    def close(self) -> None:
        """End the fork servers, also those that are importing still."""
        self._ours.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        for keeper in self._keepers.values():
            keeper.stop()
        for keeper in self._keepers.values():
            keeper.end()
        self.connection.close()
        self._ours.close()


class _Keeper:
    """Keeps one fork server, and answers who asks for it."""

    def __init__(self, settings: Settings) -> None:
        self._waiting: SimpleQueue[Callable[[], object] | None] = SimpleQueue()
        self._settings = settings
        self.is_ready = False
        self._server: WarmServer | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._is_closed = False
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while (step := self._waiting.get()) is not None:
            with suppress(Exception):  # told to the worker that asks, unless that is gone
                step()
            self.is_ready = True  # or it cannot be started, and waiting does not help

    def start(self) -> None:
        """Have a server before anybody asks for it."""
        self._waiting.put(self._living)

    def lend(self, asker: socket.socket) -> None:
        """Tell `asker` of the server, or why there is none, and close the socket."""
        self._waiting.put(partial(self._lend, asker))

    def _lend(self, asker: socket.socket) -> None:
        with asker:
            self._answer(asker)

    def _answer(self, asker: socket.socket) -> None:
        try:
            server = self._living()
        except UserError as error:
            send(asker, {"refused": str(error)})
        except RetryableFault as error:
            send(asker, {"fault": str(error)})
        except Exception as error:  # no memory or no descriptors, say: this thread must go on
            send(asker, {"fault": f"no fork server can be started ({error})"})
        else:
            send(asker, server.hello, (server.control.fileno(), server.process))

    def _living(self) -> WarmServer:
        if self._is_closed:
            raise RetryableFault("the run is over")
        if self._server is None or not self._server.is_alive():
            if self._server is not None:
                self._server.close()
            self._server = WarmServer.start(self._settings, self._begun)
        return self._server

    def _begun(self, child: subprocess.Popen[bytes]) -> None:
        self._child = child
        if self._is_closed:
            child.kill()

    def stop(self) -> None:
        """Let it begin no more, and end the server, also one that is importing still."""
        self._is_closed = True
        self._waiting.put(None)
        if self._child is not None:
            self._child.kill()

    def end(self) -> None:
        """Wait until it has stopped."""
        self._thread.join()
        if self._server is not None:
            self._server.close()
