"""The sandbox of one notebook: what a forked process may see, use and reach.

Two tiers. `full`: namespaces of its own with an empty root, read-only mounts and no network.
`reduced`: where namespaces cannot be had, Landlock, a seccomp filter and an account of its own.
Both with limits, without privileges, and with a clean environment.
"""

import os
import shutil
import stat
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from grader.engine.sandbox import landlock, linux, seccomp

Tier = Literal["full", "reduced", "unsafe"]

# Inside the full sandbox.
HOME, WORK, TEMPORARY = "/home/learner", "/home/learner/work", "/tmp"
_UID = 1000  # of the learner, as seen inside
# Outside, where the grader is root: accounts that belong to nobody, by systemd's list of ranges
# (https://systemd.io/UIDS-GIDS/). The first range has one for each process that there can be. A
# container may lack it: then accounts come from the few that services get for a while.
_FIRST_UID, _UIDS = 0x7000_0000, 1 << 22
_FIRST_OF_FEW, _FEW_UIDS = 61184, 4000

_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/lib32")
_ETC = ("ld.so.cache", "fonts", "localtime", "alternatives", "mime.types")
_DEVICES = ("null", "random", "urandom")  # not zero: shared maps of it would pass the watch
_READABLE_PROC = ("/proc/meminfo", "/proc/cpuinfo", "/proc/stat", "/sys/devices/system/cpu")

_NAMESPACES = linux.CLONE_NEWNS | linux.CLONE_NEWNET | linux.CLONE_NEWIPC | linux.CLONE_NEWUTS


@dataclass(frozen=True)
class Limits:
    """What one notebook may use, with all processes that it starts.

    `memory`: bytes, beyond what the warm process has; `processes`: with threads; `disk` (bytes)
    and `files` of all that it writes; `seconds`: wall time from start to end.
    """

    memory: int = 3 << 30
    processes: int = 512
    disk: int = 256 << 20
    files: int = 20_000
    open_files: int = 1024
    seconds: float = 1800.0

    def as_data(self) -> dict[str, Any]:
        """For a message."""
        return asdict(self)


@dataclass(frozen=True)
class Place:
    """Where a sandboxed process finds itself: the account, and directories of its own."""

    uid: int
    work: str
    home: str
    temporary: str

    def environment(self) -> dict[str, str]:
        """The variables that name these directories."""
        return {
            "HOME": self.home,
            "TMPDIR": self.temporary,
            "IPYTHONDIR": f"{self.home}/.ipython",
            "MPLCONFIGDIR": f"{self.home}/.matplotlib",
            "XDG_CACHE_HOME": f"{self.home}/.cache",
        }


def python_paths() -> list[str]:
    """Where Python and the installed packages are, for a learner to read."""
    packages = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    return list(dict.fromkeys([sys.prefix, sys.base_prefix, *packages]))


def covering(path: str, readable: Iterable[str]) -> str | None:
    """A path that every notebook may read and that `path` lies below, if there is one."""
    real = os.path.realpath(path)
    for shown in map(os.path.realpath, [*_SYSTEM, *python_paths(), *readable]):
        if os.path.commonpath([real, shown]) == shown:
            return shown
    return None


def lacks(tier: Tier) -> list[str]:
    """What a tier does not contain, in sentences for the person who grades."""
    if tier == "full":
        return []
    if tier == "reduced":
        return [
            "names and sizes of files outside can be seen, though not their contents",
            "disk space and memory are watched, five times a second, not walled off",
        ]
    return ["nothing is contained: code runs with all rights of the person who grades"]


