"""Gathers a process's memory in large pages, so that its forks are made and ended sooner.

A fork copies one entry for each page of 4 KB, and its end gives each one back. Of memory in pages
of 2 MB, it has one entry for each of these, until it writes there; and then it copies 4 KB as
before. A notebook takes six forks, so with TensorFlow imported this is much of what it costs.
"""

import mmap
from collections.abc import Iterator

from grader.engine.sandbox import linux

_LARGE = 2 << 20  # bytes: the size of a large page, on x86-64 and on ARM with pages of 4 KB


def gather() -> int:
    """Gather the memory that this process alone has; returns the bytes that are in large pages now.

    Linux does this since 6.1 where it is asked to (MADV_COLLAPSE). Elsewhere, and in parts for
    which there is no large page to be had, everything stays as it is.
    """
    if mmap.PAGESIZE != 4096:  # the large pages of others are too large
        return 0
    return sum(_LARGE for start in _places() if linux.collapse(start, _LARGE))


def _places() -> Iterator[int]:
    """Where the memory lies that a large page could hold: the addresses of whole large pages."""
    with open("/proc/self/maps", "rb") as file:  # paths are bytes, of whatever kind
        lines = file.read().split(b"\n")
    for line in filter(None, lines):
        area, rights, _, _, _, *name = line.split(maxsplit=5)
        if rights.startswith(b"rw") and rights.endswith(b"p") and name in ([], [b"[heap]"]):
            start, end = (int(address, 16) for address in area.split(b"-"))
            yield from range(-(-start // _LARGE) * _LARGE, end - _LARGE + 1, _LARGE)
