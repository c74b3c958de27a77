"""Run a program as in a container that closes everything: it cannot make a sandbox.

python closed.py PROGRAM ARGUMENTS...
"""

import errno
import os
import sys

from grader.engine.sandbox import linux, seccomp

_LANDLOCK_CREATE_RULESET = 444  # on every architecture


def _program(machine: str, *, sockets: bool) -> bytes:
    """A filter that refuses the calls with which either sandbox begins."""
    line, equal, answer = seccomp._line, seccomp._JUMP_EQUAL, seccomp._RETURN
    lines = [line(seccomp._LOAD, seccomp._NR)]
    for number in (seccomp.refused_calls(machine)["unshare"], _LANDLOCK_CREATE_RULESET):
        lines += [line(equal, number, 0, 1), line(answer, seccomp._ERRNO | errno.EPERM)]
    return b"".join([*lines, line(answer, seccomp._ALLOW)])


if __name__ == "__main__":
    linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
    seccomp.program = _program
    seccomp.install(sockets=True)
    os.execv(sys.argv[1], sys.argv[1:])
