"""A learner's process for tests of the bridge: it runs some code and serves what the judge asks.

python -m tests.engine.judge.kernel FD CODE
"""

import linecache
import socket
import sys
from typing import Any

from grader.engine.judge.agent import Agent

FILE = "<ipython-input-1>"


def main() -> None:
    """Run the code, then serve test cells until the other end is closed."""
    connection = socket.socket(fileno=int(sys.argv[1]))
    names: dict[str, Any] = {"connection": connection}
    linecache.cache[FILE] = (len(sys.argv[2]), None, sys.argv[2].splitlines(keepends=True), FILE)
    exec(compile(sys.argv[2], FILE, "exec"), names)
    while connection.fileno() >= 0 and connection.recv(1, socket.MSG_PEEK):
        Agent(names, lambda file: file == FILE).serve(connection)


if __name__ == "__main__":
    main()
