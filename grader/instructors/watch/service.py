"""What `course watch` does for an assignment, whenever something happens.

It keeps no list of what is to be done: what lies in the places is compared with the gradebook, when
it starts and when something changes. So whatever ends it, the next one goes on.
"""

import time
from collections.abc import Callable
from typing import Any

from grader.basics.errors import GraderError
from grader.course import fingerprint
from grader.course.directory import Course
from grader.instructors.watch.hold import Hold
from grader.instructors.watch.intake import Intake
from grader.instructors.watch.settings import Watch
from grader.instructors.watch.shift import Shift
from grader.instructors.watch.status import Teller
from grader.instructors.watch.troubles import Troubles
from grader.instructors.watch.turn import Turn
from grader.instructors.watch.turns import Turns
from grader.instructors.watch.workers import Workers
from grader.nbgrader_app.session import NbgraderSession

_SHOWN = 10  # of those who wait


class BeginAnew(Exception):
    """The configuration, or the grader's own code, is another than the one that was read."""


class Service:
    """Looks after an assignment, a round at a time."""

    def __init__(
        self,
        course: Course,
        session: NbgraderSession,
        settings: dict[str, dict[str, Any]],
        watch: Watch,
        *,
        try_to_begin: Callable[[], None],
        hold: Hold,
        intake: Intake,
        shift: Shift,
        workers: Workers,
        turns: Turns,
        troubles: Troubles,
        teller: Teller,
    ) -> None:
        """`try_to_begin` raises UserError where a new beginning would fail."""
        self._course, self._session, self._settings, self._watch = course, session, settings, watch
        self._try_to_begin = try_to_begin
        self._hold, self._intake, self._shift, self._workers = hold, intake, shift, workers
        self._turns, self._troubles, self._teller = turns, troubles, teller
        self._turn: Turn | None = None
        self._is_caught_up = False
        self._next_change: float | None = None  # a due date, when pages show more
        self._process = fingerprint.of_process(course)
        self._tell_again: float | None = None

    @property
    def assignment(self) -> str:
        """The assignment that it looks after."""
        return self._course.assignment

    def begin(self) -> None:
        """Tell that it is there."""
        self._teller.tell(time.monotonic(), at_once=True)

    def go_round(self) -> None:
        """Look, and do what can be done now; raises BeginAnew."""
        self._intake.look()
        self._work()
        self._tell()

    def end(self) -> None:
        """Give up what it has; the workers are gone."""
        self._end_turn()
        self._intake.close()
        self._teller.status.doing = "has ended"
        self._teller.status.running = []
        self._teller.tell(time.monotonic(), at_once=True)

    def _work(self) -> None:
        """Do what can be done now without waiting."""
        self._shift.collect_results()
        if self._has_work() and self._begin_turn():
            assert self._turn is not None
            self._shift.record(self._turn)
            yields = self._hold.is_wanted()
            if not yields:
                self._take(self._turn)
            # Who waits for the course has it when what is in hand is done; nothing is added to it.
            self._shift.feed(self._turn, take_up=not yields)
            self._shift.release(self._turn)
            if self._shift.is_empty and (yields or not self._has_work()):
                self._end_turn()

    def _has_work(self) -> bool:
        if self._next_change is not None and time.time() >= self._next_change:
            self._is_caught_up, self._next_change = False, None
        return bool(
            not self._is_caught_up
            or self._intake.has_work()
            or self._shift.has_work()
            or self._turns.ready(time.time())
        )

    def _take(self, turn: Turn) -> None:
        if self._troubles.is_paused("arrivals"):
            return
        try:
            with self._troubles.guarded("arrivals", any_error=True):
                self._intake.take(turn, self._turns)
                change = turn.next_change()
                self._next_change = change.timestamp() if change else None
            if not self._is_caught_up:
                self._shift.catch_up(turn)
                self._is_caught_up = True
        except GraderError:
            pass  # told, and tried again

    def _begin_turn(self) -> bool:
        """Have the course to oneself; returns whether that is so."""
        if self._turn is not None:
            return True
        if self._troubles.is_paused("turn"):
            return False
        if not self._hold.take(self.assignment):
            self._troubles.pause("turn", grow=False)
            self._teller.status.doing = "waits for another run, which has the course"
            return False
        try:
            with self._troubles.guarded("turn"):
                self._turn = Turn(self._course, self._session, self._settings)
                is_other = self._process != fingerprint.of_process(self._course)
                if is_other:
                    self._try_to_begin()
        except GraderError:
            self._end_turn()
            self._teller.status.doing = "waits until a trouble is mended"
            return False
        if is_other:
            raise BeginAnew
        self._teller.status.doing = "grades"
        return True

    def _end_turn(self) -> None:
        if self._turn is not None:
            self._turn.close()
            self._turn = None
            self._teller.status.doing = "sleeps until work comes"
        self._hold.give_up(self.assignment)

    def _tell(self) -> None:
        status, now, clock = self._teller.status, time.time(), time.monotonic()
        waiting = [*(each.student for each in self._turns.ready(now)), *self._intake.ready]
        status.waiting, status.queue = waiting[:_SHOWN], len(waiting)
        status.arriving = self._intake.arriving
        status.later = [
            (each.student, each.until, each.why) for each in self._turns.later(now)[:_SHOWN]
        ]
        running = self._workers.running.items()
        status.running = [(who, name, now - (clock - since)) for (who, name), since in running]
        self._tell_again = self._teller.tell(clock)

    def seconds(self) -> float | None:
        """For how long there is nothing to do if nothing happens; None for ever."""
        wall = time.time()
        later = self._turns.later(wall)
        found = [
            self._tell_again,
            self._intake.seconds(),
            self._troubles.seconds(),
            later[0].until - wall if later else None,
            None if self._next_change is None else self._next_change - wall,
        ]
        return min((each for each in found if each is not None), default=None)
