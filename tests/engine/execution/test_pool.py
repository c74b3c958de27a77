"""The pool: any executor will do, and a worker that dies costs nobody a grade."""

import json
import multiprocessing
import os
import signal
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool, ProcessPoolExecutor
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest

from grader.engine.execution import bundle
from grader.engine.execution.pool import Pool
from tests.running import below, eventually

Work = list[tuple[str, bytes]]
SETTINGS = {"SandboxProvisioner": {"warm": ["numpy"]}}


def packed(source: str) -> bytes:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source, id="only")])
    return bundle.pack(notebook, {}, SETTINGS, {})


class Frail(Executor):
    """Runs work in this thread; dies, with all that it was given, over bundles named so."""

    def __init__(self, deadly: Callable[[bytes], bool]) -> None:
        self._deadly = deadly
        self._dead = False
        self._given: list[tuple[Future[bytes], bytes]] = []

    def submit(self, fn: Any, /, work: bytes = b"", **_: Any) -> Any:  # type: ignore[override]
        if self._dead:
            raise BrokenProcessPool
        future: Future[bytes] = Future()
        self._given.append((future, work))
        if self._deadly(work):
            self._dead = True
            for given, _work in self._given:
                if not given.done():
                    given.set_exception(BrokenProcessPool())
        elif len(self._given) > 1:  # the one before ends when the next one comes
            self._end(self._given[-2])
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._dead = True

    @staticmethod
    def _end(given: tuple[Future[bytes], bytes]) -> None:
        future, work = given
        if not future.done():
            future.set_result(json.dumps({"tier": work.decode()}).encode())


class FrailAtLast(Frail):
    """Ends its work at once."""

    def submit(self, fn: Any, /, work: bytes = b"", **_: Any) -> Any:  # type: ignore[override]
        future = super().submit(fn, work)
        if not self._dead:
            self._end(self._given[-1])
        return future


def names(count: int) -> Iterator[tuple[str, bytes]]:
    for number in range(count):
        yield f"n{number}", f"n{number}".encode()


def test_every_result_comes_once() -> None:
    pool: Pool[str] = Pool(2, lambda _: FrailAtLast(lambda _: False))
    results = list(pool.run(names(7)))
    assert sorted((key, result.tier) for key, result in results) == [
        (f"n{n}", f"n{n}") for n in range(7)
    ]


def test_work_that_kills_its_worker_is_found_out_and_costs_no_other() -> None:
    made = []

    def make(jobs: int) -> Executor:
        made.append(jobs)
        return FrailAtLast(lambda work: work == b"n3")

    pool: Pool[str] = Pool(2, make)
    results = dict(pool.run(names(7)))
    assert len(results) == 7
    assert results["n3"].fault == "the process that graded it died, three times"
    assert [key for key, result in results.items() if result.fault] == ["n3"]
    assert len(made) == 4  # a new executor after each death


def test_a_worker_that_dies_once_costs_nothing() -> None:
    deaths = iter([True])
    pool: Pool[str] = Pool(
        2, lambda _: FrailAtLast(lambda work: work == b"n2" and next(deaths, False))
    )
    results = dict(pool.run(names(5)))
    assert len(results) == 5
    assert not any(result.fault for result in results.values())


class Forgetful(ProcessPoolExecutor):
    """Loses work that comes while its only worker dies."""

    def __init__(self) -> None:
        super().__init__(1, multiprocessing.get_context("spawn"))

    def submit(self, fn: Any, /, *work: Any, **_: Any) -> Any:
        with pytest.raises(BrokenProcessPool):
            super().submit(os._exit, 1).result()
        return Future()


def test_work_that_an_executor_has_lost_is_done_by_the_next() -> None:
    executors: Iterator[Executor] = iter([Forgetful(), FrailAtLast(lambda _: False)])
    pool: Pool[str] = Pool(1, lambda _: next(executors))
    (result,) = dict(pool.run(names(1))).values()
    assert result.tier == "n0" and not result.fault


