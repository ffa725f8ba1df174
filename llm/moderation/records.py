"""The JSON form of stored decisions, the same everywhere; and the row that says that somebody looked at them."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime

from core.storage.chain import Decided, Entry
from core.values import Reader
from core.wire import Json

# The point of a row that says that somebody looked at the log.
LOOKED_AT = "looked_at"
COLUMNS = (
    "number",
    "at",
    "request_id",
    "user_id",
    "collections",
    "point",
    "category",
    "action",
    "score",
    "threshold",
    "detector",
    "policy_version",
    "latency_ms",
    "text_sha256",
    "excerpt",
    "detail",
    "previous",
    "hash",
    "form",
    "excerpt_sha256",
    "excerpt_salt",
    "erased_at",
    "erased_for",
)


def decided_json(decided: Decided) -> Json:
    """A decision with its place in the chain, in the order of `COLUMNS`."""
    entry = decided.entry
    return {
        "number": decided.number,
        "at": _moment(entry.at),
        "request_id": entry.request_id,
        "user_id": entry.user_id,
        "collections": list(entry.collections),
        "point": entry.point,
        "category": entry.category,
        "action": entry.action,
        "score": entry.score,
        "threshold": entry.threshold,
        "detector": entry.detector,
        "policy_version": entry.policy_version,
        "latency_ms": entry.latency_ms,
        "text_sha256": entry.text_sha256,
        "excerpt": entry.excerpt,
        "detail": dict(entry.detail),
        "previous": decided.previous,
        "hash": decided.hash,
        "form": decided.form,
        "excerpt_sha256": decided.seal.sha256,
        "excerpt_salt": decided.seal.salt,
        "erased_at": _moment(decided.erased_at) if decided.erased_at is not None else None,
        "erased_for": decided.erased_for,
    }


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()


def looked_at(reader: Reader, how: str, asked: Mapping[str, object]) -> Entry:
    """The row that says who looks at which part of the log: on the `page`, over `rest` or at the `command` line."""
    return Entry(
        at=round(time.time(), 3),
        request_id="",
        point=LOOKED_AT,
        action="log",
        detector="",
        policy_version="",
        text_sha256="",
        user_id=reader.user_id,
        detail={"how": how, **{name: value for name, value in asked.items() if value}},
    )