def make_pid_namespace() -> None:
    """Let what this process forks be in a PID namespace of its own, with the right to have more."""
    if linux.has_capability(linux.CAP_SYS_ADMIN):
        linux.unshare(linux.CLONE_NEWPID)
        return
    uid, gid = os.geteuid(), os.getegid()
    linux.unshare(linux.CLONE_NEWPID | linux.CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{_UID} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{_UID} {gid} 1")


def enter(
    tier: Tier, limits: Limits, files: str | None, readable: Iterable[str], scratch: str
) -> Place:
    """First step, in the first process of a sandbox, which in the tier `full` has a PID namespace
    of its own already: the other namespaces, the file system, and the limits.

    `files` is a directory whose plain files the learner gets copies of; `readable` are paths to
    see unchanged; `scratch` is an empty directory of this process's own (unused by `full`).
    """
    os.umask(0o022)
    uid = _account()
    if tier == "full":
        place = _new_root(limits, files, readable, uid)
    else:
        place = _scratch(scratch, files, uid)
    _limit(limits, tier)
    return place


def give_up_rights(tier: Tier, place: Place, readable: Iterable[str]) -> None:
    """Last step: no privileges from here on, and no way to get them back."""
    if os.geteuid() == 0 and tier != "unsafe":
        # Where Python lies below a directory of root's, modules can be read only so.
        may_read = tier == "reduced" and linux.has_capability(linux.CAP_DAC_READ_SEARCH)
        keep = [linux.CAP_DAC_READ_SEARCH] if may_read else []
        linux.prctl(linux.PR_SET_KEEPCAPS, 1)
        os.setgroups([])
        os.setresgid(place.uid, place.uid, place.uid)
        os.setresuid(place.uid, place.uid, place.uid)
        linux.set_capabilities(keep)
    elif tier == "full":
        linux.set_capabilities([])
    if tier == "unsafe":
        return
    linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
    if tier == "reduced":
        own = [place.work, place.home, place.temporary, "/dev/null"]
        system = [*_SYSTEM, *(f"/etc/{name}" for name in _ETC), *_READABLE_PROC]
        devices = [f"/dev/{name}" for name in _DEVICES]
        landlock.restrict([*system, *devices, "/proc/self", *readable], own)
    seccomp.install(sockets=tier == "full")


def _account() -> int:
    """The uid of the learner's processes: one that no other process has, where that can be."""
    if os.geteuid() != 0:
        return os.geteuid()
    return _account_of(_host_pid(), Path("/proc/self/uid_map").read_text(encoding="ascii"))


def _account_of(pid: int, uid_map: str) -> int:
    """A uid for this process, of those that there are by a text like that in /proc/self/uid_map."""
    there = [tuple(map(int, line.split())) for line in uid_map.splitlines()]
    if any(first <= _FIRST_UID and first + n >= _FIRST_UID + _UIDS for first, _, n in there):
        return _FIRST_UID + pid % _UIDS
    return _FIRST_OF_FEW + pid % _FEW_UIDS


def _host_pid() -> int:
    # A new PID namespace counts from 1; the first process of it has a parent outside of it, so
    # /proc, which still is the host's, tells this process's number there.
    return int(os.readlink("/proc/self"))


def _new_root(limits: Limits, files: str | None, readable: Iterable[str], uid: int) -> Place:
    """Give this process a file system of its own, made of read-only parts of the host's."""
    shown = _real_paths([*_SYSTEM, *(f"/etc/{name}" for name in _ETC), *readable])
    linux.unshare(_NAMESPACES)
    linux.bring_loopback_up()
    linux.mount("none", "/", None, linux.MS_REC | linux.MS_PRIVATE)
    # The new root lies over /tmp; what /tmp has is still there below the old root.
    linux.mount("root", "/tmp", "tmpfs", linux.MS_NOSUID, "size=4m,mode=755")
    os.mkdir("/tmp/host")
    linux.pivot_root("/tmp", "/tmp/host")
    os.chdir("/")
    _make_devices()
    _make_etc(uid)
    os.mkdir("/proc")
    safe = linux.MS_NOSUID | linux.MS_NODEV
    linux.mount("proc", "/proc", "proc", safe | linux.MS_NOEXEC)
    # All that the learner writes is on one small disk of its own.
    os.mkdir("/disk")
    options = f"size={limits.disk},nr_inodes={limits.files},mode=755"
    linux.mount("disk", "/disk", "tmpfs", safe, options)
    for path in (HOME, TEMPORARY, "/dev/shm"):
        own = f"/disk/{path.replace('/', '-')}"
        os.mkdir(own)
        os.chown(own, *_ids(uid))
        os.makedirs(path, exist_ok=True)
        linux.mount(own, path, None, linux.MS_BIND)
    os.mkdir(WORK)
    os.chown(WORK, *_ids(uid))
    # After /tmp and the home: what is shown may lie below them.
    for path, real in shown.items():
        _show(f"/host{real}", path)
    if files is not None:
        _copy(f"/host{files}", WORK, uid)
    linux.unmount("/host")
    os.rmdir("/host")
    linux.unmount("/disk")  # what was bound from it stays
    os.rmdir("/disk")
    read_only = linux.MOUNT_ATTR_RDONLY | linux.MOUNT_ATTR_NOSUID
    linux.set_mount_attributes("/", read_only, recursive=False)
    os.chdir(WORK)
    return Place(uid, WORK, HOME, TEMPORARY)


def _real_paths(paths: Iterable[str]) -> dict[str, str]:
    """Paths to show, and where they really are: links would lead nowhere in the new root."""
    shown = {}
    for path in paths:
        real = os.path.realpath(path)
        if os.path.exists(real):
            shown[real] = shown[os.path.abspath(path)] = real
    return shown


def _make_devices() -> None:
    os.mkdir("/dev")
    for name in _DEVICES:
        Path("/dev", name).touch()
        linux.mount(f"/host/dev/{name}", f"/dev/{name}", None, linux.MS_BIND)
    os.symlink("/proc/self/fd", "/dev/fd")


def _make_etc(uid: int) -> None:
    os.mkdir("/etc")
    Path("/etc/passwd").write_text(f"learner:x:{uid}:{uid}::{HOME}:/bin/sh\n")
    Path("/etc/group").write_text(f"learner:x:{uid}:\n")
    Path("/etc/hosts").write_text("127.0.0.1 localhost\n")


def _show(host: str, path: str) -> None:
    """Make a file or directory of the host's visible at `path`, read-only."""
    with suppress(FileNotFoundError):
        if os.path.samefile(host, path):  # below another that is shown
            return
    if os.path.isdir(host):
        os.makedirs(path, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        Path(path).touch()
    linux.bind(host, path)


def _scratch(scratch: str, files: str | None, uid: int) -> Place:
    """Directories of its own on the host's disk."""
    place = Place(uid, f"{scratch}/work", f"{scratch}/home", f"{scratch}/tmp")
    os.chown(scratch, *_ids(uid))
    for path in (place.work, place.home, place.temporary):
        os.mkdir(path, 0o700)
        os.chown(path, *_ids(uid))
    if files is not None:
        _copy(files, place.work, uid)
    os.chdir(place.work)
    return place


def _ids(uid: int) -> tuple[int, int]:
    """What to hand to chown: root gives things away, others keep them."""
    return (uid, uid) if os.geteuid() == 0 else (-1, -1)


def _copy(source: str, target: str, uid: int) -> None:
    """Copy plain files, without what no notebook needs: notebooks, hidden files, links."""
    for directory, names, files in os.walk(source):
        names[:] = [name for name in names if not name.startswith(".") and name != "__pycache__"]
        here = os.path.join(target, os.path.relpath(directory, source))
        os.makedirs(here, exist_ok=True)
        os.chown(here, *_ids(uid))
        for name in files:
            path = os.path.join(directory, name)
            if name.startswith(".") or name.endswith(".ipynb"):
                continue
            if not stat.S_ISREG(os.lstat(path).st_mode):
                continue
            copy = os.path.join(here, name)
            shutil.copyfile(path, copy)
            os.chown(copy, *_ids(uid))


def _limit(limits: Limits, tier: Tier) -> None:
    """Set the limits that the kernel keeps for each process or account."""
    import resource  # here, for Windows has none and loads this module

    if tier == "unsafe":
        return
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_NOFILE, limits.open_files)
    _lower(resource.RLIMIT_FSIZE, limits.disk)
    _lower(resource.RLIMIT_MSGQUEUE, 0)
    # Not RLIMIT_AS: TensorFlow reserves addresses by the gigabyte and never uses them.
    _lower(resource.RLIMIT_DATA, _data_size() + limits.memory)
    # Counted for the account: in the full sandbox, and where root grades, the learner is alone
    # in it; elsewhere it has processes already.
    alone = tier == "full" or os.geteuid() == 0
    _lower(resource.RLIMIT_NPROC, limits.processes + (0 if alone else _tasks_of_account()))


def _lower(what: int, value: int) -> None:
    import resource

    _, hard = resource.getrlimit(what)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(what, (value, value))


def _data_size() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmData:"):
            return int(line.split()[1]) * 1024
    return 0


def _tasks_of_account() -> int:
    """How many threads this account has on the machine."""
    count = 0
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if path.stat().st_uid == os.geteuid():
                count += len(os.listdir(path / "task"))
    return count
