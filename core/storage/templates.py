"""People's own templates of summaries: of one person, or shared by all. Who may change which is decided elsewhere.

Where no person is named it is the operator who asks, to whom all are open.
"""

from dataclasses import asdict
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from core.errors import NotFound
from core.storage import tables as t
from core.storage.database import Database, now
from core.storage.rows import Row
from core.summaries import OwnTemplate, SummaryOptions

_MISSING = "There is no such template, or you have no access to it."
_PARTS = ("title", "description", "instructions", "headings", "words", "figures")


def with_own(connection: sa.Connection, options: SummaryOptions, owner: str | None) -> SummaryOptions:
    """The options with what an own template says at this moment, where they name one that is open to the person."""
    query = sa.select(t.summary_templates).where((t.summary_templates.c.id == options.template) & _open_to(owner))
    row = connection.execute(query).first() if options.own is None else None
    return options if row is None else options.with_own(_template(row))


class Templates:
    """Stores and finds own templates."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, template: OwnTemplate) -> OwnTemplate:
        """Keep a new template under a new id."""
        template_id = str(uuid4())
        values = {**_values(template), "owner": template.owner, "created_at": now()}
        with self._database.write() as connection:
            connection.execute(t.summary_templates.insert().values(id=template_id, **values))
        return self.get(template_id, owner=template.owner)

    def get(self, template_id: str, *, owner: str | None) -> OwnTemplate:
        """A template that is shared, or this person's. Raises `NotFound`."""
        query = sa.select(t.summary_templates).where((t.summary_templates.c.id == template_id) & _open_to(owner))
        with self._database.read() as connection:
            row = connection.execute(query).first()
        if row is None:
            raise NotFound(_MISSING)
        return _template(row)

    def of(self, owner: str | None) -> list[OwnTemplate]:
        """The templates that are shared, and this person's, in the order of their titles."""
        templates = t.summary_templates
        query = sa.select(templates).where(_open_to(owner)).order_by(templates.c.title, templates.c.id)
        with self._database.read() as connection:
            return [_template(row) for row in connection.execute(query)]

    def change(self, template: OwnTemplate) -> None:
        """Replace what a template says. Raises `NotFound`."""
        here = t.summary_templates.c.id == template.id
        with self._database.write() as connection:
            done = connection.execute(t.summary_templates.update().where(here).values(**_values(template))).rowcount
        if not done:
            raise NotFound(_MISSING)

    def delete(self, template_id: str) -> None:
        """Remove a template; runs keep what it said. Raises `NotFound`."""
        with self._database.write() as connection:
            here = t.summary_templates.c.id == template_id
            if not connection.execute(t.summary_templates.delete().where(here)).rowcount:
                raise NotFound(_MISSING)


def _open_to(owner: str | None) -> sa.ColumnElement[bool]:
    if owner is None:
        return sa.true()
    return t.summary_templates.c.owner.is_(None) | (t.summary_templates.c.owner == owner)


def _values(template: OwnTemplate) -> dict[str, Any]:
    told = asdict(template)
    return {name: list(told[name]) if isinstance(told[name], tuple) else told[name] for name in _PARTS}


def _template(row: Row) -> OwnTemplate:
    return OwnTemplate(
        id=row.id,
        owner=row.owner,
        title=row.title,
        description=row.description,
        instructions=row.instructions,
        headings=tuple(row.headings),
        words=tuple(row.words),
        figures=row.figures,
    )
