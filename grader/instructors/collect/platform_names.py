"""Whose file it is, by the names that learning platforms give to what they hand out.

Only the outer name counts, which the platform made. What a student named, or wrote into a file,
says nothing of who the student is.

Moodle, "Download all submissions": mod/assign/classes/downloader.php, before Moodle 4.1
mod/assign/locallib.php (download_submissions). Each name begins with the full name, in which _
became a blank, and the participant's number in this assignment:
`NAME_NUMBER_assignsubmission_TYPE`. With "Download submissions in folders" that is a folder,
which older versions end with a further _; else `_FILE` follows. TYPE is `file` for files and
`onlinetext` for text typed into the page. For blind marking NAME is "Participant"; for groups it
is the group's, and a default group has no number.

Canvas, "Download submissions": lib/content_zipper.rb. `NAME[_LATE]_USER_ATTACHMENT_FILE`: NAME is
the sortable name in small letters without blanks and commas, USER and ATTACHMENT are numbers.
For anonymous grading, `[LATE_]anon_ID_ATTACHMENT_FILE`. Instead of ATTACHMENT_FILE, `text.html`
or `link.html` stands for text and links. Canvas itself adds -1, -2 to FILE when a student hands
in a file of the same name again.

nbgrader's exchange: nbgrader/exchange/default/submit.py and collect.py. A folder
`STUDENT+ASSIGNMENT+TIME[+RANDOM]` for each time that a student submitted.

Brightspace (D2L), "Download": `USER-FOLDER - NAME - TIME` for each time that a student submitted, a
folder, or with ` - FILE` after it a file; and an index.html. TIME is written as the language of
whoever downloads it writes times, without the colon. Before NAME there may be the university's
number and another ` - `.

Blackboard, "Assignment File Download": `ASSIGNMENT_LOGIN_attempt_TIME_FILE`, and for each attempt
`ASSIGNMENT_LOGIN_attempt_TIME.txt`, which Blackboard writes. Both of the first may hold a _.

Gradescope, "Export Submissions": a folder `submission_NUMBER` for each submission, and beside them
submission_metadata.yml, which says whose they are.

ILIAS, "Download all submissions" of an exercise: folders `LAST_FIRST_LOGIN_NUMBER` in others. That
is a folder for each student; the login is looked for in the roster.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import get_args

from grader.basics.errors import UserError
from grader.instructors.collect.archives import Entry, is_zip
from grader.rosters.owner import Owner, Scheme

# Those that are told by their names.
BY_PLATFORM: tuple[Scheme, ...] = tuple(each for each in get_args(Scheme) if each != "folder")
IN_FOLDERS: tuple[Scheme, ...] = ("brightspace", "gradescope")  # they look like a folder a student
METADATA = "submission_metadata.yml"

_MOODLE = re.compile(
    r"(?P<name>.+?)(?:_(?P<number>\d+))?_assignsubmission_(?P<type>[a-z]+)(?:_(?P<file>.*))?"
)
_CANVAS = re.compile(
    r"(?:(?P<name>.*?)(?P<late>_LATE)?_(?P<number>\d+)|(?P<anon_late>LATE_)?anon_(?P<anon>[^_]+))"
    r"_(?:(?P<attachment>\d+)_(?P<file>.+)|(?P<typed>(?:text|link)\.html))"
)
_EXCHANGE = re.compile(
    r"(?P<name>.+)\+(?P<assignment>[^+]+)"
    r"\+(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?) (?:UTC|GMT)(?:\+[^+]*)?"
)
_BRIGHTSPACE = re.compile(
    r"(?P<number>\d+)-\d+ - (?P<name>.+?) - "
    r"(?:(?P<month>[A-Za-z]{3,9}) (?P<day>\d\d?)|(?P<first>\d\d?) (?P<second>[A-Za-z]{3,9})),? "
    r"(?P<year>\d{4}),? (?P<hour>\d\d?)(?P<minute>\d\d)(?: ?(?P<half>[AaPp])[Mm])?"
    r"(?: - (?P<file>.+))?"
)
_LIKE_BRIGHTSPACE = re.compile(r"\d{3,}-\d{3,} - .+ - .*\d.*")
_BLACKBOARD = re.compile(
    r"(?P<whose>.+?_.+?)_attempt_(?P<time>\d{4}(?:-\d\d){5})(?:_(?P<file>.+)|(?P<record>\.txt))"
)
_GRADESCOPE = re.compile(r"submission_\d+")
_ILIAS = re.compile(r"(?P<whose>[^_]+_[^_]+_.+)_\d+")


@dataclass(frozen=True)
class Piece:
    """A file of a submission, under the name that its student gave it.

    `attempt` tells a student's submissions in one source apart, `order` its files: where two
    are for the same notebook, the higher one came later. `record`: the platform wrote it.
    `assignment` is what it was handed in for, "" where the name does not say.
    """

    owner: Owner
    entry: Entry
    file: tuple[str, ...]
    attempt: str = ""
    submitted: datetime | None = None
    late: bool = False
    order: float = 0
    record: bool = False
    assignment: str = ""


class NotOwned(Exception):
    """The file has no name that says whose it is; the message says what is expected."""


class OfNobody(Exception):
    """The file is the platform's own, and no work."""


