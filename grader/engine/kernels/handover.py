"""What the grader and the processes that it has forked agree on.

It imports no library, so that the grader need not import what runs in a kernel.
"""

import array
import json
import socket
from typing import Any

# The channels of a kernel, in the order in which their sockets are handed over.
CHANNELS = ("shell", "iopub", "stdin", "control")
# Among the "user_expressions" of a request to run a cell: that it is a test. The value is, as
# JSON, a list of names that the course binds itself, though a builtin has them, too.
REQUEST = "course-test"
# In the place of a test's source, which does not enter the kernel of a judge's.
SERVE = "# The judge runs a test."


def send(
    control: socket.socket, message: dict[str, Any], descriptors: tuple[int, ...] = ()
) -> None:
    """Send one message to or from the fork server, with file descriptors."""
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))]
    control.sendmsg([json.dumps(message).encode()], rights if descriptors else [])
