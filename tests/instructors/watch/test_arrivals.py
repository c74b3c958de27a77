"""What is still being written waits; each change is told once."""

from grader.instructors.watch.arrivals import Arrival, Arrivals, Seen

LONG_AGO, NOW = 0.0, 1_000_000.0


def keys(arrivals: list[Arrival]) -> list[str]:
    return [each.key for each in arrivals]


def test_what_has_not_changed_for_long_is_complete_at_once() -> None:
    arrivals = Arrivals(2)
    assert keys(arrivals.look({"a": Seen(1, LONG_AGO)}, 0, NOW)) == ["a"]
    assert arrivals.seconds(0) is None


def test_what_changes_waits_until_it_has_not_changed_for_a_while() -> None:
    arrivals = Arrivals(2)
    assert arrivals.look({"a": Seen(1, NOW)}, 0, NOW) == []
    assert (arrivals.count, arrivals.seconds(0)) == (1, 2)
    assert arrivals.look({"a": Seen(2, NOW + 1)}, 1, NOW + 1) == []  # a part more
    assert arrivals.look({"a": Seen(2, NOW + 1)}, 2.9, NOW + 2.9) == []
    assert keys(arrivals.look({"a": Seen(2, NOW + 1)}, 3, NOW + 3)) == ["a"]


def test_a_clock_of_the_files_that_is_ahead_holds_up_nothing() -> None:
    arrivals = Arrivals(2)
    ahead = Seen(1, NOW + 3600)
    assert arrivals.look({"a": ahead}, 0, NOW) == []
    assert keys(arrivals.look({"a": ahead}, 2, NOW + 2)) == ["a"]


def test_what_says_that_it_is_whole_does_not_wait() -> None:
    assert keys(Arrivals(2).look({"a": Seen(1, NOW, complete=True)}, 0, NOW)) == ["a"]


def test_what_is_taken_is_told_again_only_after_a_change() -> None:
    arrivals = Arrivals(2)
    (first,) = arrivals.look({"a": Seen(1, LONG_AGO)}, 0, NOW)
    assert keys(arrivals.look({"a": Seen(1, LONG_AGO)}, 1, NOW)) == ["a"]  # not taken yet
    arrivals.take(first)
    assert arrivals.look({"a": Seen(1, LONG_AGO)}, 2, NOW) == []
    assert keys(arrivals.look({"a": Seen(2, LONG_AGO)}, 3, NOW)) == ["a"]


def test_what_goes_and_comes_back_the_same_is_told_again() -> None:
    arrivals = Arrivals(2)
    (first,) = arrivals.look({"a": Seen(1, LONG_AGO)}, 0, NOW)
    arrivals.take(first)
    assert arrivals.look({}, 1, NOW) == []
    assert keys(arrivals.look({"a": Seen(1, LONG_AGO)}, 2, NOW)) == ["a"]


def test_the_order_is_that_of_the_last_changes() -> None:
    seen = {"late": Seen(1, 30.0), "early": Seen(1, 10.0), "between": Seen(1, 20.0)}
    assert keys(Arrivals(2).look(seen, 0, NOW)) == ["early", "between", "late"]
