"""Answers that a learner's process makes up: none is taken for what it is not."""

import math
from collections.abc import Callable
from typing import Any

import pytest

from grader.engine.judge import wire
from grader.engine.judge.remote import Bridge, KernelLost, Remote

Forge = Callable[[Callable[[Any], Any]], Bridge]

# What a kernel may send in the place of an answer; `t` is the ticket of the question.
FORGED: dict[str, Callable[[bytes], Any]] = {
    "nothing": lambda t: [],
    "a number": lambda t: 5,
    "no ticket": lambda t: [b"", "value", 1, [], [], []],
    "the ticket as text": lambda t: [t.hex(), "value", 1, [], [], []],
    "a question": lambda t: [t, "call", False, 1, [], [], []],
    "too much": lambda t: [t, "value", 1, 2, [], [], []],
    "too little": lambda t: [t, "value"],
    "changes that are none": lambda t: [t, "value", 1, [], 7, []],
    "a change of what was never sent": lambda t: [
        t,
        "value",
        1,
        [],
        [[wire.OBJECT, 5, [], [wire.CLASS, "os", "system"]]],
    ],
    "warnings that are none": lambda t: [t, "value", 1, 7, [], []],
    "a class to make": lambda t: [t, "value", [wire.CLASS, "os", "system"], [], [], []],
    "code to run": lambda t: [t, "value", [wire.CODE, 0, "x", "raise SystemExit", []], [], [], []],
    "an object of a class": lambda t: [
        t,
        "value",
        [wire.OBJECT, 1, [], [wire.CLASS, "os", "_exit"]],
        [],
        [],
    ],
    "an array of objects": lambda t: [
        t,
        "value",
        [wire.ARRAY, 1, ["|O", [1], bytes(8)]],
        [],
        [],
        [],
    ],
    "an array of ten gigabytes": lambda t: [
        t,
        "value",
        [wire.ARRAY, 1, ["<f8", [10**10], b""]],
        [],
        [],
    ],
    "a handle that is text": lambda t: [
        t,
        "value",
        [wire.HANDLE, "1", True, "a", "b", 1, False, []],
        [],
        [],
        [],
    ],
    "an error of no class": lambda t: [t, "raise", 5, "", "", [], "", [], [], []],
    "an error whose words are a list": lambda t: [
        t,
        "raise",
        ["ValueError"],
        [],
        "",
        [],
        "",
        [],
        [],
    ],
    "a frame of ten gigabytes": lambda t: (10 << 30).to_bytes(8, "big"),
    "states of what was never sent": lambda t: [t, "value", 1, [], [], [[1, []]]],
    "states that are none": lambda t: [t, "value", 1, [], [], 7],
    "bytes": lambda t: (3).to_bytes(8, "big") + b"\xc1\xc1\xc1",
}


@pytest.mark.parametrize("make", FORGED.values(), ids=FORGED.keys())
def test_what_is_no_answer_ends_the_test(make: Callable[[bytes], Any], forged: Forge) -> None:
    bridge = forged(lambda question: make(question[0]))
    with pytest.raises(KernelLost):
        bridge.ask("text", Remote(bridge, 1))
    assert bridge.lost


def test_an_answer_that_was_written_before_the_question_is_none(forged: Forge) -> None:
    """As by a thread that fills the socket while nobody asks."""
    tickets: list[bytes] = []

    def replay(question: Any) -> Any:
        tickets.append(question[0])
        return [tickets[0], "value", len(tickets), [], [], []]

    bridge = forged(replay)
    assert bridge.ask("text", Remote(bridge, 1)) == 1
    with pytest.raises(KernelLost):
        bridge.ask("text", Remote(bridge, 1))


def test_a_kernel_that_hangs_up_is_lost(forged: Forge) -> None:
    bridge = forged(lambda question: None)
    with pytest.raises(KernelLost):
        bridge.ask("text", Remote(bridge, 1))


def test_names_that_nobody_asked_for_are_not_taken(forged: Forge) -> None:
    sent = {"same": 1}
    bridge = forged(
        lambda question: [
            question[0],
            "value",
            [wire.DICT, 1, [list(p) for p in sent.items()]],
            [],
            [],
        ]
    )
    space: dict[str, Any] = {}
    with pytest.raises(KernelLost):
        bridge.fill(space, ["parameter_count"])
    assert space == {}


@pytest.mark.parametrize("name", ["CheckFailed", "KernelLost", "GeneratorExit", "x y", "__class__"])
def test_an_error_is_of_a_class_that_the_judge_makes(name: str, forged: Forge) -> None:
    bridge = forged(lambda q: [q[0], "raise", [name, "Exception"], "words", "", [], "", [], [], []])
    with pytest.raises(Exception, match="words") as raised:
        bridge.ask("text", Remote(bridge, 1))
    assert isinstance(raised.value, Exception)
    assert type(raised.value).__module__ == "grader.engine.judge.remote"


def test_a_length_that_is_none_is_an_error_of_that_thing(forged: Forge) -> None:
    bridge = forged(lambda question: [question[0], "value", -5, [], [], []])
    with pytest.raises(TypeError):
        len(Remote(bridge, 1))


def test_an_iteration_without_end_is_the_tests_to_stop(forged: Forge) -> None:
    bridge = forged(
        lambda q: (
            [q[0], "value", [wire.HANDLE, 1, False, "a", "b", 1, False, []], [], [], []]
            if q[1] == "iterate"
            else [q[0], "value", [wire.LIST, 1, [1.0]], [], [], []]
        )
    )
    items = iter(Remote(bridge, 1))
    assert [next(items) for _ in range(100)] == [1.0] * 100


def test_a_value_that_is_no_number_is_not_one(forged: Forge) -> None:
    bridge = forged(lambda question: [question[0], "value", math.nan, [], [], []])
    assert bridge.ask("text", Remote(bridge, 1)) != bridge.ask("text", Remote(bridge, 1))
