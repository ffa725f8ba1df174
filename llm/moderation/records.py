"""The JSON form of stored decisions: the same on the command line, over REST and in exports."""

from datetime import UTC, datetime

from core.storage.decisions import Decided
from core.wire import Json

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
)


def decided_json(decided: Decided) -> Json:
    """A decision with its place in the chain, in the order of `COLUMNS`."""
    entry = decided.entry
    return {
        "number": decided.number,
        "at": datetime.fromtimestamp(entry.at, UTC).isoformat(),
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
    }
