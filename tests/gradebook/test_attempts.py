"""The limit on attempts in an hour."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.gradebook import attempts

START = datetime(2030, 1, 1, 12, tzinfo=UTC)


def at(*minutes: float) -> list[datetime]:
    return [START + timedelta(minutes=each) for each in minutes]


@pytest.mark.parametrize(
    ("before", "most", "expected"),
    [
        ((0,), 2, 0),  # one more is graded at once
        ((0, 10), 2, 60),
        ((0, 10), 1, 70),
        ((0, 10, 50), 2, 70),
        ((0, 100), 2, 100),  # the first is more than an hour ago
    ],
)
def test_when_the_next_attempt_is_graded(
    before: tuple[float, ...], most: int, expected: float
) -> None:
    assert attempts.next_one(at(*before), most) == at(expected)[0]


@pytest.fixture
def session() -> Session:
    engine = sa.create_engine("sqlite://")
    session = Session(engine)
    attempts.make_table(session.connection())
    return session


def test_the_same_work_once_more_is_one_attempt(session: Session) -> None:
    for minute, work in ((0, "a"), (5, "a"), (10, "b"), (20, "a")):
        attempts.write(session, "ps1", "ada", at(minute)[0], work, 3)
    last = attempts.read_last(session.connection(), "ps1", "ada")["ada"]
    assert last.times == tuple(at(0, 10, 20))
    assert (last.work, last.most, last.count, last.next) == ("a", 3, 3, at(60)[0])
    assert attempts.read_last(session.connection(), "ps1") == {"ada": last}


def test_a_clock_that_was_set_back_loses_no_attempt(session: Session) -> None:
    attempts.write(session, "ps1", "ada", at(30)[0], "a", 1)
    attempts.write(session, "ps1", "ada", at(0)[0], "b", 1)
    assert attempts.read_last(session.connection(), "ps1", "ada")["ada"].work == "b"


def test_what_no_limit_asks_for_is_forgotten(session: Session) -> None:
    for hour in range(5):
        attempts.write(session, "ps1", "ada", at(60 * hour)[0], str(hour), 1)
    assert len(attempts.read_last(session.connection(), "ps1", "ada")["ada"].times) == 3


def test_a_gradebook_of_stock_nbgrader_has_none() -> None:
    with sa.create_engine("sqlite://").connect() as connection:
        assert attempts.read_last(connection, "ps1") == {}


def test_each_assignment_has_its_own(session: Session) -> None:
    attempts.write(session, "ps1", "ada", at(0)[0], "a", 1)
    assert attempts.read_last(session.connection(), "ps2") == {}
