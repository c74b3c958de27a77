"""A seccomp filter: the system calls that no learner's notebook needs are refused."""

import ctypes
import errno
import os
import struct
from collections.abc import Iterable
from itertools import chain

from grader.engine.sandbox import linux

# Numbers of system calls: x86_64 (asm/unistd_64.h) and aarch64 (asm-generic/unistd.h), which has
# not all. A call that is not named here and that notebooks may make has a number below _UNKNOWN.
_NUMBERS: dict[str, tuple[int, int | None]] = {
    # New namespaces and mounts: the way to most privilege escalations in the kernel.
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    # Other processes.
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    # Memory that belongs to no process: whoever counts what the processes have does not see it,
    # and without an IPC namespace some of it outlives them.
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    # Where memory lies.
    "move_pages": (279, 239),
    "migrate_pages": (256, 238),
    "mbind": (237, 235),
    "set_mempolicy": (238, 237),
    "set_mempolicy_home_node": (450, 450),
    "remap_file_pages": (216, 234),
    # Interfaces of the kernel with a long record of faults.
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "io_setup": (206, 0),
    "io_destroy": (207, 1),
    "io_submit": (209, 2),
    "io_cancel": (210, 3),
    "io_getevents": (208, 4),
    "io_pgetevents": (333, 292),
    "vmsplice": (278, 75),
    "tee": (276, 77),
    "fanotify_init": (300, 262),
    "fanotify_mark": (301, 263),
    "modify_ldt": (154, None),
    "set_thread_area": (205, None),
    "get_thread_area": (211, None),
    "seccomp": (317, 277),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    # The machine.
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "vhangup": (153, 58),
    "iopl": (172, None),
    "ioperm": (173, None),
    "lookup_dcookie": (212, 18),
    "nfsservctl": (180, 42),
    "uselib": (134, None),
    "ustat": (136, None),
    "sysfs": (139, None),
    "_sysctl": (156, None),
    "syslog": (103, 116),
    "personality": (135, 92),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "adjtimex": (159, 171),
    "clock_adjtime": (305, 266),
}
_CLONE, _CLONE3, _MMAP = (56, 220), (435, 435), (9, 222)
_PRLIMIT = 302, 261
_SOCKET, _SOCKETPAIR = (41, 198), (53, 199)
# Numbers that no call has that was known when this was written: the older ones end at the first
# of a pair (by machine), the newer ones begin at _NEWER. libc does without what is newer.
_OLDER, _NEWER, _UNKNOWN = (335, 295), 424, 451
_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_X32 = 0x40000000  # numbers of the x32 interface begin here; nothing honest uses it

_NEW_NAMESPACES = (
    linux.CLONE_NEWNS
    | linux.CLONE_NEWUTS
    | linux.CLONE_NEWIPC
    | linux.CLONE_NEWUSER
    | linux.CLONE_NEWPID
    | linux.CLONE_NEWNET
    | 0x02000000  # CLONE_NEWCGROUP
)
_AF_UNIX, _AF_INET, _AF_INET6, _AF_NETLINK = 1, 2, 10, 16
_NETLINK_ROUTE = 0  # which libzmq needs, or it ends the process
_PROTOCOLS = (0, 6, 17)  # of the internet: the usual one, TCP, UDP
# Memory that is shared and of no file is in no account of a process's once it looks away.
_MAP_SHARED_ANONYMOUS = 0x21

# linux/bpf_common.h, linux/seccomp.h; offsets in struct seccomp_data
_LOAD, _JUMP_EQUAL, _JUMP_GREATER_EQUAL, _JUMP_SET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_AND = 0x54
_NR, _ARCH, _FIRST_ARGUMENT, _THIRD_ARGUMENT, _FOURTH_ARGUMENT = 0, 4, 16, 32, 40
_SECCOMP_MODE_FILTER = 2


def supported() -> bool:
    """Whether the numbers of this machine's system calls are known."""
    return os.uname().machine in _ARCHITECTURES


def install(*, sockets: bool) -> None:
    """Filter the system calls of this process and all its children, for ever.

    With `sockets`, Unix ones and those of TCP and UDP can be opened; without, pairs alone. Those
    that are open stay. PR_SET_NO_NEW_PRIVS must have been set. Raises OSError where it is not
    supported.
    """
    code = program(os.uname().machine, sockets=sockets)
    buffer = ctypes.create_string_buffer(code, len(code))
    # struct sock_fprog: the number of instructions, and where they are.
    header = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(buffer))
    held = ctypes.create_string_buffer(header, len(header))
    linux.prctl(linux.PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(held))


