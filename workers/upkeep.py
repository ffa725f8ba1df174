"""Upkeep: takes away what has served its time, so that things stay small; nothing is right only because of it."""

import logging

from core.storage.store import Store

_DAY = 24 * 3600.0
# No upload takes this long.
_LEFTOVER_SECONDS = _DAY
# Until then a person may still want to know how the reading of a document ended that has since been deleted.
_JOB_SECONDS = 30 * _DAY

log = logging.getLogger(__name__)


def tidy(store: Store) -> None:
    """Remove secrets that have run out, what cut-off uploads left, and jobs about documents that are gone.

    Safe at any time, any number of times, and by several workers at once.
    """
    removed = {
        "secrets that had run out": store.people.delete_expired(),
        "remains of cut-off uploads": store.files.remove_leftovers(_LEFTOVER_SECONDS),
        "jobs about documents that are gone": store.jobs.forget(_JOB_SECONDS),
    }
    for what, number in removed.items():
        if number:
            log.info("Removed: %d %s.", number, what)
