"""Open what a person gave as the source, and find the submissions in it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path

from grader.basics.errors import UserError
from grader.course.directory import Course
from grader.instructors.collect import archives, folders, gradescope, levels, platform_names
from grader.instructors.collect.archives import Budget, Contents, Entry, Limits, Refused
from grader.instructors.collect.levels import Level
from grader.instructors.collect.platform_names import NotOwned, OfNobody, Piece
from grader.instructors.collect.report import Line, Report
from grader.rosters.owner import Owner, Scheme
from grader.rosters.roster import Roster, Unknown
from grader.submissions.match_files import is_notebook

_CROWD = (
    'holds the same notebook in several folders ("{}", "{}", "{}", ...), so it looks like a group, '
    'not a student. If it is one, collect it by itself: --inside "{folder}"; if it is a student, '
    "put one of each notebook into it"
)


@dataclass(frozen=True)
class Submission:
    """What a student handed in at one time."""

    student: str
    pieces: tuple[Piece, ...]
    submitted: datetime | None  # by the roster


@contextmanager
def opened(
    course: Course, path: Path, zone: tzinfo, limits: Limits, only: frozenset[str] | None = None
) -> Iterator[tuple[Contents, bool]]:
    """What the source holds, open for reading; of a folder, what these entries of it hold."""
    for place in (course.submitted, course.collected):
        if path.resolve().is_relative_to(place.resolve()):
            raise UserError(f"{path} lies in {course.show(place)}, where collected work goes.")
    try:
        if path.is_dir():
            inbound = path / "inbound"  # the course in nbgrader's exchange
            is_exchange = only is None and inbound.is_dir()
            yield folders.contents(inbound if is_exchange else path, limits, only), True
        elif path.is_file():
            with archives.opened(path, zone, limits) as contents:
                yield contents, False
        else:
            raise UserError(f"There is no folder or archive {path}.")
    except Refused as refusal:
        raise UserError(f"{path}: {refusal}.") from None


@dataclass(frozen=True)
class Named:
    """The source as a scheme names it; `by_entry`: each entry is one student's.

    `is_said`: a person said in which folder the names begin.
    """

    scheme: Scheme
    level: Level
    by_entry: bool = False
    is_said: bool = False


def named(
    path: Path,
    entries: list[Entry],
    given: Scheme | None,
    folder: str | None,
    known: Roster | None,
    assignment: str,
    names: Sequence[str],
    limits: Limits,
    *,
    is_directory: bool,
    by_entry: bool = False,
) -> Named:
    """What the source is, given or guessed, and where in it the names begin.

    `folder` is where a person says that they begin; `by_entry` that each entry of the source is
    one student's. Raises UserError where it is not plain.
    """
    if not entries:
        raise UserError(f"{path} holds no files that can be read.")
    is_known = _Known(known) if known is not None else None
    if by_entry:
        folder = "."
    whole = levels.inside(entries, folder) if folder is not None else Level(entries, [])
    # Folders of a platform are folders, too: whoever says so means these.
    chosen = (
        platform_names.IN_FOLDERS
        if given == "folder"
        else (given,)
        if given
        else platform_names.BY_PLATFORM
    )
    level = whole
    for deeper in levels.chain(entries) if folder is None else [whole]:
        if found := platform_names.fitting(deeper.entries, chosen):
            level = deeper
            given = next(iter(found)) if given == "folder" and len(found) == 1 else given
            break
        if is_known is not None and any(map(is_known, {one.path[0] for one in deeper.entries})):
            break  # what is below is a student's
        if given in (None, "folder"):
            platform_names.refuse_without_time(path, deeper.entries)
        if given is None:
            platform_names.refuse_without_owner(path, deeper.entries)
    scheme = given or platform_names.guess(level.entries, is_directory)
    if scheme == "folder":
        if given is None:
            _refuse_platform(path, level.entries)
        if by_entry and known is None:
            levels.refuse_class(level.entries, assignment, names, limits)
        if folder is None:
            level = levels.of_students(entries, is_known, assignment, names, limits)
    if not platform_names.fitting(level.entries, [scheme]):
        try:
            platform_names.PARSERS[scheme](level.entries[0])
        except (NotOwned, OfNobody) as error:
            raise UserError(
                f'Nothing in {path} is named like that ("{level.entries[0].shown}"): {error}.'
            ) from None
    return Named(scheme, level, by_entry, folder is not None)


class _Known:
    """Whether the roster knows a student by the name of a folder."""

    def __init__(self, known: Roster) -> None:
        self._known = known

    def __call__(self, name: str) -> bool:
        try:
            self._known.find(platform_names.student_folder(name))
        except Unknown as error:
            return bool(error.may_be)
        return True


def _refuse_platform(path: Path, entries: Sequence[Entry]) -> None:
    """Refuse what a platform gave out and a guess would make students of."""
    if below := platform_names.platform_below(entries):
        # Else the whole class would become one student, named like the folder around it.
        raise UserError(
            f'{path} holds what a platform gave out, some folders down ("{below.shown}"). Collect '
            "that folder; or if it has one folder for each student, say so: --from folder"
        )


def submissions(
    source: Named,
    known: Roster | None,
    assignment: str,
    names: Sequence[str],
    zone: tzinfo,
    limits: Limits,
    made: Report,
) -> list[Submission]:
    """The submissions in the source, by student and attempt, in the order of their names.

    `zone` is that of the times in names.
    """
    scheme, entries = source.scheme, source.level.entries
    for entry in source.level.outside:
        made.add("left", "", entry.shown, "lies beside the folder that was collected")
        made.has_strangers |= archives.is_zip(entry.path[-1]) or is_notebook(entry.path[-1])
    may_be_crowds = scheme == "folder" and known is None and not source.by_entry
    crowds = levels.crowds(source.level, names, is_said=source.is_said) if may_be_crowds else {}
    told = gradescope.read(entries, zone, limits) if scheme == "gradescope" else None
    pieces: dict[tuple[Owner, str], list[Piece]] = {}
    for entry in entries:
        try:
            piece = platform_names.PARSERS[scheme](entry, zone)
            if piece.assignment not in ("", assignment):
                continue
            owned = told.shared(piece) if told else [piece]
        except OfNobody:
            continue
        except NotOwned as error:
            made.add("left", "", entry.shown, f"belongs to nobody: {error}")
            made.has_strangers = True
            continue
        if scheme == "canvas" and known is not None:
            # Who is called "kim_2008", with another's number, would hand in for them.
            several = known.of_canvas(platform_names.canvas_numbers(entry))
            if len(several) > 1:
                them = " or ".join(sorted(several))
                made.add("left", "", entry.shown, f"its name may mean {them}; ask whose it is")
                made.unclear |= several
                made.by_roster.add(entry.path[0])
                continue
        if entry.path[0] in crowds:
            folder = levels.inside_of(source.level, entry.path[0])
            remark = _CROWD.format(*crowds[entry.path[0]], folder=folder)
            made.lines.append(Line("left", "", entry.shown, "", remark, of=entry.path[0]))
            continue
        for shared in owned:
            pieces.setdefault((shared.owner, shared.attempt), []).append(shared)
    found: list[Submission] = []
    owners: dict[str, set[Owner]] = {}
    for (owner, _), own in pieces.items():
        student, submitted = owner.student, None
        if known is not None:
            try:
                line = known.find(owner)
            except Unknown as error:
                _leave(made, own, str(error))
                made.unclear |= error.may_be
                made.has_strangers |= not error.may_be
                continue
            student, submitted = line.id, line.submitted
        owners.setdefault(student, set()).add(owner)
        found.append(Submission(student, tuple(own), submitted))
    # Anybody can take somebody else's name on a platform: then neither is believed.
    for one in found:
        if len(owners[one.student]) > 1:
            them = " and ".join(sorted(map(str, owners[one.student])))
            _leave(made, one.pieces, f"would be mixed up: {them} are both {one.student}")
            made.unclear.add(one.student)
    alone = [one for one in found if len(owners[one.student]) == 1]
    return sorted(alone, key=lambda one: (one.student, one.pieces[0].attempt))


def _leave(made: Report, pieces: Sequence[Piece], why: str) -> None:
    for piece in pieces:
        made.by_roster.add(piece.entry.path[0])
        remark = f"{piece.owner} {why}"
        made.lines.append(Line("left", "", piece.entry.shown, "", remark, of=str(piece.owner)))


def refuse(contents: Contents, source: Named, known: Roster | None, made: Report) -> None:
    """Tell what in the source is not read, and whose that may be."""
    for name, why in contents.refused:
        made.add("left", "", name, why)
        if known is not None:
            owners = _may_own(tuple(name.split("/")), source, known)
            made.unclear |= owners
            made.has_strangers |= not owners


def _may_own(path: tuple[str, ...], source: Named, known: Roster) -> set[str]:
    """The students of the roster whose a file with this name may be."""
    inner = path[source.level.depth :]
    with suppress(NotOwned, OfNobody, IndexError):
        owner = platform_names.PARSERS[source.scheme](Entry(inner, 0, None, _nothing)).owner
        try:
            return {known.find(owner).id}
        except Unknown as error:
            return error.may_be
    return set()


def _nothing(_: Budget) -> bytes:
    return b""
