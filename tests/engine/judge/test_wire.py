"""What goes over the wire comes back as it was, and nothing that is made up is taken."""

import math
import socket
import struct
import threading
from collections import Counter, OrderedDict, deque, namedtuple
from enum import IntEnum
from typing import Any

import msgpack
import numpy as np
import pytest

from grader.engine.judge import wire
from grader.engine.judge.wire import BadFrame, Values


def refuse(*_: Any) -> Any:
    raise TypeError("not plain")


def ends() -> tuple[Values, Values]:
    return Values(0, refuse, refuse), Values(1, refuse, refuse)


def carried(value: Any) -> Any:
    """What arrives at the other end."""
    one, other = ends()
    return other.decode(packed(one.encode(value)))


def packed(message: Any) -> Any:
    """The message as it is after its way in a frame."""
    data = msgpack.packb(message, unicode_errors="surrogatepass")
    return msgpack.unpackb(data, unicode_errors="surrogatepass")


class Colour(IntEnum):
    RED = 3


Pair = namedtuple("Pair", "dw db")


@pytest.mark.parametrize(
    "value",
    [
        *(None, True, False, 0, -1, 2**63 - 1, -(2**63), 2**63, -(2**200), 10**5000),
        *(0.0, -0.0, 1e308, math.inf, 5e-324, 1 + 2j),
        *("", "parameter_count", "역전파", "\ud800", "a" * 100_000, b"\0\xff"),
        *([], [1, [2.5, ["x"]]], (), (1, (2,)), {"a": [1], 2: None}, frozenset({1, 2})),
    ],
    ids=lambda value: type(value).__name__,
)
def test_plain_values_arrive_as_they_are(value: Any) -> None:
    arrived = carried(value)
    assert arrived == value
    assert type(arrived) is type(value)


def test_a_number_that_is_none_stays_none() -> None:
    assert math.isnan(carried(math.nan))


@pytest.mark.parametrize(
    "value",
    [
        [0.5, -0.0, math.inf],
        [1, -(2**63), 2**63 - 1],
        [1, 2**63],
        [1.0, 1],
        [True, 1],
        [np.float64(1)],
    ],
    ids=str,
)
def test_the_numbers_of_a_list_arrive_with_their_types(value: list[Any]) -> None:
    arrived = carried(value)
    assert repr(arrived) == repr(value)
    assert [type(each) for each in arrived] == [type(each) for each in value]


def test_the_floats_of_a_list_arrive_with_all_their_bits() -> None:
    bits = struct.pack("3q", 0x7FF8000000000123, 0x7FF0000000000001, -(2**63))
    assert struct.pack("3d", *carried(list(struct.unpack("3d", bits)))) == bits


def test_a_list_changes_the_type_of_its_numbers_there_as_here() -> None:
    one, other = ends()
    value: list[Any] = [1.0, 2.0]
    arrived = other.decode(packed(one.encode(value)))
    for changed in ([1, 2], [1, "2"], [], [2.5]):
        arrived[:] = changed
        for told in packed(other.changes()):
            one.decode(told)
        assert repr(value) == repr(changed)


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint64", "float16", "float32", "complex128"])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 4), (2, 3, 4)])
def test_arrays_arrive_with_their_type_and_shape(dtype: str, shape: tuple[int, ...]) -> None:
    array = np.arange(math.prod(shape)).reshape(shape).astype(dtype)
    arrived = carried(array)
    assert arrived.dtype == array.dtype
    assert arrived.shape == shape
    assert np.array_equal(arrived, array)


def test_arrays_in_any_order_of_their_memory_arrive_with_their_values() -> None:
    array = np.arange(24.0).reshape(2, 3, 4)
    for view in (array.T, array[:, ::-1], np.asfortranarray(array), array.astype(">f8")):
        arrived = carried(view)
        assert arrived.dtype.isnative
        assert np.array_equal(arrived, view)


@pytest.mark.parametrize(("dtype", "kept"), [("longdouble", "float64"), ("clongdouble", "complex")])
def test_longer_numbers_than_most_machines_have_arrive_as_the_longest_that_all_have(
    dtype: str, kept: str
) -> None:
    array = np.array([0.1, -2.5, 1e300], dtype)
    arrived = carried(array)
    assert arrived.dtype == kept
    assert np.array_equal(arrived, array.astype(kept))
    assert type(carried(array[0])) is np.dtype(kept).type
    with np.errstate(all="raise"):  # a setting of the learner's
        assert carried(np.array(["1e4000"]).astype(dtype))[0] == np.inf
        assert carried(np.array(["1e-4000"]).astype(dtype))[0] == 0


