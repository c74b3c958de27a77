"""Right answers varied by machine: each must get full points in every hidden test."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from itertools import islice

from grader.authors.bank import answers, cache
from grader.authors.bank.bench import Bench, Filler
from grader.authors.bank.graded import Graded
from grader.authors.proof.styles import algebra, calls, data, flow, functions, loops, names, results
from grader.authors.proof.styles.rewrites import Rewrite, without_layout
from grader.basics import progress_bar
from grader.basics.errors import UserError
from grader.basics.terminal import say
from grader.course import assignment
from grader.course.directory import Course
from grader.notebooks import cells

REWRITES: tuple[Rewrite, ...] = tuple(
    each
    for module in (
        names,
        loops,
        flow,
        algebra,
        functions,
        calls,
        results,
        data,
    )
    for each in vars(module).values()
    if isinstance(each, Rewrite)
)
MANY = "many-at-once"

# To how many answers of a notebook each rewrite is applied. The last notebook takes 12 s, the
# others one: there, two rewrites go together.
_BASES = {"1-complexity": 4, "2-tanh": 4, "3-backprop": 4, "4-svhn": 1}
_IN_PAIRS = frozenset({"4-svhn"})
_MANY_AT_ONCE = 5
_SAMPLE = {"1-complexity": 7, "2-tanh": 9, "3-backprop": 7, "4-svhn": 3}


@dataclass(frozen=True)
class Variant:
    """A right answer in another style.

    `cells` holds every solution cell of the notebook that differs from the reference, whole;
    `changed` names those that were rewritten, and `rewrites` says how.
    """

    id: str  # 2-tanh/reference~renamed-in-korean
    notebook: str
    cells: dict[str, str]
    changed: tuple[str, ...]
    rewrites: tuple[str, ...]

    def __str__(self) -> str:
        """Its name and the first lines of the cells that were rewritten."""
        lines = [f"{self.id} ({', '.join(self.rewrites)})"]
        for cell in self.changed:
            source = self.cells[cell].split("\n")
            lines += [f"  # %% {cell}", *(f"  {line}" for line in source[:15])]
            lines += [f"  ... {len(source) - 15} more lines"] if len(source) > 15 else []
        return "\n".join(lines)


def variants(course: Course) -> list[Variant]:
    """All variants, always the same ones; no two are the same code, and none is its base's."""
    found: list[Variant] = []
    for notebook in course.names():
        reference = _reference(course, notebook)
        bases = {
            answer.id: {k: v for k, v in answer.cells.items() if k in reference}
            for answer in answers.read_all(course)
            if answer.notebook == notebook
            and (answer.kind == "right" or answer.name == "reference")
        }
        seen = {_form(reference, given) for given in bases.values()}
        for variant in _of_notebook(notebook, reference, bases):
            form = _form(reference, variant.cells)
            if form not in seen:
                seen.add(form)
                found.append(variant)
    return found


def _reference(course: Course, notebook: str) -> dict[str, str]:
    """The reference solution of each solution cell."""
    there = cells.by_grade_id(cells.read_notebook(course.source / f"{notebook}.ipynb"))
    names = [
        cell.grade_id for cell in assignment.cells_of(course, notebook) if cell.kind == "solution"
    ]
    return {name: cells.reference(there[name]) for name in names}


def _form(reference: dict[str, str], given: dict[str, str]) -> str:
    """What two answers have in common if they are the same code."""
    return "\n".join(without_layout(given.get(name, reference[name])) for name in reference)


def _of_notebook(
    notebook: str, reference: dict[str, str], bases: dict[str, dict[str, str]]
) -> Iterator[Variant]:
    single: dict[str, list[Rewrite]] = {id_: [] for id_ in bases}
    for rewrite in REWRITES:
        # The reference first, then answers in an order of this rewrite's own.
        ordered = sorted(bases, key=lambda id_: ("/right/" in id_, _hash(rewrite.name, id_)))
        fitting = (
            id_ for id_ in ordered if _varied(notebook, reference, id_, bases[id_], [rewrite])
        )
        for id_ in islice(fitting, _BASES.get(notebook, 4)):
            single[id_].append(rewrite)
    for id_, given in bases.items():
        groups = [[rewrite] for rewrite in single[id_]]
        if notebook in _IN_PAIRS:
            # Those that stand together change the same things: the one would hide the other.
            half = (len(groups) + 1) // 2
            for first, second in zip(groups, groups[half:], strict=False):
                pair = _varied(notebook, reference, id_, given, first + second)
                if pair and len(pair.rewrites) == 2:
                    first += second
                    second.clear()
        groups.append(sorted(REWRITES, key=lambda rewrite: _hash(MANY, id_, rewrite.name)))
        for group in filter(None, groups):
            variant = _varied(notebook, reference, id_, given, group)
            if variant is not None:
                many = len(variant.rewrites) > 2
                yield replace(variant, id=f"{id_}~{MANY}") if many else variant


