"""One fork server for all workers of a run: the grader starts it, and lends them its connection.

So it is imported, tested and kept in memory once, and no worker's death ends it. If it dies itself,
the worker that sees this first asks for another one, and the others get the same.
"""

import json
import socket
import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress

from grader.basics.errors import RetryableFault, UserError
from grader.engine.kernels.handover import send
from grader.engine.kernels.warm_server import Settings, WarmServer


class Lender:
    """Keeps fork servers, one for each Settings that is asked for, in a thread of its own."""

    def __init__(self, first: Callable[[], Settings] | None = None) -> None:
        """`first`, called in the thread, tells with what to start one before anybody asks."""
        # For WarmServer.borrow_from, in any number of processes.
        self.connection, self._ours = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._servers: dict[Settings, WarmServer] = {}
        self._child: subprocess.Popen[bytes] | None = None
        self._is_closed = False
        self._thread = threading.Thread(target=self._serve, args=(first,), daemon=True)
        self._thread.start()

    def _serve(self, first: Callable[[], Settings] | None) -> None:
        if first is not None:
            with suppress(Exception):  # told to the worker that asks
                self._server(first())
        while True:
            data, descriptors, _, _ = socket.recv_fds(self._ours, 1 << 16, 1)
            if not data:
                return
            asked = json.loads(data)
            settings = Settings(
                tuple(asked["warm"]), tuple(asked["readable"]), asked["tier"], asked["unsafe"]
            )
            with socket.socket(fileno=descriptors[0]) as answer, suppress(OSError):
                self._lend(settings, answer)

    def _lend(self, settings: Settings, answer: socket.socket) -> None:
        try:
            server = self._server(settings)
        except UserError as error:
            send(answer, {"refused": str(error)})
        except RetryableFault as error:
            send(answer, {"fault": str(error)})
        except Exception as error:  # no memory or no descriptors, say: this thread must go on
            send(answer, {"fault": f"no fork server can be started ({error})"})
        else:
            send(answer, server.hello, (server.control.fileno(), server.process))

    def _server(self, settings: Settings) -> WarmServer:
        server = self._servers.get(settings)
        if server is None or not server.is_alive():
            if server is not None:
                server.close()
            server = self._servers[settings] = WarmServer.start(settings, self._begun)
        return server

    def _begun(self, child: subprocess.Popen[bytes]) -> None:
        self._child = child
        if self._is_closed:
            child.kill()

    def close(self) -> None:
        """End the fork servers, also one that is importing still."""
        self._is_closed = True
        self._ours.shutdown(socket.SHUT_RDWR)
        if self._child is not None:
            self._child.kill()
        self._thread.join()
        for server in self._servers.values():
            server.close()
        self.connection.close()
        self._ours.close()
