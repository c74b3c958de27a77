"""Give the gradebook the cells that the source has now, where work was graded by others.

`nbgrader generate_assignment` refuses to add or remove cells once there are submissions. Here the
rows of removed cells go, with their automatic scores, and each submission gets rows for the new
ones; nbgrader then finds the cells that it expects, and fills in the rest. What a person gave
is never removed.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from nbformat import NotebookNode
from nbgrader import api, utils
from sqlalchemy.orm import Session

from grader.basics.errors import UserError
from grader.course.directory import Course
from grader.notebooks import cells

_Cells = Mapping[str, Mapping[str, Any]]  # the columns of each cell, by name


def refit(session: Session, course: Course) -> None:
    """Add and remove cells; raises UserError if points or comments of a person would be lost."""
    for path in course.notebooks():
        asked = sa.select(api.Notebook).join(api.Assignment)
        asked = asked.where(
            api.Assignment.name == course.assignment, api.Notebook.name == path.stem
        )
        notebook = session.scalar(asked)
        if notebook is not None:
            _refit(session, notebook, cells.read_notebook(path))


def _refit(session: Session, notebook: Any, source: NotebookNode) -> None:
    for kind, wanted in _wanted(source.cells).items():
        there = {
            name: id_
            for id_, name in session.execute(
                sa.select(kind.id, kind.name).where(kind.notebook_id == notebook.id)
            )
        }
        for name in there.keys() - wanted.keys():
            _remove(session, kind, there[name], f"{notebook.name}, {name}")
        for name in wanted.keys() - there.keys():
            _add(session, kind, notebook.id, name, wanted[name])
    session.flush()


def _wanted(source: Iterable[NotebookNode]) -> Mapping[Any, _Cells]:
    """The cells of each kind, by nbgrader's own reading of them."""
    found: dict[Any, dict[str, dict[str, Any]]] = {
        kind: {} for kind in (api.GradeCell, api.SolutionCell, api.TaskCell, api.SourceCell)
    }
    for cell in source:
        graded, solution, task = utils.is_grade(cell), utils.is_solution(cell), utils.is_task(cell)
        name = cells.grade_id(cell) or ""
        kind = {"cell_type": cell.cell_type}
        if graded or task:
            most = {"max_score": float(cell.metadata.nbgrader["points"])}
            found[api.GradeCell if graded else api.TaskCell][name] = {**kind, **most}
        if solution:
            found[api.SolutionCell][name] = {}
        if graded or solution or task or utils.is_locked(cell):
            found[api.SourceCell][name] = kind
    return found


def _remove(session: Session, kind: Any, id_: str, shown: str) -> None:
    if kind is not api.SourceCell:
        given = sa.or_(
            api.Grade.manual_score.is_not(None), sa.func.coalesce(api.Grade.extra_credit, 0) != 0
        )
        said = sa.func.coalesce(api.Comment.manual_comment, "") != ""
        for row, by_person in ((api.Grade, given), (api.Comment, said)):
            count = sa.select(sa.func.count()).select_from(row)
            if number := session.scalar(count.where(row.cell_id == id_, by_person)):
                raise UserError(
                    f"{shown} is no longer in source/, but a person gave points or a comment "
                    f"for it to {number} submissions, which would be lost. Put the cell back "
                    "(its name is what counts), or take those back in the formgrader."
                )
            session.execute(sa.delete(row).where(row.cell_id == id_))
    session.execute(sa.delete(kind.__table__).where(kind.__table__.c.id == id_))
    if kind is not api.SourceCell:
        session.execute(sa.delete(api.BaseCell.__table__).where(api.BaseCell.__table__.c.id == id_))


def _add(
    session: Session, kind: Any, notebook_id: str, name: str, columns: Mapping[str, Any]
) -> None:
    cell = kind(id=api.new_uuid(), name=name, notebook_id=notebook_id, **columns)
    session.add(cell)
    session.flush()
    asked = sa.select(api.SubmittedNotebook.id).where(
        api.SubmittedNotebook.notebook_id == notebook_id
    )
    for submitted in session.scalars(asked).all():
        row = {"cell_id": cell.id, "notebook_id": submitted}
        if kind in (api.GradeCell, api.TaskCell):
            session.add(api.Grade(id=api.new_uuid(), **row))
        if kind in (api.SolutionCell, api.TaskCell):
            session.add(api.Comment(id=api.new_uuid(), **row))
