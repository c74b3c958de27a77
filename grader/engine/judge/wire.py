"""What goes between the judge and the kernel: plain values, in frames of msgpack.

Both ends use the same class. A mutable value (a list, a dictionary, an array) has a number, under
which each end keeps its own copy of it: so a value that is handed over twice is one object at the
other end, too, and what was changed there can be told. What is no plain value stays where it is
and goes over as a handle. Nothing that arrives is evaluated, imported, or trusted to have a size.
"""

import socket
import struct
import sys
import threading
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from math import prod
from typing import Any

import msgpack
import numpy as np

# The first item of each list on the wire says what the list stands for.
(BIG, COMPLEX, LIST, TUPLE, DICT, SET, BYTES, ARRAY, NUMBER, TEXT) = range(10)
(SAME, OBJECT, HANDLE, CLASS, CODE, PATH, TENSOR, SHAPE, DTYPE, TWIN, VARIABLE) = range(10, 21)
NUMBERS = 21  # a list of numbers of one type
_OTHER = frozenset((HANDLE, CLASS, CODE, PATH, TENSOR, SHAPE, DTYPE, TWIN, VARIABLE))  # see Values
_SHARED = frozenset((LIST, NUMBERS, DICT, ARRAY, SAME, OBJECT))  # a number comes next

# Questions that change nothing in what the test has handed over.
LOOKS = frozenset(("names", "text", "length", "truth", "array", "get", "is_instance"))
# Of their classes, the judge knows which of its own a thing of the learner's descends from.
KNOWN_LIBRARIES = frozenset(("tensorflow", "keras", "pathlib"))

MOST_BYTES = 256 << 20  # of a frame
_MOST_DEPTH = 40
_MOST_ITEMS = 4_000_000  # of all containers of a value
_MOST_BIG = 20_000  # bytes of a whole number
_MOST_WATCHED = 400  # mutable values of which changes are told
_OWN_REFERENCES = 2  # to a value while its changes are looked for
_OWN_REFERENCES_TO_BASE = 3  # to what one array is a view of, while that is found out
_LONGEST_WORD = 40
_SMALL = 1 << 16  # bytes of a frame
_FEW_BYTES = 1 << 12  # of an array, which are copied sooner than they are looked at in place
_MOST_KEPT = 16 << 20  # bytes of memory for frames, until the next one
_LENGTH = struct.Struct("!Q")
_NAMES = (
    *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    *("float16", "float32", "float64", "complex64", "complex128"),
)
_DTYPES = frozenset(np.dtype(name).str for name in _NAMES)
_LONGEST = {"f": np.dtype("float64"), "c": np.dtype("complex128")}
_SCALARS = frozenset((bool, float, type(None)))
_CODES = {float: "d", int: "q"}  # of their 8 bytes, for struct
_BASES: tuple[type, ...] = (int, float, str, bytes)  # of subclasses, such as an enumeration's
_PLAIN = (*_BASES, np.ndarray, list, tuple, dict, set, frozenset, deque)


class BadFrame(Exception):
    """What arrived is no frame of this protocol."""


class _Buffers(threading.local):
    """Memory for the frames of a thread, used again: new memory takes longer than what is in it."""

    def __init__(self) -> None:
        self.packer = _packer()
        self.received = bytearray(_SMALL)


def _packer() -> msgpack.Packer:
    return msgpack.Packer(unicode_errors="surrogatepass", autoreset=False)


_buffers = _Buffers()


def send(connection: socket.socket, message: Any) -> None:
    """Send one frame."""
    packer, length = _buffers.packer, 0
    try:
        packer.pack(message)
        with packer.getbuffer() as data:
            length = len(data)
            head = _LENGTH.pack(length)
            if length < _SMALL:
                connection.sendall(head + data)
            else:  # not copied once more
                connection.sendall(head)
                connection.sendall(data)
    finally:
        packer.reset()
        if length > _MOST_KEPT:
            _buffers.packer = _packer()


def receive(connection: socket.socket) -> Any:
    """The next frame; None at the end of the connection. Raises BadFrame."""
    head = bytearray(_LENGTH.size)
    if not _fill(connection, memoryview(head)):
        return None
    (length,) = _LENGTH.unpack(head)
    if length > MOST_BYTES:
        raise BadFrame(f"a frame of {length} bytes")
    buffer = _buffers.received
    if length > len(buffer):
        buffer = bytearray(length)
        if length <= _MOST_KEPT:
            _buffers.received = buffer
    data = memoryview(buffer)[:length]
    if not _fill(connection, data):
        return None
    try:
        return msgpack.unpackb(data, unicode_errors="surrogatepass", strict_map_key=True)
    except Exception as error:  # msgpack raises many kinds
        raise BadFrame(f"a frame that cannot be read ({type(error).__name__})") from None


