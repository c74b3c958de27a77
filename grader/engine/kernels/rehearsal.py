"""First uses of libraries, in the warm process, so that no kernel forked from it has to make them.

What is done here must not start a thread, for a fork would lack it, and not run an operation of
TensorFlow's, which starts some.
"""

import importlib
import io
import sys
from contextlib import suppress

# What IPython and ipykernel import while a kernel starts and runs its first cells.
_OF_THE_KERNEL = (
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "encodings.ascii",
    "encodings.latin_1",
    "sqlite3",
    "tornado.gen",
    "tornado.locks",
    "tornado.platform.asyncio",
    "tornado.queues",
)

# What libraries import only when a part of them is used for the first time, as most notebooks that
# import them do.
COMES_WITH = {
    "numpy": ("numpy.testing",),
    "matplotlib": ("matplotlib_inline.backend_inline",),
    "pooch": ("tqdm",),
    "tensorflow": ("tensorflow.python.data.ops.take_op", "keras"),
}


def rehearse() -> None:
    """Do all of it. What fails here is left to the kernels: it is only slower there."""
    for part in (_import_more, _import, _traceback, _figure):
        with suppress(Exception):
            part()


def _import_more() -> None:
    for library, modules in COMES_WITH.items():
        for name in modules if library in sys.modules else ():
            with suppress(ImportError):
                importlib.import_module(name)


def _import() -> None:
    for name in _OF_THE_KERNEL:
        importlib.import_module(name)
    # The kernel's debugger: it takes longer to import than all the rest of the kernel, and
    # without this module it is left out.
    assert "ipykernel.debugger" not in sys.modules
    sys.modules["debugpy"] = None  # type: ignore[assignment]
    try:
        importlib.import_module("ipykernel.debugger")
    finally:
        del sys.modules["debugpy"]


def _traceback() -> None:
    from IPython.core.ultratb import AutoFormattedTB

    try:
        raise ValueError
    except ValueError as error:
        AutoFormattedTB(mode="Context", theme_name="linux").structured_traceback(
            type(error), error, error.__traceback__
        )


def _figure() -> None:
    if "matplotlib.pyplot" not in sys.modules:
        return
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure()
    axes = figure.subplots(1, 2)
    axes[0].plot([0.0, 1.0], label="a line")
    axes[0].set(title="title", xlabel="x", ylabel="y")
    axes[0].legend()
    axes[0].grid(visible=True)
    axes[1].imshow([[0.0, 1.0], [1.0, 0.0]], cmap="gray")
    FigureCanvasAgg(figure).print_figure(io.BytesIO(), format="png", bbox_inches="tight")
