"""What is being graded: from the queue to the workers, into the gradebook, and back to students."""

import logging
import time
from collections import deque
from dataclasses import dataclass, replace

from grader.basics.errors import GraderError
from grader.engine.execution.bundle import Result
from grader.instructors.grading.autograde import Done, Task
from grader.instructors.watch.settings import Watch
from grader.instructors.watch.status import Teller
from grader.instructors.watch.troubles import Troubles, as_grader_error
from grader.instructors.watch.turn import Turn
from grader.instructors.watch.turns import Turns, Waiting
from grader.instructors.watch.workers import Workers

LOG = logging.getLogger("grader.instructors.watch")
_LONG = 4.0  # seconds after which a student's other pages are made, if nobody else waits
_SOON = 0.5  # seconds until a student's next turn, who handed in again while graded


@dataclass
class _InHand:
    """A student whose notebooks are being graded: since when the work is there, what is left."""

    since: float
    left: set[str]
    is_begun_with: bool = False  # whether one of the notebooks is over
    has_failed: bool = False
    has_some_pages: bool = False


class Shift:
    """All that is in hand. What is lost with it is not in the gradebook, so it is done again."""

    def __init__(
        self,
        watch: Watch,
        workers: Workers,
        turns: Turns,
        troubles: Troubles,
        teller: Teller,
        *,
        jobs: int,
        releases: bool,
    ) -> None:
        self._watch, self._workers, self._turns = watch, workers, turns
        self._troubles, self._teller = troubles, teller
        self._jobs, self._releases = jobs, releases
        self._tasks: deque[Task] = deque()
        self._in_hand: dict[str, _InHand] = {}
        self._results: deque[tuple[tuple[str, str], Result]] = deque()  # not recorded yet
        self._to_release: dict[str, float | None] = {}  # whose pages; since when their work waits

    @property
    def is_empty(self) -> bool:
        """Whether nothing is in hand; pages that wait for the exchange are not counted."""
        return not (self._in_hand or self._results)

    def has_work(self) -> bool:
        """Whether there is something to do now."""
        releases = bool(self._to_release) and not self._troubles.is_paused("release")
        return not self.is_empty or releases

    def catch_up(self, turn: Turn) -> None:
        """Make and release the pages of those who are graded, where they are not up to date."""
        with self._troubles.guarded("pages", any_error=True):
            for student, problem in turn.make_pages(turn.graded(), self._jobs).items():
                self._troubles.tell(f"pages {student}", problem)
                self._try_again(student, time.time())
            if self._releases:
                self._to_release |= dict.fromkeys(turn.unreleased())

    def collect_results(self) -> None:
        """Take from the workers what is over."""
        self._results.extend(self._workers.over())

    def feed(self, turn: Turn, *, take_up: bool) -> None:
        """Give the workers what they have room for; `take_up`: also of students who wait."""
        while self._workers.can_begin() and not self._troubles.is_paused("record"):
            if self._tasks:
                self._begin(turn, self._tasks.popleft())
            elif take_up and (waiting := self._turns.next(time.time())):
                self._take_up(turn, waiting)
            else:
                return

    def _take_up(self, turn: Turn, waiting: Waiting) -> None:
        """Begin with the work of the student whose turn it is, unless it has to wait."""
        student, since = waiting.student, waiting.since
        if student in self._in_hand:
            self._turns.add(student, since, time.time() + _SOON, "the work before is graded")
            return
        most = self._watch.attempts_per_hour
        try:
            with self._troubles.guarded("record"):
                due = turn.due(student)
                if due.tasks:
                    until = turn.limited_until(student, due.work, most)
                    if until > time.time():
                        why = f"{most} submissions in an hour are graded"
                        LOG.info("[%s] waits: %s", student, why)
                        self._turns.add(student, since, until, why)
                        return
                    turn.take_up(student, due.work, most)
        except GraderError:
            self._turns.add(student, since)
            return
        except Exception as error:  # one student must not hold up the others
            LOG.error("[%s] the grader failed", student, exc_info=error)
            until = time.time() + self._troubles.pause(f"again {student}")
            self._turns.add(student, since, until, "the grader failed; see the log")
            return
        if due.tasks or waiting.until:  # after a fault, the pages may be what is left to do
            self._in_hand[student] = _InHand(since, {each.notebook for each in due.tasks})
            self._tasks.extend(due.tasks)
            if not due.tasks:
                self._give_back(turn, student)

    def _begin(self, turn: Turn, task: Task) -> None:
        try:
            with as_grader_error():
                begun = turn.begin(task)
        except GraderError as error:  # such as data that are not there: others can go on
            self._is_done(turn, task.key, str(error))
        except Exception as error:  # one notebook must not end the service
            self._give_up(turn, task.key, error)
        else:
            if isinstance(begun, Done):
                self._is_done(turn, begun.task.key, begun.fault)
            else:
                self._workers.begin(task.key, begun)

    def record(self, turn: Turn) -> None:
        """Write what is over into the gradebook, and give back what is complete."""
        while self._results and not self._troubles.is_paused("record"):
            key, result = self._results[0]
            if result.refused:
                result = replace(result, refused="", fault=result.refused)
            try:
                with self._troubles.guarded("record"):
                    done = turn.finish(key, result)
            except GraderError:
                # It is kept, and recorded when that is mended; if it alone is the reason, the
                # others are not held up.
                self._results.rotate(-1)
                return
            except Exception as error:
                self._results.popleft()
                self._give_up(turn, key, error)
            else:
                self._results.popleft()
                self._is_done(turn, key, done.fault)
        # The other pages of a student do not wait for one long notebook: in a crowd, where each
        # page made twice costs the others, not for a slow one.
        seconds = self._watch.slow_seconds if self._turns.ready(time.time()) else _LONG
        for student, own in list(self._in_hand.items()):
            if own.has_some_pages or not own.is_begun_with:
                continue
            if all(self._workers.has_run((student, name), seconds) for name in own.left):
                own.has_some_pages = True
                self._make_pages(turn, student, None)

    def _give_up(self, turn: Turn, key: tuple[str, str], error: Exception) -> None:
        """Go on without a notebook that the grader itself fails on; it is tried again later."""
        LOG.error("[%s, %s] the grader failed", *key, exc_info=error)
        self._is_done(turn, key, f"the grader failed ({type(error).__name__}: see the log)")

    def _is_done(self, turn: Turn, key: tuple[str, str], fault: str) -> None:
        student, notebook = key
        own = self._in_hand[student]
        own.left.discard(notebook)
        own.is_begun_with = True
        if fault:
            own.has_failed = True
            said = f"{student}, {notebook} is not graded yet: {fault}"
            self._troubles.tell(f"fault {key}", said)
        else:
            self._troubles.goes_well(f"fault {key}")
        if not own.left:
            self._give_back(turn, student)

    def _give_back(self, turn: Turn, student: str) -> None:
        """Make the pages of a student who is graded; later once more, where something failed."""
        own = self._in_hand.pop(student)
        made = self._make_pages(turn, student, own.since)
        if own.has_failed or not made:
            self._try_again(student, own.since)
            return
        self._troubles.goes_well(f"again {student}")
        if not self._releases:
            self._tell_done(student, own.since)

    def _try_again(self, student: str, since: float) -> None:
        """Give a student another turn, after a pause; `since` is when their work was there."""
        until = time.time() + self._troubles.pause(f"again {student}")
        self._turns.add(student, since, until, "something failed; it is tried again")

    def _make_pages(self, turn: Turn, student: str, since: float | None) -> bool:
        key = f"pages {student}"
        try:
            with self._troubles.guarded(key, any_error=True):
                problems = turn.make_pages([student], 1)
        except GraderError:
            return False
        if problems:
            self._troubles.tell(key, problems[student])
            return False
        if self._releases:
            self._to_release[student] = since
        return True

    def release(self, turn: Turn) -> None:
        """Give the pages to their students by the exchange."""
        while self._to_release and not self._troubles.is_paused("release"):
            student, since = next(iter(self._to_release.items()))
            try:
                with self._troubles.guarded("release", any_error=True):
                    turn.release(student)
            except GraderError:
                self._to_release[student] = self._to_release.pop(student)  # others first
                return
            del self._to_release[student]
            if since is not None:
                self._tell_done(student, since)

    def _tell_done(self, student: str, since: float) -> None:
        seconds = time.time() - since
        LOG.info("[%s] graded %.1f s after the work had come", student, seconds)
        self._teller.done(student, seconds)