def _fill(connection: socket.socket, view: memoryview) -> bool:
    """Receive as much as there is room for; False if the connection ends before."""
    while view:
        try:
            count = connection.recv_into(view)
        except ConnectionError:
            return False
        if not count:
            return False
        view = view[count:]
    return True


def is_plain_array(value: np.ndarray) -> bool:
    """Whether an array goes over by value."""
    return _sent_as(value.dtype) is not None and value.nbytes <= MOST_BYTES // 2


def content_of_array(value: np.ndarray) -> list[Any]:
    """A plain array for the wire."""
    plain = value if type(value) is np.ndarray else np.array(value, subok=False)
    if plain.dtype.str not in _DTYPES:
        with np.errstate(all="ignore"):  # a longer float may lie beyond those that go over
            plain = plain.astype(_sent_as(plain.dtype))
    return [plain.dtype.str, list(plain.shape), plain.tobytes()]


def _sent_as(dtype: Any) -> Any:
    """The type that numbers of a type go over as: itself, or in this machine's order of bytes, and
    of longer floats the longest that both ends know. None for what does not go over.
    """
    if dtype.str in _DTYPES:
        return dtype
    native = dtype.newbyteorder("=")
    return native if native.str in _DTYPES else _LONGEST.get(dtype.kind)


def array_of(content: Any) -> np.ndarray:
    """The array, which cannot be written to. Raises ValueError and TypeError."""
    name, shape, data = content
    if len(shape) > 32 or any(type(n) is not int or n < 0 for n in shape):
        raise ValueError("no shape")
    dtype = _dtype(name)
    if type(data) is not bytes or prod(shape) * dtype.itemsize != len(data):
        raise ValueError("an array of another size")
    return np.frombuffer(data, dtype).reshape(shape)


def alone(value: Any) -> Any:
    """A plain value that shares nothing with others. Raises TypeError for other things."""
    return Values(0, _refuse, _refuse).encode(value)


def of_alone(message: Any) -> Any:
    """The value of such a message; raises ValueError."""
    try:
        return Values(1, _refuse, _refuse).decode(message)
    except BadFrame as error:
        raise ValueError(str(error)) from None


def _refuse(*_: Any) -> Any:
    raise TypeError("this is no plain value")


