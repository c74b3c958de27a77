"""The course, which `course watch` has to itself while it has work of any assignment in hand."""

from contextlib import ExitStack

from grader.course import lock
from grader.course.directory import Course


class Hold:
    """The lock of a course, for all assignments that one process looks after."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._lock = ExitStack()
        self._holders: set[str] = set()

    def take(self, assignment: str) -> bool:
        """Have the course for an assignment; returns whether that is so.

        It is not while another run has the course, or waits for it.
        """
        if self._holders:
            if self.is_wanted():
                return False
        elif not self._lock.enter_context(lock.turn(self._course)):
            self._lock.close()
            return False
        self._holders.add(assignment)
        return True

    def give_up(self, assignment: str) -> None:
        """Have it no more; others can when this was the last."""
        self._holders.discard(assignment)
        if not self._holders:
            self._lock.close()

    def is_wanted(self) -> bool:
        """Whether another run waits for the course."""
        return lock.somebody_waits(self._course)
