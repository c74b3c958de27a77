"""What an instructor may set of `course watch`, in nbgrader_config.py."""

from traitlets import Float, Integer
from traitlets.config import Configurable


class Watch(Configurable):  # type: ignore[misc]
    """The settings of `course watch`."""

    attempts_per_hour = Integer(
        0,
        min=0,
        help=(
            "How many submissions of one student are graded in an hour; 0 for any number. What is "
            "handed in beyond that waits, and the newest of it is graded when the hour is over. "
            "The student's page says when."
        ),
    ).tag(config=True)
    quiet_seconds = Float(
        2.0,
        min=0.1,
        help=(
            "For how long nothing in a submission may have changed before it is graded, where "
            "nothing else says that it is complete."
        ),
    ).tag(config=True)
    slow_seconds = Float(
        20.0,
        min=1.0,
        help=(
            "After how long a notebook that is running counts as slow: then another one may run "
            "beside it, and its student's other pages are made without waiting for it."
        ),
    ).tag(config=True)
    warm_minutes = Float(
        0.0,
        min=0.0,
        help=(
            "After how long without work the workers are let go, which gives back their memory; "
            "the next submission then waits until new ones have started. 0 keeps them."
        ),
    ).tag(config=True)
    poll_seconds = Float(
        10.0,
        min=0.5,
        help=(
            "How often it is seen whether the places are there, and looked into one whose file "
            "system tells of no changes, such as NFS."
        ),
    ).tag(config=True)
