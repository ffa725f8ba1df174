"""The template that somebody names at the command line: a built-in one, or one of people's own by its title or id."""

import click

from cli.options import plain
from core.errors import InvalidRequest
from core.storage.store import Store
from core.summaries import SummaryOptions
from llm.summaries.templates import BUILT_IN


def with_template(store: Store, options: SummaryOptions, owner: str | None) -> SummaryOptions:
    """The options with what the template says that they name, of those open to this person; without one, of all.

    Raises `InvalidRequest`.
    """
    wanted = options.template
    if wanted in {one.name for one in BUILT_IN}:
        return options
    own = store.templates.of(owner)
    found = [one for one in own if one.id == wanted] or [one for one in own if one.title == wanted]
    if len(found) > 1:
        ids = ", ".join(one.id for one in found)
        raise click.UsageError(f"Several templates have this title; use one of the ids: {ids}")
    if not found:
        names = ", ".join([*(one.name for one in BUILT_IN), *dict.fromkeys(plain(one.title) for one in own)])
        raise InvalidRequest(f"There is no template {plain(wanted)}. Take one of {names}.")
    return options.with_own(found[0])