def test_a_worker_that_dies_at_the_start_costs_nothing() -> None:
    executors = iter([FrailAtLast(lambda _: True), FrailAtLast(lambda _: False)])
    pool: Pool[str] = Pool(2, lambda _: next(executors))
    pool.start()
    assert len(dict(pool.run(names(3)))) == 3


def test_any_function_can_be_called() -> None:
    pool: Pool[str] = Pool(2, ThreadPoolExecutor)
    assert dict(pool.map(abs, [("a", -1), ("b", 2)])) == {"a": 1, "b": 2}
    pool.close()


def test_work_is_taken_when_there_is_room() -> None:
    taken = []

    def work() -> Iterator[tuple[str, bytes]]:
        for key, data in names(20):
            taken.append(key)
            yield key, data

    pool: Pool[str] = Pool(2, lambda _: FrailAtLast(lambda _: False))
    next(pool.run(work()))
    assert len(taken) == 3


def test_any_executor_runs_real_notebooks() -> None:
    """Threads, say: nothing is shared with the worker but the bytes."""
    pool: Pool[str] = Pool(2, ThreadPoolExecutor)
    results = dict(pool.run([(f"n{n}", packed(f"print({n} * 111)")) for n in range(4)]))
    pool.close()
    for number in range(4):
        result = results[f"n{number}"]
        assert result.fault == result.refused == ""
        assert result.notebook is not None
        (output,) = result.notebook.cells[0].outputs
        assert output.text == f"{number * 111}\n"
        assert result.tier in ("full", "reduced")


def test_local_processes_run_real_notebooks_from_one_fork_server_and_end() -> None:
    here = psutil.Process()
    before = below(here, "fork server")  # of other tests
    pool: Pool[str] = Pool(2)
    try:
        results = dict(pool.run([("a", packed("6 * 7")), ("b", packed("1 / 0"))]))
        assert len(below(here, "worker")) == 2
        assert len(below(here, "fork server")) == len(before) + 1
    finally:
        pool.close()
    assert below(here, "fork server") == before
    assert not below(here, "worker")
    assert results["a"].notebook is not None
    assert results["a"].notebook.cells[0].outputs[0].data["text/plain"] == "42"
    assert results["b"].notebook is not None
    assert results["b"].notebook.cells[0].outputs[0].ename == "ZeroDivisionError"


def hand_over_half(begun: str) -> None:
    """In a worker: begin to hand over a result, and never end."""
    frame = sys._getframe()
    while "result_queue" not in frame.f_locals:
        assert frame.f_back is not None
        frame = frame.f_back
    pipe = frame.f_locals["result_queue"]._writer.fileno()
    os.write(pipe, struct.pack("!i", 1000) + b"half")  # its length comes first
    Path(begun).touch()
    signal.pause()


def test_who_ends_all_waits_for_no_result_that_a_worker_hands_over(tmp_path: Path) -> None:
    pool: Pool[str] = Pool(1)
    begun = tmp_path / "begun"
    pool.submit(hand_over_half, str(begun))
    eventually("half of a result", begun.exists)
    ending = threading.Thread(target=pool.kill, daemon=True)
    ending.start()
    ending.join(60)
    assert not ending.is_alive()
    assert not below(psutil.Process(), "worker")


def test_a_fault_of_the_engine_is_a_result() -> None:
    broken = json.dumps(
        {"notebook": {"cells": 5}, "files": {}, "config": SETTINGS, "environment": {}}
    ).encode()
    result = bundle.unpack(bundle.execute(broken))
    assert result.fault.startswith("the engine stopped with")


@pytest.mark.parametrize("text", [b"", b"[]", b"\x80\x04N."])
def test_what_comes_back_is_never_a_pickle(text: bytes) -> None:
    with pytest.raises((ValueError, AttributeError, TypeError)):
        bundle.unpack(text)