def program(machine: str, *, sockets: bool) -> bytes:
    """The filter as a BPF program for `machine`."""
    column, architecture = _ARCHITECTURES[machine]
    refused = _ERRNO | errno.EPERM
    lines = [
        _line(_LOAD, _ARCH),
        _line(_JUMP_EQUAL, architecture, 1, 0),
        _line(_RETURN, _KILL),
        _line(_LOAD, _NR),
    ]
    if machine == "x86_64":
        lines += [_line(_JUMP_GREATER_EQUAL, _X32, 0, 1), _line(_RETURN, refused)]
    unknown = _ERRNO | errno.ENOSYS
    lines += [
        _line(_JUMP_GREATER_EQUAL, _UNKNOWN, 2, 0),
        _line(_JUMP_GREATER_EQUAL, _NEWER, 2, 0),
        _line(_JUMP_GREATER_EQUAL, _OLDER[column], 0, 1),
        _line(_RETURN, unknown),
    ]
    for number in refused_calls(machine).values():
        lines += [_line(_JUMP_EQUAL, number, 0, 1), _line(_RETURN, refused)]
    # A filter cannot read clone3's arguments: "no such call" makes libc fall back to clone.
    lines += [
        _line(_JUMP_EQUAL, _CLONE3[column], 0, 1),
        _line(_RETURN, _ERRNO | errno.ENOSYS),
        _line(_JUMP_EQUAL, _CLONE[column], 0, 3),
        _line(_LOAD, _FIRST_ARGUMENT),
        _line(_JUMP_SET, _NEW_NAMESPACES, 0, 1),
        _line(_RETURN, refused),
        _line(_LOAD, _NR),
        _line(_JUMP_EQUAL, _MMAP[column], 0, 5),
        _line(_LOAD, _FOURTH_ARGUMENT),
        _line(_AND, _MAP_SHARED_ANONYMOUS),
        _line(_JUMP_EQUAL, _MAP_SHARED_ANONYMOUS, 0, 1),
        _line(_RETURN, refused),
        _line(_LOAD, _NR),
    ]
    if not sockets:  # nor a PID namespace, so others of the account can be seen
        lines += [
            _line(_JUMP_EQUAL, _PRLIMIT[column], 0, 4),
            _line(_LOAD, _FIRST_ARGUMENT),
            _line(_JUMP_EQUAL, 0, 1, 0),  # its own limits
            _line(_RETURN, refused),
            _line(_LOAD, _NR),
        ]
    for numbers, rules in ((_SOCKET, _rules_of_socket(sockets)), (_SOCKETPAIR, _PAIRS)):
        lines += [_line(_JUMP_EQUAL, numbers[column], 0, len(rules)), *rules]
    lines.append(_line(_RETURN, _ALLOW))
    return b"".join(lines)


def refused_calls(machine: str) -> dict[str, int]:
    """The calls that are refused on `machine`, beside those that are newer than this program."""
    column, _ = _ARCHITECTURES[machine]
    return {name: number for name, each in _NUMBERS.items() if (number := each[column]) is not None}


def _line(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)


def _only(values: Iterable[int]) -> list[bytes]:
    """Allow a call if what was loaded is one of `values`, and refuse it if not."""
    allowed = [[_line(_JUMP_EQUAL, value, 0, 1), _line(_RETURN, _ALLOW)] for value in values]
    return [*chain(*allowed), _line(_RETURN, _ERRNO | errno.EACCES)]


def _rules_of_socket(sockets: bool) -> list[bytes]:
    netlink = [_line(_LOAD, _THIRD_ARGUMENT), *_only([_NETLINK_ROUTE])]
    internet = [_line(_LOAD, _THIRD_ARGUMENT), *_only(_PROTOCOLS)]
    return [
        _line(_LOAD, _FIRST_ARGUMENT),
        _line(_JUMP_EQUAL, _AF_NETLINK, 0, len(netlink)),
        *netlink,
        *(
            [
                _line(_JUMP_EQUAL, _AF_INET, 1, 0),
                _line(_JUMP_EQUAL, _AF_INET6, 0, len(internet)),
                *internet,
                *_only([_AF_UNIX]),
            ]
            if sockets
            else _only([])
        ),
    ]


_PAIRS = [_line(_LOAD, _FIRST_ARGUMENT), *_only([_AF_UNIX])]