class Values:
    """Encodes and decodes the values of one end; `first` is 0 at one end and 1 at the other.

    `other` gives the node for a value that is not plain; `from_other` takes that at the other
    end: what kind of node it is, and the rest of it.
    """

    def __init__(
        self,
        first: int,
        other: Callable[[Any], list[Any]],
        from_other: Callable[[int, list[Any]], Any],
    ) -> None:
        self._next = first
        self._other, self._from_other = other, from_other
        self._shared: dict[int, Any] = {}  # the mutable values, by number
        self._numbers: dict[int, int] = {}  # their numbers, by id(); `_shared` keeps them alive
        # What the other end has of them, the newest last: of an array its content, of others a
        # print of it.
        self._watched: OrderedDict[int, Any] = OrderedDict()
        self._classes: dict[int, Any] = {}  # those of objects, as they came or went, by number
        self._fresh: list[int] = []  # the numbers of those that one value holds
        self._going: set[int] = set()  # those of all values of a message that is being made
        self._nested = 0  # values that are being encoded, one for the other
        self._recent: set[int] = set()  # those that came or went since changes were looked for
        self._open: set[int] = set()  # containers that are being encoded
        self._left = 0

    # Encoding

    def encode(self, value: Any) -> Any:
        """`value` as a message of plain values."""
        around = self._fresh, self._left  # of the value for which this one is needed, if any
        self._fresh, self._left = [], _MOST_ITEMS
        self._nested += 1
        try:
            node = self._encoded(value, _MOST_DEPTH)
            self._recent.difference_update(self._fresh)  # it gets them as they are now
            self._going.update(self._fresh)
        except BaseException:
            self.unwatch(self._fresh)  # the other end never gets them
            if self._nested == 1:
                self.unwatch(self._going)
            raise
        finally:
            self._fresh, self._left = around
            self._nested -= 1
        return node

    def _encoded(self, value: Any, depth: int) -> Any:
        kind = type(value)
        if kind in _SCALARS:
            return value
        if kind is str:
            # Python keeps one object for each word that a program spells out, and some compare by
            # that. So a word that was made anew goes over as such.
            is_word = len(value) <= _LONGEST_WORD and value.isidentifier()
            return value if not is_word or sys.intern(value) is value else [TEXT, value]
        if kind is int:
            if -(1 << 63) <= value < 1 << 63:
                return value
            return [BIG, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True)]
        if callable(value) and isinstance(value, _PLAIN):
            return self._other(value)  # a subclass: it does more than to hold values
        if isinstance(value, np.generic):
            array = np.asarray(value)
            if is_plain_array(array):
                name, _, data = content_of_array(array)
                return [NUMBER, name, data]
        elif isinstance(value, np.ndarray):
            if is_plain_array(value):
                return self._array_node(value)
        elif kind is complex:
            return [COMPLEX, value.real, value.imag]
        elif isinstance(value, _BASES):
            if isinstance(value, bytes):
                return [BYTES, bytes(value)]
            base: Any = next(each for each in _BASES if isinstance(value, each))
            return self._encoded(base(value), depth)
        elif depth > 0 and id(value) not in self._open:
            return self._encoded_container(value, depth)
        return self._other(value)

    def _encoded_container(self, value: Any, depth: int) -> Any:
        self._open.add(id(value))
        try:
            if isinstance(value, (list, deque)):
                return self._list_node(value, depth)
            if isinstance(value, tuple):
                return [TUPLE, self._items(tuple.__iter__(value), depth)]
            if isinstance(value, dict):
                pairs = ([key, item] for key, item in dict.items(value))
                content = [self._items(pair, depth) for pair in pairs]
                return self._shared_node(value, DICT, content)
            if isinstance(value, (set, frozenset)):
                return [SET, self._items(value, depth)]
            number = self._numbers.get(id(value))
            if number is not None and number in self._classes:
                return self._object_node(value, number, depth)
            if type(value) is range and len(value) < 10_000:
                return [TUPLE, self._items(value, depth)]
        finally:
            self._open.discard(id(value))
        return self._other(value)

    def _list_node(self, value: list[Any] | deque[Any], depth: int) -> list[Any]:
        items = _items_of(value)
        if (numbers := self._as_numbers(items)) is not None:
            return self._shared_node(value, NUMBERS, numbers)
        return self._shared_node(value, LIST, self._items(items, depth))

    def _as_numbers(self, items: list[Any]) -> list[Any] | None:
        """Items that are numbers of one type, for the wire; None if they are not."""
        code = _CODES.get(type(items[0])) if items else None
        if code and list(map(type, items)).count(type(items[0])) == len(items):
            self._count(len(items))
            with suppress(struct.error):  # a whole number that is longer
                return [code, struct.pack(f"{len(items)}{code}", *items)]
        return None

    def object_node(self, value: Any, of_class: Any) -> list[Any]:
        """A node for an object that goes over by value: its class, as a node, and its state."""
        number, self._next = self._next, self._next + 2
        self._classes[number] = of_class
        self._share(number, value)
        return self._object_node(value, number, _MOST_DEPTH)

    def _object_node(self, value: Any, number: int, depth: int) -> list[Any]:
        content = [self._items(pair, depth) for pair in vars(value).items()]
        self._watch(number, OBJECT, content)
        return [OBJECT, number, content, self._classes[number]]

    def _items(self, values: Iterable[Any], depth: int) -> list[Any]:
        items = list(values)
        if not set(map(type, items)) <= _SCALARS:
            items = [self._encoded(item, depth - 1) for item in items]
        self._count(len(items))
        return items

    def _count(self, items: int) -> None:
        self._left -= items
        if self._left < 0:
            raise ValueError(f"a value with more than {_MOST_ITEMS} items")

    def _array_node(self, value: np.ndarray) -> list[Any]:
        known = self._watched.get(self._numbers.get(id(value), -1))
        if known is not None and _holds(value, known):
            return [SAME, self._numbers[id(value)]]
        return self._shared_node(value, ARRAY, content_of_array(value))

    def _shared_node(self, value: Any, kind: int, content: list[Any]) -> list[Any]:
        number = self._numbers.get(id(value))
        if number is None:
            number, self._next = self._next, self._next + 2
            self._share(number, value)
        self._watch(number, kind, content)
        return [kind, number, content]

    def _share(self, number: int, value: Any) -> None:
        before = self._shared.get(number)
        if before is not None and before is not value and self._numbers.get(id(before)) == number:
            del self._numbers[id(before)]  # which may become another thing's
        self._shared[number] = value
        self._numbers[id(value)] = number

    def _watch(self, number: int, kind: int, content: list[Any]) -> None:
        self._watched.pop(number, None)
        if self._nested:
            self._fresh.append(number)
        self._recent.add(number)
        self._watched[number] = content if kind == ARRAY else _print_of(kind, content)

    def watched(self) -> Iterable[int]:
        """The numbers of the values of which changes are told."""
        return self._watched.keys()

    def unwatch(self, numbers: Iterable[int]) -> None:
        """Take it that the other end does not have these."""
        for number in numbers:
            self._watched.pop(number, None)

    def doubt(self, numbers: Iterable[int]) -> None:
        """Take it that the other end may not have these as they are."""
        for number in numbers:
            if number in self._watched:
                self._watched[number] = None

    def unseen(self) -> list[int]:
        """The numbers of the values that nobody but this module has any more, nor of what holds
        them: the other end need not look for changes in these. They stay here, so that one which
        the other end has kept is itself when it comes back, in full.
        """
        shared, count = self._shared, sys.getrefcount
        held: Counter[int] = Counter()  # references by values that were found, by id()
        found: list[int] = []
        waiting = [number for number in self._watched if number not in self._going]
        while new := {
            number
            for number in waiting
            if count(shared[number]) - held[id(shared[number])] <= _OWN_REFERENCES
            and not _is_lent(shared[number])
        }:
            found += new
            waiting = [number for number in waiting if number not in new]
            for number in new if waiting else ():
                held.update(_held_by(shared[number]))
        self.unwatch(found)
        return found

    def trim(self) -> list[int]:
        """Watch no more values than the limit; a message is complete. Returns its numbers."""
        sent = list(self._going)
        self._recent.clear()
        self._going.clear()
        while len(self._watched) > _MOST_WATCHED:
            self._watched.popitem(last=False)
        return sent

    def changes(self) -> list[Any]:
        """The mutable values that are no longer what the other end has, encoded."""
        found = []
        shared, recent, count = self._shared, self._recent, sys.getrefcount
        # Of others, nobody but this module has had any since, nor the memory of any.
        had = [
            number
            for number in self._watched
            if number in recent
            or count(shared[number]) > _OWN_REFERENCES
            or _is_lent(shared[number])
        ]
        for number, known in [(n, self._watched[n]) for n in had]:
            value = shared[number]
            if isinstance(value, np.ndarray):
                # In full: what is encoded for a container below may never be sent.
                if not _holds(value, known):
                    found.append(self._shared_node(value, ARRAY, content_of_array(value)))
            elif self._print_now(value) != known:
                node = self.encode(value)
                if self._watched.get(number, known) != known:
                    found.append(node)
            elif number in self._watched:
                self._watched.move_to_end(number)
        self.trim()
        return found

    def _print_now(self, value: Any) -> bytes | None:
        """The print of a container as it is; None where it holds something that has no number
        yet. What has one is not looked into, for it is watched, too, and nothing gets a number.
        """
        self._left = _MOST_ITEMS
        try:
            if isinstance(value, (list, deque)):
                items = _items_of(value)
                if (numbers := self._as_numbers(items)) is not None:
                    return _print_of(NUMBERS, numbers)
                return _packed([self._flat_now(item) for item in items])
            pairs = dict.items(value) if isinstance(value, dict) else vars(value).items()
            return _packed([[self._flat_now(item) for item in pair] for pair in list(pairs)])
        except Exception:  # told by `encode`
            return None

    def _flat_now(self, item: Any) -> Any:
        if type(item) in _SCALARS:
            return item
        if (number := self._numbers.get(id(item))) is not None:
            return [-1, number]
        if isinstance(item, tuple):
            return [TUPLE, [self._flat_now(each) for each in tuple.__iter__(item)]]
        if isinstance(item, (set, frozenset)):
            return [SET, [self._flat_now(each) for each in item]]
        is_array = isinstance(item, np.ndarray) and is_plain_array(item)
        if is_array or isinstance(item, (list, deque, dict)):
            raise TypeError("a value without a number")
        return _flat(self._encoded(item, _MOST_DEPTH))

    # Decoding

    def decode(self, message: Any) -> Any:
        """The value that a message of the other end's stands for; raises BadFrame."""
        self._left = _MOST_ITEMS
        try:
            return self._decoded(message, _MOST_DEPTH + 1)
        except (ValueError, TypeError, OverflowError, KeyError, struct.error) as error:
            raise BadFrame(f"a value that cannot be ({error})") from None

    def _decoded(self, node: Any, depth: int) -> Any:
        if type(node) in _SCALARS or type(node) is int:
            return node
        if type(node) is str:
            return sys.intern(node) if len(node) <= _LONGEST_WORD else node
        if type(node) is not list or not node or depth < 0:
            raise ValueError("no value")
        kind, *rest = node
        if kind == NUMBER:
            name, data = rest
            return np.frombuffer(data, _dtype(name), 1)[0]
        if kind == TEXT:
            (text,) = rest
            return "".join(list(text))
        if kind == BIG:
            (data,) = rest
            if len(data) > _MOST_BIG:
                raise ValueError("a number that is too long")
            return int.from_bytes(data, "big", signed=True)
        if kind == COMPLEX:
            real, imaginary = rest
            return complex(float(real), float(imaginary))
        if kind == BYTES:
            return bytes(memoryview(rest[0]))
        if kind in _OTHER:
            return self._from_other(kind, rest)
        if kind == SAME:
            (number,) = rest
            same = self._shared[number]
            if not isinstance(same, np.ndarray):
                raise ValueError("no array")
            self._recent.add(number)
            if number not in self._watched:  # here there were too many others since
                self._watch(number, ARRAY, content_of_array(same))
            return same
        if kind in (TUPLE, SET):
            (items,) = rest
            make: type = tuple if kind == TUPLE else frozenset
            return make(self._decoded_items(items, depth))
        number, content, *of_class = rest
        if type(number) is not int:
            raise ValueError("no number of a value")
        if number >= self._next and (number - self._next) % 2 == 0:
            raise ValueError("a number that this end has not given yet")
        if kind == OBJECT:
            value = self._placed_object(number, content, of_class, depth)
        else:
            value = self._placed(kind, number, content, depth)
        self._share(number, value)
        self._watch(number, kind, content)
        return value

    def _placed_object(self, number: int, content: Any, of_class: list[Any], depth: int) -> Any:
        """The object with this number, in the state that it has at the other end now."""
        known = self._shared.get(number)
        if known is None:
            kind = self.decode_class(of_class[0])
            known = kind.__new__(kind)
            self._classes[number] = of_class[0]
        elif number not in self._classes:
            raise ValueError("an object in the place of another value")
        pairs = [self._decoded_items(pair, depth) for pair in content]
        if any(type(name) is not str for name, _ in pairs):
            raise ValueError("an attribute without a name")
        vars(known).clear()
        vars(known).update(pairs)
        return known

    def decode_class(self, node: Any) -> Any:
        """The class that an object is to be made of."""
        kind, *rest = node
        return self._from_other(kind, rest)

    def _decoded_items(self, items: Any, depth: int) -> list[Any]:
        if type(items) is not list:
            raise ValueError("no items")
        self._count(len(items))
        if set(map(type, items)) <= _SCALARS:
            return list(items)
        return [self._decoded(item, depth - 1) for item in items]

    def _numbers_of(self, content: Any) -> list[Any]:
        code, data = content
        if code not in _CODES.values() or type(data) is not bytes:
            raise ValueError("no numbers")
        self._count(len(data) // 8)
        return list(struct.unpack(f"{len(data) // 8}{code}", data))

    def _placed(self, kind: int, number: int, content: Any, depth: int) -> Any:
        """The object with this number, with the content that it has at the other end now."""
        known = self._shared.get(number)
        if kind == ARRAY:
            array = array_of(content)
            if known is None:
                return array.copy()
            if not isinstance(known, np.ndarray):
                raise ValueError("an array in the place of another value")
            if known.shape != array.shape and not _takes_shape(known, array):
                del self._numbers[id(known)]  # it stays as it was, and this is another one
                return array.copy()
            if known.flags.writeable and not _holds(known, content):
                known[...] = array
            return known
        if kind in (LIST, NUMBERS):
            items = (
                self._numbers_of(content)
                if kind == NUMBERS
                else self._decoded_items(content, depth)
            )
            if known is None:
                return items
            if isinstance(known, deque):
                known.clear()
                known.extend(items)
                return known
            if not isinstance(known, list):
                raise ValueError("a list in the place of another value")
            if not _are_identical(known, items):
                known[:] = items
            return known
        if kind != DICT:
            raise ValueError("no kind of value")
        pairs = [self._decoded_items(pair, depth) for pair in content]
        made = dict(pairs)
        if known is None:
            return made
        if not isinstance(known, dict):
            raise ValueError("a dictionary in the place of another value")
        known.clear()
        known.update(made)
        return known


def _dtype(name: Any) -> Any:
    if name not in _DTYPES:
        raise ValueError("no type of numbers that is known")
    return np.dtype(name)


def _takes_shape(known: np.ndarray, array: np.ndarray) -> bool:
    """Give an array the shape of one of the same size, as x.shape = ... does; False if it cannot
    have it in its place.
    """
    if known.size == array.size:
        with suppress(AttributeError):  # not the order of its memory
            known.shape = array.shape
            return True
    return False


def _holds(value: np.ndarray, content: Any) -> bool:
    """Whether an array has just this content."""
    name, shape, data = content
    if value.dtype.str not in _DTYPES:
        return bool(content_of_array(value) == [name, list(shape), data])
    if value.dtype.str != name or list(value.shape) != list(shape):
        return False
    if len(data) < _FEW_BYTES or not value.flags.c_contiguous or value.ndim == 0:
        return bool(value.tobytes() == data)
    # As whole numbers, so that NaN equals itself; in long words, for it is quicker.
    word = "u8" if value.nbytes % 8 == 0 else "u1"
    here = np.frombuffer(value.reshape(-1).view("u1"), word)
    return bool(np.array_equal(here, np.frombuffer(data, word)))


def _is_lent(value: Any) -> bool:
    """Whether the memory of a value, if it is an array, is something else's, too, by which it may
    be written to: of an array that a learner fills anew in each call, a view may be what they
    return.
    """
    base: Any = value.base if isinstance(value, np.ndarray) else None
    while isinstance(base, np.ndarray):
        if sys.getrefcount(base) > _OWN_REFERENCES_TO_BASE:
            return True
        base = base.base
    if isinstance(base, memoryview):  # others may have been made of it, which nothing counts
        base = base.obj
    return not isinstance(base, (bytes, type(None)))


def _held_by(value: Any) -> list[int]:
    """The ids of what a value holds, as often as it holds it."""
    if isinstance(value, (list, deque)):
        items = _items_of(value)
        return [] if set(map(type, items)) <= _SCALARS else [id(each) for each in items]
    if isinstance(value, dict):
        return [id(each) for each in dict.values(value)]
    # Somebody may have an object's attributes without the object, as vars(thing).
    if isinstance(value, np.ndarray) or sys.getrefcount(vars(value)) > _OWN_REFERENCES:
        return []
    return [id(each) for each in vars(value).values()]


def _items_of(value: list[Any] | deque[Any]) -> list[Any]:
    return list.copy(value) if isinstance(value, list) else list(deque.__iter__(value))


def _print_of(kind: int, content: list[Any]) -> bytes:
    """A print of a container's content, in which what has a number of its own is this number."""
    if kind == NUMBERS:
        code, data = content
        return bytes(code.encode() + data)  # no list of msgpack's begins so
    if kind == LIST:
        has_nodes = list in set(map(type, content))
        flat = [_flat(item) for item in content] if has_nodes else content
    else:
        flat = [[_flat(key), _flat(item)] for key, item in content]
    return _packed(flat)


def _packed(flat: list[Any]) -> bytes:
    return bytes(msgpack.packb(flat, unicode_errors="surrogatepass"))


def _flat(node: Any) -> Any:
    if type(node) is not list:
        return node
    kind, *rest = node
    if kind in _SHARED:
        return [-1, rest[0]]
    return [kind, [_flat(item) for item in rest[0]]] if kind in (TUPLE, SET) else node


def _are_identical(one: list[Any], other: list[Any]) -> bool:
    return len(one) == len(other) and all(a is b for a, b in zip(one, other, strict=True))
