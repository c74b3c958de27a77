"""Each student has one place in the queue."""

from grader.instructors.watch.turns import Turns


def order(turns: Turns, now: float = 100) -> list[str]:
    found = []
    while waiting := turns.next(now):
        found.append(waiting.student)
    return found


def test_turns_are_in_the_order_of_arrival() -> None:
    turns = Turns()
    for student, since in (("b", 2), ("c", 3), ("a", 1)):
        turns.add(student, since)
    assert [each.student for each in turns.ready(100)] == ["a", "b", "c"]
    assert order(turns) == ["a", "b", "c"]


def test_who_hands_in_again_while_waiting_keeps_the_place() -> None:
    turns = Turns()
    for student, since in (("a", 1), ("b", 2), ("a", 3)):
        turns.add(student, since)
    assert order(turns) == ["a", "b"]


def test_who_was_graded_stands_behind_all_who_wait() -> None:
    turns = Turns()
    for student, since in (("eager", 1), ("b", 2), ("c", 3)):
        turns.add(student, since)
    first = turns.next(100)
    assert first is not None and first.student == "eager"
    turns.add("eager", 4)
    assert order(turns) == ["b", "c", "eager"]


def test_who_has_to_wait_for_a_time_holds_up_nobody() -> None:
    turns = Turns()
    turns.add("limited", 1, until=200, why="a limit")
    turns.add("b", 2)
    assert order(turns, now=100) == ["b"]
    assert [each.why for each in turns.later(100)] == ["a limit"]
    assert order(turns, now=200) == ["limited"]
