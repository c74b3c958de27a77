"""What programs make of a notebook when they open and save it, and how cells lose their metadata.

Each function takes a notebook as JSON data and returns another. The facts are from files that the
programs wrote and from their documentation and source:

- Colab (googlecolab/colabtools, notebooks/*.ipynb; issue 5402; jupyter/nbformat pull request 189):
  its own notebooks are format 4.0, with a cell's id in its metadata; a notebook of 4.5 keeps its
  ids. Cells get `colab` and `outputId`, the notebook `colab`, `accelerator` and `widgets`.
- VS Code (microsoft/vscode, extensions/ipynb/src/serializers.ts and cellIdService.ts): keys are
  sorted, cell metadata and ids stay, a cell in another language gets `vscode.languageId`, new
  cells get eight hexadecimal digits as id; the kernelspec carries the environment's name.
"""

import copy
import random
import uuid
from collections.abc import Callable
from typing import Any

Data = dict[str, Any]
Editor = Callable[[Data], Data]

_STREAM = {"output_type": "stream", "name": "stdout", "text": ["1\n"]}
_RESULT = {
    "output_type": "execute_result",
    "data": {
        "text/plain": ["4.58"],
        "application/vnd.google.colaboratory.intrinsic+json": {"type": "string"},
    },
    "metadata": {},
    "execution_count": 7,
}


def _changed(data: Data) -> Data:
    return copy.deepcopy(data)


def _run(data: Data) -> None:
    """Give each code cell outputs, as after Run All."""
    for number, cell in enumerate(data["cells"], 1):
        if cell["cell_type"] == "code":
            cell["outputs"] = [copy.deepcopy(_STREAM), copy.deepcopy(_RESULT)]
            cell["execution_count"] = number


# Programs


def through_colab(data: Data) -> Data:
    """Opened from GitHub or Drive, run on a GPU, and downloaded; ids stay, as in format 4.5."""
    data = _changed(data)
    _run(data)
    for cell in data["cells"]:
        cell["metadata"]["id"] = cell["id"]
        if cell["cell_type"] == "code":
            cell["metadata"]["colab"] = {"base_uri": "https://localhost:8080/", "height": 35}
            cell["metadata"]["outputId"] = str(uuid.UUID(int=len(cell["source"])))
            cell["metadata"]["cellView"] = "form"
    data["metadata"] = {
        "colab": {"provenance": [], "gpuType": "T4", "toc_visible": True},
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "language_info": {"name": "python"},
        "accelerator": "GPU",
        "widgets": {"application/vnd.jupyter.widget-state+json": {"a1": {"state": {}}}},
    }
    return data


def through_colab_as_its_own(data: Data) -> Data:
    """Saved as Colab saves what it made: format 4.0, ids in the metadata, a badge at the top."""
    data = through_colab(data)
    for cell in data["cells"]:
        cell.pop("id")
    badge = {
        "cell_type": "markdown",
        "metadata": {"id": "view-in-github", "colab_type": "text"},
        "source": ['<a href="https://colab.research.google.com/" target="_parent">Colab</a>'],
    }
    data["cells"].insert(0, badge)
    data["nbformat_minor"] = 0
    return data


def through_colab_from_drive(data: Data) -> Data:
    """With the cell at the top that our guide asks for; Colab's modules are nowhere else."""
    data = through_colab(data)
    lines = [
        "from google.colab import drive\n",
        'drive.mount("/content/drive")\n',
        "%cd /content/drive/MyDrive/deep-learning-3",
    ]
    data["cells"].insert(0, _code(lines, {"id": "uG1xv0aXl2bQ"}, id="uG1xv0aXl2bQ"))
    return data


def through_vscode(data: Data) -> Data:
    """Opened, run in an environment of the student's and saved, with a cell added at the end."""
    data = _changed(data)
    _run(data)
    for cell in data["cells"]:
        if cell["cell_type"] == "code":
            cell["metadata"]["vscode"] = {"languageId": "python"}
        cell["source"] = "".join(cell["source"]).splitlines(keepends=True)
    data["cells"].append(_code([], {}, id="4a7f9c1e"))
    data["metadata"] = {
        "kernelspec": {"display_name": ".venv", "language": "python", "name": "python3"},
        "language_info": {
            "codemirror_mode": {"name": "ipython", "version": 3},
            "file_extension": ".py",
            "mimetype": "text/x-python",
            "name": "python",
            "nbconvert_exporter": "python",
            "pygments_lexer": "ipython3",
            "version": "3.12.4",
        },
        "vscode": {"interpreter": {"hash": "aee8b7b246df8f9039afb4144a1f6fd8"}},
    }
    return data


def through_colab_and_then_jupyterlab(data: Data) -> Data:
    """nbformat gives cells of format 4.0 new ids (jupyterlab/jupyterlab, pull request 10018)."""
    data = through_colab_as_its_own(data)
    chance = random.Random(0)
    for cell in data["cells"]:
        cell["id"] = str(uuid.UUID(int=chance.getrandbits(128)))
    data["nbformat_minor"] = 5
    return data


def through_an_editor_on_windows(data: Data) -> Data:
    """Line ends of Windows in every cell."""
    data = _changed(data)
    for cell in data["cells"]:
        cell["source"] = "".join(cell["source"]).replace("\n", "\r\n")
    return data


# Losses


def without_nbgrader(data: Data) -> Data:
    """A program that keeps ids but no metadata that it does not know."""
    data = _changed(data)
    for cell in data["cells"]:
        cell["metadata"] = {}
    return data


def without_nbgrader_through_colab(data: Data) -> Data:
    """The ids are in Colab's metadata alone."""
    data = through_colab_as_its_own(data)
    for cell in data["cells"]:
        cell["metadata"] = {"id": cell["metadata"]["id"]}
    return data


def pasted_into_a_new_notebook(data: Data) -> Data:
    """The texts alone are left, with ids of the new notebook's."""
    data = _changed(data)
    chance = random.Random(1)
    for cell in data["cells"]:
        cell["metadata"] = {}
        cell["id"] = f"{chance.getrandbits(32):08x}"
    return data


def pasted_without_prose(data: Data) -> Data:
    """Only code and answers were pasted into a new notebook."""
    kept = [
        cell
        for cell in data["cells"]
        if cell["cell_type"] == "code" or "nbgrader" in cell["metadata"]
    ]
    return pasted_into_a_new_notebook({**data, "cells": kept})


def with_other_names(data: Data) -> Data:
    """nbgrader's toolbar for teachers, used by mistake, gives cells other names and points."""
    data = _changed(data)
    for number, cell in enumerate(data["cells"]):
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"] |= {"grade_id": f"cell-{number:016x}", "points": 100}
    return data


def _code(lines: list[str], metadata: Data, **about: Any) -> Data:
    made = {"cell_type": "code", "metadata": metadata, "source": lines, "outputs": []}
    return {**made, "execution_count": None, **about}


PROGRAMS: tuple[Editor, ...] = (
    through_colab,
    through_colab_as_its_own,
    through_colab_from_drive,
    through_colab_and_then_jupyterlab,
    through_vscode,
    through_an_editor_on_windows,
)
LOSSES: tuple[Editor, ...] = (
    without_nbgrader,
    without_nbgrader_through_colab,
    pasted_into_a_new_notebook,
    pasted_without_prose,
    with_other_names,
)
