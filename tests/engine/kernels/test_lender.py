"""The grader's side of a fork server that several workers use."""

import os
from pathlib import Path

import pytest

from grader.basics.errors import RetryableFault
from grader.engine.kernels.lender import Lender
from grader.engine.kernels.warm_server import Settings, WarmServer
from tests.running import eventually

NUMPY = Settings(warm=("numpy",))


def process_of(server: WarmServer) -> str:
    return Path(f"/proc/self/fdinfo/{server.process}").read_text()


def can_be_imported(file: Path, lines: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a module that a fork server finds."""
    file.write_text(lines)
    others = os.environ.get("PYTHONPATH", "")
    monkeypatch.setenv("PYTHONPATH", f"{file.parent}{os.pathsep}{others}")


def test_all_get_the_same_server_and_the_next_one_when_it_dies() -> None:
    lender = Lender()
    try:
        one, other = (WarmServer._borrowed(lender.connection, NUMPY) for _ in range(2))
        assert process_of(one) == process_of(other)
        assert one.tier == other.tier != ""
        one._kill()
        eventually("its end", lambda: not other.is_alive())
        with pytest.raises(RetryableFault, match="the fork server died"):
            other.fork({}, ())
        again, third = (WarmServer._borrowed(lender.connection, NUMPY) for _ in range(2))
        assert process_of(again) == process_of(third)
        assert again.is_alive()
    finally:
        lender.close()
    assert not again.is_alive()
    for server in (one, other, again, third):
        server.close()


def test_one_that_does_not_start_is_told_and_another_one_is_not_held_up() -> None:
    lender = Lender()
    try:
        with pytest.raises(RetryableFault, match="(?s)did not start: .*Empty module name"):
            WarmServer._borrowed(lender.connection, Settings(warm=("",)))
        WarmServer._borrowed(lender.connection, NUMPY).close()
    finally:
        lender.close()
    with pytest.raises(RetryableFault, match="nobody lends"):
        WarmServer._borrowed(lender.connection, NUMPY)


def test_who_asks_for_one_does_not_wait_for_another_that_is_importing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on = tmp_path / "goes-on"
    lines = f"import os, time\nwhile not os.path.exists({str(goes_on)!r}): time.sleep(0.01)"
    can_be_imported(tmp_path / "waits.py", lines, monkeypatch)
    lender = Lender(lambda: [NUMPY, Settings(warm=("waits",))])
    try:
        WarmServer._borrowed(lender.connection, NUMPY).close()
        assert not lender.is_ready
        goes_on.touch()
        WarmServer._borrowed(lender.connection, Settings(warm=("waits",))).close()
        eventually("both are there", lambda: lender.is_ready)
    finally:
        lender.close()


def test_one_that_cannot_be_started_is_not_waited_for() -> None:
    lender = Lender(lambda: [Settings(warm=("",))])
    try:
        eventually("its end", lambda: lender.is_ready)
    finally:
        lender.close()


def test_one_that_is_importing_ends_with_the_lender(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = tmp_path / "begun"
    lines = f"import os, signal\nopen({str(begun)!r}, 'w').write(str(os.getpid()))\nsignal.pause()"
    can_be_imported(tmp_path / "pauses.py", lines, monkeypatch)
    lender = Lender(lambda: [Settings(warm=("pauses",))])
    process = eventually("its import", lambda: begun.exists() and begun.read_text())
    lender.close()
    assert not Path(f"/proc/{process}").exists()
