"""TensorFlow's and Keras's things on the wire, at both ends: tensors, variables and what has them.

The libraries are used as they are loaded: a course without TensorFlow never imports it here,
unless a learner's code does.
"""

import importlib
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from grader.engine.judge import wire

_MOST_AXES = 254  # TensorFlow's own limit
NODES = frozenset((wire.TENSOR, wire.SHAPE, wire.DTYPE))
# Functions that change something for a whole process: a test that calls one means both ends.
SETTINGS = (
    "keras.utils.set_random_seed",
    "keras.config.set_floatx",
    "keras.config.set_dtype_policy",
    "tensorflow.random.set_seed",
    "tensorflow.config.run_functions_eagerly",
    "numpy.random.seed",
    "random.seed",
)


def library(name: str) -> Any:
    """TensorFlow or Keras, if it is loaded; else None."""
    found = sys.modules.get(name)
    return found if hasattr(found, "__version__") else None


def needed(name: str) -> Any:
    """TensorFlow or Keras, for what the other end has of it; raises ValueError if there is none.

    A learner's code may import it where nothing that is given does: then only its end has it, and
    whether this end has depends on what else the run grades.
    """
    if library(name) is None:
        with suppress(Exception):
            importlib.import_module(name)
    if (found := library(name)) is None:
        raise ValueError(f"a thing of a library that cannot be imported ({name})")
    return found


def setting(name: str) -> tuple[Any, str]:
    """Where the function stands; raises AttributeError and KeyError if its library is not there."""
    first, *inner, last = name.split(".")
    place = sys.modules[first]
    for each in inner:
        place = getattr(place, each)
    return place, last


def node(value: Any) -> list[Any] | None:
    """The node of a tensor that has values, of a shape or a type of tensors; None for all else."""
    tensorflow = library("tensorflow")
    if tensorflow is None:
        return None
    if type(value) is tensorflow.TensorShape:
        return [wire.SHAPE, None if value.rank is None else value.as_list()]
    if type(value) is tensorflow.DType:
        return [wire.DTYPE, value.name]
    if not is_eager(value):
        return None
    with suppress(Exception):  # a type that NumPy does not have
        array = np.asarray(value.numpy())
        if wire.is_plain_array(array):
            return [wire.TENSOR, wire.content_of_array(array)]
    return None


def value_of(kind: int, content: Any) -> Any:
    """What such a node stands for; raises ValueError and TypeError."""
    tensorflow = needed("tensorflow")
    if kind == wire.TENSOR:
        return tensorflow.constant(wire.array_of(content))
    if kind == wire.DTYPE:
        if type(content) is not str:
            raise ValueError("no type of tensors")
        return tensorflow.as_dtype(content)
    if content is None:
        return tensorflow.TensorShape(None)
    if len(content) > _MOST_AXES or any(not _is_size(each) for each in content):
        raise ValueError("no shape")
    return tensorflow.TensorShape(content)


def _is_size(value: Any) -> bool:
    return value is None or (type(value) is int and 0 <= value < 1 << 63)


def is_eager(value: Any) -> bool:
    """Whether it is a tensor that has values."""
    ops = sys.modules.get("tensorflow.python.framework.ops")
    return ops is not None and type(value) is ops.EagerTensor


def recorded(arguments: Sequence[Any]) -> list[int]:
    """The places of the tensors that a tape of this process may ask a derivative by."""
    record = sys.modules.get("tensorflow.python.eager.record")
    if record is None or not record.could_possibly_record():
        return []
    return [at for at, each in enumerate(arguments) if is_eager(each) and each.dtype.is_floating]


def recording(call: Callable[[], Any], inputs: Sequence[Any]) -> list[Any]:
    """What a call returns, and a function from the slope of something by this result to those by
    the inputs; None in its place where the result is no tensor.
    """
    tensorflow = library("tensorflow")
    assert tensorflow is not None
    with tensorflow.GradientTape(persistent=True) as tape:
        for each in inputs:
            tape.watch(each)
        result = call()

    def slopes(upstream: Any) -> list[Any]:
        found = tape.gradient(result, list(inputs), output_gradients=upstream)
        return [None if each is None else tensorflow.convert_to_tensor(each) for each in found]

    return [result, slopes if is_eager(result) else None]


