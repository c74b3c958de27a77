"""What a test can do with the learner's things, and what it learns of them."""

import copy
import warnings
from typing import Any

import numpy as np
import pytest

from grader.engine.judge.remote import Interrupted, KernelLost, OfLearner
from tests.engine.judge.ends import learner


def test_a_function_is_called_with_plain_values_and_gives_them_back() -> None:
    with learner("def both(a, b=2): return [a, (b, None), {'sum': a + b}]") as (_, names):
        assert names["both"](1) == [1, (2, None), {"sum": 3}]
        assert names["both"](1.5, b=0.5) == [1.5, (0.5, None), {"sum": 2.0}]


def test_plain_names_are_plain_and_missing_ones_are_missing() -> None:
    with learner("EPOCHS = 10") as (bridge, names):
        assert names["EPOCHS"] == 10
        bridge.fill(names, ["EPOCHS", "nothing"])
        assert "nothing" not in names


def test_an_object_stays_there_and_keeps_its_state() -> None:
    code = """
    class Counter:
        count = 0
        def __call__(self): self.count += 1; return self.count
        def __len__(self): return self.count
        def __iter__(self): return iter(range(self.count))
        def __getitem__(self, key): return key * 2
    """
    with learner(code) as (_, names):
        one, other = names["Counter"](), names["Counter"]()
        assert [one(), one(), other()] == [1, 2, 1]
        assert (one.count, len(one), list(one), one[4]) == (2, 2, [0, 1], 8)
        one.count = 7
        assert one() == 8
        assert bool(names["Counter"]()) is False
        twin = copy.deepcopy(one)
        assert (twin(), one.count) == (9, 8)
        assert type(one).__name__ == "Counter"


@pytest.mark.parametrize("base", ["dict", "list", "float", "np.ndarray"])
def test_what_can_be_called_stays_there_whatever_it_descends_from(base: str) -> None:
    values = "1" if base in ("float", "np.ndarray") else ""
    code = f"""
    import numpy as np
    class Double({base}):
        def __call__(self, x): self.last = x; return 2 * x
        def grad(self): return self.last
    def make(): return Double({values})
    """
    with learner(code) as (_, names):
        one, other = names["make"](), names["make"]()
        assert [one(3), other(4), one.grad()] == [6, 8, 3]


def test_the_same_thing_is_one_object_here() -> None:
    with learner("class Box: pass\nbox = Box()\ndef get(): return box") as (_, names):
        assert names["get"]() is names["box"]


def test_the_code_may_pickle_an_object_of_a_class_that_the_test_defines() -> None:
    source = "class Triple:\n    def __call__(self, x):\n        return 3 * x\n"
    space: dict[str, Any] = {"__name__": "__main__"}
    exec(source, space)
    code = """
    import pickle
    class Triple: pass
    def twice(thing): return pickle.loads(pickle.dumps(thing))(2), type(thing) is Triple
    """
    with learner(code, source) as (_, names):
        assert names["twice"](space["Triple"]()) == (6, False)


def test_an_array_that_the_code_changes_is_changed_here() -> None:
    with learner("def zero(x): x[...] = 0") as (_, names):
        given = np.ones(3)
        names["zero"](given)
        assert given.tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("code", "given", "wanted"),
    [
        (
            "def f(d, a): d['pair'] = Pair(a, 1); a[:] = 5",
            ({}, np.zeros(2)),
            "({'pair': (array([5., 5.]), 1)}, array([5., 5.]))",
        ),
        ("def f(d): d['pair'] = Pair(np.ones(2), 1)", ({},), "({'pair': (array([1., 1.]), 1)},)"),
        ("def f(l): l.append(deque([np.ones(2)]))", ([],), "([[array([1., 1.])]],)"),
        ("def f(d): d['s'] = {3}; d['t'] = ([1],)", ({},), "({'s': frozenset({3}), 't': ([1],)},)"),
        ("def f(d): a = np.ones(2); d['a'] = a; return a", ({},), "({'a': array([1., 1.])},)"),
        (
            "def f(*lists): lists[-1][0] = 7.0",
            tuple([0.0] * 1_200_000 for _ in range(4)),
            "7.0",
        ),
    ],
    ids=[
        *("array-in-a-named-tuple", "new-array-in-a-named-tuple", "new-array-in-a-deque"),
        *("set-and-tuple", "kept-and-returned", "lists-that-are-long-together"),
    ],
)
def test_what_the_code_puts_into_what_it_got_is_there_here(
    code: str, given: tuple[Any, ...], wanted: str
) -> None:
    imports = "import numpy as np\nfrom collections import deque, namedtuple\n"
    with learner(f"{imports}Pair = namedtuple('Pair', 'one other')\n{code}") as (_, names):
        names["f"](*given)
        shown = given[-1][0] if len(given) > 2 else given
        assert repr(shown) == wanted


