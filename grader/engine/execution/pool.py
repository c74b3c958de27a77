"""Do work on any executor, some at a time; a worker that dies costs nobody a grade or a page."""

import multiprocessing
import os
import resource
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    InvalidStateError,
    wait,
)
from concurrent.futures.process import ProcessPoolExecutor
from contextlib import suppress
from functools import partial
from multiprocessing import connection
from typing import Any, Generic, TypeVar

from grader.basics import startup
from grader.engine.execution import bundle
from grader.engine.execution.bundle import Result
from grader.engine.kernels.lender import Lender
from grader.engine.kernels.warm_server import WarmServer

Key = TypeVar("Key")
Work = TypeVar("Work")
Done = TypeVar("Done")
_ATTEMPTS = 3
_WORKER_BYTES = 4 << 30
_WATCH_SECONDS = 2.0  # much longer than an executor takes to see that a worker died


class LocalExecutors:
    """Makes executors of processes of this machine, which all use one fork server.

    With `config` (see bundle.pack) that is started before there is work.
    """

    def __init__(self, config: Mapping[str, Any] | None = None) -> None:
        self._config = config
        self._lender: Lender | None = None

    @property
    def are_ready(self) -> bool:
        """Whether no notebook has to wait until its libraries are imported."""
        return self._lender is not None and self._lender.is_ready

    def __call__(self, jobs: int) -> Executor:
        """An executor of `jobs` processes."""
        if self._lender is None:
            config = self._config
            self._lender = Lender() if config is None else Lender(partial(bundle.servers, config))
        # Spawned, not forked: a fork of a process with threads may hang.
        context = multiprocessing.get_context("spawn")
        own = (os.getpid(), tempfile.gettempdir(), self._lender.connection, self._config)
        begin = partial(startup.begin, __name__, _begin_worker.__name__, *own)
        return ProcessPoolExecutor(jobs, mp_context=context, initializer=begin)

    def close(self) -> None:
        """End the fork server."""
        if self._lender is not None:
            self._lender.close()
            self._lender = None


def begin_worker(parent: int, temporary: str) -> None:
    """First thing in a process that works for `parent`: die with it, and use its directory."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the grader
    tempfile.tempdir = temporary
    limit_memory()
    if sys.platform == "linux":
        from grader.engine.sandbox import linux

        linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before
            os._exit(1)


def limit_memory() -> None:
    """Of this process: a message of a kernel's may have any number of parts. Such a one ends the
    worker, not the machine.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (_lesser(_WORKER_BYTES, hard), hard))


def _lesser(limit: int, hard: int) -> int:
    return limit if hard == resource.RLIM_INFINITY else min(limit, hard)


def _begin_worker(
    parent: int, temporary: str, lender: socket.socket, config: Mapping[str, Any] | None
) -> None:
    begin_worker(parent, temporary)
    WarmServer.borrow_from(lender)
    if config is not None:
        bundle.warm_up(config)


class Pool(Generic[Key]):
    """Gives work to an executor, made anew by `make_executor` whenever its workers die.

    If `make_executor` has a method `close`, that is called at the end.
    """

    def __init__(self, jobs: int, make_executor: Callable[[int], Executor] | None = None) -> None:
        """By default, the executors are those of this machine."""
        self._jobs = jobs
        self._make_executor = make_executor or LocalExecutors()
        self._executor: Executor | None = None

    def start(self, workers: int = 0) -> None:
        """Start the workers, or some of them, while there is something else to do here."""
        if self._executor is None:
            self._executor = self._make_executor(self._jobs)
            with suppress(BrokenExecutor):  # one that dies already: there will be others
                for _ in range(workers or self._jobs):  # each may start one
                    self._executor.submit(os.getpid)

    @property
    def is_ready(self) -> bool:
        """Whether the executors say so (`are_ready`), or do not say."""
        return bool(getattr(self._make_executor, "are_ready", True))

    def run(self, work: Iterable[tuple[Key, bytes]]) -> Iterator[tuple[Key, Result]]:
        """Execute bundles (see bundle.pack); gives results as they come, by key.

        What kills three workers gets a Result with a `fault`.
        """
        for key, result in self.map(bundle.execute, work):
            if result is None:
                yield key, Result(fault="the process that graded it died, three times")
            else:
                yield key, bundle.unpack(result)

    def map(
        self, function: Callable[[Work], Done], work: Iterable[tuple[Key, Work]]
    ) -> Iterator[tuple[Key, Done | None]]:
        """Call a function in the workers; gives what it returns as it comes, by key.

        Work is taken when there is room, so that a class need not be in memory at once. When a
        worker dies, all that was running is tried again, one at a time so that the one which
        kills workers is found out; after three deaths there is None for it.
        """
        waiting = iter(work)
        flow = Flow(self, function)
        while True:
            # One more than there are workers, so that none waits for the parent.
            while flow.can_begin(self._jobs + 1):
                item = next(waiting, None)
                if item is None:
                    break
                flow.begin(*item)
            if not flow.count:
                return
            yield from flow.over(_WATCH_SECONDS)

    def submit(
        self, function: Callable[[Work], Done], work: Work
    ) -> "tuple[Future[Done], Executor]":
        """Give work to a worker; returns what tells of its end, and who has it."""
        if self._executor is None:
            self._executor = self._make_executor(self._jobs)
        try:
            return self._executor.submit(function, work), self._executor
        except BrokenExecutor as error:
            failed: Future[Done] = Future()
            failed.set_exception(error)
            return failed, self._executor

    def drop(self, broken: Executor) -> None:
        """Take another executor for what is submitted next."""
        # The executor itself sends the other workers SIGTERM, which one that runs a notebook
        # takes for nbclient's own, and waits for them without end.
        _kill_workers(broken)
        broken.shutdown(wait=False, cancel_futures=True)
        if self._executor is broken:
            self._executor = None

    def close(self) -> None:
        """Let the workers end; call it when `run` has given all its results."""
        if self._executor is not None:
            self._executor.shutdown(wait=True)
            self._executor = None
        self._end_maker()

    def kill(self) -> None:
        """End the workers at once, and with them what they run."""
        if self._executor is not None:
            _kill_workers(self._executor)
            _end_results(self._executor)
            self._executor.shutdown(wait=True, cancel_futures=True)
            self._executor = None
        self._end_maker()

    def _end_maker(self) -> None:
        if close := getattr(self._make_executor, "close", None):
            close()


