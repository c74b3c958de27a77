"""Landlock: which files a process may use, where it cannot have namespaces of its own."""

import ctypes
import os
import stat
import struct
from collections.abc import Iterable

from grader.engine.sandbox import linux

# linux/landlock.h; the numbers of these calls are the same on every architecture.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG, _RULE_PATH_BENEATH = 1, 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_TRUNCATE, _IOCTL_DEV = 1 << 14, 1 << 15
_READ = _EXECUTE | _READ_FILE | _READ_DIR
# Rights that mean something for a file; the kernel refuses others in a rule for one.
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
_ALL_TCP = 3
_SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS = 3

# The newest rights of files that each version of the interface knows, as a bit count.
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}


def version() -> int:
    """The version of the kernel's interface; 0 where there is none."""
    try:
        return linux.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION_FLAG)
    except OSError:
        return 0


def restrict(read: Iterable[str], write: Iterable[str]) -> None:
    """From now on this process may only read below `read`, and do all below `write`.

    Also, from version 4 on no TCP, and from version 6 on no signals to processes outside and no
    abstract sockets of theirs. Paths that do not exist are left out. Raises OSError where there
    is no Landlock. PR_SET_NO_NEW_PRIVS must have been set.
    """
    known = version()
    files = (1 << _FILE_RIGHTS.get(known, 16)) - 1
    attributes = struct.pack(
        "QQQ",
        files,
        _ALL_TCP if known >= 4 else 0,
        _SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS if known >= 6 else 0,
    )
    size = 24 if known >= 6 else 16 if known >= 4 else 8
    ruleset = linux.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(size), 0)
    try:
        for paths, rights in ((read, _READ), (write, files)):
            for path in paths:
                _allow(ruleset, path, rights & files)
        linux.syscall(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            rights &= _OF_FILES
        rule = struct.pack("=Qi", rights, place)
        linux.syscall(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, rule, 0)
    finally:
        os.close(place)
