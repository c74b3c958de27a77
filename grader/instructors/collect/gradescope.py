"""Gradescope's submission_metadata.yml: who handed in which submission, and when.

The file maps the folder of a submission to `:submitters`, of which each has `:name`, `:sid` and
`:email`, and to `:created_at`. A submission of a group has several submitters, who all get it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

import yaml

from grader.basics.errors import UserError
from grader.basics.times import NotPlain, plain_time
from grader.instructors.collect.archives import Budget, Entry, Limits, Refused
from grader.instructors.collect.platform_names import METADATA, NotOwned, Piece
from grader.rosters.owner import Owner

# Makes texts, lists and tables only, whatever the file says that they are: so a number keeps its
# zeros, and what Ruby writes of its own classes is passed over.
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


@dataclass(frozen=True)
class Metadata:
    """Of each folder, its owners and the time of handing in, if that is known."""

    of: dict[str, tuple[tuple[Owner, ...], datetime | None]]

    def shared(self, piece: Piece) -> list[Piece]:
        """The piece once for each of its owners; raises NotOwned."""
        folder = piece.owner.name
        owners, time = self.of.get(folder, ((), None))
        if not owners:
            raise NotOwned(f"{METADATA} does not say whose {folder} is")
        return [replace(piece, owner=owner, submitted=time) for owner in owners]


def read(entries: Sequence[Entry], zone: tzinfo, limits: Limits) -> Metadata:
    """What the metadata among the entries says; raises UserError if it is not readable."""
    entry = next((one for one in entries if one.path == (METADATA,)), None)
    if entry is None:
        raise UserError(
            f"There is no {METADATA}, which says whose Gradescope's submissions are. Put it beside "
            "their folders, as it is in the export."
        )
    try:
        about = yaml.load(entry.read(Budget(limits.file_bytes)), Loader=_LOADER)
    except (Refused, yaml.YAMLError, RecursionError) as error:
        raise UserError(f"{METADATA} cannot be read: {str(error)[:300]}.") from None
    if not isinstance(about, dict):
        raise UserError(f"{METADATA} is not as Gradescope writes it. Export it again.")
    return Metadata({str(folder): _read(one, zone) for folder, one in about.items()})


def _read(about: object, zone: tzinfo) -> tuple[tuple[Owner, ...], datetime | None]:
    if not isinstance(about, dict):
        return (), None
    people = about.get(":submitters")
    owners = [_owner(one) for one in people if isinstance(one, dict)] if people else []
    time = None
    if isinstance(text := about.get(":created_at"), str) and text:
        try:
            time = plain_time(text)
        except NotPlain as error:
            raise UserError(f"{METADATA}: {error}") from None
        time = time if time.tzinfo else time.replace(tzinfo=zone)
    return tuple(owner for owner in owners if owner.name), time


def _owner(about: dict[object, object]) -> Owner:
    name, sid, email = (
        text.strip() if isinstance(text := about.get(key), str) and text != "~" else ""
        for key in (":name", ":sid", ":email")
    )
    keys = tuple(filter(None, (sid, email)))
    return Owner("gradescope", name or sid or email, sid, keys)
