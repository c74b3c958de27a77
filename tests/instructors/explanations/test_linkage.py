"""Complete linkage of few near pairs gives the groups that its definition asks for."""

import itertools
import random

import numpy as np
import pytest
from scipy import sparse

from grader.instructors.explanations import linkage

Apart = dict[tuple[int, int], int]  # the distances of near things


def complete(count: int, apart: Apart) -> list[list[int]]:
    pairs = np.array(list(apart), dtype=np.int32).reshape(-1, 2)
    distances = np.array(list(apart.values()), dtype=np.uint32)
    return linkage.complete(sparse.csr_matrix((distances, pairs.T), (count, count)))


def by_definition(count: int, apart: Apart) -> list[list[int]]:
    """The two nearest groups join, those that begin first if others are as near, until none may."""
    groups = [[n] for n in range(count)]
    while True:
        near = []
        for one, other in itertools.combinations(groups, 2):
            pairs = [(min(pair), max(pair)) for pair in itertools.product(one, other)]
            if all(pair in apart for pair in pairs):
                near.append((max(apart[pair] for pair in pairs), one, other))
        if not near:
            return groups
        _, one, other = min(near)
        groups.remove(other)
        groups[groups.index(one)] = sorted(one + other)


@pytest.mark.parametrize("seed", range(200))
def test_groups_are_those_of_the_definition(seed: int) -> None:
    chance = random.Random(seed)
    count = chance.randint(1, 14)
    share, farthest = chance.random(), chance.choice((1, 3, 2**32 - 1))  # few distances: many ties
    apart = {
        pair: chance.randint(1, farthest)
        for pair in itertools.combinations(range(count), 2)
        if chance.random() < share
    }
    assert complete(count, apart) == by_definition(count, apart)


def test_each_two_of_a_group_are_near() -> None:
    """A chain in which each thing is near the next is cut."""
    assert complete(5, {(0, 1): 9, (1, 2): 5, (2, 3): 5, (3, 4): 6}) == [[0], [1, 2], [3, 4]]


def test_without_pairs_each_stands_alone() -> None:
    assert complete(3, {}) == [[0], [1], [2]]
    assert complete(1, {}) == [[0]]
