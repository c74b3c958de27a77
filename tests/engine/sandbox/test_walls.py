"""The sandbox holds, as root and as an ordinary user, in both tiers; a broken one is refused."""

import contextlib
import errno
import json
import os
import struct
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any, Literal

import nbformat
import pytest

from grader.basics.errors import UserError
from grader.engine.execution import bundle
from grader.engine.kernels.warm_server import Settings, WarmServer
from grader.engine.sandbox import landlock, seccomp, self_test, walls
from grader.engine.sandbox.self_test import ATTEMPTS
from grader.engine.sandbox.walls import Place, Tier
from tests.courses import COURSE
from tests.lacking import lacks

NOBODY = 65534
AS_NOBODY: dict[str, Any] = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
TIERS: tuple[Tier, ...] = ("full", "reduced")

GRADE = """
import json, nbformat, os, sys
from grader.engine.execution import bundle
from grader.engine.sandbox import self_test
from grader.engine.sandbox.walls import python_paths
tier = sys.argv[1]
sources = json.loads(sys.argv[2])
cells = [nbformat.v4.new_code_cell(source, id=f"c{n}") for n, source in enumerate(sources)]
settings = {"SandboxProvisioner": {"warm": ["numpy"], "tier": tier}}
packed = bundle.pack(nbformat.v4.new_notebook(cells=cells), {}, settings, {})
result = bundle.unpack(bundle.execute(packed))
assert result.notebook is not None, (result.fault, result.refused)
print(json.dumps({
    "uid": os.getuid(),
    "tier": result.tier,
    "probe": self_test.test(tier, tuple(python_paths())),
    "outputs": [cell.outputs[0].get("text", "") for cell in result.notebook.cells],
}))
"""
CELLS = [
    "import os; print(os.getuid(), sorted(os.listdir('/root') if os.access('/root', 4) else []))",
    "import numpy, scipy.special; print(numpy.arange(3).sum())",
    f"print(os.path.exists({str(COURSE.root / 'README.md')!r}), os.getcwd())",
]


def ordinary_python() -> str:
    """A Python that an ordinary user can run, for tests that root starts."""
    if os.geteuid() != 0:
        return sys.executable
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    for program in (sys.executable, f"/usr/bin/{version}", f"/usr/local/bin/{version}"):
        with contextlib.suppress(OSError):
            done = subprocess.run(
                [program, "-c", "import nbformat, grader"],
                cwd="/",
                env=ordinary_environment("/tmp"),
                capture_output=True,
                check=False,
                **AS_NOBODY,
            )
            if done.returncode == 0:
                return program
    pytest.skip("no Python here can be run by an ordinary user: it lies below a closed directory")


def ordinary_environment(home: str) -> dict[str, str]:
    packages = sysconfig.get_path("purelib")
    return {
        "HOME": home,
        "TMPDIR": home,
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{COURSE.root}:{packages}",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


@pytest.mark.parametrize("tier", TIERS)
def test_every_attempt_to_break_out_is_held(tier: Tier) -> None:
    results = self_test.test(tier, tuple(walls.python_paths()))
    assert results == dict.fromkeys(ATTEMPTS, "held")


@pytest.mark.parametrize("tier", TIERS)
def test_an_ordinary_user_gets_the_same_sandbox(
    tier: Tier, tmp_path_factory: pytest.TempPathFactory
) -> None:
    program = ordinary_python()
    home = Path("/tmp", tmp_path_factory.mktemp("home").name + f"-{os.getpid()}-{tier}")
    home.mkdir()
    try:
        if os.geteuid() == 0:
            os.chown(home, NOBODY, NOBODY)
        done = subprocess.run(
            [program, "-c", GRADE, tier, json.dumps(CELLS)],
            cwd=home,
            env=ordinary_environment(str(home)),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            **(AS_NOBODY if os.geteuid() == 0 else {}),
        )
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout.splitlines()[-1])
        left = [path.name for path in home.iterdir() if path.name.startswith("course-")]
    finally:
        subprocess.run(["rm", "-rf", str(home)], check=True)
    assert told["uid"] != 0
    assert told["tier"] == tier
    assert told["probe"] == dict.fromkeys(ATTEMPTS, "held")
    account, total, place = told["outputs"]
    assert account.split()[0] == ("1000" if tier == "full" else str(told["uid"]))
    assert account.split()[1] == "[]"
    assert total == "3\n"
    if tier == "full":
        assert place == f"False {walls.WORK}\n"
    assert left == []


