"""What a test makes with Keras and hands to the learner's code has one counterpart in the kernel.

A model, a loss, an optimizer, a metric is built there from its class and its configuration, once:
a new one at each call would make a compiled function of the learner's trace again. Before each
call the kernel is told what changed in it here, and after the call what changed there comes back:
numbers for the variables that it has here, and plain values for the attributes that the test's own
class sets. Nothing of the kernel's is built here.
"""

import weakref
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from grader.engine.judge import tensors, wire
from grader.engine.judge.classes import Classes
from grader.engine.judge.tensors import States


@dataclass
class _Twin:
    thing: Callable[[], Any]  # None when nobody has it any more
    attributes: tuple[str, ...]
    is_built: bool = False  # whether the kernel knows of its variables


class Twins:
    """The judge's end: the test's own things, by number."""

    def __init__(self, classes: Classes, encode: Callable[[Any], Any]) -> None:
        self._classes, self._encode = classes, encode
        self._twins: dict[int, _Twin] = {}
        self._numbers: dict[int, int] = {}  # by id(), as long as the thing is there
        self._places: dict[int, tuple[int, int]] = {}  # of variables: owner and index, by id()
        self._states = States()
        self._next = 0
        self._gone: list[int] = []
        self._new: list[int] = []

    # To the kernel

    def node(self, value: Any) -> list[Any] | None:
        """The node for a thing of the test's; None if this is none."""
        if tensors.is_variable(value):
            owner, index = self._place(value)
            return [wire.VARIABLE, owner, index]
        if id(value) in self._numbers:
            return [wire.TWIN, self._numbers[id(value)]]
        if self._is_of_keras(value) or _is_dataset(value) or _is_function(value):
            return [wire.TWIN, self._register(value)]
        return None

    def _is_of_keras(self, value: Any) -> bool:
        kind = type(value)
        if not hasattr(kind, "get_config") or not hasattr(kind, "from_config"):
            return False
        return any(base.__module__.partition(".")[0] == "keras" for base in kind.__mro__)

    def _register(self, thing: Any) -> int:
        number, self._next = self._next, self._next + 1
        attributes = tuple(self._classes.attributes(type(thing)))
        self._twins[number] = _Twin(
            weakref.ref(thing, partial(self._forget, number, id(thing))), attributes
        )
        self._numbers[id(thing)] = number
        self._new.append(number)
        self._learn_places(number, thing)
        return number

    def _learn_places(self, number: int, thing: Any) -> None:
        if _is_optimizer(thing):
            return  # its list holds nobody else's, and nobody hands them over
        for index, variable in enumerate(tensors.variables_of(thing)):
            self._places.setdefault(id(variable), (number, index))

    def _forget(self, number: int, identity: int, _: Any) -> None:
        self._twins.pop(number, None)
        self._numbers.pop(identity, None)
        self._places = {key: place for key, place in self._places.items() if place[0] != number}
        self._states.forget(number)
        self._gone.append(number)

    def _place(self, variable: Any) -> tuple[int, int]:
        if id(variable) not in self._places:
            for number, twin in self._twins.items():
                self._learn_places(number, twin.thing())
        if id(variable) not in self._places:
            self._register(variable)
        return self._places[id(variable)]

    def held(self) -> list[Any]:
        """All that are there: as long as somebody has this list, none goes."""
        return [twin.thing() for twin in list(self._twins.values())]

    def forgotten(self) -> list[Any]:
        """What the kernel must do even before a mere look: forget what is not there any more."""
        gone, self._gone = self._gone, []
        return [["forget", gone]] if gone else []

    def updates(self) -> list[Any]:
        """What the kernel must do first: forget, make, build and change counterparts."""
        entries = self.forgotten()
        entries += self._makes()
        builds: list[Any] = []
        for number, twin in list(self._twins.items()):
            if not twin.is_built and (built := self._built(twin.thing())) is not None:
                twin.is_built = True
                # The messages of TensorFlow and Keras name variables by their paths.
                variables = tensors.variables_of(twin.thing())
                paths = [getattr(each, "path", None) for each in variables]
                builds.append(["build", number, *built, paths])
        entries += self._makes() + builds  # first the variables that nobody handed over before
        for number, twin in list(self._twins.items()):
            state = tensors.state_of(twin.thing(), twin.attributes)
            changed = self._states.changed(number, state)
            if changed:
                entries.append(["set", number, changed])
        return entries

    def _makes(self) -> list[Any]:
        found = []
        while self._new:
            number = self._new.pop(0)
            if number in self._twins:
                found.append(["make", number, *self._made(self._twins[number].thing())])
        return found

    def _made(self, thing: Any) -> list[Any]:
        """How to make the counterpart of a thing."""
        if tensors.is_variable(thing):
            kind = "keras" if type(thing).__module__.startswith("keras") else "tensorflow"
            return ["variable", kind, tensors.content_of(thing), bool(thing.trainable)]
        if _is_dataset(thing):
            return ["dataset", *_graph_of(thing)]
        if _is_function(thing):
            return ["function", self._encode(thing.python_function)]
        inner = {type(layer) for layer in getattr(thing, "_flatten_layers", tuple)()}
        own = [kind for kind in inner - {type(thing)} if self._classes.knows(kind)]
        custom = [[kind.__name__, self._classes.node(kind)] for kind in own]
        config = wire.alone(thing.get_config())
        return ["object", self._classes.node(type(thing)), config, custom]

    def _built(self, thing: Any) -> list[Any] | None:
        """What the counterpart is to be built with; None if the thing is not built."""
        if not getattr(thing, "built", False):
            return None
        if _is_optimizer(thing):
            return ["variables", [self._ref(each) for each in thing._trainable_variables]]
        if hasattr(thing, "get_build_config"):
            with suppress(Exception):
                return ["config", wire.alone(thing.get_build_config())]
        return ["config", None]

    def _ref(self, variable: Any) -> list[int]:
        owner, index = self._place(variable)
        return [wire.VARIABLE, owner, index]

    # From the kernel

    def thing(self, kind: int, about: list[Any]) -> Any:
        """What a node of the kernel's stands for: a thing that was handed over, or a variable of
        it. Raises ValueError.
        """
        number, *index = about
        twin = self._twins.get(number) if type(number) is int else None
        thing = twin.thing() if twin else None
        if thing is None:
            raise ValueError("no thing of the test's")
        if kind == wire.TWIN:
            return thing
        (place,) = index
        variables = tensors.variables_of(thing)
        if type(place) is not int or not 0 <= place < len(variables):
            raise ValueError("no variable of the test's")
        return variables[place]

    def take(self, told: Any) -> None:
        """Take over what changed in the counterparts; raises ValueError."""
        for number, built, changes in told:
            twin = self._twins.get(number) if type(number) is int else None
            thing = twin.thing() if twin else None
            if twin is None or thing is None:
                continue  # it went while the kernel answered
            if built and _is_optimizer(thing) and not thing.built:
                thing.build([self.thing(wire.VARIABLE, ref[1:]) for ref in built])
                twin.is_built = True
            # Of attributes, only those that are plain here, too.
            plain = [name for name in twin.attributes if self._states.knows(number, name)]
            for place, content in tensors.set_state(thing, changes, plain):
                self._states.learn(number, place, content)


