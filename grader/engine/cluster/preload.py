"""What makes a worker of distributed one that grades: `dask worker --preload` takes this module.

`course worker` uses it, too. The worker tells the scheduler what it is, as plain data, and offers
one place for a notebook to graders that are like it.
"""

import asyncio
import os
import signal
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from grader.basics.errors import UserError
from grader.basics.scratch import scratch
from grader.engine.cluster import identity, job

_own = ExitStack()
_GOODBYE_SECONDS = 5.0  # for the scheduler to answer


def dask_setup(worker: Any) -> None:
    """Called by distributed before the worker joins its scheduler."""
    from grader.engine.execution.pool import limit_memory

    os.environ.setdefault(job.DIRECTORY, str(usual_directory()))
    prepare_directory(Path(os.environ[job.DIRECTORY]))
    limit_memory()
    # What a worker that was killed left behind is removed by the next one.
    _own.enter_context(scratch())
    told = identity.of_worker()
    offered = identity.offered(told)
    worker.state.total_resources.update(offered)
    worker.state.available_resources.update(offered)
    worker.startup_information["course"] = lambda _: told
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, lambda: loop.create_task(_leave(worker)))


async def _leave(worker: Any) -> None:
    """Tell the scheduler, which would count the end against the notebook that is run here.

    SLURM ends the processes of many workers at once, in no order, and a notebook that went from one
    to the next would seem to have killed them.
    """
    job.hold_back()
    with suppress(Exception):  # the scheduler is lost, or has not heard of this worker yet
        told = worker.scheduler.unregister(
            address=worker.address, expected=True, close=False, stimulus_id="course-worker-leaves"
        )
        await asyncio.wait_for(told, _GOODBYE_SECONDS)
    dask_teardown(worker)


def dask_teardown(worker: Any) -> None:
    """Called by distributed when the worker ends, also because it lost its scheduler.

    A notebook that it still runs is tried again by another one. distributed would wait for that.
    """
    _own.close()
    os._exit(0)


def usual_directory() -> Path:
    """Where files from graders are kept; not at home, which a learner's account may not enter."""
    return Path(f"/var/tmp/course-worker-{os.getuid()}")


def prepare_directory(directory: Path) -> None:
    """Make it. Raises UserError if another account owns it, or notebooks could not read there."""
    directory.mkdir(mode=0o755, parents=True, exist_ok=True)
    if directory.stat().st_uid != os.getuid() or directory.is_symlink():
        raise UserError(f"{directory} belongs to another account: name one with --directory")
    if os.getuid() == 0:  # then a notebook may have an account of its own
        for path in (directory, *directory.parents):
            if not path.stat().st_mode & 0o001:
                raise UserError(
                    f"Other accounts may not enter {path}, so notebooks could not read their data "
                    "below it: name another directory with --directory"
                )
