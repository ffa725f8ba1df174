"""Cursors: where the next page of a list begins, opaque to the caller."""

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from core.errors import InvalidRequest


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


Item = TypeVar("Item", bound=_HasId)
_ID = re.compile(r"[0-9a-f-]{36}|")


def after(cursor: str) -> str:
    """The id that a cursor stands for; empty for the first page. Raises `InvalidRequest`."""
    try:
        last = base64.b64decode(cursor.encode(), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, UnicodeError):
        last = "?"
    if not _ID.fullmatch(last):
        raise InvalidRequest("The cursor is not one that this server gave out.")
    return last


def one_page(fetch: Callable[[str, int], Sequence[Item]], cursor: str, limit: int) -> tuple[Sequence[Item], str | None]:
    """The items of a page and the cursor of the next one, None at the end.

    `fetch(after, limit)` gives items in the order of their ids.
    """
    items = fetch(after(cursor), limit + 1)
    if len(items) <= limit:
        return items, None
    return items[:limit], base64.urlsafe_b64encode(items[limit - 1].id.encode()).decode()