class Counterparts:
    """The kernel's end: the counterparts, by number."""

    def __init__(self, decode: Callable[[Any], Any]) -> None:
        self._decode = decode  # for classes and functions
        self._things: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}  # by id()
        self._attributes: dict[int, set[str]] = {}
        self._states = States()
        self._told_built: set[int] = set()

    def update(self, entries: list[Any]) -> None:
        """Do what the judge says of its things."""
        for what, number, *about in entries:
            if what == "forget":
                for each in number:  # of several
                    self._drop(each)
            elif what == "make":
                self._place(number, self._made(*about))
            elif what == "build":
                self._build(number, *about)
            else:
                (changes,) = about
                self._set(number, changes)

    def _place(self, number: int, thing: Any) -> None:
        self._things[number], self._numbers[id(thing)] = thing, number
        self._attributes[number] = set()

    def _drop(self, number: int) -> None:
        thing = self._things.pop(number, None)
        self._numbers.pop(id(thing), None)
        self._attributes.pop(number, None)
        self._states.forget(number)

    def _made(self, what: str, *about: Any) -> Any:
        if what == "variable":
            kind, content, trainable = about
            array = wire.array_of(content)
            if kind == "keras":
                variable = tensors.needed("keras").Variable
                return variable(array, trainable=trainable, dtype=str(array.dtype))
            return tensors.needed("tensorflow").Variable(array, trainable=trainable)
        if what == "dataset":
            return _dataset(*about)
        if what == "function":
            return tensors.needed("tensorflow").function(self._decode(about[0]))
        of_class, config, custom = about
        kind = self._decode(of_class)
        known = {name: self._decode(each) for name, each in custom}
        scope = tensors.needed("keras").saving.custom_object_scope
        with scope({**known, kind.__name__: kind}):
            return kind.from_config(wire.of_alone(config))

    def _build(self, number: int, how: str, about: Any, paths: list[str | None]) -> None:
        thing = self._things[number]
        if how == "variables":
            self._told_built.add(number)
            thing.build([self.thing(*ref) for ref in about])
        elif about is not None and not getattr(thing, "built", False):
            thing.build_from_config(wire.of_alone(about))
        for variable, path in zip(tensors.variables_of(thing), paths, strict=False):
            with suppress(AttributeError):
                variable._path = path

    def _set(self, number: int, changes: list[Any]) -> None:
        for place, content in tensors.set_state(self._things[number], changes, None):
            self._states.learn(number, place, content)
            if type(place) is str:
                self._attributes[number].add(place)

    def thing(self, kind: int, number: int, index: int = 0) -> Any:
        """What a node of the judge's stands for."""
        if kind == wire.TWIN:
            return self._things[number]
        return tensors.variables_of(self._things[number])[index]

    def node(self, value: Any) -> list[Any] | None:
        """The node of a counterpart or of a variable of one's; None for all else."""
        number = self._numbers.get(id(value))
        if number is not None and not tensors.is_variable(value):
            return [wire.TWIN, number]
        if tensors.is_variable(value):
            return self._ref(value)
        return None

    def _ref(self, variable: Any) -> list[Any] | None:
        for number, thing in self._things.items():
            for index, each in enumerate(tensors.variables_of(thing)):
                if each is variable:
                    return [wire.VARIABLE, number, index]
        return None

    def changes(self) -> list[Any]:
        """What changed in the counterparts, for the judge."""
        found = []
        for number, thing in self._things.items():
            built = None
            if _is_optimizer(thing) and thing.built and number not in self._told_built:
                built = [self._ref(each) for each in thing._trainable_variables]
                self._told_built.add(number)
            state = tensors.state_of(thing, sorted(self._attributes[number]))
            changed = self._states.changed(number, state)
            if changed or built:
                found.append([number, built, changed])
        return found


