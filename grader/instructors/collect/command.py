"""`course collect`: from a platform's archive, a folder or the exchange into submitted/."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from dateutil.tz import tzlocal

from grader.basics.errors import UserError
from grader.basics.words import counted, listed
from grader.course.directory import Course
from grader.course.lock import alone
from grader.instructors.collect import archive_of_student, report, sources, submissions
from grader.instructors.collect.archive_of_student import Files, StudentArchive, Version
from grader.instructors.collect.archives import LIMITS, Budget, Limits
from grader.instructors.collect.report import Handed, Line, Report, What
from grader.instructors.collect.sources import Submission
from grader.instructors.endings import ATTENTION, DONE
from grader.rosters import roster
from grader.rosters.owner import Scheme
from grader.rosters.roster import Roster
from grader.submissions import exchange, submission

_ONCE_MORE = (
    "delete their new folders in submitted/ and collected/ and collect again with --roster; "
    "--dry-run shows before what would be done"
)


@dataclass(frozen=True)
class Options:
    """What to collect and how; see the command line.

    `only` names the entries of a folder that are collected, each as one student's: nobody looks
    into it for other students. The report is then not written.
    """

    source: Path
    scheme: Scheme | None = None
    inside: str | None = None
    roster: Path | None = None
    due: str | None = None
    timezone: str | None = None
    zip_times: bool = False
    dry_run: bool = False
    limits: Limits = LIMITS
    only: frozenset[str] | None = None


def run(course: Course, options: Options) -> int:
    """Collect what is new; print the table.

    Returns 0 if all went well, 1 if something needs attention. Raises UserError for what a
    person must mend first.
    """
    zone = _zone(options.timezone)
    with alone(course):
        made = collect(course, options)
        if not options.dry_run:
            try:
                report.write(course, made, zone)
            except OSError as error:
                made.add("note", "", report.REPORT, _cannot_write(error))
    report.show(course, made, zone, dry=options.dry_run)
    return ATTENTION if made.problems else DONE


def collect(course: Course, options: Options) -> Report:
    """Collect what is new, for who has locked the course; returns what there is to tell."""
    zone = _zone(options.timezone)
    due = _due(options.due, zone)
    known = roster.read(options.roster, zone) if options.roster else None
    made = Report()
    source = options.source
    with sources.opened(course, source, zone, options.limits, options.only) as opened:
        contents, is_directory = opened
        names, limits = course.names(), options.limits
        named = sources.named(
            *(source, contents.entries, options.scheme, options.inside, known),
            *(course.assignment, names, limits),
            is_directory=is_directory,
            by_entry=options.only is not None,
        )
        sources.refuse(contents, named, known, made)
        step = _Collecting(course, options, named.scheme, due, made)
        found = sources.submissions(named, known, course.assignment, names, zone, limits, made)
        if known is None and options.only is None:
            step.remember_others({submission.student for submission in found})
        for submission in found:
            step.collect(submission)
        step.put_in_use()
        if due is not None and (unknown := _without_time(made)):
            made.hint = _time_hint(unknown)
        if known is not None and options.only is None:
            _tell_absent(course, known, {one.student for one in found}, made)
    return made


def _tell_absent(course: Course, known: Roster, there: set[str], made: Report) -> None:
    """Tell who handed in nothing; not of those of whom something may have been left."""
    missing = [
        one.id
        for one in known.students
        if one.id not in there and not course.submission(one.id).is_dir()
    ]
    made.absent = [student for student in missing if student not in made.unclear]
    for student in missing:
        if student in made.unclear:
            remark = "something came that may be theirs, but was left: see the files above"
            made.add("note", student, "", remark)


def _zone(name: str | None) -> tzinfo:
    if name is None:
        return tzlocal()  # type: ignore[no-any-return]
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise UserError(
            f"{name} is no time zone. Name one such as Europe/Berlin or Asia/Seoul."
        ) from None


def _due(text: str | None, zone: tzinfo) -> datetime | None:
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UserError(f'"{text}" is no time. Write it so: --due "2026-11-20 23:59"') from None
    return time if time.tzinfo else time.replace(tzinfo=zone)


def _without_time(made: Report) -> int:
    return sum(bool(row.notebooks) and row.submitted is None for row in made.handed)


def _time_hint(number: int) -> str:
    them = counted(number, "submission")
    return (
        f"When {them} came is not known, so nobody can say whether before the due time: Moodle "
        "and Canvas give all files in an archive the time of the download. Moodle's grading "
        "worksheet has the times: give it as --roster. Or add a column `submitted` to your own."
    )


def _cannot_write(error: OSError) -> str:
    return f"{error.filename or 'a file'} cannot be written ({error.strerror}); run this again"


class _Collecting:
    """Takes submissions over, one by one; only one is in the memory at a time."""

    def __init__(
        self, course: Course, options: Options, scheme: Scheme, due: datetime | None, made: Report
    ) -> None:
        self._course, self._options, self._made = course, options, made
        self._due = due
        self._budget = Budget(options.limits.all_bytes)
        self._now = datetime.now(UTC)
        # Beside the handouts, what nbgrader writes into a submission in the exchange.
        self._known = submission.marks(course)
        self._expected = frozenset(path.name for path in course.handouts()) | (
            {*exchange.NAMES} if scheme == "exchange" else set()
        )
        self._drawers: dict[str, StudentArchive] = {}
        self._added: dict[str, list[tuple[Version, bool]]] = {}
        self._of_others: dict[str, str] = {}  # by digest: who is not in this source
        self._packed: dict[str, datetime] = {}  # by student: the time of the archive, in its zone
        self._changed: dict[str, datetime] = {}  # by student: when what was found last changed

    def remember_others(self, coming: set[str]) -> None:
        """Without a roster: tell if none who comes is known, and remember what others handed in.

        A roster that is forgotten once makes the whole class a second time, under other names.
        """
        there = {
            path.parent.name for path in self._course.submitted.glob(f"*/{self._course.assignment}")
        }
        if there and len(coming) > 1 and not there & coming:
            remark = (
                f"none of these {len(coming)} students is among the {len(there)} in submitted/. "
                f"If they are the same under other names, {_ONCE_MORE}"
            )
            self._made.add("note", "", "", remark)
        for student, digests in archive_of_student.digests(self._course).items():
            if student not in coming:
                self._of_others.update(dict.fromkeys(digests, student))

    def _tell_doubles(self) -> None:
        """Tell of those whose work lies under another name already."""
        doubles = [
            f"{student} = {self._of_others[version.digest]}"
            for student, added in self._added.items()
            for version, is_new in added
            if is_new and version.digest in self._of_others
        ]
        if doubles:
            remark = (
                f"the same work is there under another name ({listed(doubles, 5)}). "
                f"If that is the same student, {_ONCE_MORE}"
            )
            self._made.add("note", "", "", remark)

    def collect(self, found: Submission) -> None:
        """Keep a submission in collected/."""
        lines: list[Line] = []

        def tell(what: What, name: str, remark: str, notebook: str) -> None:
            lines.append(Line(what, found.student, name, notebook, remark))

        received, notebooks = submissions.read(
            found.pieces,
            self._known,
            self._expected,
            tell,
            self._budget,
            self._options.limits,
        )
        is_new = False
        try:
            if received:
                is_new = self._keep(found, Files(received, notebooks))
        except OSError as error:
            tell("left", found.pieces[0].entry.shown, _cannot_write(error), "")
        # What was told when a submission came is not told again on the screen.
        self._made.lines += [replace(line, told_before=not is_new) for line in lines]

    def _keep(self, found: Submission, files: Files) -> bool:
        """Returns whether it is new."""
        student = found.student
        drawer = self._drawers.get(student)
        if drawer is None:
            drawer = StudentArchive(self._course, student, dry=self._options.dry_run)
            self._drawers[student] = drawer
        submitted, order, packed = self._times(found)
        late = any(piece.late for piece in found.pieces)
        source = f"{self._options.source.name}: {found.pieces[0].owner}"
        notebooks = tuple(files.notebooks)
        where = self._options.source
        place = str(where.resolve()) if where.is_dir() else ""
        version = Version(files.digest, order, submitted, late, source, notebooks, packed, place)
        is_new = drawer.add(version, files)
        self._changed[student] = self._last_change(found) or self._now
        self._added.setdefault(student, []).append((version, is_new))
        return is_new

    def _times(self, found: Submission) -> tuple[datetime | None, datetime, datetime | None]:
        """When it was handed in, if known; what tells newer from older; when it was packed."""
        first = found.pieces[0]
        submitted = first.submitted or found.submitted
        # Moodle and Canvas pack their archives as they are asked for, and give the files that
        # time; so it is that of the download, unless a person knows better.
        last = self._last_change(found)
        changed = min(last, self._now) if last else self._now
        if submitted is None and self._options.zip_times and last:
            submitted = changed
        by_platform = self._options.source.is_file() and first.owner.scheme in ("moodle", "canvas")
        order = submitted or (changed if by_platform else self._now)
        if not (by_platform and last):
            return submitted, order, None
        self._packed[found.student] = last
        # As the platform's clock said, in whatever zone, and not cut at now where it is ahead:
        # else an older archive could seem newer than one that was collected before.
        return submitted, order, last.replace(tzinfo=UTC)

    @staticmethod
    def _last_change(found: Submission) -> datetime | None:
        """The last time that one of the files has, if any has one."""
        return max(filter(None, (piece.entry.time for piece in found.pieces)), default=None)

    def put_in_use(self) -> None:
        """Bring submitted/ to the newest of everybody, and tell of it."""
        self._tell_doubles()
        for student, drawer in self._drawers.items():
            if student not in self._added:
                continue
            try:
                if not self._holds_newest(student, drawer):
                    drawer.bring_back(self._added[student][-1][0], self._changed[student])
                state = drawer.put_in_use()
            except OSError as error:
                self._made.add(
                    "left", student, "", f"kept in collected/, but {_cannot_write(error)}"
                )
                continue
            newest = drawer.newest()
            self._tell_versions(student, drawer, newest)
            if newest is None:
                self._made.handed.append(Handed(student, "no notebook"))
                continue
            if state is None:
                is_old = any(is_new for _, is_new in self._added[student])
                is_old = is_old or not self._holds_newest(student, drawer)
                state = "older" if is_old else "unchanged"
            self._made.handed.append(
                Handed(student, state, newest.notebooks, newest.submitted, self._late(newest))
            )

    def _holds_newest(self, student: str, drawer: StudentArchive) -> bool:
        """Whether the source holds the newest work of a student."""
        newest = drawer.newest()
        found = {version.digest for version, _ in self._added[student]}
        return newest is not None and newest.digest in found

    def _tell_versions(self, student: str, drawer: StudentArchive, newest: Version | None) -> None:
        if drawer.by_hand:
            remark = f"submitted/{student} held other work; it was moved to {drawer.by_hand}"
            self._made.add("note", student, "", remark)
        if newest is None:
            is_new = any(new for _, new in self._added[student])
            remark = "no file is a notebook of the assignment"
            self._made.lines.append(Line("note", student, remark=remark, told_before=not is_new))
            return
        if drawer.passed is not None:
            remark = (
                "the folder holds again what was collected before "
                f"{drawer.show(drawer.passed)}, so this counts as the newest now. If the folder is "
                "an old copy, collect the newer one again"
            )
            self._made.add("note", student, "", remark)
        self._tell_stale(student, newest)
        for version, is_new in self._added[student]:
            if is_new and version.digest != newest.digest and version.submitted is None:
                remark = f"is older than what is in submitted/; kept in {drawer.show(version)}"
                self._made.add("note", student, version.source, remark)
        if not any(is_new for _, is_new in self._added[student]):
            return
        for name in self._course.names():
            before = [one for one in drawer.versions if name in one.notebooks]
            if name not in newest.notebooks and before:
                remark = (
                    f"{name} is missing in the newest submission, but is in an earlier one; "
                    f"if it should count, copy it from {drawer.show(before[-1])}/notebooks"
                )
                self._made.add("note", student, "", remark, name)

    def _tell_stale(self, student: str, newest: Version) -> None:
        """Tell of an archive that was packed before the work whose time the roster has."""
        packed, submitted = self._packed.get(student), newest.submitted
        if packed is None or submitted is None or newest.packed is None or submitted <= packed:
            return
        if packed.replace(tzinfo=UTC) < newest.packed:
            return  # a newer archive was collected before
        when, at = (
            f"{time.astimezone(packed.tzinfo):%Y-%m-%d %H:%M}" for time in (submitted, packed)
        )
        remark = (
            f"by the roster, work came at {when}, but this archive is older ({at}): download it "
            "again, for it may lack the newest work (or the platform's clock is in another zone)"
        )
        is_new = any(new for _, new in self._added[student])
        self._made.lines.append(Line("note", student, remark=remark, told_before=not is_new))

    def _late(self, version: Version) -> str:
        """How late it is, if that is known."""
        if version.submitted is not None and self._due is not None:
            seconds = (version.submitted - self._due).total_seconds()
            if seconds <= 0:
                return ""
            days, rest = divmod(int(seconds), 86_400)
            hours, minutes = divmod(rest // 60, 60)
            if days:
                return f"{days} d {hours} h"
            return f"{hours} h {minutes} min" if hours or minutes else "1 min"
        return "yes" if version.late else ""
