"""The simulation of a large class, where its result can be told by hand."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from tests.courses import COURSE


@pytest.fixture(scope="module")
def simulation() -> ModuleType:
    path = Path(COURSE.root, "benchmarks", "simulation.py")
    spec = importlib.util.spec_from_file_location("simulation", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_one_worker_takes_all_of_their_times(simulation: ModuleType) -> None:
    machine = simulation.Machine(start=5, grader=0, page=0)
    assert simulation.simulate([1, 2, 3], 1, 3, machine).notebooks == pytest.approx(5 + 6)


def test_the_longest_is_begun_first(simulation: ModuleType) -> None:
    machine = simulation.Machine(start=0, grader=0, page=0)
    assert simulation.simulate([1] * 6 + [6], 2, 7, machine).notebooks == pytest.approx(6)


def test_many_workers_wait_for_the_grader(simulation: ModuleType) -> None:
    machine = simulation.Machine(start=0, grader=0.01, page=0)
    found = simulation.simulate([0.1] * 1000, 256, 250, machine)
    assert found.notebooks == pytest.approx(10, rel=0.05)
    assert found.grader == pytest.approx(10)
    assert found.each_worker == pytest.approx(100 / 256)


def test_pages_are_shared_by_the_cores(simulation: ModuleType) -> None:
    machine = simulation.Machine(start=0, grader=0, page=0.5)
    found = simulation.simulate([0.1] * 4, 4, 100, machine)
    assert found.with_pages(cores=2) - found.notebooks == pytest.approx(25)
    assert found.with_pages(cores=50) - found.notebooks == pytest.approx(1)
