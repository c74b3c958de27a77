"""nbgrader's step that runs a notebook, made of nbclient alone: every worker would wait half a
second until nbgrader and nbconvert are imported.
"""

from typing import Any

from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_output
from traitlets import Bool, Dict, Integer, List

# Those of nbgrader's step that are not here, the least particular first.
_BASES = ("NbConvertBase", "Preprocessor", "ExecutePreprocessor", "NbGraderPreprocessor")
_NO_TRACEBACK = "ERROR: An error occurred while showtraceback was disabled"


class Execute(NotebookClient):  # type: ignore[misc]
    """What nbgrader's Execute does, as its converters call it, with its settings and defaults.

    A setting for nbgrader's step, or for those of nbconvert that it is made of, is one for this.
    """

    enabled = Bool(True).tag(config=True)
    timeout = Integer(30, allow_none=True).tag(config=True)
    interrupt_on_timeout = Bool(True).tag(config=True)
    allow_errors = Bool(True)  # no setting, as for nbgrader
    raise_on_iopub_timeout = Bool(True).tag(config=True)
    extra_arguments = List([]).tag(config=True)
    error_on_timeout = Dict(
        {
            "ename": "CellTimeoutError",
            "evalue": "",
            "traceback": ["\x1b[0;31mCellTimeoutError\x1b[0m: No reply from kernel before timeout"],
        }
    ).tag(config=True)
    execute_retries = Integer(0).tag(config=True)  # nbgrader does nothing with it

    def __init__(self, **kwargs: Any) -> None:
        """`kwargs`: traitlets' own, such as config and parent, and values of the settings."""
        super().__init__(NotebookNode(), **kwargs)

    @classmethod
    def section_names(cls) -> list[str]:
        """By which names traitlets finds the settings; a later one goes before."""
        own: list[str] = super().section_names()
        place = own.index(Execute.__name__)
        return [*own[:place], *_BASES, *own[place:]]

    def __call__(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Run a notebook, unless the step is switched off."""
        return self.preprocess(nb, resources) if self.enabled else (nb, resources)

    def preprocess(
        self, nb: NotebookNode, resources: Any = None, km: Any = None
    ) -> tuple[NotebookNode, Any]:
        """Run the cells of `nb`, in place; `resources["metadata"]["path"]` is where."""
        # nbclient makes a client for each notebook; a step is for many.
        NotebookClient.__init__(self, nb, km)
        self.resources = resources
        with self.setup_kernel():
            assert self.kc is not None
            told = self.wait_for_reply(self.kc.kernel_info())
            assert told is not None
            nb.metadata["language_info"] = told["content"]["language_info"]
            for index, cell in enumerate(nb.cells):
                self.preprocess_cell(cell, resources, index)
        self.set_widgets_metadata()
        return nb, self.resources

    def preprocess_cell(
        self, cell: NotebookNode, resources: Any, index: int
    ) -> tuple[NotebookNode, Any]:
        """Run one cell, in place."""
        return self.execute_cell(cell, index), resources

    def on_cell_executed(self, **kwargs: Any) -> None:
        """Show an error that only the kernel's answer tells of, as where a cell took too long."""
        told = kwargs["execute_reply"]["content"]
        outputs = kwargs["cell"].outputs
        if told["status"] != "error":
            return
        if told["ename"] not in [out.ename for out in outputs if out.output_type == "error"]:
            error = {name: told[name] for name in ("ename", "evalue", "traceback")}
            error["traceback"] = error["traceback"] or [_NO_TRACEBACK]
            outputs.append(new_output("error", **error))
