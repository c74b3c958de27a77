"""`course worker`: processes that run notebooks for a cluster, started again whenever one ends."""

import asyncio
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from grader.basics import system
from grader.basics.scratch import scratch
from grader.basics.terminal import say
from grader.engine.cluster import job, preload
from grader.engine.cluster.security import checked_address, need_distributed, security

_PAUSE_SECONDS = 1.0  # before a worker that ended is started again
_LEAVE_SECONDS = 10.0  # for a worker to leave its scheduler


@dataclass(frozen=True)
class Options:
    """Whose work to do, and how; see the command line. `workers`: how many processes."""

    address: str
    tls: Path | None = None
    insecure: bool = False
    workers: int = 0
    directory: Path | None = None


def run(options: Options) -> int:
    """Work for a scheduler until this is stopped.

    A worker of distributed's ends when it loses its scheduler, and with a notebook that kills it;
    so each is a process of its own, and another one takes its place.
    """
    need_distributed()
    address = checked_address(options.address, options.insecure)
    security(options.tls, options.insecure)  # says what is wrong with it
    directory = (options.directory or preload.usual_directory()).absolute()
    preload.prepare_directory(directory)
    os.environ[job.DIRECTORY] = str(directory)
    count = options.workers or system.cores()
    say(f"{count} at a time for {address}; files are kept in {directory}")
    with scratch() as temporary:
        asyncio.run(_keep_all(count, address, options, temporary))
    return 0


async def _keep_all(count: int, address: str, options: Options, temporary: Path) -> None:
    tls = "" if options.tls is None else str(options.tls)
    command = [
        *(sys.executable, "-P", "-m", "grader.engine.cluster.worker_process"),
        *(address, tls, str(os.getpid()), str(temporary)),
    ]
    await asyncio.gather(*(_keep(command) for _ in range(count)))


async def _keep(command: list[str]) -> None:
    """Run a worker, and another one whenever it has ended."""
    while True:
        process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.DEVNULL)
        try:
            await process.wait()
        except BaseException:
            await _end(process)
            raise
        await asyncio.sleep(_PAUSE_SECONDS)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Let a worker leave its scheduler, and end it."""
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), _LEAVE_SECONDS)
    except TimeoutError:
        process.kill()
