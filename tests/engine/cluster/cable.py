"""A network cable that a test can cut: it hands on what is sent to a port of this computer."""

import socket
import threading
from contextlib import suppress
from types import TracebackType


class Cable:
    """Leads to a port; all connections through it end when it is cut, and no new one is made."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._lock = threading.Lock()
        self._ends: list[socket.socket] = []
        self._server = socket.create_server(("127.0.0.1", 0))
        self._here = self._server.getsockname()
        threading.Thread(target=self._accept, args=(self._server,), daemon=True).start()

    @property
    def address(self) -> str:
        return f"tls://127.0.0.1:{self._here[1]}"

    def cut(self) -> None:
        """Until it is mended."""
        with self._lock:
            _end(self._server)
            for end in self._ends:
                _end(end)
            self._ends.clear()

    def mend(self) -> None:
        """Connections can be made again, to the same address."""
        self._server = socket.create_server(self._here)
        threading.Thread(target=self._accept, args=(self._server,), daemon=True).start()

    def __enter__(self) -> "Cable":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, where: TracebackType | None
    ) -> None:
        self.cut()

    def _accept(self, server: socket.socket) -> None:
        with suppress(OSError):  # it is cut
            while True:
                near, _ = server.accept()
                far = socket.create_connection(("127.0.0.1", self._port))
                with self._lock:
                    self._ends += near, far
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=_hand_on, args=(one, other), daemon=True).start()


def _hand_on(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while data := one.recv(1 << 16):
            other.sendall(data)
    _end(one)
    _end(other)


def _end(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
