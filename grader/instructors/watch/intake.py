"""What arrives: it is looked at when something changed, and collected where that is to be done."""

import logging
import time
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC

from grader.basics.errors import GraderError, UserError
from grader.course import fingerprint
from grader.course.directory import Course
from grader.instructors.collect import command as collecting
from grader.instructors.collect import report
from grader.instructors.watch.arrivals import Arrival, Arrivals
from grader.instructors.watch.events import Alarm, Events
from grader.instructors.watch.places import Place, Source, Submitted
from grader.instructors.watch.settings import Watch
from grader.instructors.watch.status import Teller
from grader.instructors.watch.troubles import Troubles
from grader.instructors.watch.turn import Turn
from grader.instructors.watch.turns import Turns
from grader.rosters import roster

LOG = logging.getLogger("grader.instructors.watch")
_SHARE = 5  # looking takes one part in so many of the time, at most
_BETWEEN = 0.05  # seconds between two looks, at least
_AT_ONCE = 50  # folders that are collected in one go


@dataclass
class _Watched:
    place: Place
    arrivals: Arrivals
    ready: list[Arrival] = field(default_factory=list)
    bad: set[str] = field(default_factory=set)  # of whose names a trouble was told
    by_roster: set[str] = field(default_factory=set)  # what was left for what the roster says
    looked: float = 0.0
    polled: bool = False
    failed: bool = False  # the last look, which is tried again after a pause

    @property
    def key(self) -> str:
        """By which its troubles are known."""
        return f"place {self.place.name}"