def moodle(entry: Entry, zone: tzinfo = UTC) -> Piece:
    """What Moodle's name says; raises NotOwned."""
    match = _MOODLE.fullmatch(entry.path[0])
    rest = entry.path[1:]
    if not match or (not rest and not match["file"]):
        raise NotOwned("Moodle's names are NAME_NUMBER_assignsubmission_file_...")
    # A student's file may have the name that Moodle gives, too: the first one is Moodle's.
    file = rest or (match["file"],)
    return Piece(Owner("moodle", match["name"], match["number"] or ""), entry, file)


def canvas(entry: Entry, zone: tzinfo = UTC) -> Piece:
    """What Canvas's name says; raises NotOwned."""
    match = _CANVAS.fullmatch(entry.path[0])
    if not match or len(entry.path) > 1:
        raise NotOwned("Canvas's names are NAME_NUMBER_NUMBER_FILE")
    owner = Owner("canvas", match["name"] or "", match["number"] or "")
    if match["anon"]:
        owner = Owner("canvas", f"anon_{match['anon']}")
    return Piece(
        owner,
        entry,
        (match["file"] or match["typed"],),
        late=bool(match["late"] or match["anon_late"]),
        order=int((match["attachment"] or "0")[:18]),  # Canvas counts them upwards
    )


def canvas_numbers(entry: Entry) -> list[str]:
    """The numbers in Canvas's name that could be the student's: names may hold some, too."""
    return re.findall(r"(?=_(\d+)_\d+_.)", entry.path[0])


def exchange(entry: Entry, zone: tzinfo = UTC) -> Piece:
    """What the name of a folder in nbgrader's exchange says; raises NotOwned."""
    match = _EXCHANGE.fullmatch(entry.path[0])
    if not match or len(entry.path) < 2:
        raise NotOwned("the exchange's folders are STUDENT+ASSIGNMENT+TIME")
    try:
        time = datetime.fromisoformat(match["time"]).replace(tzinfo=UTC)
    except ValueError:
        raise NotOwned("the exchange's folders are STUDENT+ASSIGNMENT+TIME") from None
    owner = Owner("exchange", match["name"])
    return Piece(
        owner,
        entry,
        entry.path[1:],
        entry.path[0],
        time,
        order=_changed(entry),
        assignment=match["assignment"],
    )


def brightspace(entry: Entry, zone: tzinfo = UTC) -> Piece:
    """What Brightspace's name says, whose times are in `zone`; raises NotOwned or OfNobody."""
    if entry.path == ("index.html",):
        raise OfNobody
    match = _BRIGHTSPACE.fullmatch(entry.path[0])
    rest = entry.path[1:]
    if not match or bool(rest) == bool(match["file"]):
        raise NotOwned("Brightspace's names are NUMBER-NUMBER - NAME - TIME, with TIME in English")
    month, day = match["month"] or match["second"], match["day"] or match["first"]
    hour = int(match["hour"]) % 12 if match["half"] else int(match["hour"])
    hour += 12 if (match["half"] or "").lower() == "p" else 0
    try:
        time = datetime(
            int(match["year"]),
            _MONTHS.index(month[:3].lower()) + 1,
            int(day),
            hour,
            int(match["minute"]),
            tzinfo=zone,
        )
    except ValueError:
        raise NotOwned(f'"{entry.path[0]}" has no time in English') from None
    keys, _, name = match["name"].rpartition(" - ")
    owner = Owner("brightspace", name, match["number"], (keys,) if keys else ())
    attempt = entry.path[0] if rest else entry.path[0].removesuffix(f" - {match['file']}")
    return Piece(owner, entry, rest or (match["file"],), attempt, time, order=_changed(entry))


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def blackboard(entry: Entry, zone: tzinfo = UTC) -> Piece:
    """What Blackboard's name says, whose times are in `zone`; raises NotOwned."""
    match = _BLACKBOARD.fullmatch(entry.path[0])
    if not match or len(entry.path) > 1:
        raise NotOwned("Blackboard's names are ASSIGNMENT_LOGIN_attempt_TIME_FILE")
    try:
        time = datetime.strptime(match["time"], "%Y-%m-%d-%H-%M-%S").replace(tzinfo=zone)
    except ValueError:
        raise NotOwned("Blackboard's names are ASSIGNMENT_LOGIN_attempt_TIME_FILE") from None
    keys = _endings(match["whose"])
    return Piece(
        Owner("blackboard", keys[0], keys=keys),
        entry,
        (match["file"] or entry.path[0],),
        match["time"],
        time,
        order=_changed(entry),
        record=bool(match["record"]),
    )