def _varied(
    notebook: str,
    reference: dict[str, str],
    id_: str,
    given: dict[str, str],
    rewrites: list[Rewrite],
) -> Variant | None:
    """The answer after the first of the rewrites that change it, or None if none does."""
    # Of an answer, only what it gives itself: else each would vary the reference once more.
    current = dict(given or reference)
    before, used = dict(current), []
    for rewrite in rewrites:
        new = {name: rewrite(source) or source for name, source in current.items()}
        if new != current:
            current = new
            used.append(rewrite.name)
        if len(used) == _MANY_AT_ONCE:
            break
    form = {name: without_layout(source) for name, source in current.items()}
    changed = tuple(name for name in form if form[name] != without_layout(before[name]))
    if not changed:
        return None
    different = {k: current[k] for k in form if form[k] != without_layout(reference[k])}
    return Variant(f"{id_}~{'+'.join(used)}", notebook, different, changed, tuple(used))


def _hash(*words: str) -> bytes:
    """A number from words, the same on every machine and in every run."""
    return hashlib.sha256("\n".join(words).encode()).digest()


def sample(course: Course) -> list[Variant]:
    """A fixed tenth of the variants, of as many rewrites as possible."""
    found: list[Variant] = []
    used: set[str] = set()
    every = sorted(variants(course), key=lambda variant: _hash("sample", variant.id))
    for notebook in course.names():
        number = _SAMPLE.get(notebook, 7)
        chosen: list[Variant] = []
        for variant in (each for each in every if each.notebook == notebook):
            if len(chosen) < number and used.isdisjoint(variant.rewrites):
                used |= set(variant.rewrites)
                chosen.append(variant)
        found += chosen
    return found


def grade(bench: Bench, course: Course, chosen: list[Variant]) -> dict[str, Graded]:
    """Grade variants, by id, with a progress bar."""
    fillers = {variant.id: _filler(course, variant) for variant in chosen}
    with progress_bar.shown("styles", len(fillers)) as show:
        return bench.grade(fillers, show)


def _filler(course: Course, variant: Variant) -> Filler:
    return lambda released: answers.fill_in(course, released, variant.notebook, dict(variant.cells))


def rejected(course: Course, chosen: list[Variant], graded: dict[str, Graded]) -> list[str]:
    """For each variant without full points: its code, and what the tests said."""
    found = []
    for variant in chosen:
        name = variant.id.removeprefix(f"{variant.notebook}/")
        full = answers.full_scores(course, variant.notebook)
        expected = answers.Answer(variant.notebook, "built-in", name, "", {}, full)
        wrong = answers.compare([expected], graded)
        if wrong:
            found.append("\n".join([str(variant), *map(str, wrong)]))
    return found


def run(course: Course, patterns: list[str], jobs: int | None) -> int:
    """Grade the variants that match, print each without full points; 1 if there are some."""
    chosen = matching(course, patterns)
    notebooks = {variant.notebook for variant in chosen}
    with cache.opened(course) as kept, Bench(course, notebooks, jobs, known=kept) as bench:
        found = rejected(course, chosen, grade(bench, course, chosen))
    for text in found:
        say(text)
    say(f"styles: {len(chosen)} graded, {len(found)} without full points")
    return 1 if found else 0


def matching(course: Course, patterns: list[str]) -> list[Variant]:
    """The variants that a pattern names, or all; raises UserError if there is none."""
    chosen = [v for v in variants(course) if _matches(v, patterns)]
    if not chosen:
        raise UserError(f"No variant matches {' '.join(patterns)}. Names look like: 2-tanh/*")
    return chosen


def _matches(variant: Variant, patterns: list[str]) -> bool:
    """Whether a pattern (or none given) is its name, a part of it at an edge, or a rewrite."""
    base, _, rewrite = variant.id.partition("~")
    return not patterns or any(
        fnmatch(variant.id, pattern)
        or pattern in (base, rewrite)
        or variant.id.startswith(pattern.rstrip("/") + "/")
        for pattern in patterns
    )
