"""The checks that ship with the notebooks: points, messages, and what they let through."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

import checks
from checks import (
    Check,
    CheckFailed,
    expect,
    numerical_gradient,
    plain,
    relative_error,
    same,
    whole_number,
)

SOURCE = Path(checks.__file__).parent


def failing(check: Check, points: int, message: str = "no") -> None:
    with check.part(points, "a part that fails"):
        expect(False, message)


def passing(check: Check, points: int) -> None:
    with check.part(points, "a part that passes"):
        pass


def test_all_parts_passed_is_full_points(capsys: pytest.CaptureFixture[str]) -> None:
    check = Check(points=3)
    passing(check, 1)
    passing(check, 2)
    assert check.result() is None
    assert "passed (2 points)" in capsys.readouterr().out


def test_some_parts_passed_is_a_plain_float() -> None:
    check = Check(points=3)
    passing(check, 1)
    failing(check, 2)
    points = check.result()
    assert type(points) is float and repr(points) == "1.0"


def test_no_part_passed_raises_with_every_message() -> None:
    check = Check(points=3)
    failing(check, 1, "first reason")
    failing(check, 2, "second reason")
    with pytest.raises(CheckFailed, match=r"first reason[\s\S]*second reason"):
        check.result()


def test_a_failed_visible_part_raises_where_the_hidden_parts_are_missing() -> None:
    check = Check(points=3)
    passing(check, 1)
    failing(check, 1)
    with pytest.raises(CheckFailed):
        check.result()


def test_parts_worth_more_than_the_cell_are_the_authors_mistake() -> None:
    check = Check(points=1)
    passing(check, 2)
    with pytest.raises(ValueError, match="worth 2"):
        check.result()


def test_an_error_names_a_function_as_the_learner_calls_it() -> None:
    """Not `a_test.<locals>.step`, for a step that a test puts in the place of theirs."""

    def step(images: object, labels: object) -> None:
        raise AssertionError

    check = Check(points=1)
    with check.part(1, "too few arguments"):
        step("images")  # type: ignore[call-arg]
    with pytest.raises(
        CheckFailed, match=r"TypeError: step\(\) missing 1 required positional argument: 'labels'"
    ):
        check.result()


def test_exit_costs_the_part_alone() -> None:
    check = Check(points=2)

    def exit_early() -> None:
        with check.part(1, "calls exit"):
            sys.exit()

    exit_early()
    passing(check, 1)
    assert check.result() == 1.0


def test_an_interrupt_is_let_through() -> None:
    check = Check(points=1)

    def run_for_ever() -> None:
        with check.part(1, "runs for ever"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_for_ever()


@pytest.mark.parametrize(
    ("value", "message"),
    [
        *((None, "is None"), ("four", "of type str"), ([1, [2]], "of type list")),
        *((object(), "object"), (np.array([1.0, None]), "of type ndarray"), ({1: 2}, "dict")),
    ],
)
def test_plain_refuses_what_is_no_number(value: object, message: str) -> None:
    with pytest.raises(CheckFailed, match=message):
        plain(value, "the value")


def test_plain_accepts_an_array_of_pythons_own_numbers() -> None:
    """As np.frompyfunc makes it; a list of these numbers is accepted, too."""
    given = np.array([[0.5, 1], [np.float32(2), True]], dtype=object)
    array = plain(given, "the value")
    assert array.dtype == float
    assert array.tolist() == [[0.5, 1.0], [2.0, 1.0]]


@pytest.mark.parametrize("value", [10**30, [1, 10**30], np.array([2, 10**30], dtype=object)])
def test_plain_accepts_whole_numbers_of_any_length(value: object) -> None:
    """A wrong formula may well be huge; then the message is to show the number, as of any other."""
    array = plain(value, "the value")
    assert array.dtype == float
    assert array.ravel()[-1] == 1e30
    with pytest.raises(CheckFailed, match=r"expected 8, got 1e\+30"):
        same("the count", 10**30, 8)
    assert whole_number("the count", 10**30) == 10**30


def test_plain_writes_nothing_down_that_it_accepts() -> None:
    """To write down a large array takes longer than most tests."""

    class Silent(np.ndarray):
        def __repr__(self) -> str:
            raise AssertionError

    assert plain(np.zeros(3).view(Silent), "the value").tolist() == [0.0, 0.0, 0.0]


def test_plain_leaves_no_subclass_of_the_learners() -> None:
    class EqualsEverything(np.ndarray):
        def __eq__(self, other: object) -> bool:
            return True

    assert type(plain(np.zeros(3).view(EqualsEverything), "the value")) is np.ndarray


@pytest.mark.parametrize("got", [[1.0, 2.1], [1.0], 1.0, [np.nan, 2.0], [1.0, np.inf]])
def test_same_refuses_other_values_and_shapes(got: object) -> None:
    with pytest.raises(CheckFailed, match=r"expected .*got .*\nLook here\."):
        same("the value", got, [1.0, 2.0], atol=1e-3, look="Look here.")


@pytest.mark.parametrize("nearly", [2.0000000000001, np.array([1.0, 2.0000000000001])[1]])
def test_a_number_that_is_nearly_right_is_shown_with_all_digits(nearly: float) -> None:
    with pytest.raises(CheckFailed, match=r"expected a whole number, got 2\.0000000000001\."):
        whole_number("the power", nearly)
    with pytest.raises(CheckFailed, match=r"expected 2, got 2\.0000000000001\."):
        same("the power", nearly, 2.0)
    with pytest.raises(CheckFailed, match=r"expected 0\.1, got 0\.100000000000001 "):
        same("the slope", [0.5, 0.1 + 1e-15], [0.5, 0.1])


def test_same_accepts_within_the_tolerance() -> None:
    same("the value", [1.0, 2.0 + 1e-4], np.array([1.0, 2.0]), atol=1e-3)


def test_relative_error_is_symmetric_and_0_for_zeros() -> None:
    assert relative_error([0.0, 1.0], [0.0, 3.0]) == relative_error([0.0, 3.0], [0.0, 1.0]) == 0.5


def test_numerical_gradient_is_that_of_a_polynomial_and_restores_the_array() -> None:
    array = np.array([[1.0, -2.0], [0.5, 3.0]])
    kept = array.copy()
    gradient = numerical_gradient(lambda: float(np.sum(array**3)), array)
    assert relative_error(gradient, 3 * kept**2) < 1e-8
    assert np.array_equal(array, kept)


def failure_of(part: Callable[[], object], points: int = 1) -> str:
    """What a check says of a part that fails."""
    check = Check(points=1)
    with check.part(points, "a part"):
        part()
    with pytest.raises(CheckFailed) as failed:
        check.result()
    return str(failed.value)


def test_a_part_without_points_says_who_gives_them() -> None:
    said = failure_of(lambda: expect(False, "no"), points=0)
    assert said == "FAILED (hidden tests give its points): a part\n  no"


@pytest.mark.parametrize(
    "said",
    [
        "train() takes 2 positional arguments but 7 were given",
        "train() missing 1 required positional argument: 'labels'",
        "Binding inputs to tf.function failed due to `too many positional arguments`.",
        "Binding inputs to tf.function failed due to `missing a required argument: 'labels'`.",
    ],
)
def test_a_call_with_other_arguments_leads_to_the_parameters(said: str) -> None:
    def call() -> None:
        raise TypeError(said)

    assert failure_of(call).endswith("They must be those of the given line.")


def test_a_class_in_place_of_an_object_is_told() -> None:
    said = failure_of(lambda: Check.result())  # type: ignore[call-arg]
    assert said.endswith("'self'\n  A class becomes an object when you call it.")


@pytest.mark.parametrize("value", ["d^2", "2"])
def test_a_text_is_no_whole_number(value: str) -> None:
    with pytest.raises(CheckFailed) as failed:
        whole_number("p", value)
    assert str(failed.value) == f"p: expected one whole number, got the text {value!r}."


def run_in_a_kernel(*sources: str) -> list[list[nbformat.NotebookNode]]:
    """The outputs of each cell, from a real kernel in the directory of the handouts."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in sources])
    client = NotebookClient(
        notebook, allow_errors=True, resources={"metadata": {"path": str(SOURCE)}}
    )
    asyncio.run(client.async_execute())
    return [cell.outputs for cell in notebook.cells]


