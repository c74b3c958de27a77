"""Let a formgrader that is running show what others wrote to the gradebook meanwhile.

nbgrader keeps one session with the gradebook for as long as the server runs, and shows rows as
it first read them: without the points that `course grade` or `course explanations` wrote since.
And it keeps its connection: where the gradebook is on a server of its own that was restarted, the
next request would fail, and the points in it be lost.
"""

import sys
from typing import Any

_HANDLERS = "nbgrader.server_extensions.formgrader.base"


def expire_session_after_request() -> None:
    """End the session after each request; does nothing where no formgrader is loaded."""
    handlers = sys.modules.get(_HANDLERS)
    if handlers is not None:
        handlers.BaseHandler.on_finish = _end_session


def _end_session(handler: Any) -> None:
    gradebook = handler.settings.get("nbgrader_gradebook")
    if gradebook is not None:
        gradebook.db.remove()
        if gradebook.engine.dialect.name != "sqlite":
            gradebook.engine.dispose()
