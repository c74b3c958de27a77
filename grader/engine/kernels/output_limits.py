"""The limit on what a notebook's cells may print and show, counted in bytes."""

import json
import re
from typing import Any

_JSON = re.compile(r"application/(?:.*\+)?json")  # of what nbformat lets be any value
_OUTPUTS = ("stream", "display_data", "update_display_data", "execute_result", "error")


class OutputMeter:
    """Counts the outputs of a cell and of the notebook, and cuts what is beyond the limits.

    A message is `content` of Jupyter's messaging protocol. Results and errors pass beyond the
    limits, shortened, for a person wants to know them; but no more than `extras` in a cell.
    """

    def __init__(
        self, cell_bytes: int, notebook_bytes: int | None = None, extras: int = 500
    ) -> None:
        self._cell_bytes = cell_bytes
        self._left = notebook_bytes
        self._most_extras = extras
        self.begin_cell()

    def begin_cell(self) -> None:
        """Start counting for the next cell."""
        self._left_in_cell = self._cell_bytes
        self._told = False
        self._extras = 0

    def cut(self, kind: str, content: dict[str, Any], copies: int = 0) -> dict[str, Any] | None:
        """What may pass of a message of type `kind`: all of it, less, or None.

        `copies`: how many outputs that are there already it changes, too.
        """
        if kind not in _OUTPUTS:
            return content
        size = _size(kind, content) * max(copies, 1)
        room = self._left_in_cell
        if self._left is not None:
            room = min(room, self._left)
        if size <= room:
            self._take(size)
            return content
        if kind == "stream":
            if self._told:
                return None
            self._told = True
            text = str(content.get("text", ""))
            kept = text.encode(errors="replace")[: max(room, 0)].decode(errors="ignore")
            self._take(max(room, 0))
            return {**content, "text": kept + self._note()}
        if kind in ("error", "execute_result"):
            self._extras += 1
            if self._extras > self._most_extras:
                return None
        if kind == "error":
            evalue = str(content.get("evalue", ""))[:1000]
            return {**content, "evalue": evalue, "traceback": [evalue, self._note()]}
        if kind == "execute_result":
            text = str(content.get("data", {}).get("text/plain", ""))[:1000]
            return {**content, "data": {"text/plain": text}, "metadata": {}}
        if self._told:
            return None
        self._told = True
        return {**content, "data": {"text/plain": self._note()}, "metadata": {}}

    def _take(self, size: int) -> None:
        self._left_in_cell -= size
        if self._left is not None:
            self._left -= size

    def _note(self) -> str:
        return f"\n... output cut here: the limit is {self._cell_bytes:,} bytes a cell ...\n"


def well_formed(kind: str, content: Any) -> dict[str, Any] | None:
    """`content` as Jupyter's messaging protocol has it; None if it is nothing of the kind.

    A learner's code can send anything in the kernel's name, and nbclient trusts what it gets.
    """
    if not isinstance(content, dict):
        return None
    if kind == "stream":
        name, text = content.get("name"), content.get("text")
        is_one = name in ("stdout", "stderr") and isinstance(text, str)
        return {"name": name, "text": text} if is_one else None
    if kind == "error":
        lines = content.get("traceback")
        return {
            "ename": str(content.get("ename", "")),
            "evalue": str(content.get("evalue", "")),
            "traceback": [str(line) for line in lines] if isinstance(lines, list) else [],
        }
    if kind in ("display_data", "update_display_data", "execute_result"):
        made = _well_formed_data(kind, content)
        if not made["data"] and kind == "execute_result":
            made["data"] = {"text/plain": ""}  # a result counts, whatever it is
        return made if made["data"] else None
    if kind == "status":
        return content if isinstance(content.get("execution_state"), str) else None
    if kind == "execute_input":
        return counted(content)
    return content


def _well_formed_data(kind: str, content: dict[str, Any]) -> dict[str, Any]:
    data, metadata = content.get("data"), content.get("metadata")
    made: dict[str, Any] = {
        "data": {
            mime: value
            for mime, value in (data.items() if isinstance(data, dict) else ())
            if isinstance(value, str) or _JSON.fullmatch(mime)
        },
        "metadata": metadata if isinstance(metadata, dict) else {},
    }
    made |= counted(content) or ({"execution_count": None} if kind == "execute_result" else {})
    transient = content.get("transient")
    if isinstance(transient, dict) and isinstance(transient.get("display_id"), str):
        made["transient"] = {"display_id": transient["display_id"]}
    return made


def counted(content: dict[str, Any]) -> dict[str, Any]:
    """The number of the cell in a message, if it has one that may be: as {"execution_count": 3}."""
    count = content.get("execution_count")
    is_one = isinstance(count, int) and not isinstance(count, bool) and 0 <= count < 1 << 31
    return {"execution_count": count} if is_one else {}


def _size(kind: str, content: dict[str, Any]) -> int:
    if kind == "stream":
        # Counting bytes would copy a long text only to throw it away.
        text = content.get("text", "")
        return len(text) if len(text) > 1 << 20 else len(text.encode(errors="replace"))
    try:
        return len(json.dumps(content, default=repr))
    except (TypeError, ValueError):
        return len(repr(content))
