"""A server of PostgreSQL's that tests start, on a socket in a directory of its own."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.lacking import lacks

# Debian keeps a version each; elsewhere they are on PATH.
_PLACES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
_FAST = "-c fsync=off -c synchronous_commit=off -c listen_addresses="


def _program(name: str) -> str:
    path = os.pathsep.join([*map(str, _PLACES), os.environ.get("PATH", "")])
    if (found := shutil.which(name, path=path)) is None:
        lacks("postgresql", f"there is no program {name}")
    return found


@contextmanager
def server() -> Iterator[str]:
    """The address of an empty database, for as long as the context lasts."""
    initdb, pg_ctl = _program("initdb"), _program("pg_ctl")
    place = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # short, for the socket's sake
    how: dict[str, Any] = {"check": True, "stdout": subprocess.DEVNULL, "cwd": place}
    if os.geteuid() == 0:  # as root, it refuses
        account = pwd.getpwnam("nobody")
        os.chown(place, account.pw_uid, account.pw_gid)
        how |= {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    data = ["--pgdata", str(place / "data")]
    try:
        options = ["--username=grader", "--auth=trust", "--encoding=UTF8", "--no-locale"]
        subprocess.run([initdb, *data, *options, "--no-sync"], **how)
        log = ["--log", str(place / "log"), "--wait"]
        subprocess.run([pg_ctl, "start", *data, *log, "-o", f"{_FAST} -k {place}"], **how)
        try:
            yield f"postgresql+psycopg://grader@/postgres?host={place}"
        finally:
            subprocess.run([pg_ctl, "stop", *data, "--mode=immediate"], **how)
    finally:
        shutil.rmtree(place, ignore_errors=True)
