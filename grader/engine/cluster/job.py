"""What runs in a worker of a cluster: take files, run a notebook; bytes in, bytes out."""

import json
import os
import threading
from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from nbformat import from_dict

from grader.engine.cluster import trees
from grader.engine.cluster.trees import Cache
from grader.engine.execution import bundle
from grader.engine.kernels.warm_server import WarmServer

DIRECTORY = "COURSE_WORKER_DIRECTORY"  # in the environment: where received files are kept


_last_config: list[dict[str, Any]] = []
_leaving = threading.Event()


@cache
def _cache() -> Cache:
    return Cache(Path(os.environ[DIRECTORY]))


def execute(job: bytes) -> bytes:
    """Run the notebook of a job (see ClusterPool), unless files for it are not here yet.

    Returns a line of JSON with "worker" (whose answer this is), and "missing" (hashes of files)
    with "cache" (where they would be kept), or "fault" (why it cannot run here); and after the
    line the result as bundle.execute gives it, if there is one.
    """
    from distributed import get_worker  # an extra, which the grader's other ways do without

    head: dict[str, Any] = {"worker": get_worker().address, "missing": [], "fault": ""}
    result = b""
    try:
        work = json.loads(job)
        needed = [work["files"], *(digest for _, digest, _ in work["readable"])]
        places = {digest: _cache().find(digest) for digest in needed}
        there = {digest: place for digest, place in places.items() if place is not None}
        head |= {"cache": _cache().id, "missing": [each for each in places if each not in there]}
        if not head["missing"]:
            result = _run(work, there)
    except Exception as error:  # of this machine; another one may be sound
        head["fault"] = " ".join(f"{type(error).__name__}: {error}".split())[:500]
    if _leaving.is_set():
        threading.Event().wait()
    return json.dumps(head).encode() + b"\n" + result


def _run(work: dict[str, Any], places: dict[str, Path]) -> bytes:
    """Make a bundle that has this machine's paths, and execute it."""
    moved = {path: str(places[digest] / name) for path, digest, name in work["readable"]}
    config = work["config"]
    provisioner = config.setdefault("SandboxProvisioner", {})
    provisioner["readable"] = list(moved.values())
    environment = {name: _moved(value, moved) for name, value in work["environment"].items()}
    _forget_environment(work["seen"], environment)
    _let_others_go(config)
    files = {
        name: path.read_bytes() for name, path in trees.files_of(places[work["files"]]).items()
    }
    return bundle.execute(bundle.pack(from_dict(work["notebook"]), files, config, environment))


def hold_back() -> None:
    """Return no more results, for this worker ends: what ends it may have ended a kernel, too."""
    _leaving.set()


def receive(digest: str, transfer: str, start: int, piece: bytes, last: bool) -> None:
    """Take a piece of an archive of files."""
    _cache().receive(digest, transfer, start, piece, last)


def _let_others_go(config: dict[str, Any]) -> None:
    """End the fork servers of a run with other settings or data, as a worker outlives many runs."""
    if _last_config and _last_config != [config]:
        for settings in bundle.servers(_last_config[0]):
            WarmServer.let_go(settings)
    _last_config[:] = [config]


def _moved(value: str, moved: dict[str, str]) -> str:
    """A variable's value with this machine's path, if it is one of the grader's."""
    for path, here in moved.items():
        if value == path or value.startswith(f"{path}/"):
            return here + value[len(path) :]
    return value


def _forget_environment(seen: Iterable[str], given: dict[str, str]) -> None:
    """Take away what notebooks would see of this machine's environment, but not of the grader's."""
    for name in list(os.environ):
        if name not in given and any(fnmatchcase(name, pattern) for pattern in seen):
            del os.environ[name]