def with_slopes(result: Any, inputs: Sequence[Any], slopes: Callable[[Any], Any]) -> Any:
    """A tensor whose derivative by the inputs a tape of this process takes from `slopes`."""
    tensorflow = library("tensorflow")
    assert tensorflow is not None

    @tensorflow.custom_gradient  # type: ignore[untyped-decorator]
    def known(*_: Any) -> Any:
        return tensorflow.identity(result), lambda upstream: list(slopes(upstream))

    return known(*inputs)


def is_variable(value: Any) -> bool:
    """Whether it is a variable of TensorFlow's or Keras's."""
    tensorflow, keras = library("tensorflow"), library("keras")
    return (tensorflow is not None and isinstance(value, tensorflow.Variable)) or (
        keras is not None and isinstance(value, keras.Variable)
    )


def variables_of(thing: Any) -> Sequence[Any]:
    """The variables that make up the state of a thing."""
    if is_variable(thing):
        return [thing]
    return list(getattr(thing, "variables", ()))


def content_of(variable: Any) -> list[Any] | None:
    """What a variable holds now, for the wire; None if it cannot go over."""
    with suppress(Exception):
        array = np.asarray(variable.numpy())
        if wire.is_plain_array(array):
            return wire.content_of_array(array)
    return None


class States:
    """What the other end knows of the variables and attributes of some things, by their number."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, Any], Any] = {}

    def changed(self, number: int, contents: Iterator[tuple[Any, Any]]) -> list[list[Any]]:
        """Those of the pairs (place, content) that the other end does not know; it does then."""
        found = []
        for place, content in contents:
            if content is not None and self._known.get((number, place)) != content:
                self._known[number, place] = content
                found.append([place, content])
        return found

    def knows(self, number: int, place: Any) -> bool:
        """Whether the other end knows anything of this."""
        return (number, place) in self._known

    def learn(self, number: int, place: Any, content: Any) -> None:
        """The other end has told this."""
        self._known[number, place] = content

    def forget(self, number: int) -> None:
        """Nobody asks for this one any more."""
        for key in [key for key in self._known if key[0] == number]:
            del self._known[key]


def state_of(thing: Any, attributes: Sequence[str]) -> Iterator[tuple[Any, Any]]:
    """Pairs (place, content): a variable's place is its index, an attribute's is its name."""
    for index, variable in enumerate(variables_of(thing)):
        yield index, content_of(variable)
    for name in attributes:
        with suppress(Exception):
            yield name, wire.alone(getattr(thing, name))


def set_state(thing: Any, changes: Any, attributes: Sequence[str] | None) -> list[Any]:
    """Take over a state of the other end's; only what is there, with its shape and kind of numbers.

    `attributes` are the names of those that may be set, None if all may. Returns pairs of the
    places that were set and what they hold now. Raises ValueError.
    """
    variables = variables_of(thing)
    done = []
    for place, content in changes:
        if type(place) is int:
            if not 0 <= place < len(variables):
                continue
            array, variable = wire.array_of(content), variables[place]
            known = variable.numpy()
            # A learner may have chosen other floats for all that Keras makes.
            are_floats = known.dtype.kind == array.dtype.kind == "f"
            if known.shape != array.shape or not (known.dtype == array.dtype or are_floats):
                raise ValueError("a variable of another shape or type")
            if known.dtype != array.dtype:
                with np.errstate(over="ignore"):
                    array = array.astype(known.dtype)
                content = wire.content_of_array(array)
            variable.assign(array)
        elif type(place) is str and (attributes is None or place in attributes):
            setattr(thing, place, wire.of_alone(content))
        else:
            raise ValueError("a state of nothing that is known")
        done.append([place, content])
    return done