class Intake:
    """The places, and what in them is new."""

    def __init__(
        self,
        course: Course,
        watch: Watch,
        places: Sequence[Place],
        collect: collecting.Options,
        alarm: Alarm,
        troubles: Troubles,
        teller: Teller,
    ) -> None:
        """`collect` says how to collect; its source is the place's."""
        self._course, self._watch, self._collect = course, watch, collect
        self._troubles, self._teller = troubles, teller
        self._events = Events(alarm)
        self._watched = [_Watched(place, Arrivals(watch.quiet_seconds)) for place in places]
        self._next_look = self._checked = 0.0
        self._must_look = True
        self._is_first = True
        self._roster = self._roster_print()
        self._has_roster: bool | None = None  # whether it can be read; None: not tried yet

    @property
    def ready(self) -> list[str]:
        """The names of what is complete, but not taken."""
        return [arrival.key for each in self._watched for arrival in each.ready]

    @property
    def arriving(self) -> int:
        """How many things are not complete."""
        return sum(each.arrivals.count for each in self._watched)

    def has_work(self) -> bool:
        """Whether there is something to take."""
        return self._is_first or any(self._is_open(each) for each in self._watched)

    def look(self) -> None:
        """Look at the places, if something changed or may have."""
        now = time.monotonic()
        self._must_look |= self._events.take()
        if now - self._checked >= self._watch.poll_seconds:
            # No event tells that a directory above was renamed, or something mounted there.
            self._checked = now
            self._must_look |= not all(
                self._events.is_same(p.place.directory) for p in self._watched
            )
            self._look_at_roster()
        seconds = self._seconds_to_look(now)
        if now < self._next_look or seconds is None or seconds > 0:
            return
        self._must_look = False
        for each in self._watched:
            self._look_at(each)
        done = time.monotonic()
        self._next_look = done + max(_BETWEEN, _SHARE * (done - now))

    def seconds(self) -> float:
        """In how many seconds to look, if nothing happens."""
        now = time.monotonic()
        checks = self._checked + float(self._watch.poll_seconds) - now
        seconds = self._seconds_to_look(now)
        return checks if seconds is None else min(checks, max(seconds, self._next_look - now))

    def _seconds_to_look(self, now: float) -> float | None:
        if self._must_look:
            return 0.0
        found = [each.arrivals.seconds(now) for each in self._watched]
        polls = self._watch.poll_seconds
        found += [each.looked + polls - now for each in self._watched if each.polled]
        found += [self._troubles.pause_left(each.key) for each in self._watched if each.failed]
        return min((each for each in found if each is not None), default=None)

    def _roster_print(self) -> str:
        """What tells the roster from what it was; "" where there is none."""
        path = self._collect.roster
        with suppress(OSError):
            return fingerprint.of_texts(path.read_bytes()) if path is not None else ""
        return ""

    def _look_at_roster(self) -> None:
        """Try once more, with another roster, what was refused or left."""
        before, self._roster = self._roster, self._roster_print()
        if self._roster == before:
            return
        self._has_roster, self._must_look = None, True
        for watched in self._watched:
            watched.arrivals.reopen(watched.bad | watched.by_roster)

    def _reads_roster(self) -> bool:
        """Whether the roster can be read, if there is one; if not, that is told."""
        path = self._collect.roster
        if path is not None and self._has_roster is None:
            try:
                roster.read(path, UTC)
            except UserError as error:
                self._has_roster = False
                said = f"{error} What arrives is collected when the roster is mended."
                self._troubles.tell("roster", said)
            else:
                self._has_roster = True
                self._troubles.goes_well("roster")
        return self._has_roster is not False

    def _look_at(self, watched: _Watched) -> None:
        place, now = watched.place, time.monotonic()
        if self._troubles.is_paused(watched.key):
            return
        try:
            why = self._events.watch(place.directory)
            seen = place.scan()
        except OSError as error:
            self._events.forget(place.directory)
            said = f"{place.name}: {error.strerror or error}. It is looked for again and again."
            self._troubles.fails(watched.key, said)
            watched.failed = True
            return
        watched.failed = False
        self._troubles.goes_well(watched.key)
        for name in watched.bad - seen.keys():
            self._is_well(watched, name)
        watched.looked, watched.polled = now, bool(why)
        polled = f"polled {place.name}"
        if why:
            LOG.info("%s: %s", place.name, why)
            every = f"it is looked at every {self._watch.poll_seconds:g} seconds instead."
            self._troubles.tell(polled, f"{place.name}: {why}; {every}")
        else:
            self._troubles.goes_well(polled)
        watched.ready = watched.arrivals.look(seen, now, time.time())

    def take(self, turn: Turn, turns: Turns) -> None:
        """Collect what is to be collected, and let the students wait whose work is there."""
        for watched in self._watched:
            if not self._is_open(watched):
                continue
            if isinstance(watched.place, Source):
                if self._reads_roster():
                    self._collect_from(watched, watched.place, turn, turns)
                continue
            known = turn.runs() if self._is_first else {}
            for arrival in watched.ready:
                # At the start the whole class is there; those whose work is graded do not wait.
                if not self._is_first or turn.due(arrival.key, known).tasks:
                    turns.add(arrival.key, arrival.changed)
                watched.arrivals.take(arrival)
            watched.ready = []
        self._is_first = False

    def _is_open(self, watched: _Watched) -> bool:
        if self._has_roster is False and isinstance(watched.place, Source):
            return False
        return bool(watched.ready) and not self._troubles.is_paused(f"from {watched.place.name}")

    def _collect_from(self, watched: _Watched, place: Source, turn: Turn, turns: Turns) -> None:
        """Bring what is complete in a place into submitted/; what fails by the machine stays."""
        waiting = [each for each in watched.ready if not self._is_refused(watched, place, each)]
        if not place.by_entry:
            known = [each for each in waiting if self._was_collected(turn, place, each)]
            for arrival in known:
                watched.arrivals.take(arrival)
                if not turn.was_collected(_about(place, arrival)):
                    watched.by_roster.add(arrival.key)
            waiting = [each for each in waiting if each not in known]
        watched.ready = list(waiting)  # what is done is taken out of it
        for arrivals in _pieces(waiting, _AT_ONCE if place.by_entry else 1):
            if not self._collect_some(watched, place, arrivals, turns):
                return
            for arrival in arrivals:
                watched.arrivals.take(arrival)
                watched.ready.remove(arrival)
                if not place.by_entry and arrival.key not in watched.bad:
                    # With another roster, more of it may be collected.
                    is_by_roster = arrival.key in watched.by_roster
                    by = self._roster if is_by_roster else ""
                    turn.note_collected(_about(place, arrival, by))

    def _was_collected(self, turn: Turn, place: Source, arrival: Arrival) -> bool:
        return any(turn.was_collected(_about(place, arrival, by)) for by in ("", self._roster))

    def _collect_some(
        self, watched: _Watched, place: Source, arrivals: Sequence[Arrival], turns: Turns
    ) -> bool:
        """Collect some entries in one go; returns whether they need not be tried again."""
        names = [arrival.key for arrival in arrivals]
        options = replace(
            self._collect,
            source=place.directory if place.by_entry else place.directory / names[0],
            scheme=place.scheme or self._collect.scheme,
            only=frozenset(names) if place.by_entry else None,
        )
        try:
            with self._troubles.guarded(f"from {place.name}"):
                try:
                    made = collecting.collect(self._course, options)
                except UserError as error:
                    if names[1:]:  # one of them, which must not hold up the others
                        each = ([arrival] for arrival in arrivals)
                        return all(self._collect_some(watched, place, one, turns) for one in each)
                    watched.bad.add(names[0])
                    key = f"collect {place.name} {names[0]}"
                    self._troubles.tell(key, f"{error} {self._what_then(error)}")
                    return True
        except GraderError:
            return False
        for name in names:
            self._is_well(watched, name)
            # The report has names composed, as macOS may not.
            is_left = unicodedata.normalize("NFC", name) in made.by_roster
            if is_left or (made.by_roster and not place.by_entry):
                watched.by_roster.add(name)
            else:
                watched.by_roster.discard(name)
        self._tell(made)
        since = {arrival.key: arrival.changed for arrival in arrivals}
        for handed in made.handed:
            if handed.state in ("new", "newer"):
                own = [at for name, at in since.items() if _is_of(name, handed.student)]
                turns.add(handed.student, max(own or since.values()))
                self._take_submitted(handed.student)
        return True

    def _what_then(self, error: UserError) -> str:
        """What comes of what is refused."""
        what = "it or the roster changes" if self._collect.roster else "it changes"
        said = f"It is left as it is until {what}."
        has_not = " (course watch has no --inside; course collect has.)"
        return said + (has_not if "--inside" in str(error) else "")

    def _take_submitted(self, student: str) -> None:
        """What was collected is whole in submitted/, and waits already."""
        for watched in self._watched:
            if isinstance(watched.place, Submitted) and (seen := watched.place.look(student)):
                watched.arrivals.take(Arrival(student, seen.mark, seen.changed))

    def _is_refused(self, watched: _Watched, place: Source, arrival: Arrival) -> bool:
        remark = place.remark(arrival.key)
        if remark:
            self._teller.remark(remark)
            watched.arrivals.take(arrival)
        return bool(remark)

    def _is_well(self, watched: _Watched, name: str) -> None:
        watched.bad.discard(name)
        self._troubles.goes_well(f"collect {watched.place.name} {name}")

    def _tell(self, made: report.Report) -> None:
        for line in made.lines:
            if line.is_problem:
                self._teller.remark(report.sentence(line))
            elif line.what != "kept":
                LOG.info("%s: %s", line.what, report.sentence(line))

    def close(self) -> None:
        """Look no more."""
        self._events.close()


def _is_of(name: str, student: str) -> bool:
    """Whether an entry is of a student, by a name as nbgrader's exchange or a folder has it."""
    return name == student or name.startswith(f"{student}+")


def _about(place: Source, arrival: Arrival, by: str = "") -> str:
    """What tells an archive from others, and from itself after a change.

    `by` is of the roster for which some of it was left.
    """
    return fingerprint.of_texts(str(place.directory), repr(arrival.mark), *filter(None, (by,)))


def _pieces(items: Sequence[Arrival], size: int) -> Iterator[Sequence[Arrival]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
