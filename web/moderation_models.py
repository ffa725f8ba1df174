"""The typed bodies of moderation: what was decided, what would be, and by which policy."""

from typing import Annotated, Literal, get_args

from pydantic import Field, StringConstraints

from web.models import Ids, Parameters, Reply, Request

_Text = Annotated[str, StringConstraints(max_length=100_000)]
# Written out: references have no place in the parameters of an OpenAPI document.
Actions = Literal["allow", "log", "warn", "keep_out", "quarantine", "release", "redact", "block"]
Points = Literal["reading", "question", "retrieval", "passage", "generation", "answer", "rendering"]

ACTIONS: tuple[str, ...] = get_args(Actions)


class DecisionListing(Parameters):
    """Which part of the log, the newest first."""

    cursor: Annotated[str, Field(pattern=r"^[0-9]{0,18}$", description="`next_cursor` of the page before.")] = ""
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    point: Points | None = None
    category: Annotated[str | None, Field(max_length=16, description="Such as S10.")] = None
    action: Actions | None = None


class LoggedDecision(Reply):
    """A decision, and its place in the chain of hashes."""

    number: int
    at: str
    request_id: str
    user_id: str | None
    collections: list[str]
    point: str
    category: str
    action: str
    score: float
    threshold: float
    detector: str
    policy_version: str
    latency_ms: float
    text_sha256: str
    excerpt: str
    detail: dict[str, object]
    previous: str
    hash: str
    form: Annotated[int, Field(description="Whether `hash` covers the excerpt (1) or its hash (2).")]
    excerpt_sha256: Annotated[str, Field(description="Of `excerpt_salt` and the excerpt together; empty without one.")]
    excerpt_salt: str
    erased_at: Annotated[str | None, Field(description="When the excerpt went, with a document that was deleted.")]
    erased_for: Annotated[str | None, Field(description="The id of that document.")]


class DecisionList(Reply):
    """A page of the log."""

    decisions: list[LoggedDecision]
    next_cursor: str | None


class Trial(Request):
    """A text to be judged, and where; nothing of it is recorded."""

    text: _Text
    point: Points = "question"
    collections: Ids | None = None


class PersonalData(Reply):
    """A place in the text: its characters from `start` to `end`."""

    kind: str
    start: int
    end: int


class Finding(Reply):
    """One finding that counts, and what the policy does about it."""

    category: str
    action: str
    score: float
    threshold: float
    detector: str
    detail: dict[str, object]


class Judgement(Reply):
    """What the policy in force does to a text; `text` is what would be used or shown in its place."""

    action: str
    flagged: bool
    text: str
    score: float
    scores: dict[str, float]
    categories: list[str]
    pii: list[PersonalData]
    findings: list[Finding]
    policy_version: str
    took_ms: float


class PolicyInForce(Reply):
    """The policy, where it comes from, what finds, and what is wrong with any of it; empty for nothing."""

    version: str
    source: str
    detector: str
    guard: str | None
    trouble: str
    policy: dict[str, object]
