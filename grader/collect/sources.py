"""Open what a person gave as the source, and find the submissions in it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path

from grader.collect import archives, folders, naming
from grader.collect.archives import Contents, Entry, Limits, Refused
from grader.collect.naming import NotOwned, OfAnother, Owner, Piece, Scheme
from grader.collect.report import Report
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
            continue
        except OfAnother:
            continue
        if scheme == "canvas" and known is not None:
            # Who is called "kim_2008", with another's number, would hand in for them.
            several = known.of_canvas(naming.canvas_numbers(entry))
            if len(several) > 1:
                them = " or ".join(sorted(several))
                made.add("left", "", entry.shown, f"its name may mean {them}; ask whose it is")
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
                continue
            student, submitted = line.id, line.submitted
        owners.setdefault(student, set()).add(owner)
        found.append(Submission(student, tuple(own), submitted))
    # Anybody can take somebody else's name on a platform: then neither is believed.
    for one in found:
        if len(owners[one.student]) > 1:
            them = " and ".join(sorted(map(str, owners[one.student])))
            _leave(made, one.pieces, f"would be mixed up: {them} are both {one.student}")
    alone = [one for one in found if len(owners[one.student]) == 1]
    return sorted(alone, key=lambda one: (one.student, one.pieces[0].attempt))


def _leave(made: Report, pieces: Sequence[Piece], why: str) -> None:
    for piece in pieces:
        made.add("left", "", piece.entry.shown, f"{piece.owner} {why}")
