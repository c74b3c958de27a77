"""What a kernel may say of the things that a test has handed over, and what ends the cell."""

import ast
import socket
import threading
from operator import attrgetter
from typing import Any

import numpy as np
import pytest

from grader.engine.judge import wire
from grader.engine.judge.classes import Classes
from grader.engine.judge.program import definitions_of
from grader.engine.judge.remote import Bridge, KernelLost

SOURCE = """
class Counting(tf.keras.metrics.Mean):
    def __init__(self, **named):
        super().__init__(**named)
        self.calls = 0
        self.secret = object()
"""
FUNCTION = [wire.HANDLE, 0, True, "function", "builtins", 1, False, []]


class Met:
    """A test that hands its metric to a function of the learner's, and what it gets."""

    def __init__(self, node: Any, states: Any) -> None:
        import tensorflow as tf  # here: to collect the tests takes no TensorFlow

        space: dict[str, Any] = {"__name__": "__main__", "tf": tf}
        exec(SOURCE, space)
        classes = Classes(".")
        classes.space = space
        classes.definitions = definitions_of(SOURCE, ast.parse(SOURCE))
        ours, theirs = socket.socketpair()
        with ours, theirs:
            kernel = threading.Thread(target=self._serve, args=(theirs, node, states))
            kernel.start()
            try:
                self.metric = space["Counting"]()
                self.secret = self.metric.secret
                bridge = Bridge(ours, classes, lambda: False)
                bridge.fill(space, ["function"])
                self.got = space["function"](self.metric)
            finally:
                ours.shutdown(socket.SHUT_RDWR)
                kernel.join()

    @staticmethod
    def _serve(connection: socket.socket, node: Any, states: Any) -> None:
        while request := wire.receive(connection):
            ticket, what, *_ = request
            answer = [wire.DICT, 1, [["function", FUNCTION]]] if what == "names" else node
            told = states if what == "call" else []
            wire.send(connection, [ticket, "value", answer, [], [], told])


def content(*values: float, dtype: str = "float32") -> Any:
    return wire.content_of_array(np.array(values, dtype))


def one(value: float) -> Any:
    return wire.content_of_array(np.array(value, np.float32))


def test_numbers_for_variables_and_plain_attributes_are_taken() -> None:
    met = Met([wire.TWIN, 0], [[0, None, [[0, one(6)], [1, one(3)], ["calls", 5]]]])
    assert met.got is met.metric
    assert float(met.metric.result()) == 2
    assert met.metric.calls == 5


@pytest.mark.parametrize("states", [[[7, None, [[0, one(1)]]]], [[0, None, [[99, one(1)]]]]])
def test_states_of_what_the_test_does_not_have_are_left_out(states: Any) -> None:
    met = Met(None, states)
    assert [float(each) for each in met.metric.variables] == [0, 0]


STATES = {
    "another shape": [[0, content(1.0), [[0, content(1.0)]]]],
    "another type": [[0, None, [[0, wire.content_of_array(np.array(1))]]]],
    "an array of objects": [[0, None, [[0, ["|O", [], b"\0" * 8]]]]],
    "no array": [[0, None, [[0, 5]]]],
    "an attribute that is no plain value": [[0, None, [["secret", 5]]]],
    "an attribute that the test's class does not set": [[0, None, [["name", "x"]]]],
    "a method": [[0, None, [["result", 5]]]],
    "a handle as an attribute": [[0, None, [["calls", FUNCTION]]]],
    "a list as a place": [[0, None, [[[0], 5]]]],
    "no changes": [[0, None]],
    "no list": 5,
}


@pytest.mark.parametrize("states", STATES.values(), ids=STATES.keys())
def test_other_states_end_the_cell(states: Any) -> None:
    with pytest.raises(KernelLost):
        Met(None, states)


NODES: dict[str, Any] = {
    "a tensor of objects": [wire.TENSOR, ["|O", [1], b"\0" * 8]],
    "a tensor of another size": [wire.TENSOR, ["<f4", [10**12], b"\0" * 4]],
    "a tensor of text": [wire.TENSOR, ["<f4", [4], "text"]],
    "a tensor of nothing": [wire.TENSOR],
    "a negative shape": [wire.SHAPE, [-1]],
    "a shape of text": [wire.SHAPE, ["1"]],
    "a shape of a thousand axes": [wire.SHAPE, [1] * 1000],
    "an unknown type": [wire.DTYPE, "no type"],
    "a type that is a number": [wire.DTYPE, 10**6],
    "another thing": [wire.TWIN, 5],
    "a thing that is text": [wire.TWIN, "0"],
    "another variable": [wire.VARIABLE, 0, 17],
    "a variable before the first": [wire.VARIABLE, 0, -1],
    "a path": [wire.PATH, "/", None],
    "a class": [wire.CLASS, "os", "system"],
    "code": [wire.CODE, 0, "x", "x = 1", [], []],
    "a handle without a class": [wire.HANDLE, 1, True, "a", "b", "c", False, []],
    "a handle of another name": [wire.HANDLE, 3, True, 5, "b", 9, False, []],
    "a handle of no classes": [wire.HANDLE, 3, True, "a", "b", 9, False, [["keras"]]],
}


@pytest.mark.parametrize("node", NODES.values(), ids=NODES.keys())
def test_other_nodes_end_the_cell(node: Any) -> None:
    with pytest.raises(KernelLost):
        Met(node, [])


@pytest.mark.parametrize(
    ("known", "is_of"),
    [
        ([["keras.src.metrics.reduction_metrics", "Mean"]], "metrics.Mean"),
        ([["learner", "Mine"], ["keras.src.models.model", "Model"]], "Model"),
        ([["builtins", "dict"]], None),
        ([["numpy", "ndarray"]], None),
        ([["keras.nowhere", "Model"]], None),
        ([["keras.src.models.model", "np"]], None),
    ],
    ids=["metric", "descendant", "dictionary", "array", "no-module", "no-class"],
)
def test_a_thing_is_taken_only_for_one_of_the_libraries_classes(
    known: Any, is_of: str | None
) -> None:
    got = Met([wire.HANDLE, 3, False, "Mine", "learner", 4, False, known], []).got
    if is_of is None:
        assert got.__class__ is type(got)
    else:
        import keras

        assert isinstance(got, attrgetter(is_of)(keras))
    assert type(got).__name__ == "Mine"