def test_in_a_kernel_standard_error_is_ordinary_output_and_messages_have_no_traceback() -> None:
    outputs = run_in_a_kernel(
        "def learner():\n    return 1 / 0",
        "import os, sys, warnings\n"
        "from checks import Check, expect\n"
        "check = Check(points=2)\n"
        "with check.part(1, 'warns'):\n"
        "    warnings.warn('careful')\n"
        "    print('printed', file=sys.stderr)\n"
        "    os.write(2, b'written past Python')\n"
        "with check.part(1, 'fails'):\n"
        "    learner()\n"
        "check.result()",
        "check = Check(points=1)\nwith check.part(1, 'missing'):\n    not_there\ncheck.result()",
    )
    streams = [output for output in outputs[1] if output.output_type == "stream"]
    text = "".join(output.text for output in streams)
    assert {output.name for output in streams} == {"stdout"}
    assert "careful" in text and "printed" in text
    assert "ZeroDivisionError: division by zero" in text
    assert "at the line: return 1 / 0" in text
    [result] = [output for output in outputs[1] if output.output_type == "execute_result"]
    assert result.data["text/plain"] == "1.0"
    [error] = outputs[2]
    assert error.output_type == "error"
    assert error.traceback == [
        "FAILED (1 point): missing",
        "  There is no not_there yet. Fill in the cell that defines it and run it;",
        "  if it stops with an error, mend that first.",
    ]


def test_in_a_kernel_a_check_names_what_is_not_filled_in() -> None:
    unfilled = 'raise NotImplementedError("Replace this line by your code.")'
    outputs = run_in_a_kernel(
        f"class Tanh:\n    def grad(self):\n        {unfilled}",
        "from checks import Check\ncheck = Check(1)\n"
        "with check.part(1, 'slope'):\n    Tanh().grad()\ncheck.result()",
    )
    assert outputs[1][0].traceback == [
        "FAILED (1 point): slope",
        "  Not filled in yet: Tanh.grad. Go to the cell that defines it,",
        "  and replace the line with NotImplementedError by your code.",
    ]


def test_in_a_kernel_what_a_library_lacks_is_not_taken_for_what_is_not_filled_in() -> None:
    outputs = run_in_a_kernel(
        "import logging\nclass Mine(logging.Handler):\n    def forward(self, x):\n        return x",
        "from checks import Check\ncheck = Check(1)\n"
        "with check.part(1, 'answer'):\n    Mine().emit(1)\ncheck.result()",
    )
    assert outputs[1][0].traceback == [
        "FAILED (1 point): answer",
        "  Your code stopped with NotImplementedError: "
        "emit must be implemented by Handler subclasses",
    ]


def test_in_a_kernel_a_check_leaves_the_names_of_the_notebook_as_they_were() -> None:
    outputs = run_in_a_kernel(
        "x = 'the old value'",
        "from checks import Check\n"
        "check = Check(points=1)\n"
        "with check.part(1, 'uses names'):\n"
        "    x, made_by_the_check = 1, 2\n"
        "check.result()",
        "print(x, 'made_by_the_check' in globals())",
    )
    assert outputs[2][0].text == "the old value False\n"
