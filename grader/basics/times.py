"""Read a time that a person or a program wrote, if it can be read in one way only."""

import re
from contextlib import suppress
from datetime import MAXYEAR, MINYEAR, datetime, tzinfo
from zoneinfo import ZoneInfo

from dateutil import parser as dates
from dateutil.tz import tzoffset

from grader.basics.words import one_line

_MOST_SHOWN = 60
_FROM_UTC = re.compile(r"\b(?:GMT|UTC) ?(?=[+-]\d)", re.IGNORECASE)

# In the database of time zones, but the machine's own zone, or none.
_NO_PLACES = ("localtime", "posixrules", "Factory")


class NotPlain(ValueError):
    """A text that is no time, or one of several; the message says why, and how to write it."""

    def __init__(self, text: str, why: str) -> None:
        shown = one_line(text)
        shown = shown if len(shown) <= _MOST_SHOWN else f"{shown[:_MOST_SHOWN]}..."
        super().__init__(f'"{shown}" {why}')


class _UnknownZone(ValueError):
    """The name of a time zone that may be one of several, or none."""


def plain_time(text: str) -> datetime:
    """The time in a text, without a zone if the text names none; raises NotPlain.

    A zone is a distance from UTC or a name in the database of time zones. Other short names are
    refused, for they say little: CST is a zone in America, and one in China.
    """
    text = text.strip()
    try:
        with suppress(ValueError):
            return _in_utc_range(datetime.fromisoformat(text))
        before, _, last = text.rpartition(" ")
        if before and (zone := _named(last)):
            # What else names a zone is one too many.
            time = _reading_of(before)
            if time.tzinfo is None:
                return _in_utc_range(time.replace(tzinfo=zone))
        return _in_utc_range(_reading_of(text))
    except _UnknownZone as error:
        raise NotPlain(
            text,
            f"names a time zone that is not known, {error}. Write how far it is from UTC, or a "
            "place: 2026-11-20 23:59+09:00, or 2026-11-20 23:59 Asia/Seoul",
        ) from None
    except (ValueError, OverflowError):
        raise NotPlain(text, "is no plain time. Write it so: 2026-11-20 23:59") from None


def _in_utc_range(time: datetime) -> datetime:
    """The same time, if it can be told in UTC from any zone; else raises OverflowError.

    Some programs write one of the year 1 for no time.
    """
    if not MINYEAR < time.year < MAXYEAR:
        raise OverflowError
    return time


def _named(name: str) -> tzinfo | None:
    if name in _NO_PLACES:
        return None
    with suppress(ValueError, OSError, KeyError):  # so many ways has ZoneInfo to know no zone
        return ZoneInfo(name)
    return None


def _reading_of(text: str) -> datetime:
    """The one way to read a text; raises ValueError if there are several, or none."""
    # dateutil takes a sign behind these names for the one that POSIX would write, the other one.
    text = _FROM_UTC.sub(" ", text)

    def zone(name: str | None, seconds: int | None) -> tzinfo | None:
        # A name beside a distance says nothing more, but in KST-9 it turns the sign around.
        if name is not None and (seconds is None or f"({name})" not in text) and seconds != 0:
            raise _UnknownZone(name)
        return None if seconds is None else tzoffset(None, seconds)

    # What the text does not say is taken from `default`, and 3/11 may be in March.
    readings: set[datetime] = {
        dates.parse(text, default=default, dayfirst=first, tzinfos=zone)
        for default in (datetime(2000, 1, 1), datetime(2001, 2, 2))
        for first in ((False,) if re.match(r"\d{4}", text) else (False, True))
    }
    if len(readings) > 1:
        raise ValueError("there are several ways to read it")
    return readings.pop()
