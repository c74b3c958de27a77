"""Which of thousands of texts are alike, without a place in memory for each pair."""

import numpy as np
from scipy import sparse

UNIT = 1e-10  # of distances; what differs by less is equal, however the processor rounds

_BLOCK = 256  # texts that are compared with all others at once
# N-grams that more of the texts have are multiplied as a dense matrix, which takes less time.
_COMMON = 0.1


def distances(texts: sparse.csr_matrix, least: float) -> sparse.csr_matrix:
    """How far apart the pairs are whose scalar product is above `least`, in units, and 1 more.

    `texts` are unit vectors. Each pair is in the row of its first text. All products are made, of
    a block of texts with all that follow at a time, and those are kept that are above `least`.
    """
    count, width = texts.shape
    is_common = np.bincount(texts.indices, minlength=width) > _COMMON * count
    common, rare = texts[:, is_common].toarray(), texts[:, ~is_common]
    sizes, others, far = [np.zeros(1, dtype=np.int64)], [], []
    for start in range(0, count, _BLOCK):
        block = slice(start, start + _BLOCK)
        near = common[start:] @ common[block].T
        near += (rare[start:] @ rare[block].T.tocsr()).toarray()
        size = near.shape[1]
        near[:size][np.triu_indices(size)] = 0  # itself, and what is compared already
        one, other = np.nonzero(np.ascontiguousarray(least + UNIT / 2 < near.T))
        sizes.append(np.bincount(one, minlength=size))
        others.append((start + other).astype(np.int32))
        far.append(np.rint((1 - near[other, one]) / UNIT).astype(np.uint32) + np.uint32(1))
    rows = np.concatenate(sizes).cumsum()
    return sparse.csr_matrix((np.concatenate(far), np.concatenate(others), rows), (count, count))
