"""Options that narrow what a command searches or asks, shared by those commands."""

import functools
from collections.abc import Callable
from typing import Any

import click

from core.filters import Filter, parsed_filter
from core.storage.store import Store

# Of each option the filter that it fills.
_OPTIONS = {
    "document_ids": "documents",
    "media_types": "types",
    "tags": "tags",
    "languages": "languages",
    "since": "from",
    "until": "to",
    "as_of": "as_of",
}
Narrowed = Callable[[Store], Filter]
_Command = Callable[..., int]


def narrowing(*, needs_collection: bool = False) -> Callable[[_Command], _Command]:
    """Add the options to a command and hand them to it as `narrowed`, which makes the filter once there is a store."""

    def decorate(command: _Command) -> _Command:
        @click.option(
            "--collection",
            "names",
            metavar="NAME",
            multiple=True,
            required=needs_collection,
            help="Only this collection; repeatable.",
        )
        @click.option("--document", "document_ids", metavar="ID", multiple=True, help="Only this document; repeatable.")
        @click.option(
            "--type", "media_types", metavar="TYPE", multiple=True, help="Only this kind, such as pdf; repeatable."
        )
        @click.option("--tag", "tags", metavar="TAG", multiple=True, help="Only documents with this tag; repeatable.")
        @click.option(
            "--language", "languages", metavar="CODE", multiple=True, help="Only this language, such as en; repeatable."
        )
        @click.option("--from", "since", metavar="DAY", help="Only documents added on this day (2026-01-31) or later.")
        @click.option("--to", "until", metavar="DAY", help="Only documents added on this day or earlier.")
        @click.option(
            "--as-of",
            metavar="DAY",
            help="From the versions of documents that answered at the end of this day (2026-01-31), or at this moment "
            "(2026-01-31T12:00:00Z).",
        )
        @functools.wraps(command)
        def run(*args: Any, names: tuple[str, ...], **kwargs: Any) -> int:
            told: dict[str, object] = {name: kwargs.pop(option) or None for option, name in _OPTIONS.items()}
            parsed_filter(told)  # wrong values are refused before anything is opened
            return command(*args, narrowed=functools.partial(_filter, told, names), **kwargs)

        return run

    return decorate


def _filter(told: dict[str, object], names: tuple[str, ...], store: Store) -> Filter:
    ids = [store.collections.by_name(name).id for name in names]
    return parsed_filter({**told, "collections": ids or None})
