"""One worker of `course worker`: python -m grader.engine.cluster.worker_process ADDRESS ..."""

import asyncio
import sys
from pathlib import Path

from grader.basics import startup
from grader.basics.errors import UserError
from grader.basics.terminal import say

_PATIENCE_SECONDS = 20.0
# No pages about what runs here, and no statistics of it.
_SETTINGS = {"distributed.worker.http.routes": [], "distributed.worker.profile.enabled": False}


async def _work(address: str, tls: str, temporary: str) -> None:
    from distributed import Worker

    from grader.engine.cluster.security import security

    late = f"No scheduler answers at {address} yet: is it started, are all certificates of one CA?"
    waiting = asyncio.get_running_loop().call_later(_PATIENCE_SECONDS, say, late)
    # One thread, for a notebook changes the environment. The memory of notebooks is limited by
    # their sandboxes.
    async with Worker(
        address,
        nthreads=1,
        memory_limit=0,
        security=security(Path(tls) if tls else None, insecure=not tls),
        preload=["grader.engine.cluster.preload"],
        local_directory=temporary,
    ) as worker:
        waiting.cancel()
        told = (await worker.get_startup_information()).get("course")
        if told is None:
            raise UserError("This worker could not find out what it is, as it says above.")
        sandbox = f"{told['tier']} sandbox" if told["tier"] else f"no sandbox: {told['why']}"
        say(f"worker at {worker.address}: Python {told['python']}, {sandbox}")
        await worker.finished()


def main() -> None:
    """Work until the scheduler is lost, or the parent ends."""
    address, tls, parent, temporary = sys.argv[1:]
    startup.leave_out_grammars()  # before anything else is imported
    import dask

    from grader.engine.cluster.security import quiet
    from grader.engine.execution.pool import begin_worker

    begin_worker(int(parent), temporary)
    quiet()
    with dask.config.set(_SETTINGS):
        asyncio.run(_work(address, tls, temporary))


if __name__ == "__main__":
    main()
