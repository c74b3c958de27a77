"""Named points at which a process of a run can be stopped, so that a test kills it right there."""

import os
import signal
from contextlib import suppress

# Where the grader may be stopped, from its start to its end.
OF_GRADER = {
    "gradebook-new": "a new gradebook is made, but not yet in its place",
    "assignment-learned": "the gradebook knows the assignment, but not that it does",
    "work-handed-back": "a worker has run a notebook; nothing of it is written",
    "notebook-in-place": "the executed notebook is written; the gradebook tells of the old one",
    "record-begun": "the gradebook is locked; nothing is changed",
    "record-written": "all rows are written; they are not yet valid",
    "recorded": "the rows are valid",
    "pages-made": "a student's pages are there; the gradebook does not know it",
}
# Where a worker may be stopped, for each notebook.
OF_WORKER = {
    "work-begun": "it has its work, and no kernel",
    "kernel-ready": "a kernel is there; no cell has run",
    "cell-run": "a cell has run; the next has not begun",
    "work-done": "the kernel is gone; the grader has not got the result",
}


def here(point: str) -> None:
    """Stop this process, as SIGSTOP does, if the environment asks for it; or else do nothing.

    COURSE_STOP_AT names a directory. The first process that comes to `point` while a file of that
    name lies there takes the file away and stops.
    """
    directory = os.environ.get("COURSE_STOP_AT")
    if directory:
        with suppress(FileNotFoundError):
            os.unlink(os.path.join(directory, point))
            os.kill(os.getpid(), signal.SIGSTOP)
