"""What this machine is: how many cores there are to use, and whether it can run students' code."""

import os
import sys

from grader.basics.errors import UserError

# What the engine takes from Python and the kernel; there is no other way to keep code in.
LINUX_ONLY = ("fcntl", "resource")  # modules that Windows does not have


def cores() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def notebooks_at_a_time() -> int:
    """How many to run by default: one more than there are processors, for each waits at times, for
    a message or a thread of TensorFlow's.
    """
    return cores() + 1


def cannot_grade() -> str:
    """Why no student's code can be run here and what to do; empty where it can."""
    if sys.platform == "linux" and hasattr(os, "pidfd_open"):
        return ""
    return (
        f"This needs a recent Linux; this system is {sys.platform}. Students' code is "
        "run, also with --unsafe, by means that only Linux has. Do it in a virtual machine with "
        "Linux, on Windows in WSL 2, or in a container (docs/term.md). Students need none of this "
        "to work on the notebooks on their own machines."
    )


def need_linux() -> None:
    """Raise UserError where no student's code can be run."""
    if why := cannot_grade():
        raise UserError(why)
