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
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from grader.collect.archives import Entry, is_zip
from grader.course import ASSIGNMENT, CourseError

Scheme = Literal["moodle", "canvas", "exchange", "folder"]
BY_PLATFORM: tuple[Scheme, ...] = ("moodle", "canvas", "exchange")  # told by their names

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


@dataclass(frozen=True)
class Owner:
    """Whose a submission is, as the platform wrote it; `number` is empty where there is none."""

    scheme: Scheme
    name: str
    number: str = ""

    @property
    def student(self) -> str:
        """The name in the gradebook, if no roster gives another."""
        return safe_id(f"{self.name}_{self.number}" if self.number else self.name)

    def __str__(self) -> str:
        return f"{self.name} ({self.number})" if self.number else self.name


@dataclass(frozen=True)
class Piece:
    """A file of a submission, under the name that its student gave it.

    `attempt` tells a student's submissions in one source apart, `order` its files: where two
    are for the same notebook, the higher one came later.
    """

    owner: Owner
    entry: Entry
    file: tuple[str, ...]
    attempt: str = ""
    submitted: datetime | None = None
    late: bool = False
    order: float = 0


class NotOwned(Exception):
    """The file has no name that says whose it is; the message says what is expected."""


class OfAnother(Exception):
    """The file was handed in for another assignment."""


def moodle(entry: Entry) -> Piece:
    """What Moodle's name says; raises NotOwned."""
    match = _MOODLE.fullmatch(entry.path[0])
    rest = entry.path[1:]
    if not match or (not rest and not match["file"]):
        raise NotOwned("Moodle's names are NAME_NUMBER_assignsubmission_file_...")
    # A student's file may have the name that Moodle gives, too: the first one is Moodle's.
    file = rest or (match["file"],)
    return Piece(Owner("moodle", match["name"], match["number"] or ""), entry, file)


def canvas(entry: Entry) -> Piece:
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


def exchange(entry: Entry) -> Piece:
    """What the name of a folder in nbgrader's exchange says; raises NotOwned or OfAnother."""
    match = _EXCHANGE.fullmatch(entry.path[0])
    if not match or len(entry.path) < 2:
        raise NotOwned("the exchange's folders are STUDENT+ASSIGNMENT+TIME")
    if match["assignment"] != ASSIGNMENT:
        raise OfAnother
    try:
        time = datetime.fromisoformat(match["time"]).replace(tzinfo=UTC)
    except ValueError:
        raise NotOwned("the exchange's folders are STUDENT+ASSIGNMENT+TIME") from None
    owner = Owner("exchange", match["name"])
    return Piece(owner, entry, entry.path[1:], entry.path[0], time, order=_changed(entry))


def folder(entry: Entry) -> Piece:
    """One folder, or one zip, a student; raises NotOwned."""
    first, *rest = entry.path
    if rest:
        return Piece(Owner("folder", first), entry, tuple(rest), order=_changed(entry))
    if is_zip(first):
        return Piece(Owner("folder", first[: -len(".zip")]), entry, (first,), order=_changed(entry))
    raise NotOwned("put it into a folder with the student's name")


def _changed(entry: Entry) -> float:
    return entry.time.timestamp() if entry.time else 0.0


PARSERS: dict[Scheme, Callable[[Entry], Piece]] = {
    "moodle": moodle,
    "canvas": canvas,
    "exchange": exchange,
    "folder": folder,
}


def fits(scheme: Scheme, entry: Entry) -> bool:
    """Whether the name is one of the scheme's."""
    if scheme == "canvas" and "_assignsubmission_" in entry.path[0]:
        return False  # Moodle's, with a file that a student named like Canvas
    try:
        PARSERS[scheme](entry)
    except NotOwned:
        return False
    except OfAnother:
        return True
    return True


def guess(entries: Sequence[Entry], is_directory: bool) -> Scheme:
    """The scheme of a source, by its names; raises CourseError where that is not plain."""
    counts: dict[Scheme, int] = {
        scheme: sum(fits(scheme, entry) for entry in entries) for scheme in BY_PLATFORM
    }
    found = [scheme for scheme, count in counts.items() if count]
    if len(found) == 1 and counts[found[0]] * 2 >= len(entries):
        return found[0]
    if found:
        said = ", ".join(f"{counts[scheme]} like {scheme}'s" for scheme in found)
        raise CourseError(
            f"Of its {len(entries)} files, some have names that are {said}. Say what it is: "
            "--from moodle, --from canvas, --from exchange or --from folder"
        )
    if is_directory:
        return "folder"
    example = f' (such as "{entries[0].shown}")' if entries else ""
    raise CourseError(
        f"Its names{example} are neither Moodle's nor Canvas's. If it has one folder or one zip "
        "for each student, named for the student, say so: --from folder"
    )


def platform_below(entries: Sequence[Entry]) -> Entry | None:
    """A file that lies, some folders down, where Moodle or the exchange would have put it."""
    for entry in entries:
        for depth in range(1, len(entry.path)):
            below = Entry(entry.path[depth:], entry.size, entry.time, entry.read)
            if fits("moodle", below) or fits("exchange", below):
                return entry
    return None


def unwrapped(entries: Sequence[Entry]) -> list[Entry]:
    """The entries without the one folder that all of them lie in, as after packing them again."""
    tops = {entry.path[0] for entry in entries}
    if len(tops) != 1 or any(len(entry.path) < 2 for entry in entries):
        return list(entries)
    return [Entry(entry.path[1:], entry.size, entry.time, entry.read) for entry in entries]


def safe_id(text: str) -> str:
    """`text` as a name of a folder and of a student in the gradebook."""
    text = unicodedata.normalize("NFC", text)
    text = re.sub(r"[^\w.@+-]+", "-", text).strip("-.")
    while len(text.encode()) > 120:
        text = text[:-1]
    return text or "unnamed"