def gradescope(entry: Entry, zone: tzinfo = UTC) -> Piece:
    """Which of Gradescope's submissions it belongs to, as its owner's name; raises NotOwned."""
    if entry.path == (METADATA,):
        raise OfNobody
    if len(entry.path) < 2 or not _GRADESCOPE.fullmatch(entry.path[0]):
        raise NotOwned("Gradescope's folders are submission_NUMBER")
    owner = Owner("gradescope", entry.path[0])
    return Piece(owner, entry, entry.path[1:], entry.path[0], order=_changed(entry))


def _endings(text: str) -> tuple[str, ...]:
    """What may be the login at the end: after the last _, after the one before, and so on."""
    parts = text.split("_")
    return tuple("_".join(parts[at:]) for at in range(len(parts) - 1, -1, -1))


def student_folder(name: str) -> Owner:
    """Whose a folder with this name is."""
    ilias = _ILIAS.fullmatch(name)
    return Owner("folder", name, keys=_endings(ilias["whose"])[:-1] if ilias else ())


def folder(entry: Entry, zone: tzinfo = UTC) -> Piece:
    """One folder, or one zip, a student; raises NotOwned."""
    first, *rest = entry.path
    if rest:
        return Piece(student_folder(first), entry, tuple(rest), order=_changed(entry))
    if is_zip(first):
        owner = student_folder(first[: -len(".zip")])
        return Piece(owner, entry, (first,), order=_changed(entry))
    raise NotOwned("put it into a folder with the student's name")


def _changed(entry: Entry) -> float:
    return entry.time.timestamp() if entry.time else 0.0


PARSERS: dict[Scheme, Callable[..., Piece]] = {
    "moodle": moodle,
    "canvas": canvas,
    "exchange": exchange,
    "brightspace": brightspace,
    "blackboard": blackboard,
    "gradescope": gradescope,
    "folder": folder,
}


def fits(scheme: Scheme, entry: Entry) -> bool:
    """Whether the name is one of the scheme's."""
    first = entry.path[0]
    if scheme == "canvas" and ("_assignsubmission_" in first or _BLACKBOARD.fullmatch(first)):
        return False  # another's, with a file that a student named like Canvas
    try:
        PARSERS[scheme](entry)
    except (NotOwned, OfNobody):
        return False
    return True


def fitting(entries: Sequence[Entry], schemes: Sequence[Scheme]) -> dict[Scheme, int]:
    """How many of the names are those of each scheme, for those that have any."""
    if not any(entry.path == (METADATA,) for entry in entries):
        schemes = [scheme for scheme in schemes if scheme != "gradescope"]
    counts = {scheme: sum(fits(scheme, entry) for entry in entries) for scheme in schemes}
    return {scheme: count for scheme, count in counts.items() if count}


def guess(entries: Sequence[Entry], is_directory: bool) -> Scheme:
    """The scheme of a source, by its names; raises UserError where that is not plain."""
    counts = fitting(entries, BY_PLATFORM)
    found = list(counts)
    if len(found) == 1 and counts[found[0]] * 2 >= len(entries):
        return found[0]
    if found:
        said = ", ".join(f"{counts[scheme]} like {scheme}'s" for scheme in found)
        options = ", ".join(f"--from {scheme}" for scheme in found)
        raise UserError(
            f"Of its {len(entries)} files, some have names that are {said}. Say what it is: "
            f"{options} or --from folder"
        )
    if is_directory:
        return "folder"
    example = f' (such as "{entries[0].shown}")' if entries else ""
    raise UserError(
        f"Its names{example} are neither Moodle's nor Canvas's, nor another platform's that is "
        "known. If it has one folder or one zip for each student, named for the student, say so: "
        "--from folder"
    )


def refuse_without_time(path: Path, entries: Sequence[Entry]) -> None:
    """Refuse Brightspace's folders where nobody can say which of a student's is the newest."""
    if like := [one for one in entries if _LIKE_BRIGHTSPACE.fullmatch(one.path[0])]:
        raise UserError(
            f'{path} has names like Brightspace\'s ("{like[0].path[0]}"), but the time in them is '
            "no time in English, so nobody can say which attempt is the newest. Set your language "
            "in Brightspace to English and download again; or keep one folder for each student, "
            "named for the student."
        )


def refuse_without_owner(path: Path, entries: Sequence[Entry]) -> None:
    """Refuse Gradescope's folders where nobody can say whose they are."""
    if like := [one for one in entries if _GRADESCOPE.fullmatch(one.path[0])]:
        raise UserError(
            f'{path} has folders like Gradescope\'s ("{like[0].path[0]}"), but no {METADATA}, '
            "which says whose they are. Put it beside them, as in the export; or name the folders "
            "for the students; or if these are the names: --from folder"
        )


def platform_below(entries: Sequence[Entry]) -> Entry | None:
    """A file that lies, some folders down, where a platform would have put it."""
    for entry in entries:
        for depth in range(1, len(entry.path)):
            below = replace(entry, path=entry.path[depth:])
            if any(fits(scheme, below) for scheme in ("moodle", "exchange", "brightspace")):
                return entry
    return None
