"""Run `course ...` in processes that start a second sooner: tests do so hundreds of times.

Each is forked from one that has imported nbgrader, and nothing of this package: what a command
needs of that it imports itself, as ever. A test that is about how a process starts begins its own.
"""

import atexit
import faulthandler
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from subprocess import CompletedProcess
from tempfile import TemporaryDirectory
from types import ModuleType

# Variables that count when Python starts, by their beginnings.
_AT_THE_START = ("PYTHON", "LANG", "LC_", "LD_", "TZ")
_PATIENCE = 600.0  # seconds after which a command counts as hanging


def run(
    command: Sequence[str], directory: Path, environment: Mapping[str, str]
) -> "CompletedProcess[str]":
    """Run a command whose first word is the path of the program `course`.

    Where the environment lets Python start otherwise than here, that is a new process.
    """
    if _of_the_start(environment) != _of_the_start(os.environ):
        return subprocess.run(
            command,
            cwd=directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.warm_imports"])
    with TemporaryDirectory(prefix="printed-") as at:
        printed = Path(at, "stdout"), Path(at, "stderr")
        for path in printed:
            path.touch()
        own = [*command], str(directory), {**environment}, [*map(str, printed)]
        process = context.Process(target=_begin, args=own)
        process.start()
        process.join(_PATIENCE)
        if process.exitcode is None and process.pid is not None:
            os.kill(process.pid, signal.SIGABRT)  # it says what its threads do
            process.join()
        told = [path.read_text() for path in printed]
        code = process.exitcode
        assert code is not None
        assert code != -signal.SIGABRT, "".join(told)
        return CompletedProcess([*command], code, *told)


def _of_the_start(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in environment.items() if name.startswith(_AT_THE_START)}


def _begin(
    command: list[str], directory: str, environment: Mapping[str, str], printed: Sequence[str]
) -> None:
    """First thing in the fork: make it what a process is that was started with the command."""
    from tests import warm_imports

    for descriptor, path in enumerate((os.devnull, *printed)):
        opened = os.open(path, os.O_RDWR | os.O_APPEND)
        os.dup2(opened, descriptor)
        os.close(opened)
    faulthandler.enable(2)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(directory)
    sys.argv = command
    sys.path[:] = [os.path.dirname(command[0]), *warm_imports.PATH]
    program = ModuleType("__main__")  # what workers that are spawned import
    program.__file__ = command[0]
    sys.modules["__main__"] = program
    from grader.cli import main

    try:
        sys.exit(main())
    finally:
        atexit._run_exitfuncs()