def test_a_change_is_told_though_a_container_that_holds_itself_was_gone_through_before() -> None:
    code = """
    def keep(d, a):
        global kept
        kept = d, a
        d["itself"], d["a"] = d, a
    def change(): kept[1][:] = 3
    """
    with learner(code) as (_, names):
        given = np.zeros(2)
        names["keep"]({}, given)
        names["change"]()
        assert given.tolist() == [3, 3]


def test_a_result_that_a_later_call_changes_is_changed_here() -> None:
    code = """
    import numpy as np
    kept = np.zeros(2)
    def reuse(value):
        kept[:] = value
        return kept
    """
    with learner(code) as (_, names):
        first = names["reuse"](1)
        names["reuse"](2)
        assert first.tolist() == [2, 2]


def test_an_array_that_is_handed_over_again_is_the_same_array_there() -> None:
    code = """
    seen = {}
    def remembers(x): return seen.setdefault(id(x), float(x.sum()))
    """
    with learner(code) as (_, names):
        given = np.ones(3)
        assert names["remembers"](given) == 3
        given *= 2
        assert names["remembers"](given) == 3  # the slip that a test must see
        assert names["remembers"](given.copy()) == 6


def test_what_the_test_has_let_go_comes_back_if_the_code_has_kept_it() -> None:
    source = "class Scale:\n    def __init__(self, by):\n        self.by = by\n"
    space: dict[str, Any] = {"__name__": "__main__"}
    exec(source, space)
    code = """
    kept = []
    def keep(*things): kept.append(things)
    def change(): kept[0][0][:] = 7
    def first(): return kept[0]
    """
    with learner(code, source) as (_, names):
        names["keep"](np.zeros(2), [1, [2]], space["Scale"](np.ones(1)))
        names["change"]()
        array, numbers, scale = names["first"]()
        assert (array.tolist(), numbers, scale.by.tolist()) == ([7, 7], [1, [2]], [1])
        assert type(scale) is space["Scale"]
        names["keep"](scale)  # as any other from here on
        scale.by *= 3
        names["change"]()
        assert scale.by.tolist() == [3]


def test_what_was_to_go_beside_something_that_cannot_go_later_in_full() -> None:
    with learner("def total(x, other=0): return float(x.sum())") as (_, names):
        given = np.ones(3)
        with pytest.raises(TypeError, match="cannot hand"):
            names["total"](given, object())
        assert names["total"](given) == 3


def test_what_a_call_that_failed_had_not_read_goes_later_in_full() -> None:
    source = "def unknown(x=nobody_has_this): pass\ndef known(): return other\n"
    space: dict[str, Any] = {"__name__": "__main__", "nobody_has_this": 1, "other": object()}
    exec(source, space)
    code = "def total(x, *others): return float(x.sum())\ndef nothing(*_): pass"
    with learner(code, source) as (_, names):
        given, other = np.ones(3), np.ones(2)
        with pytest.raises(NameError):
            names["nothing"](space["unknown"], given)
        assert names["total"](given) == 3
        with pytest.raises(TypeError, match="cannot hand"):
            names["nothing"]([other, space["known"], object()])
        assert names["total"](other) == 2


def test_an_array_of_another_class_can_be_changed_here_and_handed_back() -> None:
    code = """
    import numpy as np
    def make(): return np.matrix([[1.0, 2.0]])
    def total(x): return float(x.sum())
    """
    with learner(code) as (_, names):
        made = names["make"]()
        made *= 2
        assert names["total"](made) == 6


def test_a_function_of_the_test_uses_what_its_names_have_now() -> None:
    source = """
def total(): return float(array.sum())
def count():
    global calls
    calls += by
    return calls
"""
    space: dict[str, Any] = {"__name__": "__main__", "array": np.zeros(2), "calls": 0, "by": 1}
    exec(source, space)
    code = "def call(f): return f()\ndef sum_of(x): return float(x.sum())"
    with learner(code, source) as (bridge, names):
        bridge._classes.space = space
        assert names["call"](space["total"]) == 0
        space["array"] += 1
        assert names["call"](space["total"]) == 2
        space["array"] = np.ones(3)
        assert names["call"](space["total"]) == 3
        assert names["sum_of"](space["array"]) == 3
        # What it has itself counted there stays.
        assert [names["call"](space["count"]) for _ in range(3)] == [1, 2, 3]
        space["by"] = 4
        assert names["call"](space["count"]) == 7


