"""The Linux system calls that sandboxes and warm kernels need and that Python does not offer."""

import ctypes
import os
import struct
from collections.abc import Sequence
from typing import Any

# sched.h
CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC = 0x00020000, 0x04000000, 0x08000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
# sys/mount.h
MS_NOSUID, MS_NODEV, MS_NOEXEC = 2, 4, 8
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18
MNT_DETACH = 2
MOUNT_ATTR_RDONLY, MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV = 1, 2, 4
# sys/prctl.h
PR_SET_PDEATHSIG, PR_SET_KEEPCAPS, PR_CAPBSET_DROP = 1, 8, 24
PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP = 36, 38, 22
# linux/capability.h
CAP_DAC_READ_SEARCH, CAP_SYS_ADMIN = 2, 21

_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_MOUNT_SETATTR = 442  # the number of this call is the same on every architecture
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1
_CAPABILITY_VERSION_3 = 0x20080522
_MADV_COLLAPSE = 25  # Linux 6.1

_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result: int, what: str) -> int:
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")
    return result


def syscall(number: int, *arguments: Any) -> int:
    """Make the system call `number`; raises OSError if it fails."""
    return _checked(_libc.syscall(ctypes.c_long(number), *arguments), f"system call {number}")


def prctl(option: int, *arguments: int) -> int:
    """Change a property of this process (prctl(2)); raises OSError if that is refused."""
    padded = [ctypes.c_ulong(value) for value in (*arguments, 0, 0, 0, 0)[:4]]
    return _checked(_libc.prctl(ctypes.c_int(option), *padded), f"prctl {option}")


def unshare(flags: int) -> None:
    """Give this process namespaces of its own (unshare(2))."""
    _checked(_libc.unshare(ctypes.c_int(flags)), "unshare")


def join_namespace(descriptor: int, kind: int) -> None:
    """Go into a namespace, or for a PID namespace let what is forked go there (setns(2))."""
    _checked(_libc.setns(ctypes.c_int(descriptor), ctypes.c_int(kind)), "setns")


def mount(
    source: str, target: str, kind: str | None = None, flags: int = 0, options: str | None = None
) -> None:
    """Mount `source` at `target` (mount(2))."""
    words = [None if word is None else os.fsencode(word) for word in (source, target, kind)]
    data = None if options is None else options.encode()
    _checked(_libc.mount(*words, ctypes.c_ulong(flags), data), f"mount {source} at {target}")


def bind(source: str, target: str, *, read_only: bool = True) -> None:
    """Show what is at `source` at `target` too, with all that is mounted below it."""
    mount(source, target, None, MS_BIND | MS_REC)
    attributes = MOUNT_ATTR_NOSUID | (MOUNT_ATTR_RDONLY if read_only else 0)
    set_mount_attributes(target, attributes)


def set_mount_attributes(target: str, attributes: int, *, recursive: bool = True) -> None:
    """Turn on attributes of a mount and of all below it (mount_setattr(2), Linux 5.12)."""
    wanted = struct.pack("QQQQ", attributes, 0, 0, 0)
    flags = _AT_RECURSIVE if recursive else 0
    path = os.fsencode(target)
    syscall(_MOUNT_SETATTR, _AT_FDCWD, path, ctypes.c_uint(flags), wanted, len(wanted))


def unmount(target: str) -> None:
    """Take a mount away as soon as nothing uses it (umount2(2))."""
    _checked(_libc.umount2(os.fsencode(target), MNT_DETACH), f"unmount {target}")


def pivot_root(new_root: str, old_root: str) -> None:
    """Make `new_root` the root and move the old one to `old_root` (pivot_root(2))."""
    number = {"x86_64": 155, "aarch64": 41}[os.uname().machine]
    syscall(number, os.fsencode(new_root), os.fsencode(old_root))


def has_capability(capability: int) -> bool:
    """Whether this process has it; root in a container may lack any."""
    with open("/proc/self/status", encoding="ascii") as file:
        bits = next(line for line in file if line.startswith("CapEff:")).split()[1]
    return bool(int(bits, 16) >> capability & 1)


def set_capabilities(capabilities: Sequence[int]) -> None:
    """Keep just these capabilities, permitted and effective (capset(2))."""
    bits = sum(1 << capability for capability in capabilities)
    low, high = bits & 0xFFFFFFFF, bits >> 32
    header = struct.pack("Ii", _CAPABILITY_VERSION_3, 0)
    data = struct.pack("IIIIII", low, low, 0, high, high, 0)
    _checked(_libc.capset(header, data), "capset")


def collapse(address: int, size: int) -> bool:
    """Gather memory of this process in large pages (madvise(2)); returns whether it is in such."""
    area = ctypes.c_void_p(address), ctypes.c_size_t(size)
    return bool(_libc.madvise(*area, ctypes.c_int(_MADV_COLLAPSE)) == 0)


def bring_loopback_up() -> None:
    """Let a new network namespace talk to itself."""
    import fcntl
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        request = struct.pack("16sH14x", b"lo", 0)
        (flags,) = struct.unpack_from("H", fcntl.ioctl(sock, _SIOCGIFFLAGS, request), 16)
        fcntl.ioctl(sock, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | _IFF_UP))
