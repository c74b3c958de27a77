"""Keep what is made of a file, as long as the file stays the same."""

from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

Made = TypeVar("Made")


class Kept(Generic[Made]):
    """What is made of files: asked for often, while a person may change them."""

    def __init__(self) -> None:
        self._made: dict[Path, tuple[tuple[int, int], Made]] = {}

    def get(self, path: Path, make: Callable[[], Made]) -> Made:
        """What was made of a file that is there; made anew if that has changed since."""
        state = path.stat()
        version = (state.st_mtime_ns, state.st_size)
        known = self._made.get(path)
        if known is None or known[0] != version:
            known = self._made[path] = (version, make())
        return known[1]
