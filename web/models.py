"""The typed bodies of the REST interface: they validate requests and describe both sides in the OpenAPI document.

Requests are strict: unknown fields, numbers as strings and strings as booleans are refused. Replies are made by
`core.wire`; a test holds them to the models here.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from core.exchanges import FeedbackReason, Rating
from core.values import AnswerStatus, Change, DocumentStatus, JobState, Verdict

_UUID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
_NO_NUL = r"^[^\x00]*$"

Id = Annotated[str, StringConstraints(pattern=_UUID)]
# No setting can allow more than this; `max_question_chars` says what is accepted.
Question = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100_000, pattern=_NO_NUL)]
Ids = Annotated[list[Id], Field(min_length=1, max_length=1000)]
# Several values with commas between them.
Listed = Annotated[str, StringConstraints(max_length=4096)]


class Request(BaseModel):
    """A JSON body."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Parameters(BaseModel):
    """Query parameters or form fields, which arrive as text."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Reply(BaseModel):
    """A JSON reply."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NewCollection(Request):
    """A collection to be created."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class CollectionChanges(NewCollection):
    """What may be changed about a collection."""


class Paging(Parameters):
    """Which part of a list."""

    cursor: Annotated[str, Field(max_length=200, description="`next_cursor` of the page before.")] = ""
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class UploadFields(Parameters):
    """What to do with a file whose path is taken, and tags to add; accepted as form fields or query parameters."""

    on_conflict: Literal["version", "keep_both"] = "version"
    tags: Listed = Field("", description="Tags to add to each document, with commas between them.")


class NewTags(Request):
    """The tags that a document is to have, instead of those it has."""

    tags: Annotated[
        list[Annotated[str, StringConstraints(max_length=200)]],
        Field(max_length=100, description="At most 20 of 1 to 64 characters without commas; kept in lower case."),
    ]


VersionNumber = Annotated[
    int | None, Field(ge=1, le=1_000_000, description="Without one that of the passage, else the one that answers.")
]


class PageMark(Parameters):
    """What to mark on a page, and of which version."""

    version: VersionNumber = None
    passage: Annotated[int, Field(ge=1, le=2**63 - 1)] | None = None
    quote: Annotated[str, Field(max_length=4000, description="Words of the passage to be marked more strongly.")] = ""


class PagePart(Parameters):
    """Which part of a page's text: all of it where nothing is named."""

    version: VersionNumber = None
    part: Annotated[int | None, Field(ge=1, le=1_000_000, description="Long pages have several.")] = None
    passage: Annotated[int | None, Field(ge=1, le=2**63 - 1, description="The part that has this passage.")] = None


class PageView(PageMark):
    """What to mark on a page, and which part of it to show where it has several."""

    part: Annotated[int, Field(ge=1, le=1_000_000)] = 1


class Problem(Reply):
    """An RFC 9457 problem document; `code` is stable and meant for programs."""

    type: str
    title: str
    status: int
    detail: str
    code: str


class Failure(Reply):
    """Why something failed."""

    code: str
    message: str


class Progress(Reply):
    """`done` of `total` units of the stage; `seconds_left` is null where nothing is known of it."""

    stage: str
    done: int
    total: int
    seconds_left: float | None = None


class Collection(Reply):
    """A collection and how many documents it has."""

    id: Id
    name: str
    created_at: str
    documents: int


class CollectionList(Reply):
    """A page of collections."""

    collections: list[Collection]
    next_cursor: str | None


class CollectionReceipt(Reply):
    """A collection that was deleted, how many documents with it, and one receipt of all that."""

    id: Id
    name: str
    documents: int
    receipt: "Receipt"


class Document(Reply):
    """A document as its newest version stands; `in_progress` while it waits or is read, a ready one once more."""

    id: Id
    collection_id: Id
    path: str
    filename: str
    title: str
    status: DocumentStatus
    progress: Progress
    in_progress: bool
    pages: int
    passages: int
    version: int
    size: int
    sha256: str
    media_type: str
    language: str
    warnings: list[str]
    error: Failure | None
    job_id: str | None
    created_at: str
    tags: list[str]


class DocumentList(Reply):
    """A page of documents."""

    documents: list[Document]
    next_cursor: str | None


class UploadedFile(Reply):
    """What became of one file; a file that was not accepted has no id, and an error that says why."""

    id: Id | None
    filename: str
    status: DocumentStatus
    change: Change | None
    job_id: str | None
    error: Failure | None


class UploadResult(Reply):
    """One entry for each file, in the order of the upload."""

    documents: list[UploadedFile]


class Receipt(Reply):
    """A signed receipt of a deletion; `signature` (Ed25519) is empty until remains were looked for."""

    body: dict[str, Any]
    signature: str
    public_key: str


class ReceiptList(Reply):
    """Receipts, the latest deletion first."""

    receipts: list[Receipt]
    next_cursor: str | None


class DeletionReceipt(Reply):
    """What a deletion removed; `sequence` is its number among all changes."""

    document_id: Id
    filename: str
    deleted_at: str
    sequence: int
    versions: int
    pages: int
    passages: int
    files_removed: list[str]
    receipt: Receipt


ScanConfidence = Annotated[
    float | None, Field(description="How sure the words were that were read in a scan, 0 to 1; null: not read so.")
]


