"""Do a class's notebooks on a cluster; a worker, a scheduler or a network that fails costs none."""

import base64
import json
import logging
import os
import queue
import tempfile
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar

from traitlets import Bool, Float, Unicode
from traitlets.config import Config, Configurable

from grader.basics.errors import ResourceError, UserError
from grader.basics.terminal import say
from grader.engine.cluster import identity, job, trees
from grader.engine.cluster.security import checked_address, need_distributed, quiet, security
from grader.engine.execution import bundle
from grader.engine.execution.bundle import Result
from grader.engine.kernels.provisioner import SandboxProvisioner

Key = TypeVar("Key")
LOG = logging.getLogger("grader.engine.cluster.pool")
_ATTEMPTS = 3  # at a notebook that a worker could not run
_DEATHS = 3  # of workers with one notebook
_OTHERS_SECONDS = 30.0  # to wait for workers elsewhere than where one has died
_TRANSFERS = 3  # of the same files, for one notebook to one cache
_LOOK_SECONDS = 1.0  # between two looks at who is there; more where there are many
_LOOKED_AT = 50  # workers a second
_HASTY_SECONDS = 5.0  # in which others than those that are refused may come
_CONNECT_SECONDS = 10.0
_RESULT_SECONDS = 60.0  # for a result that is there to arrive


class Cluster(Configurable):  # type: ignore[misc]
    """Which cluster grades, if one does: settings for nbgrader_config.py."""

    address = Unicode("", help="Where the scheduler is, such as tls://10.0.0.1:8786.").tag(
        config=True
    )
    tls = Unicode("", help="A directory with ca.pem, cert.pem and key.pem.").tag(config=True)
    insecure = Bool(False, help="Whether to do without TLS.").tag(config=True)
    patience = Float(
        300.0, help="Seconds to wait for a scheduler that was lost, or for workers to come."
    ).tag(config=True)


@dataclass
class _Item(Generic[Key]):
    """A notebook, and what became of it so far."""

    key: Key
    job: bytes
    faults: int = 0
    deaths: int = 0
    avoided: set[str] = field(default_factory=set)  # workers that failed at it
    until: float = 0.0  # when it may go even to these, if there are no others
    only: set[str] = field(default_factory=set)  # those that it was given to, if not to all
    asked: list[str] = field(default_factory=list)  # caches that lacked files for it


@dataclass
class _Files:
    """Archives of files that workers need, made once, in the run's temporary directory."""

    archives: dict[str, Path] = field(default_factory=dict)
    _known: dict[Any, str] = field(default_factory=dict)

    def add(self, name: Any, read: Callable[[], Mapping[str, Path | bytes]]) -> str:
        """The hash of some files, known by `name` while this lives."""
        if name not in self._known:
            files = read()
            handle, path = tempfile.mkstemp(prefix="course-files-")
            with os.fdopen(handle, "wb") as archive:
                digest = trees.pack(files, archive)
            self.archives[digest] = Path(path)
            self._known[name] = digest
        return self._known[name]

    def remove(self) -> None:
        """Remove the archives."""
        for path in self.archives.values():
            path.unlink(missing_ok=True)


