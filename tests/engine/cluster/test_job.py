"""What a worker does to a job before it runs: paths, variables and the fork server are its own."""

import pytest
from traitlets.config import Config

from grader.engine.cluster import job
from grader.engine.kernels.provisioner import SandboxProvisioner


def test_paths_of_the_grader_become_those_of_the_worker() -> None:
    moved = {"/course/data": "/kept/1", "/fonts/a.ttf": "/kept/2/a.ttf"}
    assert job._moved("/course/data", moved) == "/kept/1"
    assert job._moved("/course/data/train", moved) == "/kept/1/train"
    assert job._moved("/fonts/a.ttf", moved) == "/kept/2/a.ttf"
    for other in ("/course/database", "/course", "course/data", "autograde", ""):
        assert job._moved(other, moved) == other


def test_notebooks_see_nothing_of_the_worker_s_own_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    environment = {"TZ": "Asia/Seoul", "NBGRADER_OLD": "1", "LANG": "C", "HOME": "/root"}
    monkeypatch.setattr("os.environ", environment)
    job._forget_environment(["LANG", "TZ", "NBGRADER_*"], {"LANG": "C.UTF-8"})
    assert environment == {"LANG": "C", "HOME": "/root"}  # what is given is set by the bundle


def test_a_run_with_other_data_ends_the_fork_server_of_the_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(job, "_last_config", [])
    first, second = ({"SandboxProvisioner": {"warm": [name]}} for name in ("json", "base64"))
    job._let_others_go(first)
    server = SandboxProvisioner(config=Config(first)).warm_server()
    job._let_others_go({**first})
    assert server.is_alive()
    job._let_others_go(second)
    assert not server.is_alive()
