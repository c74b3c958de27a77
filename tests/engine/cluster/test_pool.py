"""Which worker a notebook goes to next when one has died with it."""

from pathlib import Path

import pytest

from grader.engine.cluster.pool import Cluster, ClusterPool, _Item

HERE = {"tls://10.0.0.1:4001", "tls://10.0.0.1:4002"}
ELSEWHERE = "tls://10.0.0.11:4001"


@pytest.fixture
def pool(tls: Path) -> ClusterPool[str]:
    pool = ClusterPool[str](Cluster(address="tls://10.0.0.9:8786", tls=str(tls)), {})
    pool._workers = {*HERE, ELSEWHERE}
    return pool


def test_a_notebook_whose_worker_died_goes_to_another_machine(pool: ClusterPool[str]) -> None:
    item = _Item("one", b"")
    assert pool._death(item, min(HERE), 1) is None
    assert pool._again([item]) is item
    assert item.avoided == HERE


def test_it_waits_for_another_machine_while_others_go_on(
    pool: ClusterPool[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pool._workers = set(HERE)
    item, other = _Item("one", b""), _Item("two", b"")
    pool._death(item, min(HERE), 1)
    assert pool._again([other, item]) is other
    assert pool._again([item]) is None
    pool._workers.add(ELSEWHERE)
    assert pool._again([item]) is item
    pool._workers = set(HERE)
    monkeypatch.setattr("grader.engine.cluster.pool._OTHERS_SECONDS", 0.0)
    pool._death(item, min(HERE), 1)
    assert pool._again([item]) is item


def test_three_deaths_are_the_machines_fault(pool: ClusterPool[str]) -> None:
    item = _Item("one", b"")
    assert [pool._death(item, min(HERE), 1) for _ in range(2)] == [None, None]
    reported = pool._death(item, ELSEWHERE, 1)
    assert reported is not None
    assert reported.fault == "the process that graded it died, 3 times"