class ClusterPool(Generic[Key]):
    """Gives bundles to the workers of a cluster; used as a Pool is.

    Only workers that are like this grader get work, for they alone offer what it asks for. Results
    are handed to the caller once each, however often a notebook was begun.
    """

    is_ready = True  # the libraries are the workers' affair

    def __init__(self, cluster: Cluster, config: Mapping[str, Any]) -> None:
        """`config`: that of all bundles (see bundle.pack)."""
        need_distributed()
        quiet()
        self._address = checked_address(cluster.address, cluster.insecure)
        directory = Path(cluster.tls).expanduser() if cluster.tls else None
        self._security = security(directory, cluster.insecure)
        self._patience = cluster.patience
        self._client: Any = None
        self._ended: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._provisioner = SandboxProvisioner(config=Config(config))
        wanted = self._provisioner
        self._kind = (wanted.tier, wanted.unsafe, tuple(wanted.warm))
        self._asked_for = identity.asked_for(*self._kind)
        self._workers: set[str] = set()
        self._refused: list[str] = []
        self._had_workers = self._said_lonely = False
        self._told: set[tuple[str, str]] = set()
        self._looked = self._lonely_since = 0.0
        self._files = _Files()
        self._sent: set[tuple[str, str]] = set()

    def start(self) -> None:
        """Reach the scheduler. Raises UserError if it does not answer."""
        if self._client is None:
            try:
                self._client = self._connected()
            except OSError as error:
                raise UserError(
                    f"No scheduler answers at {self._address} ({_one_line(error)}). Is it started "
                    "(course scheduler), and are all certificates of one authority?"
                ) from None

    def run(self, work: Iterable[tuple[Key, bytes]]) -> Iterator[tuple[Key, Result]]:
        """Execute bundles (see bundle.pack); gives results as they come, by key.

        Raises UserError if no worker may grade, and ResourceError if the cluster is lost.
        """
        self.start()
        waiting = iter(work)
        again: list[_Item[Key]] = []
        running: dict[Any, _Item[Key]] = {}
        self._lonely_since = time.monotonic()
        while True:
            if not running and not again:
                item = self._next(waiting)
                if item is None:
                    return
                again.append(item)
            if self._client is None or self._client.status != "running":
                again += running.values()
                running.clear()
                self._reconnect()
            self._look()
            for future, item in running.items():
                if item.only and not item.only & self._workers:
                    future.cancel()  # those that it was given to are gone
            while len(running) < self._room():
                item = self._again(again) or self._next(waiting)
                if item is None:
                    break
                try:
                    running[self._submit(item)] = item
                except Exception:
                    if self._client.status == "running":
                        raise
                    again.append(item)  # the connection ended just now
                    break
            for future in self._over():
                ended = running.pop(future, None)
                if ended is None:  # of a connection that was lost
                    continue
                result = self._result(future, ended)
                if result is None:
                    again.append(ended)
                else:
                    yield ended.key, result

    def close(self) -> None:
        """Leave the cluster."""
        if self._client is not None:
            with suppress(Exception):  # it is gone already, and everything is recorded
                self._client.close(timeout=2)
            self._client = None
        self._files.remove()

    def kill(self) -> None:
        """Leave the cluster at once; what workers have begun they finish in vain."""
        self.close()

    # The connection

    def _connected(self) -> Any:
        from distributed import Client

        return Client(
            self._address,
            timeout=_CONNECT_SECONDS,
            security=self._security,
            set_as_default=False,
            direct_to_workers=False,
            name="course-grade",
        )

    def _reconnect(self) -> None:
        """Come back to a scheduler that was lost, or to one that took its place."""
        say(f"The scheduler at {self._address} is lost; waiting for it.", error=True)
        LOG.warning("the scheduler at %s is lost", self._address)
        if self._client is not None:
            with suppress(Exception):  # whatever is left of it
                self._client.close(timeout=1)
        deadline = time.monotonic() + self._patience
        while True:
            try:
                self._client = self._connected()
                break
            except OSError as error:
                if time.monotonic() > deadline:
                    self._client = None
                    raise self._lost(f"its scheduler does not answer: {_one_line(error)}") from None
                time.sleep(1)
        LOG.warning("the scheduler at %s is back", self._address)
        self._workers, self._looked = set(), 0.0
        self._lonely_since = time.monotonic()

    def _lost(self, why: str) -> ResourceError:
        return ResourceError(
            f"The cluster at {self._address} is lost ({why}). Run this again when it is back; what "
            "is graded is recorded."
        )

    # The workers

    def _look(self) -> None:
        """See who is there now and then, and more often while there is nobody to work."""
        now = time.monotonic()
        count = len(self._workers)
        if now - self._looked < (max(_LOOK_SECONDS, count / _LOOKED_AT) if count else 0.2):
            return
        self._looked = now
        self._workers, self._refused = set(), []
        for address, about in self._client.scheduler_info().get("workers", {}).items():
            if why := identity.objection(about.get("course"), *self._kind):
                self._refuse(address, str(about.get("host")), why)
            else:
                self._workers.add(address)
        lonely = now - self._lonely_since
        if self._workers:
            self._lonely_since, self._had_workers = now, True
            self._said_lonely = False
        elif self._refused and not self._had_workers and lonely > _HASTY_SECONDS:
            told = "\n".join(dict.fromkeys(self._refused))
            raise UserError(f"No worker of the cluster at {self._address} may grade.\n{told}")
        elif lonely > _HASTY_SECONDS and not self._said_lonely:
            self._said_lonely = True
            say(f"Waiting for a worker of the cluster at {self._address}.", error=True)
        elif lonely > self._patience:
            raise self._lost("it has no worker")

    def _refuse(self, address: str, host: str, why: str) -> None:
        sentence = f"The worker at {address} gets no work: {why}."
        self._refused.append(sentence)
        if (host, why) not in self._told:  # once for a machine
            self._told.add((host, why))
            LOG.warning("%s", sentence)
            say(sentence, error=True)

    def _room(self) -> int:
        """How many notebooks may be under way: a few more than workers, so that none waits."""
        count = len(self._workers)
        return count + 1 + count // 8 if count else 0

    # The work

    def _next(self, waiting: Iterator[tuple[Key, bytes]]) -> _Item[Key] | None:
        item = next(waiting, None)
        return None if item is None else _Item(item[0], self._as_job(item[1]))

    def _again(self, again: list[_Item[Key]]) -> _Item[Key] | None:
        """Take one that can go to a worker now."""
        for item in reversed(again):
            if self._workers - item.avoided or time.monotonic() >= item.until:
                again.remove(item)
                return item
        return None

    def _as_job(self, packed: bytes) -> bytes:
        """A bundle in which hashes stand for the files that all notebooks share."""
        work = json.loads(packed)
        files, seen = work["files"], self._provisioner.environment
        own = {
            name: value
            for name, value in os.environ.items()
            if any(fnmatchcase(name, each) for each in seen)
        }
        handed = self._files.add(
            tuple(sorted(files.items())),
            lambda: {name: base64.b64decode(data) for name, data in files.items()},
        )
        return json.dumps(
            {
                "notebook": work["notebook"],
                "config": work["config"],
                "environment": {**own, **work["environment"]},
                "seen": seen,
                "files": handed,
                "readable": [
                    (str(path), self._files.add(path, partial(trees.files_of, path)), name)
                    for path in map(Path, self._provisioner.readable)
                    if path.exists()
                    for name in [path.name if path.is_file() else ""]
                ],
            }
        ).encode()

    def _submit(self, item: _Item[Key]) -> Any:
        item.only = self._workers - item.avoided if item.avoided else set()
        future = self._client.submit(
            job.execute,
            item.job,
            key=f"notebook-{uuid.uuid4().hex}",
            resources=self._asked_for,
            workers=sorted(item.only) or None,
        )
        future.add_done_callback(self._ended.put)
        return future

    def _over(self) -> list[Any]:
        """The futures that are over, when there are some; none after a while."""
        found = []
        with suppress(queue.Empty):
            found.append(self._ended.get(timeout=_LOOK_SECONDS if self._workers else 0.2))
            while True:
                found.append(self._ended.get_nowait())
        return found

    def _result(self, future: Any, item: _Item[Key]) -> Result | None:
        """What became of a notebook; None if it is to be tried again."""
        from distributed import CancelledError, KilledWorker

        try:
            told: bytes = future.result(timeout=_RESULT_SECONDS)
        except CancelledError:  # with the connection
            return None
        except KilledWorker as killed:
            return self._death(item, killed.last_worker.address, killed.allowed_failures + 1)
        except Exception as error:
            return self._fault(item, f"its result did not arrive ({_one_line(error)})")
        head, _, result = told.partition(b"\n")
        about = json.loads(head)
        if about["missing"]:
            return self._send(about, item)
        unpacked = Result(fault=about["fault"]) if about["fault"] else bundle.unpack(result)
        if unpacked.fault:
            return self._fault(item, unpacked.fault, about["worker"])
        return unpacked

    def _fault(self, item: _Item[Key], why: str, worker: str = "") -> Result | None:
        """Try it again, for another machine may be sound, but not for ever."""
        LOG.warning("%s could not run a notebook: %s", worker or "a worker", why)
        item.faults += 1
        item.avoided |= {worker} - {""}
        return Result(fault=why) if item.faults >= _ATTEMPTS else None

    def _death(self, item: _Item[Key], worker: str, times: int) -> Result | None:
        """Try it again on another machine.

        Where one is lost, so are all of its workers, but the scheduler finds out one by one: the
        notebook would seem to kill each that it is given to next.
        """
        LOG.warning("%s died with a notebook", worker)
        item.deaths += times
        host = _host(worker)
        item.avoided |= {each for each in self._workers if _host(each) == host}
        item.until = time.monotonic() + _OTHERS_SECONDS
        if item.deaths < _DEATHS:
            return None
        return Result(fault=f"the process that graded it died, {item.deaths} times")

    def _send(self, about: Mapping[str, Any], item: _Item[Key]) -> Result | None:
        """Send files that a worker lacks, once to each cache; one that loses them, again."""
        worker, cache = about["worker"], about["cache"]
        lost = cache in item.asked
        item.asked.append(cache)
        if item.asked.count(cache) > _TRANSFERS:
            return self._fault(item, f"{worker} does not keep the files that it is sent", worker)
        for digest in about["missing"]:
            if lost or (cache, digest) not in self._sent:
                try:
                    self._transfer(worker, digest)
                except Exception as error:  # the worker's or the network's
                    why = f"{worker} did not take its files ({_one_line(error)})"
                    return self._fault(item, why, worker)
                self._sent.add((cache, digest))
        return None

    def _transfer(self, worker: str, digest: str) -> None:
        path, transfer = self._files.archives[digest], str(uuid.uuid4())
        size, start = path.stat().st_size, 0
        LOG.info("%s gets %d bytes of files", worker, size)
        with path.open("rb") as archive:
            while piece := archive.read(trees.PIECE):
                last = start + len(piece) >= size
                self._client.run(
                    job.receive, digest, transfer, start, piece, last, workers=[worker]
                )
                start += len(piece)


def _host(address: str) -> str:
    return address.rpartition(":")[0]


def _one_line(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:300]