def _is_optimizer(thing: Any) -> bool:
    keras = tensors.library("keras")
    return keras is not None and isinstance(thing, keras.optimizers.Optimizer)


def _is_dataset(thing: Any) -> bool:
    tensorflow = tensors.library("tensorflow")
    return tensorflow is not None and isinstance(thing, tensorflow.data.Dataset)


def _is_function(thing: Any) -> bool:
    """Whether it is a function that TensorFlow compiles."""
    tensorflow = tensors.library("tensorflow")
    return (
        tensorflow is not None
        and type(thing).__module__.startswith("tensorflow.")
        and isinstance(thing, tensorflow.types.experimental.PolymorphicFunction)
    )


def _graph_of(dataset: Any) -> list[Any]:
    """A dataset as a graph, and what its elements are."""
    tensorflow = tensors.library("tensorflow")
    raw, data = tensorflow.raw_ops, tensorflow.data.experimental
    try:
        graph = raw.DatasetToGraphV2(
            input_dataset=data.to_variant(dataset),
            external_state_policy=1,  # states, such as a shuffle's, begin anew
            strip_device_assignment=True,
        )
    except tensorflow.errors.OpError as error:
        raise TypeError(f"This dataset cannot be handed to the learner's code: {error}") from None
    return [graph.numpy(), _spec_node(dataset.element_spec)]


def _dataset(graph: bytes, spec: Any) -> Any:
    tensorflow = tensors.needed("tensorflow")
    variant = tensorflow.raw_ops.DatasetFromGraph(graph_def=tensorflow.constant(graph))
    return tensorflow.data.experimental.from_variant(variant, _spec(spec))


def _spec_node(spec: Any) -> list[Any]:
    if isinstance(spec, tuple):
        return ["tuple", [_spec_node(each) for each in spec]]
    if isinstance(spec, dict):
        return ["dict", [[name, _spec_node(each)] for name, each in spec.items()]]
    if type(spec).__name__ != "TensorSpec":
        raise TypeError("A dataset of other things than tensors cannot be handed over.")
    shape = None if spec.shape.rank is None else list(spec.shape)
    return ["tensor", spec.dtype.name, shape]


def _spec(node: list[Any]) -> Any:
    kind, *about = node
    if kind == "tuple":
        return tuple(_spec(each) for each in about[0])
    if kind == "dict":
        return {name: _spec(each) for name, each in about[0]}
    dtype, shape = about
    return tensors.needed("tensorflow").TensorSpec(shape, dtype)
