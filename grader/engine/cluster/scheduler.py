"""`course scheduler`: the meeting point of graders and workers, with TLS and without pages."""

import asyncio
import warnings
from dataclasses import dataclass
from pathlib import Path

from grader.basics.terminal import say
from grader.engine.cluster.security import need_distributed, quiet, security

_SILENCE = "60s"  # after which a worker counts as lost


@dataclass(frozen=True)
class Options:
    """Where to listen, and how; see the command line."""

    tls: Path | None = None
    insecure: bool = False
    host: str = ""
    port: int = 8786


def run(options: Options) -> int:
    """Listen until this is stopped."""
    need_distributed()
    quiet()
    # Without a way to the internet, the address that is told is that of the host's name.
    warnings.filterwarnings("ignore", "Couldn't detect a suitable IP address", RuntimeWarning)
    asyncio.run(_serve(options))
    return 0


async def _serve(options: Options) -> None:
    import dask
    from distributed import Scheduler

    own = {
        "distributed.scheduler.allowed-failures": 0,  # the grader counts them
        "distributed.scheduler.worker-ttl": _SILENCE,
        "distributed.scheduler.http.routes": [],  # they would show what runs, without TLS
    }
    with dask.config.set(own):
        async with Scheduler(
            host=options.host or None,
            port=options.port,
            protocol="tcp" if options.insecure else "tls",
            security=security(options.tls, options.insecure),
            dashboard=False,
            dashboard_address="127.0.0.1:0",
        ) as scheduler:
            say(f"scheduler at {scheduler.address}")
            await scheduler.finished()
