"""Releases documents from quarantine: who may, and what is recorded of it."""

import time

from core.access import Action, permits, require
from core.errors import NotFound
from core.storage.chain import Entry
from core.storage.quarantine import Held
from core.storage.store import Store
from core.values import Document, Reader
from llm.moderation.categories import Point
from llm.moderation.policy import Policy

# The action of a decision that lets a document answer again.
RELEASE = "release"


def reviewable(store: Store, reader: Reader) -> frozenset[str]:
    """The ids of the collections whose documents the reader may release."""
    return frozenset(one for one in store.collections.ids() if permits(reader, Action.REVIEW, one))


def waiting(store: Store, reader: Reader, document_id: str) -> Held:
    """A document that waits for the reader's look. Raises `NotFound` or `Forbidden`."""
    document = store.documents.get(document_id)
    require(reader, Action.REVIEW, document.collection_id, what="document")
    return store.quarantine.get(document_id)


def release(store: Store, policy: Policy, reader: Reader, document_id: str) -> Document:
    """Let a document answer; its `job_id` is new where it has to be read again first.

    Raises `NotFound` where it does not wait, `Forbidden`, and `Conflict` when it has changed meanwhile.
    """
    held = waiting(store, reader, document_id)
    entries = [
        Entry(
            at=round(time.time(), 3),
            request_id=held.version_id,
            point=Point.READING.value,
            action=RELEASE,
            detector="",
            policy_version=policy.label,
            text_sha256=held.sha256,
            category=reason,
            user_id=reader.user_id,
            collections=(held.collection_id,),
            detail={"document": held.id, "version": held.version},
        )
        for reason in held.reasons
    ]
    if not store.quarantine.release(held, by=reader.user_id, decisions=entries):
        store.documents.read_again(held.version_id)
    try:
        return store.documents.get(document_id)
    except NotFound:
        raise NotFound("The document was deleted at this moment.") from None
