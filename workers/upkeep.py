"""Upkeep: takes away what has served its time, so that things stay small; nothing is right only because of it."""

import logging
import time

from core.errors import StorageFull
from core.storage.remains import Elsewhere
from core.storage.store import Store
from llm.moderation.policy_file import PolicyFile

_DAY = 24 * 3600.0
# No upload takes this long.
_LEFTOVER_SECONDS = _DAY
# Until then a person may still want to know how the reading of a document ended that has since been deleted.
_JOB_SECONDS = 30 * _DAY
# Where so much is free again, documents that found the disk full are worth another look.
_ROOM_BYTES = 256 * 1024 * 1024

log = logging.getLogger(__name__)


def tidy(store: Store, policy: PolicyFile | None = None, elsewhere: Elsewhere | None = None) -> None:
    """Complete receipts of deletions that are still open, `elsewhere` too, queue again what found the disk full, and
    remove what has served its time: secrets that have run out, what cut-off uploads left on their way and in the store,
    jobs about documents that are gone, old decisions.

    How long decisions are kept is up to the moderation policy; without one they stay.
    Safe at any time, any number of times, and by several workers at once.
    """
    store.receipts.complete_all(elsewhere)
    store.database.forget_freed()
    if store.files.room() >= _ROOM_BYTES and (waiting := store.documents.retry_all(StorageFull.code)):
        log.info("Queued again, because the disk has room: %d documents.", waiting)
    removed = {
        "secrets that had run out": store.people.delete_expired(),
        "remains of cut-off uploads": store.files.remove_leftovers(_LEFTOVER_SECONDS),
        "stored files of cut-off uploads": store.documents.drop_strays(_LEFTOVER_SECONDS),
        "jobs about documents that are gone": store.jobs.forget(_JOB_SECONDS),
        "decisions of moderation": _forget_decisions(store, policy),
    }
    for what, number in removed.items():
        if number:
            log.info("Removed: %d %s.", number, what)


def _forget_decisions(store: Store, policy: PolicyFile | None) -> int:
    # A file that cannot be used may ask for more than the policy that holds in its place.
    if policy is None or policy.trouble or not policy.policy.record.retention_days:
        return 0
    return store.decisions.forget(time.time() - policy.policy.record.retention_days * _DAY)
