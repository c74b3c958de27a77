"""A real JupyterLab in a course directory, as an instructor starts it, and requests to it."""

import contextlib
import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from grader.course.directory import Course


@contextmanager
def serve(course: Course, home: Path, env: Mapping[str, str] | None = None) -> Iterator[str]:
    """Start it, with `home` for all that it writes; gives its address, which needs a token."""
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", "--port=0"]
    options = ["--IdentityProvider.token=a-token", "--allow-root"]
    places = {name: str(home) for name in ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR")}
    # As `make lab` does: nbgrader runs programs of this environment by their bare names.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    log = home / "log"
    with (
        log.open("w") as file,
        subprocess.Popen(
            [*command, *options],
            cwd=course.root,
            env={**os.environ, **places, "PATH": path, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
        ) as process,
    ):
        try:
            yield _address(process, log, home)
        finally:
            process.terminate()


def _address(process: subprocess.Popen[bytes], log: Path, runtime: Path) -> str:
    """Where the server answers, as soon as it does."""
    for _ in range(1200):
        for path in runtime.glob("jpserver-*.json"):
            with contextlib.suppress(ValueError, OSError):  # not written yet, not listening yet
                url = str(json.loads(path.read_text())["url"]).rstrip("/")
                fetch(f"{url}/api")
                return url
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.1)
            break
    pytest.fail(log.read_text())


def fetch(url: str, post: Any = None, method: str | None = None) -> str:
    """The answer to a request; with `post`, that is sent as JSON, by POST or another method."""
    headers = {"Authorization": "token a-token", "Content-Type": "application/json"}
    data = None if post is None else json.dumps(post).encode()
    request = urllib.request.Request(url, data, headers, method=method)
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(request, timeout=120) as response:
        return str(response.read(), "utf-8")