def test_a_change_of_such_an_array_is_told_and_nothing_else() -> None:
    one, other = ends()
    array = np.array([1, 2, 3], np.longdouble)
    arrived = other.decode(packed(one.encode(array)))
    assert not one.changes()
    array[0] = 7
    for told in packed(one.changes()):
        other.decode(told)
    assert list(arrived) == [7, 2, 3]
    arrived[1] = 8
    for told in packed(other.changes()):
        one.decode(told)
    assert list(array) == [7, 8, 3]


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Colour.RED, 3),
        (Pair(1.5, 2.5), (1.5, 2.5)),
        (OrderedDict(a=1), {"a": 1}),
        (range(3), (0, 1, 2)),
        (deque([1, 2.5]), [1, 2.5]),
        (np.matrix([[1, 2]]), np.array([[1, 2]])),
        (np.float64(0.1), np.float64(0.1)),
        (np.int32(7), np.int32(7)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_relatives_of_plain_values_arrive_as_their_values(value: Any, plain: Any) -> None:
    arrived = carried(value)
    assert type(arrived) is type(plain)
    assert np.array_equal(arrived, plain)


def test_a_value_that_goes_over_twice_is_one_object_there() -> None:
    one, other = ends()
    array, holder = np.zeros(3), [1]
    first = other.decode(packed(one.encode([array, holder])))
    again = other.decode(packed(one.encode((holder, array))))
    assert again[0] is first[1]
    assert again[1] is first[0]


def test_what_was_changed_there_is_changed_here() -> None:
    one, other = ends()
    array, holder, table = np.zeros(3), [1, 2], {"a": 1}
    arrived = other.decode(packed(one.encode([array, holder, table])))
    arrived[0][1] = 5
    arrived[1].append(3)
    arrived[2]["b"] = 2
    for change in packed(other.changes()):
        one.decode(change)
    assert array.tolist() == [0, 5, 0]
    assert holder == [1, 2, 3]
    assert table == {"a": 1, "b": 2}
    assert other.changes() == []


def test_what_was_not_changed_is_not_told() -> None:
    one, other = ends()
    other.decode(packed(one.encode([np.zeros(3), [1], {"a": np.ones(2)}])))
    assert other.changes() == []


def test_an_array_that_goes_over_again_goes_without_its_numbers() -> None:
    one, other = ends()
    array = np.zeros(1000)
    first = other.decode(packed(one.encode(array)))
    again = packed(one.encode([array]))
    assert len(msgpack.packb(again)) < 100
    assert other.decode(again)[0] is first


def test_an_array_that_was_changed_goes_over_again() -> None:
    one, other = ends()
    array = np.zeros((2, 3), np.float32)
    first = other.decode(packed(one.encode(array)))
    for changed in (0.0, np.nan, -0.0):  # -0.0 equals what was there
        array[1, 2] = changed
        other.decode(packed(one.encode(array)))
        assert first.tobytes() == array.tobytes()


def test_an_array_that_was_changed_there_goes_over_in_full_only_where_it_must() -> None:
    one, other = ends()
    array = np.zeros(3)
    first = other.decode(packed(one.encode(array)))
    first[0] = 1
    for change in packed(other.changes()):
        one.decode(change)
    assert other.decode(packed(one.encode(array))) is first
    assert first.tolist() == array.tolist() == [1, 0, 0]


def test_a_change_is_told_of_an_array_that_comes_again_after_many_others() -> None:
    one, other = ends()
    array = np.zeros(3)
    other.decode(packed(one.encode(array)))
    kept = [[number] for number in range(500)]
    other.encode(kept)
    assert other.changes() == []
    other.decode(packed(one.encode(array)))[0] = 1
    for change in packed(other.changes()):
        one.decode(change)
    assert array[0] == 1


def test_what_was_encoded_for_nothing_is_not_taken_to_be_there() -> None:
    one, other = ends()
    array, holder = np.ones(3), [1]
    with pytest.raises(TypeError, match="not plain"):
        one.encode([array, holder, object()])
    assert other.decode(packed(one.encode([array, holder]))) is not None


@pytest.mark.parametrize(
    ("value", "change"),
    [
        ([(2, 5)], lambda value: value.__setitem__(0, (7, 5))),
        ({2: 1}, lambda value: (value.pop(2), value.__setitem__(7, 1))),
        ([[0], [1]], lambda value: value.reverse()),
        ([np.zeros(2), [1]], lambda value: value[0].__setitem__(0, 1)),
        ([{"a": [1]}], lambda value: value[0]["a"].append(2)),
        ([1.0] * 1000, lambda value: value.__setitem__(999, 2.0)),
        (np.zeros((3, 3)).T, lambda value: value.__setitem__((1, 2), 1)),
        ([[n] for n in range(600)], lambda value: value[5].append(1)),
        ([([1],)], lambda value: value.__setitem__(0, ([2],))),
        ([([1],)], lambda value: value[0][0].append(2)),
        ({"a": frozenset({1})}, lambda value: value.__setitem__("a", frozenset({3}))),
        ({"a": 1}, lambda value: value.__setitem__("a", np.ones(2))),
        ([2**70], lambda value: value.append("a" * 100)),
        ([1, "b"], lambda value: value.append(value[0])),
    ],
    ids=[
        *("tuple", "key", "order", "array", "inner", "last", "another-order", "one-of-many"),
        *("list-in-a-tuple", "in-a-tuple", "set", "number-to-array", "other-types", "longer"),
    ],
)
def test_each_change_is_told(value: Any, change: Any) -> None:
    one, other = ends()
    arrived = other.decode(packed(one.encode(value)))
    change(arrived)
    for told in packed(other.changes()):
        one.decode(told)
    assert repr(value) == repr(arrived)


def test_a_shape_that_was_set_there_is_set_here() -> None:
    one, other = ends()
    array = np.arange(6.0)
    arrived = other.decode(packed(one.encode(array)))
    arrived.shape = (3, 2)
    arrived[2, 1] = 7
    for told in packed(other.changes()):
        one.decode(told)
    assert array.tolist() == [[0, 1], [2, 3], [4, 7]]
    assert other.decode(packed(one.encode(array))) is arrived


@pytest.mark.parametrize(
    ("given", "change"),
    [
        (np.ones(3), lambda array: array.resize(5, refcheck=False)),
        (np.ones((2, 3)).T, lambda array: setattr(array, "shape", (6,))),
    ],
    ids=["size", "order"],
)
def test_what_cannot_be_changed_in_its_place_is_another_array(given: Any, change: Any) -> None:
    one, other = ends()
    before = given.copy()
    arrived = other.decode(packed(one.encode(given)))
    change(arrived)
    for told in packed(other.changes()):
        one.decode(told)
    assert np.array_equal(given, before)
    assert one.decode(packed(other.encode(arrived))).tolist() == arrived.tolist()
    # What is handed over again is itself, and a new one there.
    assert np.array_equal(other.decode(packed(one.encode(given))), given)


@pytest.mark.parametrize("value", [np.zeros(3), [0, 0], {0: 0}], ids=["array", "list", "dict"])
def test_a_change_is_told_of_what_nobody_keeps(value: Any) -> None:
    one, other = ends()
    for number in (1, 2, 3):  # an array goes without its numbers from the second time on
        other.decode(packed(one.encode(value)))[0] = number
        for told in packed(other.changes()):
            one.decode(told)
        assert value[0] == number


class Scores(np.ndarray):
    """An array with another name."""


@pytest.mark.parametrize(
    "part",
    [
        lambda buffer: buffer[:3],
        lambda buffer: buffer[:4].reshape(2, 2).T,
        lambda buffer: buffer[:1].reshape(()),
        lambda buffer: buffer[:3].view(Scores),
        lambda buffer: np.frombuffer(buffer.data, np.float64, 3),
        lambda buffer: np.lib.stride_tricks.as_strided(buffer, (2,), (16,)),
    ],
    ids=["slice", "turned", "number", "subclass", "buffer", "strides"],
)
def test_a_change_of_the_memory_is_told_of_a_view_that_nobody_keeps(part: Any) -> None:
    one, other = ends()
    buffer = np.zeros(10)
    arrived = other.decode(packed(one.encode(part(buffer))))
    assert one.changes() == []
    buffer[0] = 7
    for told in packed(one.changes()):
        other.decode(told)
    assert arrived.ravel()[0] == 7
    assert one.changes() == []


def test_a_view_that_alone_has_its_memory_is_not_looked_at(monkeypatch: Any) -> None:
    one, _ = ends()
    one.encode(np.zeros((3, 2)).T)
    monkeypatch.setattr(wire, "_holds", pytest.fail)
    assert one.changes() == []


def handed_over(one: Values, other: Values, value: Any) -> Any:
    """The value at the other end, after one question and its answer."""
    arrived = other.decode(packed(one.encode(value)))
    one.trim()  # a question begins
    other.changes()
    return arrived


@pytest.mark.parametrize(
    "make",
    [
        lambda: np.zeros(3),
        lambda: [1.5, [2, "a"], np.ones(2)],
        lambda: {"x": np.zeros(2), "deep": [deque([[1]])]},
        lambda: np.zeros((3, 2)).T,
    ],
    ids=["array", "list", "dict", "view"],
)
def test_what_nobody_has_any_more_is_not_looked_at_nor_what_it_held(
    make: Any, monkeypatch: Any
) -> None:
    one, other = ends()
    arrived = handed_over(one, other, make())
    numbers = set(other.watched())
    assert set(one.unseen()) == numbers
    assert not list(one.watched())
    assert one.unseen() == []
    other.unwatch(numbers)
    monkeypatch.setattr(wire, "_holds", pytest.fail)
    monkeypatch.setattr(wire, "_print_of", pytest.fail)
    assert other.changes() == []
    monkeypatch.undo()
    # The other end may have kept it.
    assert repr(one.decode(packed(other.encode(arrived)))) == repr(make())


@pytest.mark.parametrize(
    "keep",
    [
        lambda array: [array],
        lambda array: array[1:],
        lambda array: memoryview(array),
        lambda array: array.ravel().view(np.uint8),
    ],
    ids=["in-a-list", "part", "buffer", "other-type"],
)
def test_what_somebody_has_a_part_of_is_looked_at(keep: Any) -> None:
    one, other = ends()
    kept = [keep(np.zeros(3))]
    base = kept[0][0] if isinstance(kept[0], list) else np.asarray(getattr(kept[0], "base", None))
    if isinstance(kept[0], memoryview):
        base = kept[0].obj
    arrived = handed_over(one, other, base)
    del base
    assert one.unseen() == []
    arrived[1] = 7
    for told in packed(other.changes()):
        one.decode(told)
    assert bytes(np.asarray(kept[0]).tobytes()).count(np.float64(7).tobytes()) == 1


def test_what_a_tuple_holds_is_looked_at() -> None:
    one, other = ends()
    handed_over(one, other, [([1],)])
    assert len(one.unseen()) == 1  # the outer list
    assert len(list(one.watched())) == 1


class Box:
    """An object that goes over by value."""

    def __init__(self, value: Any) -> None:
        self.value = value


def with_objects() -> Values:
    """An end from which objects go over by value."""
    one = Values(0, lambda thing: one.object_node(thing, None), refuse)
    return one


def test_what_an_object_alone_holds_is_not_looked_at() -> None:
    one = with_objects()
    one.encode(Box([np.zeros(3)]))
    one.trim()
    assert len(one.unseen()) == 3
    assert not list(one.watched())


def test_what_somebody_has_of_an_object_is_looked_at() -> None:
    one = with_objects()
    attributes = vars(box := Box([np.zeros(3)]))
    one.encode(box)
    one.trim()
    del box
    assert len(one.unseen()) == 1  # the object
    assert len(list(one.watched())) == 2
    assert attributes["value"][0].tolist() == [0, 0, 0]


def test_an_array_of_a_buffer_that_somebody_has_is_looked_at() -> None:
    one, other = ends()
    buffer = np.zeros(3).data
    arrived = handed_over(one, other, np.asarray(buffer))
    assert one.unseen() == []
    arrived[1] = 7
    for told in packed(other.changes()):
        one.decode(told)
    assert buffer.tolist() == [0, 7, 0]


class Total(list[Any]):
    """A list that does more."""


def read_only() -> np.ndarray:
    array = np.zeros(3)
    array.setflags(write=False)
    return array


@pytest.mark.parametrize(
    "make",
    [
        lambda: deque([1, 2], maxlen=2),
        lambda: Total([1, 2]),
        lambda: Counter("aab"),
        lambda: np.zeros(3).view(Scores),
        lambda: np.zeros(3, np.longdouble),
        lambda: np.asfortranarray(np.zeros((2, 3))),
        read_only,
    ],
    ids=["deque", "list", "dict", "array", "longer-numbers", "order-of-memory", "read-only"],
)
def test_what_nobody_looked_at_comes_back_as_itself(make: Any) -> None:
    one, other = ends()
    value = make()
    identity, arrived = id(value), handed_over(one, other, value)
    del value
    other.unwatch(unseen := one.unseen())
    assert len(unseen) == 1
    back = one.decode(packed(other.encode(arrived)))
    assert id(back) == identity
    assert repr(back) == repr(make())
    assert one.unseen() == []


def test_a_number_that_this_end_has_yet_to_give_is_nobodys() -> None:
    one, _ = ends()
    with pytest.raises(BadFrame):
        one.decode([wire.LIST, 6, []])
    one.decode([wire.LIST, 7, []])


def test_a_value_in_the_place_of_one_that_holds_it_leaves_no_trace_of_it() -> None:
    one, _ = ends()
    inner = one.decode([wire.LIST, 5, [[wire.LIST, 5, [None]]]]).pop()
    assert inner == [None]
    assert one.encode(inner)[1] != 5


def test_what_goes_over_just_now_is_looked_at() -> None:
    one, other = ends()
    message = one.encode([np.zeros(2)])
    assert one.unseen() == []
    other.decode(packed(message))[0][0] = 5
    assert len(other.changes()) == 1


def test_a_deque_that_is_filled_again_changes_at_both_ends() -> None:
    one, other = ends()
    losses: deque[Any] = deque([0.5, 0.25])
    arrived = other.decode(packed(one.encode(losses)))
    losses.clear()
    losses.extend([1, (2,)])
    for told in packed(one.changes()):
        other.decode(told)
    assert arrived == [1, (2,)]
    arrived.append(3.5)
    for told in packed(other.changes()):
        one.decode(told)
    assert losses == deque([1, (2,), 3.5])


def test_a_word_that_was_made_anew_is_another_object_there() -> None:
    word = "numerical"
    assert carried(word) is word
    assert carried("".join(["numer", "ical"])) is not word


def test_a_value_that_holds_itself_is_not_plain() -> None:
    holds_itself: list[Any] = []
    holds_itself.append(holds_itself)
    with pytest.raises(TypeError, match="not plain"):
        carried(holds_itself)


def test_a_value_that_is_too_deep_is_not_plain() -> None:
    deep: list[Any] = []
    for _ in range(1000):
        deep = [deep]
    with pytest.raises(TypeError, match="not plain"):
        carried(deep)


@pytest.mark.parametrize(
    "value",
    [lambda: 1, object(), np.array([None]), np.array(["text"]), np.zeros(2, "datetime64[s]"), int],
    ids=["function", "object", "array-of-objects", "array-of-text", "array-of-times", "class"],
)
def test_other_things_do_not_go_over(value: Any) -> None:
    with pytest.raises(TypeError, match="not plain"):
        carried(value)


BAD = {
    "empty": [],
    "no kind": [99, 1],
    "a kind that is text": ["LIST", 1, []],
    "a dictionary": {"a": 1},
    "bytes": b"\0",
    "an array of objects": [wire.ARRAY, 1, ["|O", [1], b"\0" * 8]],
    "an array of an unknown type": [wire.ARRAY, 1, ["V8", [1], b"\0" * 8]],
    "an array with a size that it has not": [wire.ARRAY, 1, ["<f8", [10**12], b"\0" * 8]],
    "an array with a negative size": [wire.ARRAY, 1, ["<f8", [-1], b""]],
    "an array of a hundred dimensions": [wire.ARRAY, 1, ["<f8", [1] * 100, b"\0" * 8]],
    "an array without its numbers": [wire.ARRAY, 1, ["<f8", [1]]],
    "a list without items": [wire.LIST, 1],
    "a list that is text": [wire.LIST, 1, "abc"],
    "a list without a number": [wire.LIST, "1", []],
    "numbers of an unknown type": [wire.NUMBERS, 1, ["s", b"\0" * 8]],
    "numbers of a type that is none": [wire.NUMBERS, 1, [["d"], b"\0" * 8]],
    "numbers that are text": [wire.NUMBERS, 1, ["d", "abcdefgh"]],
    "numbers of another size": [wire.NUMBERS, 1, ["d", b"\0" * 9]],
    "more numbers than a value has": [wire.NUMBERS, 1, ["d", b"\0" * (8 * 4_000_001)]],
    "a number of text": [wire.NUMBER, "<U1", b"abcd"],
    "a whole number that is too long": [wire.BIG, b"\1" * 100_000],
    "a set of lists": [wire.SET, [[wire.LIST, 3, []]]],
    "a handle": [wire.HANDLE, 1],
    "a class": [wire.CLASS, "os", "system"],
    "code": [wire.CODE, 0, "x", "import os", []],
    "an array that was never there": [wire.SAME, 7],
    "an array without any number": [wire.SAME],
    "an array under a list": [wire.SAME, [1]],
    "a tensor": [wire.TENSOR, ["<f4", [1], b"\0" * 4]],
    "a shape": [wire.SHAPE, [1]],
    "a thing of the test's": [wire.TWIN, 0],
    "a variable of the test's": [wire.VARIABLE, 0, 0],
    "a path": [wire.PATH, "/", None],
    "an object of a class": [wire.OBJECT, 1, [], [wire.CLASS, "os", "system"]],
    "pairs that are none": [wire.DICT, 1, [[1, 2, 3]]],
}


@pytest.mark.parametrize("message", BAD.values(), ids=BAD.keys())
def test_what_is_no_value_is_refused(message: Any) -> None:
    _, other = ends()
    with pytest.raises(BadFrame):
        other.decode(message)


def test_what_is_no_array_does_not_come_again_as_one() -> None:
    one, other = ends()
    other.decode(packed(one.encode([1, "a"])))
    with pytest.raises(BadFrame, match="no array"):
        other.decode([wire.SAME, 0])


def test_a_message_that_is_too_deep_is_refused() -> None:
    message: Any = 1
    for _ in range(200):
        message = [wire.TUPLE, [message]]
    with pytest.raises(BadFrame):
        ends()[1].decode(message)


@pytest.mark.parametrize(
    "claimed",
    [
        [wire.LIST, 0, []],
        [wire.NUMBERS, 0, ["d", b""]],
        [wire.DICT, 0, []],
        [wire.OBJECT, 0, [], [wire.CLASS, "os", "system"]],
    ],
    ids=["list", "numbers", "dictionary", "object"],
)
def test_nothing_can_take_the_place_of_an_array(claimed: Any) -> None:
    one, _ = ends()
    array = np.ones(3)
    one.encode(array)
    with pytest.raises(BadFrame):
        one.decode(claimed)
    assert array.tolist() == [1, 1, 1]


def _sent(data: bytes) -> Any:
    """What is received of some bytes, after which the connection ends."""
    ours, theirs = socket.socketpair()
    with ours:

        def write() -> None:
            with theirs:
                theirs.sendall(data)

        writer = threading.Thread(target=write)
        writer.start()
        try:
            return wire.receive(ours)
        finally:
            ours.close()
            writer.join()


def test_a_frame_that_says_it_is_huge_is_refused_before_it_is_read() -> None:
    with pytest.raises(BadFrame):
        _sent((10 << 30).to_bytes(8, "big"))


def test_a_frame_that_is_no_msgpack_is_refused() -> None:
    with pytest.raises(BadFrame):
        _sent((4).to_bytes(8, "big") + b"\xc1\xc1\xc1\xc1")


def test_a_frame_of_a_hundred_thousand_lists_in_each_other_is_refused() -> None:
    data = b"\x91" * 100_000 + b"\x01"
    with pytest.raises(BadFrame):
        _sent(len(data).to_bytes(8, "big") + data)


def test_a_frame_that_breaks_off_is_the_end() -> None:
    assert _sent((100).to_bytes(8, "big") + b"\x01") is None
