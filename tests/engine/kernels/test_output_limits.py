"""What a cell prints is cut by bytes, and results and errors always come through."""

from typing import Any

import nbformat
import pytest
import zmq
from nbformat.v4 import new_code_cell, new_notebook, new_output

from grader.engine.kernels.kernel import MeteredSession
from grader.engine.kernels.output_limits import OutputMeter, well_formed


def stream(text: str) -> dict[str, Any]:
    return {"name": "stdout", "text": text}


def test_what_is_within_the_limit_passes_unchanged() -> None:
    content = stream("short")
    assert OutputMeter(100).cut("stream", content) is content


def test_a_long_text_is_cut_with_a_note_and_the_rest_dropped() -> None:
    meter = OutputMeter(100)
    cut = meter.cut("stream", stream("x" * 1000))
    assert cut is not None
    assert cut["text"].startswith("x" * 100 + "\n... output cut here")
    assert "100 bytes" in cut["text"]
    assert meter.cut("stream", stream("more")) is None


def test_characters_are_not_cut_in_half() -> None:
    cut = OutputMeter(10).cut("stream", stream("가" * 100))
    assert cut is not None
    assert cut["text"].startswith("가가가\n")


def test_many_small_ones_count_together() -> None:
    meter = OutputMeter(100)
    passed = [meter.cut("stream", stream("x" * 10)) for _ in range(1000)]
    kept = [each for each in passed if each is not None]
    assert len(kept) == 11
    assert "output cut here" in kept[-1]["text"]


def test_the_next_cell_may_print_again_but_the_notebook_has_a_limit_too() -> None:
    meter = OutputMeter(100, notebook_bytes=150)
    assert meter.cut("stream", stream("x" * 90)) == stream("x" * 90)
    meter.begin_cell()
    cut = meter.cut("stream", stream("y" * 90))
    assert cut is not None
    assert cut["text"].startswith("y" * 60 + "\n...")


@pytest.mark.parametrize("kind", ["execute_result", "error"])
def test_results_and_errors_pass_shortened(kind: str) -> None:
    meter = OutputMeter(10)
    meter.cut("stream", stream("x" * 100))
    contents: dict[str, dict[str, Any]] = {
        "execute_result": {"data": {"text/plain": "3.5", "image/png": "A" * 10_000}},
        "error": {"ename": "E", "evalue": "why" * 5000, "traceback": ["line" * 5000]},
    }
    cut = meter.cut(kind, contents[kind])
    assert cut is not None
    assert len(str(cut)) < 4000
    assert "3.5" in str(cut) or "why" in str(cut)


def test_a_large_picture_becomes_a_note() -> None:
    cut = OutputMeter(1000).cut("display_data", {"data": {"image/png": "A" * 5000}})
    assert cut is not None
    assert list(cut["data"]) == ["text/plain"]


def test_other_messages_pass() -> None:
    meter = OutputMeter(0)
    assert meter.cut("status", {"execution_state": "idle"}) == {"execution_state": "idle"}


def test_results_and_errors_beyond_the_limit_are_counted() -> None:
    meter = OutputMeter(10, extras=3)
    meter.cut("stream", stream("x" * 100))
    error = {"ename": "E", "evalue": "why", "traceback": []}
    passed = [meter.cut("error", error) is not None for _ in range(5)]
    assert passed == [True, True, True, False, False]
    meter.begin_cell()
    assert meter.cut("error", error) is not None


@pytest.mark.parametrize("as_whole_message", [True, False])
def test_what_is_too_long_is_cut_before_the_kernel_sends_it(as_whole_message: bool) -> None:
    """ipykernel sends streams and displays as whole messages, errors and results otherwise."""
    session = MeteredSession()
    session.meter = OutputMeter(100)
    request = session.msg_header("execute_request")
    text = stream("x" * 1_000_000)
    with (
        zmq.Context() as context,
        context.socket(zmq.PAIR) as ours,
        context.socket(zmq.PAIR) as theirs,
    ):
        ours.bind("inproc://kernel")
        theirs.connect("inproc://kernel")
        for _ in range(2):
            if as_whole_message:
                session.send(ours, session.msg("stream", text, parent=request))
            else:
                session.send(ours, "stream", text, parent={"header": request})
        session.send(ours, "status", {"execution_state": "idle"}, parent={"header": request})
        sent = [theirs.recv_multipart() for _ in range(2)]
    assert 100 < sum(map(len, sent[0])) < 2000
    assert b"output cut here" in b"".join(sent[0])
    assert b'"idle"' in b"".join(sent[1])


def test_of_what_is_shown_only_what_a_notebook_may_hold_is_taken() -> None:
    """A learner's code can send any output in the kernel's name."""
    data = {
        "text/plain": "x",
        "text/html": ["<b>", 5],
        "application/json": {"a": [1]},
        "application/vnd.x+json": 5,
        "x/y+json": [1],
        "image/png": 5,
    }
    content = well_formed("display_data", {"data": data, "metadata": []})
    assert content is not None
    assert set(content["data"]) == {"text/plain", "application/json", "application/vnd.x+json"}
    shown = new_output("display_data", content["data"], metadata=content["metadata"])
    nbformat.validate(new_notebook(cells=[new_code_cell(outputs=[shown])]))
