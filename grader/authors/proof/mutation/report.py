"""Tells what a mutation analysis found: counts by cell, the survivors, and what to do with them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grader.authors.proof.mutation import equivalents
from grader.authors.proof.mutation.equivalents import Equivalent
from grader.authors.proof.mutation.mutants import Mutant, Outcome


@dataclass
class Row:
    """The mutants of one cell, or of several together."""

    name: str
    killed: int = 0
    survived: int = 0
    equivalent: int = 0

    @property
    def score(self) -> float:
        """The mutation score: the share of killed ones among those not equivalent, 0 to 1."""
        judged = self.killed + self.survived
        return self.killed / judged if judged else 1.0

    @property
    def total(self) -> int:
        """All of them."""
        return self.killed + self.survived + self.equivalent

    def __add__(self, other: "Row") -> "Row":
        return Row(
            self.name,
            self.killed + other.killed,
            self.survived + other.survived,
            self.equivalent + other.equivalent,
        )


@dataclass
class Report:
    """What a mutation analysis found."""

    rows: list[Row]  # by cell, in the order of the notebooks
    survivors: list[Mutant]  # to be killed by a better test, or listed as equivalent
    rejected: list[Outcome]  # listed as right answers, and yet a test takes points off
    stale: list[tuple[Equivalent, str]]  # entries and diffs that belong to no mutant

    @property
    def notebooks(self) -> list[Row]:
        """The rows added up by notebook."""
        sums: dict[str, Row] = {}
        for row in self.rows:
            notebook = row.name.split("/")[0]
            sums[notebook] = sums.get(notebook, Row(notebook)) + row
        return list(sums.values())


def judge(outcomes: Sequence[Outcome], known: list[Equivalent], *, whole: bool) -> Report:
    """Sort the mutants; `whole`: none of these notebooks' was left out, so stale entries show."""
    rows: dict[str, Row] = {}
    survivors, rejected, used = [], [], set()
    for outcome in outcomes:
        mutant = outcome.mutant
        row = rows.setdefault(mutant.place, Row(mutant.place))
        listed = equivalents.reason_for(mutant, known) is not None
        used.add((mutant.place, mutant.diff))
        if listed and not outcome.killed_by:
            row.equivalent += 1
        elif outcome.killed_by:
            row.killed += 1
            if listed:
                rejected.append(outcome)
        else:
            row.survived += 1
            survivors.append(mutant)
    judged = {place.split("/")[0] for place in rows}
    stale = [
        (entry, diff)
        for entry in known
        for diff in entry.diffs
        if whole and entry.place.split("/")[0] in judged and (entry.place, diff) not in used
    ]
    return Report(list(rows.values()), survivors, rejected, stale)


def as_text(report: Report) -> str:
    """The table by cell, then what needs attention and what to do."""
    return "\n".join([*_table(report), *attention(report)])


def _table(report: Report) -> Iterable[str]:
    width = max(len(row.name) for row in report.rows)
    yield f"{'cell':{width}}  mutants  killed  survived  equivalent  score"
    for notebook in report.notebooks:
        mine = [row for row in report.rows if row.name.startswith(f"{notebook.name}/")]
        for row in [*mine, notebook]:
            yield (
                f"{row.name:{width}}  {row.total:7}  {row.killed:6}  {row.survived:8}  "
                f"{row.equivalent:10}  {row.score:5.0%}"
            )


def attention(report: Report) -> Iterable[str]:
    """What an author has to do, in sentences."""
    for mutant in report.survivors:
        yield f"\nSURVIVED: no test sees this change ({mutant.id})."
        yield _indented(mutant.diff)
    if report.survivors:
        yield (
            "\nIs it wrong? Add a check that fails for it, or an answer in answers/ that shows the "
            "slip.\nIs it right? Add it to equivalent-mutants.toml, with the reason:\n"
        )
        yield _indented(equivalents.as_entry(report.survivors[0]))
    for outcome in report.rejected:
        yield (
            f"\nREJECTED: equivalent-mutants.toml says that this is right, but "
            f"{' and '.join(outcome.killed_by)} takes points off ({outcome.mutant.id})."
        )
        yield _indented(outcome.mutant.diff)
        yield "Mend the test, or remove the entry."
    for entry, diff in report.stale:
        where = f"{equivalents.NAME}, {entry.place}"
        yield f"\nSTALE: {where}: no mutant makes this change."
        yield _indented(diff)
        yield "Remove it, or write it as the solution is now."


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


def as_markdown(outcomes: Sequence[Outcome], report: Report) -> str:
    """Two tables: by cell, and by operator."""
    lines = ["| cell | mutants | killed | survived | equivalent | mutation score |"]
    lines += ["|---|---|---|---|---|---|"]
    for notebook in report.notebooks:
        mine = [row for row in report.rows if row.name.startswith(f"{notebook.name}/")]
        lines += [_markdown_row(row, row.name.split("/")[1]) for row in mine]
        lines += [_markdown_row(notebook, f"**{notebook.name}**")]
    made = Counter(outcome.mutant.mutation.operator for outcome in outcomes)
    killed = Counter(outcome.mutant.mutation.operator for outcome in outcomes if outcome.killed_by)
    lines += ["", "| operator | mutants | killed |", "|---|---|---|"]
    lines += [f"| {name} | {made[name]} | {killed[name]} |" for name in sorted(made)]
    return "\n".join(lines) + "\n"


def _markdown_row(row: Row, name: str) -> str:
    return (
        f"| {name} | {row.total} | {row.killed} | {row.survived} | {row.equivalent} | "
        f"{row.score:.1%} |"
    )
