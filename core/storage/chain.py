"""The chain of hashes of the moderation log: what is hashed of a decision, and whether rows still follow each other.

No queries. Since form 2 the hash covers an excerpt by its seal, a hash with a random salt, so that excerpt and salt can
go together with a document while the row is still proved. Form 1 covered the excerpt itself (see decision 0031).
"""

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# What the first row of all follows.
BEGINNING = "0" * 64
# The point of a row that says whose excerpts were erased, and with which document.
ERASED = "erased"
FORMER, FORM = 1, 2
_SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Entry:
    """One decision before it is stored.

    `at` is seconds since 1970 on the deciding machine; `category` is empty where nothing was found; `detail` holds what
    only some decisions have (the kind of personal data, the rule, the passage, and the documents that an excerpt came
    from); `excerpt` is redacted, empty where the policy keeps none.
    """

    at: float
    request_id: str
    point: str
    action: str
    detector: str
    policy_version: str
    text_sha256: str
    category: str = ""
    score: float = 0.0
    threshold: float = 0.0
    latency_ms: float = 0.0
    user_id: str | None = None
    collections: tuple[str, ...] = ()
    excerpt: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seal:
    """What the chain says of an excerpt: `sha256` of salt and excerpt together; both are empty where none was kept."""

    sha256: str = ""
    salt: str = ""


@dataclass(frozen=True, slots=True)
class Decided:
    """A stored decision: its number, the hash of the one before it and its own.

    Where the excerpt was erased, `erased_at` says when, and `erased_for` with which document.
    """

    number: int
    entry: Entry
    previous: str
    hash: str
    form: int = FORM
    seal: Seal = Seal()
    erased_at: float | None = None
    erased_for: str | None = None


def sealed(excerpt: str) -> Seal:
    """The seal of an excerpt, with a salt of its own."""
    if not excerpt:
        return Seal()
    salt = secrets.token_hex(_SALT_BYTES)
    return Seal(_sealing(salt, excerpt), salt)


def chained(previous: str, number: int, entry: Entry, seal: Seal | None) -> str:
    """The hash of a decision: SHA-256 over the hash before it and the decision as JSON with sorted keys.

    Without a seal in the former form, which has the excerpt in it.
    """
    told = {"number": number, **values(entry)}
    if seal is not None:
        del told["excerpt"]
        told |= {"form": FORM, "excerpt_sha256": seal.sha256}
    return _hashed(previous, told)


def rest(decided: Decided) -> str:
    """A hash of all that stays of a row of the former form once its excerpt is gone."""
    told = {"number": decided.number, **values(decided.entry), "hash": decided.hash}
    del told["excerpt"]
    return _hashed(decided.previous, told)


def erasure(at: float, document_id: str, rows: list[Decided]) -> Entry:
    """The row that says that these lose their excerpts. Of those of the former form it keeps a hash of the rest,
    unless a row was changed before: that is not to be covered up."""
    former = {str(row.number): rest(row) for row in rows if row.form == FORMER and is_sound(row)}
    detail = {"document": document_id, "rows": [row.number for row in rows], "former": former}
    return Entry(at, "", ERASED, "log", "", "", "", detail=detail)


def is_sound(decided: Decided) -> bool:
    """Whether a row that has not lost its excerpt is what its hash says."""
    seal, excerpt = decided.seal, decided.entry.excerpt
    if decided.form == FORMER:
        return decided.hash == chained(decided.previous, decided.number, decided.entry, None)
    fits = seal.sha256 == _sealing(seal.salt, excerpt) if excerpt else not seal.sha256
    return fits and decided.hash == chained(decided.previous, decided.number, decided.entry, seal)


class Proof:
    """Goes along the chain, row by row; what is wrong is told at the first row that is."""

    def __init__(self, number: int, previous: str) -> None:
        self.number = number
        self.head = previous
        self.erased = 0
        self._form = FORMER
        # Rows without their excerpts, until the row that says why: when, with which document, and the hash of the rest.
        self._bare: dict[int, tuple[float, str, str]] = {}

    def follow(self, decided: Decided) -> str:
        """What is wrong with the next row; empty for nothing."""
        number = self.number + 1
        if decided.number != number:
            return f"Decision {number} is gone."
        if decided.previous != self.head:
            return f"Decision {number} does not follow the one before it."
        if not self._is_right(decided):
            return f"Decision {number} was changed."
        self.number, self.head, self._form = number, decided.hash, decided.form
        return self._told(decided.entry) if decided.entry.point == ERASED else ""

    def end(self) -> str:
        """What is wrong with the whole of it, once no row is left."""
        if not self._bare:
            return ""
        return f"Decision {min(self._bare)} has lost its excerpt, and no later one says why."

    def _is_right(self, decided: Decided) -> bool:
        if decided.form < self._form or decided.form > FORM:
            return False
        if decided.erased_at is None:
            return is_sound(decided)
        former = decided.form == FORMER
        self.erased += 1
        self._bare[decided.number] = (decided.erased_at, decided.erased_for or "", rest(decided) if former else "")
        if decided.entry.excerpt or decided.seal.salt:
            return False
        # A row of the former form is proved by the hash of its rest, in the row that says that it was erased.
        return former or decided.hash == chained(decided.previous, decided.number, decided.entry, decided.seal)

    def _told(self, entry: Entry) -> str:
        for number in entry.detail.get("rows", ()):
            found = self._bare.get(number)
            # Another deletion may have named the row as well, and come too late.
            if found is None or found[:2] != (entry.at, entry.detail["document"]):
                continue
            del self._bare[number]
            if found[2] and found[2] != entry.detail["former"].get(str(number)):
                return f"Decision {number} was changed."
        return ""


def values(entry: Entry) -> dict[str, Any]:
    """The columns of a decision."""
    # Whole numbers come back from the database as 1.0, and the hash would know the difference.
    return {
        "at": float(entry.at),
        "request_id": entry.request_id,
        "user_id": entry.user_id,
        "collections": list(entry.collections),
        "point": entry.point,
        "category": entry.category,
        "detector": entry.detector,
        "policy_version": entry.policy_version,
        "score": float(entry.score),
        "threshold": float(entry.threshold),
        "action": entry.action,
        "latency_ms": float(entry.latency_ms),
        "text_sha256": entry.text_sha256,
        "excerpt": entry.excerpt,
        "detail": dict(entry.detail),
    }


def _sealing(salt: str, excerpt: str) -> str:
    return hashlib.sha256(f"{salt}{excerpt}".encode()).hexdigest()


def _hashed(previous: str, told: Mapping[str, Any]) -> str:
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(f"{previous}{text}".encode()).hexdigest()