class PagePassage(Reply):
    """A passage of a page: `start:end` are its characters in the page's text."""

    id: int
    start: int
    end: int
    heading: str
    place: str
    marks: list[str] = Field([], description="`instructions`: it talks to a language model.")


class Page(Reply):
    """The text of a page; `width` and `height` in points, 0 where there is no page image.

    `name` is what the format itself calls it, such as `Slide 3`, empty where that is just its number.
    """

    document_id: Id
    version: int
    superseded: bool = Field(description="Whether another version answers now.")
    page: int
    name: str
    text: str
    width: float
    height: float
    scan_confidence: ScanConfidence = None
    passages: list[PagePassage]
    part: int = 1
    parts: int = 1


class HitScores(Reply):
    """Where a score comes from: cosine of meanings and BM25 of words, null where not among the best by it.

    `card` says how well the query names the document, 0 for not at all.
    """

    dense: float | None
    keyword: float | None
    card: float


class Hit(Reply):
    """A passage that was found; `scores` are there when an explanation was asked for."""

    rank: int
    score: float
    document_id: Id
    filename: str
    page: int
    place: str = Field(
        "", description="Where it stands in the terms of its format, such as `Slide 3`; empty: its page."
    )
    scan_confidence: ScanConfidence = None
    passage_id: int
    version: int
    superseded: bool = Field(description="Whether another version answers now, for searches as of an earlier date.")
    text: str
    scores: HitScores | None = None
    marks: list[str] = Field([], description="What the policy points out: S10 and the like, `instructions`.")


class Lead(Reply):
    """A document that the query names; its passages come first."""

    document_id: Id
    filename: str
    score: float


class Explanation(Reply):
    """How a search went about it."""

    leads: list[Lead]
    words: list[str]


class SearchModeration(Reply):
    """What moderation did to the query; `redacted` hits have something blackened, `marked` ones carry `marks`."""

    query: str
    text: Annotated[str | None, Field(description="What people read in place of hits where the query is blocked.")]
    redacted: int
    marked: int


class SearchResult(Reply):
    """Hits, best first; `explanation` is there when it was asked for."""

    hits: list[Hit]
    took_ms: float
    explanation: Explanation | None = None
    moderation: SearchModeration


class Sentence(Reply):
    """A sentence of an answer; `citations` are numbers of citations, `reasons` codes for why it was judged so."""

    text: str
    verdict: Verdict
    citations: list[int]
    reasons: list[str] = []


class Citation(Reply):
    """A numbered pointer at a quote in a passage."""

    n: int
    document_id: Id
    filename: str
    page: int
    passage_id: int
    quote: str
    place: str = Field(
        "", description="Where it stands in the terms of its format, such as `Slide 3`; empty: its page."
    )
    scan_confidence: ScanConfidence = None
    version: int | None = Field(None, description="The version that is quoted; null: it was not kept.")
    superseded: bool = Field(False, description="Whether another version answers now.")
    current_version: int | None = Field(None, description="The version that answers now.")


class Moderation(Reply):
    """What moderation did."""

    question: str
    answer: str


class Notice(Reply):
    """Something to know about an answer: `conflicting_sources` where two citations give two figures for one thing.

    `poor_scan` where the words of citations were hard to read in a scan, `passages_kept_out` by moderation.
    """

    code: str
    citations: list[int]


class Answer(Reply):
    """A checked answer.

    `question_understood` is the question as it was answered, where it needed those before it to be understood.
    """

    id: str
    answer: str
    status: AnswerStatus
    sentences: list[Sentence]
    citations: list[Citation]
    moderation: Moderation
    model: str
    took_ms: float
    question_understood: str | None = None
    notices: tuple[Notice, ...] = ()


class Feedback(Reply):
    """What whoever asked thinks of an answer."""

    rating: Rating
    reason: FeedbackReason | None
    text: str
    given_at: str


class Conversation(Reply):
    """Questions that belong together; `title` is the first of them."""

    id: Id
    title: str
    questions: int
    updated_at: str


class ConversationList(Reply):
    """A page of conversations, the one with the latest question first."""

    conversations: list[Conversation]
    next_cursor: str | None


class Exchange(Reply):
    """A question and its answer, null where a document that it cites is gone or no longer open to you.

    `id` is that of the answer.
    """

    id: Id
    question: str
    asked_at: str
    answer: Answer | None
    feedback: Feedback | None


class ConversationContents(Reply):
    """A conversation from its first question on."""

    id: Id
    exchanges: list[Exchange]


class ConversationReceipt(Reply):
    """A conversation that was deleted, and how many questions with it."""

    id: Id
    questions: int


class SentenceEvent(Sentence):
    """A sentence that was checked; `sources` are the citations that it is the first to use."""

    sources: list[Citation]


class ReplaceEvent(Reply):
    """Everything shown so far is withdrawn in favour of `text`."""

    text: str


class Job(Reply):
    """A job with its progress and outcome."""

    id: Id
    kind: str
    state: JobState
    attempts: int
    progress: Progress
    result: dict[str, object] | None
    error: Failure | None


class Health(Reply):
    """The process answers."""

    status: Literal["ok"]


class Readiness(Reply):
    """State of each part; `ok` where it works."""

    status: Literal["ready", "not_ready"]
    database: str
    broker: str
    worker: str
    index: str
    embedder: str
    model: str
    moderation: str
