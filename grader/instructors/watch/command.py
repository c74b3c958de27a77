"""`course watch`: grade work as it arrives, for as long as it runs."""

import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import NoReturn

from traitlets import TraitError

from grader.basics import system
from grader.basics.errors import UserError
from grader.basics.scratch import scratch
from grader.basics.terminal import LogFormatter, say
from grader.course import lock
from grader.course.directory import Course, put_tools_on_path
from grader.instructors.collect import command as collecting
from grader.instructors.grading import command as grading
from grader.instructors.watch import places, release, status
from grader.instructors.watch.events import Alarm
from grader.instructors.watch.intake import Intake
from grader.instructors.watch.places import Place
from grader.instructors.watch.service import BeginAnew, Service
from grader.instructors.watch.settings import Watch
from grader.instructors.watch.shift import Shift
from grader.instructors.watch.status import Teller
from grader.instructors.watch.troubles import Troubles
from grader.instructors.watch.turns import Turns
from grader.instructors.watch.workers import Workers
from grader.nbgrader_app.session import NbgraderSession
from grader.rosters.owner import Scheme

LOG = "watch.log"
_MOST_LOG, _OLD_LOGS = 2_000_000, 5  # bytes of the log, and how many older ones are kept


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


def run(course: Course, options: Options) -> int:
    """Grade what arrives until something ends it; with `status`, show what another one does.

    Raises UserError for what a person must mend first. What a person may mend later is told, and
    tried again: it ends nothing.
    """
    if options.status:
        return status.show(course)
    system.need_linux()
    put_tools_on_path()
    jobs = max(1, options.jobs or system.cores())
    with lock.watching(course), scratch():
        session = NbgraderSession(course, for_long=True)
        with _log(course):  # after NbgraderSession, which closes all logs
            try:
                _service(course, session, options, jobs).run()
            except BeginAnew:
                say("The configuration or the grader has changed: course watch begins anew.")
    return _begin_anew()


def _begin_anew() -> NoReturn:
    """Run the same command in the place of this process, with what is read and imported new."""
    os.execv(sys.executable, sys.orig_argv)


def _service(course: Course, session: NbgraderSession, options: Options, jobs: int) -> Service:
    try:
        watch = Watch(config=session.config)
    except TraitError as error:
        raise UserError(f"nbgrader_config.py: {error}") from None
    settings = grading.engine_settings(course, session, unsafe=options.unsafe)
    threads = max(1, system.cores() // jobs)
    settings["SandboxProvisioner"].setdefault("threads", threads)
    alarm, turns, teller = Alarm(), Turns(), Teller(course)
    troubles = Troubles(teller)
    workers = Workers(settings, jobs, watch.slow_seconds, alarm.ring)
    watched = _places(course, session, options)
    teller.status.places = [place.name for place in watched]
    how = collecting.Options(course.root, scheme=options.scheme, roster=options.roster)
    shift = Shift(
        *(watch, workers, turns, troubles, teller),
        jobs=jobs,
        releases=options.release,
    )
    say(f"course watch: {', '.join(teller.status.places)}; {jobs} at a time. Ctrl-C ends it.")
    return Service(
        *(course, session, settings, watch),
        alarm=alarm,
        intake=Intake(course, watch, watched, how, alarm, troubles, teller),
        shift=shift,
        workers=workers,
        turns=turns,
        troubles=troubles,
        teller=teller,
    )


def _places(course: Course, session: NbgraderSession, options: Options) -> list[Place]:
    """What is watched: submitted/ always, for whatever else arrives comes there."""
    course.submitted.mkdir(exist_ok=True)
    found: list[Place] = [places.submitted(course)]
    for path in (*options.collect, *options.drop):
        if not path.is_dir():
            raise UserError(f"There is no folder {path}.")
        if path.is_relative_to(course.submitted) or path.is_relative_to(course.collected):
            raise UserError(f"{path} is where collected work goes; submitted/ is watched anyway.")
    name = course.assignment
    found += [places.Folder(path, str(path), name, options.scheme) for path in options.collect]
    found += [
        places.Drop(path, str(path), name, options.scheme, by_entry=False) for path in options.drop
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
    handler.setFormatter(LogFormatter("%(asctime)s %(levelname)s %(message)s"))
    handler.handleError = lambda record: None  # type: ignore[method-assign]  # a full disk is told
    logger = logging.getLogger("grader")
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(handler)
        handler.close()
