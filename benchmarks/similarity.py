"""Measures which answers of the bank `course report` would call alike.

Independent pairs are right answers to the same notebook, compared by the cells that both give.
Copies are right answers beside their variants in other styles (grader.authors.proof.styles),
compared whole; answers that hold the teacher's solution only, which is left out, are no base for
copies.
Run: .venv/bin/python benchmarks/similarity.py
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from grader.authors.bank import answers
from grader.authors.proof.styles import variants
from grader.course.directory import Course
from grader.instructors.report import similarity, work
from grader.instructors.report.similarity import Fingerprint
from grader.notebooks import cells
from tests.courses import COURSE

Scores = tuple[float, int]  # the smaller share, and the characters in common


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--k", type=int, default=similarity.K, help="characters of a k-gram")
    similarity.K = options.parse_args().k
    course = COURSE
    every = answers.read_all(course)
    varied = variants.variants(course)
    print(f"k = {similarity.K}; alike: {similarity.LEAST} characters and {similarity.SHARE:.0%}")
    for notebook in course.names():
        known = similarity.grams_of(work.template(course, notebook))
        right = [a for a in every if a.notebook == notebook and a.kind == "right"]
        print(f"\n{notebook}")
        apart = dict(independent(course, notebook, right, known))
        _show("independent pairs", apart.values())
        for name, (share, characters) in sorted(apart.items(), key=lambda item: -item[1][0])[:3]:
            print(f"    {share:.2f}, {characters} characters: {name}")
        for kind, scores in sorted(copies(course, notebook, right, varied, known).items()):
            _show(kind, scores)


def _show(what: str, scores: Iterable[Scores]) -> None:
    found = list(scores)
    if not found:
        return
    alike = sum(s >= similarity.SHARE and n >= similarity.LEAST for s, n in found)
    shares, sizes = np.array(found).T
    print(
        f"  {what}: {alike} of {len(found)} alike; share median {np.median(shares):.2f}, "
        f"largest {shares.max():.2f}; characters median {np.median(sizes):.0f}, "
        f"largest {sizes.max():.0f}"
    )


def independent(
    course: Course, notebook: str, right: list[answers.Answer], known: set[int]
) -> Iterator[tuple[str, Scores]]:
    code = list(_solutions(course, notebook))
    for one, other in combinations(right, 2):
        both = [name for name in code if name in one.cells and name in other.cells]
        if both:
            texts = [[answer.cells[name] for name in both] for answer in (one, other)]
            yield f"{one.name}, {other.name}", compare(texts[0], texts[1], known)


def copies(
    course: Course,
    notebook: str,
    right: list[answers.Answer],
    varied: list[variants.Variant],
    known: set[int],
) -> Mapping[str, list[Scores]]:
    reference = _solutions(course, notebook)
    found = defaultdict(list)
    for answer in right:
        base = [answer.cells.get(name, text) for name, text in reference.items()]
        found["copies as they are"].append(compare(base, base, known))
        for variant in varied:
            if variant.id.startswith(f"{answer.id}~"):
                text = [variant.cells.get(name, text) for name, text in reference.items()]
                found[_kind(variant)].append(compare(base, text, known))
    return found


def _kind(variant: variants.Variant) -> str:
    if len(variant.rewrites) > 2:
        return "copies rewritten in five ways"
    renamed = all(name.startswith("renamed") for name in variant.rewrites)
    return "copies with other names" if renamed else "copies rewritten in one way (4-svhn: two)"


def compare(one: Iterable[str], other: Iterable[str], known: similarity.Grams) -> Scores:
    """The smaller of the two shares that are alike, and the characters in common."""
    prints = [Fingerprint.of(one), Fingerprint.of(other)]
    for each in prints:
        each.leave_out(known)
    sizes = [int(mask.sum()) for mask in similarity.overlap(prints[0], prints[1])]
    shares = [size / max(1, each.own.sum()) for size, each in zip(sizes, prints, strict=True)]
    return min(shares), min(sizes)


def _solutions(course: Course, notebook: str) -> dict[str, str]:
    """The teacher's solution of each cell."""
    there = cells.read_notebook(course.source / f"{notebook}.ipynb").cells
    return {
        cells.grade_id(c) or "": cells.reference(c) for c in there if cells.kind(c) == "solution"
    }


if __name__ == "__main__":
    main()
