"""Puts the parts of the report together: the page, and a CSV file for each of its tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from jinja2 import Environment, PackageLoader, StrictUndefined

from grader.basics.words import visible
from grader.gradebook.class_view import Facts
from grader.instructors.report import attention, items, messages, plots, points, similarity
from grader.instructors.report.similarity import Pair
from grader.instructors.report.tables import Table
from grader.instructors.report.work import Work

PAGE = "report.html"


@dataclass(frozen=True)
class Report:
    """What the report shows."""

    facts: Facts
    tests: Sequence[items.Item]
    spreads: Sequence[points.Spread]
    pairs: Mapping[str, Sequence[Pair]]
    tables: Mapping[str, Table]


def report(
    facts: Facts,
    work: Mapping[tuple[str, str], Work],
    templates: Mapping[str, Sequence[str]],
    problems: Sequence[tuple[str, str, str]] = (),
) -> Report:
    """Work out all figures; `problems`: what of the work could not be read."""
    tests, spreads = items.items(facts), points.spreads(facts)
    pairs = {
        notebook: similarity.pairs(
            {student: own.code for (student, name), own in work.items() if name == notebook},
            similarity.grams_of(templates[notebook]),
        )
        for notebook in facts.notebooks
    }
    tables = (
        attention.to_look_at(facts, problems),
        attention.stopped(facts),
        attention.waiting(facts),
        attention.waiting_answers(facts),
        attention.hand_ins(facts),
        points.summary(spreads),
        points.distribution(spreads),
        items.table(tests),
        messages.table(messages.common(facts, work)),
        similarity.table(pairs),
        attention.times(facts),
    )
    return Report(facts, tests, spreads, pairs, {table.name: table for table in tables})


def files(assignment: str, made: Report, now: datetime) -> dict[str, str]:
    """The texts of all files of the report, by name."""
    tables = {f"{name}.csv": table.csv() for name, table in made.tables.items()}
    return {PAGE: _html(assignment, made, now), **tables}


def _html(assignment: str, made: Report, now: datetime) -> str:
    environment = Environment(
        loader=PackageLoader("grader.instructors.report", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        finalize=lambda value: visible(value) if type(value) is str else value,
    )
    facts, tables = made.facts, made.tables
    by_notebook = {n: [t for t in made.tests if t.cell.notebook == n] for n in facts.notebooks}
    pairs = [(notebook, pair) for notebook, own in made.pairs.items() for pair in own]
    return environment.get_template("page.html").render(
        assignment=assignment,
        made=f"{now:%Y-%m-%d %H:%M}",
        facts=facts,
        tables=tables,
        key=_key_figures(made),
        left_out=len(facts.students) - len(points.decided(facts)),
        histograms=[(spread.what, plots.histogram(spread)) for spread in made.spreads],
        outcomes=[(n, plots.outcomes(n, tests)) for n, tests in by_notebook.items() if tests],
        enough=items.ENOUGH,
        few=any(len(test.shares) < items.ENOUGH for test in made.tests),
        least=similarity.LEAST,
        share=f"{100 * similarity.SHARE:.0f}",
        most=similarity.most_holders(max(len(facts.graded(n)) for n in facts.notebooks)),
        pairs=pairs[: similarity.SHOWN],
    )


def _key_figures(made: Report) -> list[tuple[str, str]]:
    facts, tables = made.facts, made.tables
    graded = sum(state == "graded" for state in facts.states.values())
    found = [("students", str(len(facts.students))), ("graded notebooks", str(graded))]
    first = made.spreads[0]
    if first.median is not None:
        found.append((f"median, of {first.possible:g}", f"{first.median:g}"))
    counted = (
        ("notebooks to look at", "attention"),
        ("answers to grade by hand", "waiting-answers"),
        ("pairs of code alike", "alike"),
    )
    return [*found, *((what, str(len(tables[name].texts))) for what, name in counted)]
