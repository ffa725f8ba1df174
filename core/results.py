"""The frozen values that tell how a search went: its hits, how it went about it, and what moderation did to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.values import Hit


@dataclass(frozen=True, slots=True)
class Lead:
    """A document that the query names, and how well; its passages come first."""

    document_id: str
    filename: str
    score: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a search went about it: the documents that led, best first, and the words that were searched."""

    leads: tuple[Lead, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SearchModeration:
    """What moderation did to a search: `query` is `allow`, `log`, `warn`, `redact` or `block`.

    `text` is what a person reads in place of hits, empty unless the query was blocked. In `redacted` of the hits
    something is blackened; `marks` holds categories of harm by passage id.
    """

    query: str = "allow"
    text: str = ""
    redacted: int = 0
    marks: Mapping[int, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The hits of one search, best first, and how long it took in milliseconds; its explanation where asked for.

    Without `moderation` nothing was judged.
    """

    hits: tuple[Hit, ...]
    took_ms: float
    explanation: Explanation | None = None
    moderation: SearchModeration | None = None
