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


def test_one_that_is_importing_ends_with_the_lender(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = tmp_path / "begun"
    lines = f"import os, signal\nopen({str(begun)!r}, 'w').write(str(os.getpid()))\nsignal.pause()"
    (tmp_path / "pauses.py").write_text(lines)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    lender = Lender(lambda: Settings(warm=("pauses",)))
    process = eventually("its import", lambda: begun.exists() and begun.read_text())
    lender.close()
    assert not Path(f"/proc/{process}").exists()
