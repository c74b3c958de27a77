"""A server with the gradebook that is restarted in the middle of a run: it is waited for."""

import logging
import time
from typing import Any

import sqlalchemy as sa

LOG = logging.getLogger(__name__)
_PAUSE = 0.2  # seconds


def outlast(engine: sa.Engine, seconds: float) -> None:
    """Let an engine that has reached its server wait for it when it is away, for so many seconds.

    A server that was never reached is told of at once: its address may be wrong.
    """
    was_reached = False

    @sa.event.listens_for(engine, "do_connect")
    def connect(dialect: Any, _: object, arguments: Any, options: Any) -> Any:
        nonlocal was_reached
        until = time.monotonic() + seconds
        is_told = False
        while True:
            try:
                connection = dialect.connect(*arguments, **options)
            except dialect.loaded_dbapi.OperationalError:
                if not was_reached or time.monotonic() > until:
                    raise
                if not is_told:
                    LOG.warning("the gradebook's server is away; it is waited for")
                    is_told = True
                time.sleep(_PAUSE)
            else:
                was_reached = True
                return connection