class Flow(Generic[Key, Work, Done]):
    """Work that is given to the workers of a pool piece by piece, and what becomes of it.

    When a worker dies, all that was running is tried again, one at a time so that the one which
    kills workers is found out; after three deaths there is None for it.
    """

    def __init__(
        self,
        pool: "Pool[Key]",
        function: Callable[[Work], Done],
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        """`wake` is called, in another thread, whenever something may be over."""
        self._pool, self._function, self._wake = pool, function, wake
        self._running: dict[Future[Done], tuple[tuple[Key, Work], Executor]] = {}
        self._again: list[tuple[Key, Work]] = []
        self._deaths: dict[Key, int] = {}

    @property
    def count(self) -> int:
        """How many pieces are not over."""
        return len(self._running) + len(self._again)

    def can_begin(self, most: int) -> bool:
        """Whether a new piece can begin, if `most` may run at a time."""
        alone = self._again or any(item[0] in self._deaths for item, _ in self._running.values())
        return not alone and len(self._running) < most

    def begin(self, key: Key, work: Work) -> None:
        """Give a piece to a worker."""
        future, executor = self._pool.submit(self._function, work)
        self._running[future] = (key, work), executor
        future.add_done_callback(lambda _: self._wake())

    def over(self, seconds: float) -> Iterator[tuple[Key, Done | None]]:
        """Wait for this long at most; give what is over by then, by key.

        Raises what the function raised.
        """
        if self._again and not self._running:
            self.begin(*self._again.pop())
        done = wait(self._running, seconds, FIRST_COMPLETED).done
        if not done:
            self._find_dead()
        for future in done:
            item, executor = self._running.pop(future)
            key = item[0]
            try:
                result = future.result()
            except BrokenExecutor:
                self._pool.drop(executor)
                self._deaths[key] = self._deaths.get(key, 0) + 1
                if self._deaths[key] < _ATTEMPTS:
                    self._again.append(item)
                    continue
                yield key, None
            else:
                yield key, result
            self._deaths.pop(key, None)
        if self._again and not self._running:
            self.begin(*self._again.pop())

    def _find_dead(self) -> None:
        """Let the futures end whose executor has lost a worker without seeing it."""
        executors = {id(each): each for _, each in self._running.values()}
        ended = {key for key, executor in executors.items() if not _free(executor)}
        for future, (_, executor) in self._running.items():
            if id(executor) in ended:
                _give_up(future)


def _kill_workers(executor: Executor) -> None:
    for process in _workers(executor):
        process.kill()
    # Before Python 3.11.5 (its issue 94777) the thread that hands out work went on waiting for
    # somebody to read it, and the program for that thread.
    if sys.version_info < (3, 11, 5) and (queue := getattr(executor, "_call_queue", None)):
        queue._reader.close()


def _free(executor: Executor) -> bool:
    """Make an executor see that a worker died while it was handing over a result.

    Returns whether it will tell how its work ended, if it has not yet.
    """
    if not connection.wait([process.sentinel for process in _workers(executor)], 0):
        return True
    _kill_workers(executor)
    _end_results(executor)
    thread = executor._executor_manager_thread  # type: ignore[attr-defined]
    return thread is not None and thread.is_alive()


def _end_results(executor: Executor) -> None:
    """Let an executor whose workers are dead not wait for the rest of a result: it would do so
    without end, for it has the pipe's other end open itself.
    """
    if (queue := getattr(executor, "_result_queue", None)) is not None:
        queue._writer.close()


def _give_up(future: Future[Any]) -> None:
    """End a future that its executor has lost: one that was submitted while the executor ended
    all that it had, because a worker had died.
    """
    with suppress(InvalidStateError):  # it was told just now
        future.set_exception(BrokenExecutor())


def _workers(executor: Executor) -> list[Any]:
    """The processes of an executor of this machine; of others none is known."""
    return list((getattr(executor, "_processes", None) or {}).values())