def graded_by(program: str, sources: list[str]) -> Any:
    """What a program like GRADE tells of cells in the full sandbox."""
    done = subprocess.run(
        [sys.executable, "-c", program, "full", json.dumps(sources)],
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_the_account_is_nobodys_where_root_grades() -> None:
    if os.geteuid() != 0:
        lacks("root", "this is about grading as root")
    told = graded_by(GRADE, CELLS)
    least = walls._account_of(0, Path("/proc/self/uid_map").read_text(encoding="ascii"))
    assert int(told["outputs"][0].split()[0]) > least


def test_no_two_processes_that_live_at_once_have_the_same_account() -> None:
    of_the_host = "         0          0 4294967295\n"
    last = (1 << 22) - 1  # the highest number of a process on Linux
    pids = (1, 4001, 8001, 32768, last)
    accounts = [walls._account_of(pid, of_the_host) for pid in pids]
    assert len(set(accounts)) == len(pids)
    assert all(1 << 16 < uid < 1 << 31 for uid in accounts)


def test_an_account_is_one_that_the_container_has() -> None:
    of_a_container = "         0     100000      65536\n"
    assert [walls._account_of(pid, of_a_container) for pid in (1, 3999, 4001)] == [
        61185,
        65183,
        61185,
    ]


def test_whoever_starts_the_grader_may_ignore_how_its_children_end() -> None:
    ignoring = "import signal; signal.signal(signal.SIGCHLD, signal.SIG_IGN)"
    assert graded_by(ignoring + GRADE, CELLS[1:2])["outputs"] == ["3\n"]


def test_a_broken_sandbox_is_not_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    def get_out(secret: str, port: int, grader: int) -> str:
        return "got out"

    monkeypatch.setitem(self_test.ATTEMPTS, "read a file outside", get_out)
    readable = tuple(walls.python_paths())
    tier, lacks, results = self_test.choose_tier(None, readable, unsafe=False)
    assert tier is None
    assert set(results) == {"full", "reduced"}
    assert "read a file outside (got out)" in self_test.explain(results)
    tier, lacks, _ = self_test.choose_tier(None, readable, unsafe=True)
    assert tier == "unsafe"
    assert "nothing is contained" in lacks[0]


def test_a_fault_of_the_machine_that_passes_does_not_cost_the_tier(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    enter, began = walls.enter, tmp_path / "began"

    def fails_once(*arguments: Any) -> Place:
        if not began.exists():
            began.touch()
            raise BlockingIOError("no process could be started")
        return enter(*arguments)

    readable = tuple(walls.python_paths())
    usual, _, _ = self_test.choose_tier(None, readable, unsafe=False)
    monkeypatch.setattr(walls, "enter", fails_once)
    assert self_test.choose_tier(None, readable, unsafe=False)[0] == usual
    assert began.exists()


def test_without_namespaces_the_reduced_tier_is_chosen_and_says_what_it_lacks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    enter = walls.enter

    def refuse(tier: Tier, *others: Any) -> Place:
        if tier == "full":
            raise PermissionError(1, "Operation not permitted")
        return enter(tier, *others)

    monkeypatch.setattr(walls, "enter", refuse)
    tier, lacks, results = self_test.choose_tier(None, tuple(walls.python_paths()), unsafe=False)
    assert tier == "reduced"
    assert any("names and sizes of files outside" in each for each in lacks)
    assert results["full"] == {"start": "PermissionError: [Errno 1] Operation not permitted"}


def test_other_systems_have_no_sandbox_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    tier, _, results = self_test.choose_tier(None, (), unsafe=False)
    assert tier is None
    assert "there is no sandbox for darwin" in self_test.explain(results)


def test_the_engine_refuses_where_no_sandbox_holds() -> None:
    """As here, where all may be read: the self-test finds its secret."""
    with pytest.raises(UserError) as caught:
        WarmServer.start(Settings(warm=(), readable=("/",), tier="reduced"))
    said = str(caught.value)
    assert "No sandbox holds on this machine" in said
    assert "--unsafe" in said


MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}


def answer(machine: str, number: int, *arguments: int, sockets: bool = True) -> str:
    """What the filter says to a system call: "allowed", or an error's name."""
    code = list(struct.iter_unpack("HBBI", seccomp.program(machine, sockets=sockets)))
    asked = struct.pack("IIQ6Q", number, MACHINES[machine], 0, *(*arguments, *[0] * 6)[:6])
    at = value = 0
    while True:
        what, if_true, if_false, operand = code[at]
        at += 1
        if what == 0x20:
            (value,) = struct.unpack_from("I", asked, operand)
        elif what == 0x54:
            value &= operand
        elif what == 0x06:
            return "allowed" if operand == 0x7FFF0000 else errno.errorcode[operand & 0xFFFF]
        else:
            holds = {0x15: value == operand, 0x35: value >= operand, 0x45: value & operand}
            at += if_true if holds[what] else if_false


@pytest.mark.parametrize("machine", MACHINES)
def test_calls_that_no_notebook_needs_are_refused_on_each_machine(machine: str) -> None:
    calls = seccomp.refused_calls(machine)
    assert {answer(machine, number) for number in calls.values()} == {"EPERM"}
    assert len(set(calls.values())) == len(calls)
    assert len(seccomp.program(machine, sockets=True)) // 8 < 4096  # the kernel's limit
    x86_64, aarch64 = (
        {"io_setup": 206, "modify_ldt": 154, "move_pages": 279},
        {
            "io_setup": 0,
            "move_pages": 239,
        },
    )
    known = {"x86_64": x86_64, "aarch64": aarch64}[machine]
    assert known.items() <= calls.items()


@pytest.mark.parametrize("machine", MACHINES)
def test_calls_newer_than_the_filter_seem_not_to_exist(machine: str) -> None:
    open_tree_attr = 467
    for number in (350, 423, 451, open_tree_attr, 600, 1 << 24):
        assert answer(machine, number) == "ENOSYS"
    for number in (*range(436, 438), 439, 441, 449):  # close_range to futex_waitv
        assert answer(machine, number) == "allowed"


@pytest.mark.parametrize(("machine", "number"), [("x86_64", 302), ("aarch64", 261)])
def test_without_a_pid_namespace_nobody_elses_limits_can_be_set(machine: str, number: int) -> None:
    asked = [(pid, sockets) for sockets in (False, True) for pid in (0, 4321)]
    said = [answer(machine, number, pid, sockets=sockets) for pid, sockets in asked]
    assert said == ["allowed", "EPERM", "allowed", "allowed"]


@pytest.mark.parametrize(("machine", "number", "pair"), [("x86_64", 41, 53), ("aarch64", 198, 199)])
def test_only_the_usual_sockets_can_be_opened(machine: str, number: int, pair: int) -> None:
    unix, internet, internet6, netlink, vsock = 1, 2, 10, 16, 40
    stream, raw, route, generic = 1, 3, 0, 16
    asked = {
        (family, kind, protocol): (
            answer(machine, number, family, kind, protocol),
            answer(machine, number, family, kind, protocol, sockets=False),
        )
        for family, kind, protocol in [
            (unix, stream, 0),
            (internet, stream, 0),
            (internet6, stream, 6),
            (internet, stream, 132),
            (netlink, raw, route),
            (netlink, raw, generic),
            (vsock, stream, 0),
        ]
    }
    yes, no = "allowed", "EACCES"
    assert list(asked.values()) == [
        (yes, no),
        (yes, no),
        (yes, no),
        (no, no),
        (yes, yes),
        (no, no),
        (no, no),
    ]
    assert [answer(machine, pair, family) for family in (unix, vsock)] == [yes, no]


def test_without_landlock_there_is_no_reduced_tier(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "version", lambda: 0)
    assert "Landlock" in self_test.test("reduced", ())["start"]


@pytest.mark.parametrize("tier", TIERS)
def test_this_computer_has_the_tier(tier: Literal["full", "reduced"]) -> None:
    """Or the tests of it are skipped, which must be said."""
    started = self_test.test(tier, tuple(walls.python_paths())).get("start")
    if started is not None:
        lacks(tier, f"the {tier} sandbox cannot be had here: {started}")


LEAVE = """
import os, stat
mark = b"left for the next one"
for name in os.listdir("/proc/self/fd"):
    try:
        if stat.S_ISREG(os.fstat(int(name)).st_mode):
            os.pwrite(int(name), mark, 0)
            print("wrote", name, os.readlink(f"/proc/self/fd/{name}"))
    except OSError:
        pass
"""
FIND = """
import os, stat
for name in os.listdir("/proc/self/fd"):
    try:
        if stat.S_ISREG(os.fstat(int(name)).st_mode) and b"left" in os.pread(int(name), 100, 0):
            print("found", name)
    except OSError:
        pass
"""


def test_one_notebook_leaves_nothing_open_that_the_next_can_read() -> None:
    printed = []
    for source in (LEAVE, FIND):
        cell = nbformat.v4.new_code_cell(source, id="only")
        settings = {"SandboxProvisioner": {"warm": ["numpy"]}}
        packed = bundle.pack(nbformat.v4.new_notebook(cells=[cell]), {}, settings, {})
        result = bundle.unpack(bundle.execute(packed))
        assert result.notebook is not None
        printed += [out.get("text", str(out)) for out in result.notebook.cells[0].outputs]
    assert printed == []


def test_what_lies_below_a_shown_path_is_known(tmp_path: Path) -> None:
    assert walls.covering("/usr/src/course", ()) == "/usr"
    assert walls.covering(str(tmp_path / "course"), (str(tmp_path),)) == str(tmp_path)
    assert walls.covering(str(tmp_path), (str(tmp_path / "data"),)) is None
