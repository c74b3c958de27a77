"""A server of PostgreSQL's that tests start, on a socket in a directory of its own."""

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import sqlalchemy as sa

from tests.lacking import lacks

# Debian keeps a version each; elsewhere they are on PATH.
_PLACES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
# What was written survives it when all processes of the server are killed, not when the machine is.
# With synchronous_commit=off, too, `stop` would lose what was committed in the last half second.
# Its own cleaning would write, or read, a table at a time that no test can know.
_OPTIONS = "-c fsync=off -c autovacuum=off -c listen_addresses="


def program(name: str) -> str:
    path = os.pathsep.join([*map(str, _PLACES), os.environ.get("PATH", "")])
    if (found := shutil.which(name, path=path)) is None:
        _lacks(name)
    return found


def _lacks(name: str) -> NoReturn:
    lacks("postgresql", f"there is no program {name}")


@dataclass
class Server:
    """A server that runs, with databases for gradebooks."""

    place: Path
    how: dict[str, Any]
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def address(self, database: str = "postgres") -> str:
        """The address of a database, as SQLAlchemy writes it."""
        return f"postgresql+psycopg://grader@/{database}?host={self.place}"

    def new_database(self, template: str = "template0") -> str:
        """The address of a new database, which is a copy of another one."""
        name = f"grades{next(self._numbers)}"
        engine = sa.create_engine(self.address(), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {name} TEMPLATE {template}"))
        engine.dispose()
        return self.address(name)

    def start(self) -> None:
        """Start it; returns when it can be reached."""
        options = ["--log", str(self.place / "log"), "--wait", "-o", f"{_OPTIONS} -k {self.place}"]
        self._control("start", *options)

    def stop(self) -> None:
        """End it at once, and with it the connections of all who use it."""
        self._control("stop", "--mode=immediate")

    @contextmanager
    def away(self) -> Iterator[None]:
        """Stop it, and start it again at the end."""
        self.stop()
        try:
            yield
        finally:
            self.start()

    def _control(self, *words: str) -> None:
        command = [program("pg_ctl"), *words, "--pgdata", str(self.place / "data")]
        subprocess.run(command, **self.how)


@contextmanager
def server() -> Iterator[Server]:
    """A server without any gradebook, for as long as the context lasts."""
    initdb = program("initdb")
    place = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # short, for the socket's sake
    how: dict[str, Any] = {"check": True, "stdout": subprocess.DEVNULL, "cwd": place}
    if os.geteuid() == 0:  # as root, it refuses
        account = pwd.getpwnam("nobody")
        os.chown(place, account.pw_uid, account.pw_gid)
        how |= {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    made = Server(place, how)
    try:
        options = ["--username=grader", "--auth=trust", "--encoding=UTF8", "--no-locale"]
        subprocess.run([initdb, "--pgdata", str(place / "data"), *options, "--no-sync"], **how)
        made.start()
        try:
            yield made
        finally:
            made.stop()
    finally:
        shutil.rmtree(place, ignore_errors=True)