def test_a_container_from_which_the_test_takes_something_stays_as_it_is_here() -> None:
    code = "def last(things): return float(things[-1].sum())\ndef nothing(): pass"
    with learner(code) as (_, names):
        things = [np.zeros(2), np.ones(2)]
        assert names["last"](things) == 2
        things.pop()
        names["nothing"]()
        names["nothing"]()
        assert len(things) == 1
        assert names["last"](things) == 0


@pytest.mark.parametrize(
    "call",
    [
        lambda name: name(np.zeros(3)),
        lambda name: name([1, np.ones(2)]),
        lambda name: name({"a": [0.5]}),
    ],
    ids=["array", "list", "dict"],
)
def test_a_thousand_calls_leave_no_more_to_look_at_than_one(call: Any) -> None:
    with learner("def same(x): return x") as (bridge, names):
        for _ in range(1000):
            call(names["same"])
        assert len(list(bridge.values.watched())) < 10


@pytest.mark.parametrize(
    ("code", "kind", "message"),
    [
        ("return 1 / 0", ZeroDivisionError, "division by zero"),
        ("raise NotImplementedError('later')", NotImplementedError, "later"),
        ("return undefined", NameError, "name 'undefined' is not defined"),
        ("return {}['key']", KeyError, "'key'"),
        ("exit()", SystemExit, "None"),
        ("raise type('Own', (ValueError,), {})('mine')", ValueError, "mine"),
        ("return f()", RecursionError, "maximum recursion depth exceeded"),
    ],
)
def test_an_error_arrives_with_its_kind_its_words_and_its_line(
    code: str, kind: type[BaseException], message: str
) -> None:
    with learner(f"def f():\n    {code}") as (_, names), pytest.raises(kind) as raised:
        names["f"]()
    error = raised.value
    assert isinstance(error, OfLearner)
    assert message in str(error)
    assert error.learner_functions[-1] == "f"
    assert error.learner_line == code
    if kind is NameError:
        assert error.name == "undefined"  # type: ignore[attr-defined]


def test_an_interrupt_of_the_learners_code_ends_the_test() -> None:
    with learner("def f(): raise KeyboardInterrupt") as (_, names), pytest.raises(Interrupted):
        names["f"]()


def test_an_error_whose_words_cannot_be_had_arrives_all_the_same() -> None:
    code = """
    class Mute(Exception):
        def __str__(self): raise ValueError
    def f(): raise Mute
    """
    with learner(code) as (_, names), pytest.raises(Exception, match=r"^$") as raised:
        names["f"]()
    assert type(raised.value).__name__ == "Mute"


def test_warnings_come_to_a_test_that_looks_for_them() -> None:
    code = "import numpy as np\ndef f(x): return np.exp(x)"
    with learner(code) as (_, names), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert names["f"](1000.0) == np.inf
    assert [each.category for each in caught] == [RuntimeWarning]
    assert "overflow" in str(caught[0].message)


def test_warnings_that_the_learner_silences_do_not_come() -> None:
    code = """
    import warnings, numpy as np
    warnings.simplefilter("ignore")
    def f(x): return np.exp(x)
    """
    with learner(code) as (_, names), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        names["f"](1000.0)
    assert caught == []


def test_a_name_that_the_test_gives_another_value_has_it_there_until_the_end() -> None:
    with learner("size = 3\ndef f(): return size") as (bridge, names):
        names["size"] = 5
        assert names["f"]() == 5
        bridge.end()
        bridge.fill(names, ["size", "f"])
        assert names["f"]() == 3


def test_what_numpy_takes_for_an_array_is_one_here() -> None:
    code = """
    import numpy as np
    class Own:
        def __array__(self, dtype=None, copy=None): return np.arange(3.0)
    class Agrees(np.ndarray):
        def __eq__(self, other): return True
    class None_:
        pass
    own, agrees, none = Own(), np.zeros(2).view(Agrees), None_()
    each, gap = np.array([0.5, 2], dtype=object), np.array([0.5, None])
    """
    with learner(code) as (_, names):
        assert np.array(names["own"]).tolist() == [0, 1, 2]
        assert (names["each"] @ np.ones((2, 1))).tolist() == [2.5]
        assert type(names["agrees"]) is np.ndarray
        with pytest.raises(TypeError):
            np.array(names["none"])
        with pytest.raises(TypeError):
            np.array(names["gap"])


def test_a_process_that_ends_in_the_middle_of_a_call_is_lost() -> None:
    with learner("import os\ndef f(): os._exit(0)") as (_, names):
        with pytest.raises(KernelLost):
            names["f"]()
        with pytest.raises(KernelLost):
            names["f"]()


def test_a_number_with_a_thousand_digits_comes_and_one_with_a_million_does_not() -> None:
    with learner("def f(n): return 10**n") as (_, names):
        assert names["f"](1000) == 10**1000
        with pytest.raises(KernelLost):
            names["f"](1_000_000)
