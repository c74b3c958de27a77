"""Complete linkage of things of which few pairs are near: groups in which each two are near.

The two nearest groups join first; as far apart as two groups are their farthest members. The
libraries (scipy, scikit-learn) keep the distance of each two things, also of those that can never
stand together. Here a group knows only the things that are near all of its members. Groups that
are nearest to each other are found by following a chain of nearest neighbours (Murtagh, "A survey
of recent advances in hierarchical clustering algorithms", 1983), which gives the same groups.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Numbers = NDArray[np.int32]
Distances = NDArray[np.uint32]


def complete(distances: sparse.csr_matrix) -> list[list[int]]:
    """The things in groups, in the order of their first ones; each group is sorted.

    `distances` are those of near things, whole numbers above 0, in the row of the first of the
    two. Of pairs of groups that are equally far apart that one joins which begins first.
    """
    return _Groups(distances).joined()


class _Groups:
    """Groups, each under the number of its first thing, and what is near all things in it."""

    def __init__(self, distances: sparse.csr_matrix) -> None:
        count = distances.shape[0]
        self._upper, self._lower = distances, distances.T.tocsr()
        self._near: dict[int, tuple[Numbers, Distances]] = {}
        self._members: list[list[int]] = [[n] for n in range(count)]
        self._group = np.arange(count, dtype=np.int32)  # of each thing
        self._size = np.ones(count, dtype=np.int32)  # of each group
        self._far = np.zeros(count, dtype=np.uint32)  # for one use at a time; all 0 in between

    def joined(self) -> list[list[int]]:
        """Join what may be joined; returns the groups."""
        waiting = list(range(len(self._members)))
        chain: list[int] = []
        while waiting:
            if not self._members[first := waiting.pop()]:
                continue  # it joined another
            chain = [first]
            while chain:
                nearest = self._nearest(chain[-1])
                if nearest is None:
                    chain.pop()  # nothing can join it any more
                elif nearest in chain[-2:-1]:
                    waiting.append(self._join(chain.pop(), chain.pop()))
                else:
                    chain.append(nearest)
        return [sorted(members) for members in self._members if members]

    def _nearest(self, group: int) -> int | None:
        """The nearest of the groups of which all members are near all members of this one."""
        things, distances = self._near_of(group)
        groups = self._group[things]
        held = np.bincount(groups, minlength=len(self._size))
        is_whole = held[groups] == self._size[groups]
        if not is_whole.all():  # they will never be: groups only grow
            things, distances, groups = things[is_whole], distances[is_whole], groups[is_whole]
            self._near[group] = things, distances
        if not len(groups):
            return None
        np.maximum.at(self._far, groups, distances)
        far = self._far[groups]
        self._far[groups] = 0
        equal: list[int] = groups[far == far.min()].tolist()
        return min(equal, key=lambda other: (min(group, other), max(group, other)))

    def _join(self, one: int, other: int) -> int:
        """Make one group of two; returns its number."""
        first, second = min(one, other), max(one, other)
        things, distances = self._near_of(first)
        self._far[things] = distances
        more, far = self._near_of(second)
        is_near_both = self._far[more] > 0
        common = more[is_near_both]
        self._near[first] = common, np.maximum(far[is_near_both], self._far[common])
        self._far[things] = 0
        del self._near[second]
        self._group[self._members[second]] = first
        self._members[first] += self._members[second]
        self._members[second] = []
        self._size[first] = len(self._members[first])
        return first

    def _near_of(self, group: int) -> tuple[Numbers, Distances]:
        """What is near all members, and how far away from the farthest."""
        if group not in self._near:
            parts = [
                (each.indices[rows], each.data[rows])
                for each in (self._lower, self._upper)
                if (rows := slice(each.indptr[group], each.indptr[group + 1]))
            ]
            things, distances = (np.concatenate(part) for part in zip(*parts, strict=True))
            self._near[group] = things, distances
        return self._near[group]
