"""Lets searches show what a command has just changed."""

import logging
import time
from contextlib import closing
from typing import TYPE_CHECKING

from core.errors import Unavailable
from core.settings import Settings
from core.storage.store import Store

if TYPE_CHECKING:
    from retrieval.index.indexer import Indexer

log = logging.getLogger(__name__)

_OWNER_SECONDS = 5.0
_LOOK_SECONDS = 0.1


def bring_up_to_date(settings: Settings, store: Store) -> None:
    """Let searches show what has changed: as the indexer, or by waiting for the one that runs."""
    from retrieval.index.opening import open_indexer  # noqa: PLC0415 - not needed where nothing has changed

    with closing(open_indexer(settings, store)) as indexer:
        try:
            _wait_until_shown(store, indexer)
        except Unavailable as error:
            # What was read is stored; it is found as soon as the index can be written again.
            log.warning("Searches do not show it yet: %s", error.message)


def _wait_until_shown(store: Store, indexer: "Indexer") -> None:
    deadline = time.monotonic() + _OWNER_SECONDS
    while time.monotonic() < deadline:
        if indexer.try_own():
            indexer.catch_up()
            return
        if indexer.shown() >= store.changes.latest():
            return
        time.sleep(_LOOK_SECONDS)
