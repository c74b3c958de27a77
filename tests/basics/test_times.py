"""Times are read in the one way that they can be meant in, or not at all."""

from datetime import UTC, datetime

import pytest

from grader.basics.times import NotPlain, plain_time

MOMENT = datetime(2026, 11, 20, 14, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-20 23:59+09:00",
        "2026-11-20 23:59 +0900",
        "2026-11-20 23:59 +0900 (KST)",
        "2026-11-20 23:59 Asia/Seoul",
        "2026-11-20 11:59 PM Asia/Seoul\r\n",
        "20 November 2026, 23:59 GMT+9",
        "Fri Nov 20 2026 23:59:00 GMT+0900 (KST)",
        "2026-11-20 23:59 UTC +09:00",
        "2026-11-20T14:59Z",
        "2026-11-20 14:59:00.000000 UTC",
        "20 Nov 2026 14:59 GMT",
        "2026-11-20 15:59 CET",
        "2026-11-20 09:59 EST",
        "2026-11-20 06:59:00.000000000 -08:00",
    ],
)
def test_a_time_with_a_known_zone_is_read(text: str) -> None:
    assert plain_time(text) == MOMENT


@pytest.mark.parametrize("text", ["2026-11-20 23:59", "20 Nov 2026, 11:59 PM", "2026/11/20 23:59"])
def test_a_time_without_a_zone_is_left_without_one(text: str) -> None:
    assert plain_time(text) == datetime(2026, 11, 20, 23, 59)


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("2026-11-20 23:59 PDT", "PDT"),
        ("20 Nov 2026 23:59 KST", "KST"),
        ("2026-11-20 23:59:00 CEST", "CEST"),
        ("2026-11-20 23:59 KST-9", "KST"),
        ("2026-11-20 23:59 KST Asia/Seoul", "KST"),
    ],
)
def test_a_zone_that_is_not_known_is_refused_and_told(text: str, zone: str) -> None:
    with pytest.raises(NotPlain, match=f"zone that is not known, {zone}. Write how far it is"):
        plain_time(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "yesterday", "5", "23:59", "03/11/2026 10:00", "Nov 2026", "0001-01-01 00:00+09:00"),
        *("2026-11-20 23:59 0900", "2026-11-20 23:59 +0900 Asia/Seoul", "9" * 5000),
    ],
)
def test_what_is_no_plain_time_is_refused(text: str) -> None:
    with pytest.raises(NotPlain, match=r"is no plain time. Write it so: 2026-11-20 23:59"):
        plain_time(text)
