"""Open what a person gave as the source, and find the submissions in it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path

from grader.collect import archives, folders, naming
from grader.collect.archives import Budget, Contents, Entry, Limits, Refused
from grader.collect.naming import NotOwned, OfAnother, Owner, Piece, Scheme
from grader.collect.report import Line, Report
from grader.collect.roster import Roster, Unknown
from grader.course import Course, CourseError


@dataclass(frozen=True)
class Submission:
    """What a student handed in at one time."""

    student: str
    pieces: tuple[Piece, ...]
    submitted: datetime | None  # by the roster


@contextmanager
def opened(
    course: Course, path: Path, zone: tzinfo, limits: Limits
) -> Iterator[tuple[Contents, bool]]:
    """What the source holds, open for reading."""
    for place in (course.submitted, course.collected):
        if path.resolve().is_relative_to(place):
            raise CourseError(f"{path} lies in {course.show(place)}, where collected work goes.")
    try:
        if path.is_dir():
            inbound = path / "inbound"  # the course in nbgrader's exchange
            yield folders.contents(inbound if inbound.is_dir() else path, limits), True
        elif path.is_file():
            with archives.opened(path, zone, limits) as contents:
                yield contents, False
        else:
            raise CourseError(f"There is no folder or archive {path}.")
    except Refused as refusal:
        raise CourseError(f"{path}: {refusal}.") from None


def scheme_of(
    path: Path, entries: list[Entry], given: Scheme | None, *, is_directory: bool
) -> tuple[Scheme, list[Entry]]:
    """The naming scheme, given or guessed, and the entries as it names them.

    Raises CourseError where it is not plain what the source is.
    """
    if not entries:
        raise CourseError(f"{path} holds no files that can be read.")
    inside = naming.unwrapped(entries)
    chosen = [scheme for scheme in naming.BY_PLATFORM if given in (scheme, None)]
    if not _any_fits(chosen, entries) and _any_fits(chosen, inside):
        entries = inside
    scheme = given or naming.guess(entries, is_directory)
    if given is None and scheme == "folder" and (below := naming.platform_below(entries)):
        # Else the whole class would become one student, named like the folder around it.
        raise CourseError(
            f'{path} holds what a platform gave out, some folders down ("{below.shown}"). Collect '
            "that folder; or if it has one folder for each student, say so: --from folder"
        )
    if not _any_fits([scheme], entries):
        try:
            naming.PARSERS[scheme](entries[0])
        except NotOwned as error:
            raise CourseError(
                f'Nothing in {path} is named like that ("{entries[0].shown}"): {error}.'
            ) from None
    return scheme, entries


def _any_fits(schemes: Sequence[Scheme], entries: Sequence[Entry]) -> bool:
    return any(naming.fits(scheme, entry) for scheme in schemes for entry in entries)


def submissions(
    entries: Sequence[Entry], scheme: Scheme, known: Roster | None, made: Report
) -> list[Submission]:
    """The submissions in the source, by student and attempt, in the order of their names."""
    pieces: dict[tuple[Owner, str], list[Piece]] = {}
    for entry in entries:
        try:
            piece = naming.PARSERS[scheme](entry)
        except NotOwned as error:
            made.add("left", "", entry.shown, f"belongs to nobody: {error}")
            made.has_strangers = True
            continue
        except OfAnother:
            continue
        if scheme == "canvas" and known is not None:
            # Who is called "kim_2008", with another's number, would hand in for them.
            several = known.of_canvas(naming.canvas_numbers(entry))
            if len(several) > 1:
                them = " or ".join(sorted(several))
                made.add("left", "", entry.shown, f"its name may mean {them}; ask whose it is")
                made.unclear |= several
                continue
        pieces.setdefault((piece.owner, piece.attempt), []).append(piece)
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
        remark = f"{piece.owner} {why}"
        made.lines.append(Line("left", "", piece.entry.shown, "", remark, of=str(piece.owner)))


def refuse(contents: Contents, scheme: Scheme, known: Roster | None, made: Report) -> None:
    """Tell what in the source is not read, and whose that may be."""
    for name, why in contents.refused:
        made.add("left", "", name, why)
        if known is not None:
            owners = _may_own(tuple(name.split("/")), scheme, known)
            made.unclear |= owners
            made.has_strangers |= not owners


def _may_own(path: tuple[str, ...], scheme: Scheme, known: Roster) -> set[str]:
    """The students of the roster whose a file with this name may be."""
    for inner in (path, path[1:]):  # all may lie in one folder
        with suppress(NotOwned, OfAnother, IndexError):
            owner = naming.PARSERS[scheme](Entry(inner, 0, None, _nothing)).owner
            try:
                return {known.find(owner).id}
            except Unknown as error:
                if error.may_be:
                    return error.may_be
    return set()


def _nothing(_: Budget) -> bytes:
    return b""
