"""Which modules kernels are forked with, and what the fork server says of itself."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook
from traitlets.config import Config

from grader.basics.errors import RetryableFault
from grader.engine.execution.run_notebook import METADATA, SandboxedExecute
from grader.engine.kernels.provisioner import SandboxProvisioner
from grader.engine.kernels.warm_server import Settings, WarmServer
from grader.nbgrader_app.session import NbgraderSession
from tests.courses import COURSE


def warm(imports: list[str], **config: object) -> list[str]:
    made = SandboxProvisioner(config=Config({"SandboxProvisioner": config}), imports=imports)
    return list(made.warm)


def test_by_default_it_is_what_the_notebooks_import() -> None:
    assert warm(["json"]) == ["json"]
    assert warm([]) == []


def test_a_setting_takes_the_place_of_the_imports_or_adds_to_them() -> None:
    assert warm(["json"], warm=["base64"]) == ["base64"]
    assert warm(["json"], warm=[]) == []
    config = Config()
    config.SandboxProvisioner.warm.append("base64")
    assert SandboxProvisioner(config=config, imports=["json"]).warm == ["json", "base64"]


def test_what_a_library_imports_lazily_comes_with_it(tmp_path: Path) -> None:
    """A notebook whose imports are told finds them in the process that it was forked from."""
    source = "import sys\nprint([m in sys.modules for m in ('numpy.testing', 'matplotlib')])"
    notebook = new_notebook(cells=[new_code_cell(source, id="only")])
    notebook.metadata[METADATA] = {"warm": ["numpy"]}
    executed, _ = SandboxedExecute().preprocess(notebook, {"metadata": {"path": str(tmp_path)}})
    (output,) = executed.cells[0].outputs
    assert output.text == "[True, False]\n"
    assert METADATA not in executed.metadata or "warm" not in executed.metadata[METADATA]


def test_a_kernel_does_not_look_at_all_modules_for_the_debugger(tmp_path: Path) -> None:
    """For that would copy the memory that it shares with the process that it was forked from."""
    source = "print(get_ipython().kernel._kernel_modules)"
    notebook = new_notebook(cells=[new_code_cell(source)])
    executed, _ = SandboxedExecute().preprocess(notebook, {"metadata": {"path": str(tmp_path)}})
    (output,) = executed.cells[0].outputs
    assert output.text == "[]\n"


SOME_NEED_TENSORFLOW = {"warm": ["numpy", "tensorflow"], "common": ["numpy"]}


@pytest.mark.parametrize(
    ("code", "modules", "needs_all"),
    [
        ("import numpy as np", ["numpy"], False),
        ("# a tensor flows", [], False),
        ("import numpy as np", ["numpy", "tensorflow.keras"], True),
        ("def f():\n    import tensorflow as tf", [], True),
        ("__import__('tensorflow')", [], True),
        ("from keras import layers", [], True),  # comes with TensorFlow
        ("1", None, True),  # nobody knows
    ],
)
def test_what_needs_no_more_than_the_common_modules(
    code: str, modules: list[str] | None, needs_all: bool
) -> None:
    provisioner = SandboxProvisioner(config=Config({"SandboxProvisioner": SOME_NEED_TENSORFLOW}))
    provisioner.find_needs(code, modules)
    assert provisioner.needs_all == needs_all
    warm = provisioner.server_settings().warm
    assert warm == (("numpy", "tensorflow") if needs_all else ("numpy",))


def test_where_all_is_common_there_is_one_server() -> None:
    provisioner = SandboxProvisioner(config=Config({"SandboxProvisioner": {"warm": ["numpy"]}}))
    provisioner.find_needs("1", [])
    assert provisioner.servers() == [provisioner.server_settings()]


@pytest.mark.parametrize(("code", "there"), [("pass", False), ("import scipy.stats", True)])
def test_a_notebook_is_forked_from_a_process_that_has_what_it_names(
    tmp_path: Path, code: str, there: bool
) -> None:
    seen = "import sys; print('numpy' in sys.modules, 'sci' + 'py' in sys.modules)"
    notebook = new_notebook(cells=[new_code_cell(seen), new_code_cell(code)])
    notebook.metadata[METADATA] = {"modules": ["numpy"]}
    settings = {"warm": ["numpy", "scipy.stats"], "common": ["numpy"]}
    step = SandboxedExecute(config=Config({"SandboxProvisioner": settings}))
    executed, _ = step.preprocess(notebook, {"metadata": {"path": str(tmp_path)}})
    assert executed.cells[0].outputs[0].text == f"True {there}\n"
    assert "modules" not in executed.metadata.get(METADATA, {})


def test_the_common_modules_are_those_that_all_notebooks_of_the_course_import() -> None:
    of_all = NbgraderSession(COURSE).settings()["SandboxProvisioner"]
    assert set(of_all["common"]) == {"numpy", "matplotlib.pyplot", "IPython.display"}
    assert "tensorflow" in of_all["warm"]
    of_one = NbgraderSession(COURSE).settings({"4-svhn"})["SandboxProvisioner"]
    assert of_one["common"] == of_one["warm"]


def test_the_fork_server_tells_its_size() -> None:
    small, large = (WarmServer.start(Settings(warm=names)) for names in ((), ("scipy.stats",)))
    try:
        assert 10 << 20 < small.memory < large.memory < 1 << 30
    finally:
        small.close()
        large.close()


# Since Linux 6.1; before, nothing happens.
CAN_GATHER = tuple(int(part) for part in os.uname().release.split(".")[:2]) >= (6, 1)


def large_pages_of(pid: int) -> int:
    """Kilobytes of a process's memory that are in large pages."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("AnonHugePages:"))


def test_memory_is_gathered_in_large_pages_and_stays_as_it_is() -> None:
    code = """
import hashlib, random
from grader.engine.kernels import huge_pages

held = random.Random(1).randbytes(16 << 20)
before = hashlib.sha256(held).digest()
print(huge_pages.gather(), hashlib.sha256(held).digest() == before)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    gathered, is_same = done.stdout.split()
    assert is_same == "True"
    assert int(gathered) >= (12 << 20 if CAN_GATHER else 0)


def test_the_fork_server_has_its_memory_in_large_pages() -> None:
    begun: list[int] = []
    server = WarmServer.start(Settings(warm=("numpy",)), lambda child: begun.append(child.pid))
    try:
        assert large_pages_of(begun[0]) >= (2 << 10 if CAN_GATHER else 0)
    finally:
        server.close()


def test_a_server_that_closes_its_sockets_before_it_ends_is_asked_once() -> None:
    """As one does that is killed on a busy machine: else all tries of a notebook ask it in vain."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    theirs.close()
    dying = subprocess.Popen(["sleep", "600"])
    try:
        server = WarmServer(
            ours, os.pidfd_open(dying.pid), {"tier": "full", "lacks": [], "probe": {}, "memory": 0}
        )
        assert server.is_alive()
        with pytest.raises(RetryableFault, match="the fork server died"):
            server.fork({}, ())
        assert not server.is_alive()
        server.close()
    finally:
        dying.kill()
        dying.wait()
