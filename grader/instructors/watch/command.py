"""`course watch`: grade work as it arrives, to all assignments, for as long as it runs."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, NoReturn

from grader.basics import config_file, system
from grader.basics.errors import UserError
from grader.basics.scratch import scratch
from grader.basics.terminal import say
from grader.course import lock
from grader.course.directory import CONFIG, Course, put_tools_on_path
from grader.instructors.collect import command as collecting
from grader.instructors.grading import command as grading
from grader.instructors.watch import places, release, status
from grader.instructors.watch.events import Alarm
from grader.instructors.watch.hold import Hold
from grader.instructors.watch.intake import Intake
from grader.instructors.watch.places import Place
from grader.instructors.watch.rounds import Rounds, Turned
from grader.instructors.watch.service import BeginAnew, Service
from grader.instructors.watch.settings import Watch
from grader.instructors.watch.shift import Shift
from grader.instructors.watch.status import Teller
from grader.instructors.watch.troubles import Troubles
from grader.instructors.watch.turns import Turns
from grader.instructors.watch.workers import Crew, Workers
from grader.nbgrader_app.session import NbgraderSession
from grader.rosters.owner import Scheme

LOG = "watch.log"
_NAME = "{assignment}"  # in the path of a folder
_MOST_LOG, _OLD_LOGS = 2_000_000, 5  # bytes of the log, and how many older ones are kept
_MOST_WORDS = 500  # characters of what another process says


@dataclass(frozen=True)
class Options:
    """What to watch, and how; see the command line."""

    collect: Sequence[Path] = ()
    drop: Sequence[Path] = ()
    exchange: bool = False
    release: bool = False
    scheme: Scheme | None = None
    roster: Path | None = None
    jobs: int = 0
    unsafe: bool = False
    status: bool = False
    only_begin: bool = False  # to see whether it can


def run(courses: Sequence[Course], options: Options) -> int:
    """Grade what arrives until something ends it; with `status`, show what another one does.

    `courses` are one course, for the assignments that are to be looked after. Raises UserError for
    what a person must mend first. What a person may mend later is told, and tried again: it ends
    nothing.
    """
    if options.status:
        return max(_show(course, several=len(courses) > 1) for course in courses)
    system.need_linux()
    put_tools_on_path()
    jobs = max(1, options.jobs or system.cores())
    begun_in = Path.cwd()  # NbgraderSession goes to the course directory
    if options.only_begin:
        _read([NbgraderSession(course, new_log=False) for course in courses], options, jobs)
        return 0
    with ExitStack() as stack:
        for course in courses:
            stack.enter_context(lock.watching(course))
        stack.enter_context(scratch())
        sessions = [NbgraderSession(course, for_long=True) for course in courses]
        for course in courses:  # after NbgraderSession, which closes all logs
            stack.enter_context(_log(course))
        try:
            _rounds(sessions, options, jobs, begun_in).run()
        except BeginAnew:
            say("The configuration or the grader has changed: course watch begins anew.")
    return _begin_anew(begun_in)


def _show(course: Course, *, several: bool) -> int:
    if several:
        say(f"Assignment {course.assignment}")
    return status.show(course)


def _try_to_begin(directory: Path) -> None:
    """Raise UserError if the same command could not begin now: it would end, not begin anew.

    `directory` is as below.
    """
    command = [sys.executable, *sys.orig_argv[1:], "--only-begin"]
    done = subprocess.run(
        command,
        cwd=directory,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        why = " ".join(done.stderr.split())[-_MOST_WORDS:]
        raise UserError(
            "The configuration or the grader has changed, and course watch cannot begin anew. "
            f"Nothing is graded until this is mended: {why}"
        )


def _begin_anew(directory: Path) -> NoReturn:
    """Run the same command in the place of this process, with what is read and imported new.

    `directory` is the one in which it was begun: its arguments may be paths from there.
    """
    os.chdir(directory)
    os.execv(sys.executable, sys.orig_argv)


def _read(
    sessions: Sequence[NbgraderSession], options: Options, jobs: int
) -> tuple[Watch, dict[str, dict[str, Any]], list[list[Place]]]:
    """What the configuration says of the watch and to the workers, and the places to watch, by
    assignment. Raises UserError for what a person must mend first.
    """
    watch = config_file.made(Watch, sessions[0].config, CONFIG)
    settings = _settings(sessions, options, jobs)
    return watch, settings, [_places(one, options, several=len(sessions) > 1) for one in sessions]


def _rounds(
    sessions: Sequence[NbgraderSession], options: Options, jobs: int, begun_in: Path
) -> Rounds:
    """All that works, for the assignments of the sessions."""
    watch, settings, watched = _read(sessions, options, jobs)
    alarm, hold = Alarm(), Hold(sessions[0].course)
    crew = Crew(settings, jobs, watch.slow_seconds, alarm.ring)
    services = []
    for session, places_of_one in zip(sessions, watched, strict=True):
        course, turns, teller = session.course, Turns(), Teller(session.course)
        _, left = grading.in_python(course, course.names())
        for line in left:
            teller.remark(line)
        troubles, workers = Troubles(teller), Workers(crew, course.assignment)
        teller.status.places = [place.name for place in places_of_one]
        how = collecting.Options(course.root, scheme=options.scheme, roster=options.roster)
        service = Service(
            *(course, session, settings, watch),
            try_to_begin=partial(_try_to_begin, begun_in),
            hold=hold,
            intake=Intake(course, watch, places_of_one, how, alarm, troubles, teller),
            shift=Shift(
                *(watch, workers, turns, troubles, teller), jobs=jobs, releases=options.release
            ),
            workers=workers,
            turns=turns,
            troubles=troubles,
            teller=teller,
        )
        services.append(service)
    names = [place.name for each in watched for place in each]
    where = ", ".join(dict.fromkeys(names))
    assignments = ", ".join(session.course.assignment for session in sessions)
    of_which = f" ({assignments})" if len(sessions) > 1 else ""
    say(f"course watch{of_which}: {where}; {jobs} at a time. Ctrl-C ends it.")
    return Rounds(services, crew, watch, alarm)


def _settings(
    sessions: Sequence[NbgraderSession], options: Options, jobs: int
) -> dict[str, dict[str, Any]]:
    """What the configuration says to the workers, which are warm for all assignments."""
    own = [
        grading.engine_settings(session.course, session, unsafe=options.unsafe)
        for session in sessions
    ]
    settings, each = own[0], [one["SandboxProvisioner"] for one in own]
    warm = list(dict.fromkeys(chain.from_iterable(one["warm"] for one in each)))
    common = [name for name in warm if all(name in one["common"] for one in each)]
    settings["SandboxProvisioner"] |= {"warm": warm, "common": common}
    settings["SandboxProvisioner"].setdefault("threads", max(1, system.cores() // jobs))
    return settings


def _places(session: NbgraderSession, options: Options, *, several: bool) -> list[Place]:
    """What is watched: submitted/ always, for whatever else arrives comes there."""
    course = session.course
    course.submitted.mkdir(exist_ok=True)
    found: list[Place] = [places.submitted(course)]
    given = {"collect": _folders(course, options.collect, several=several)}
    given["drop"] = _folders(course, options.drop, several=several)
    for path in (*given["collect"], *given["drop"]):
        if not path.is_dir():
            raise UserError(f"There is no folder {path}.")
        collected = (course.submitted.resolve(), course.collected.resolve())
        if any(path.resolve().is_relative_to(place) for place in collected):
            raise UserError(f"{path} is where collected work goes; submitted/ is watched anyway.")
    name = course.assignment
    found += [places.Folder(path, str(path), name, options.scheme) for path in given["collect"]]
    found += [
        places.Drop(path, str(path), name, options.scheme, by_entry=False) for path in given["drop"]
    ]
    if options.exchange or options.release:
        root = release.course_in_exchange(session)
        if not options.exchange:
            return found
        checks = release.checks_owner(session)
        found.append(
            places.Inbound(
                *(root / "inbound", f"the exchange {root}", name, "exchange"), check_owner=checks
            )
        )
    return found


def _folders(course: Course, paths: Sequence[Path], *, several: bool) -> list[Path]:
    """Folders of one assignment; raises UserError where they could be of another, too."""
    if unclear := [path for path in paths if several and _NAME not in str(path)]:
        raise UserError(
            f"Which assignment is {unclear[0]} for? Write {_NAME} in the place of its name, or "
            f"watch one assignment: course watch --assignment {course.assignment} ..."
        )
    return [Path(str(path).replace(_NAME, course.assignment)) for path in paths]


@contextmanager
def _log(course: Course) -> Iterator[None]:
    """Write what happens into watch.log, and begin another file when that is large."""
    handler = RotatingFileHandler(
        course.made(LOG),
        maxBytes=_MOST_LOG,
        backupCount=_OLD_LOGS,
        encoding="utf-8",
        errors="replace",
        delay=True,
    )
    handler.handleError = lambda record: None  # type: ignore[method-assign]  # a full disk is told
    handler.addFilter(Turned(course.assignment))
    with grading.logged(handler):
        yield
