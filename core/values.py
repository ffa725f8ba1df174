"""The frozen values that cross package borders. No behaviour beyond small derived properties, no storage rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from core.marks import Mark
from core.receipts import Receipt


class InstallationRole(StrEnum):
    """What a person may do to the installation as a whole."""

    ADMIN = "admin"
    MEMBER = "member"


class CollectionRole(StrEnum):
    """What a person may do inside one collection, weakest first."""

    READER = "reader"
    EDITOR = "editor"
    OWNER = "owner"


class DocumentStatus(StrEnum):
    """Where the newest version of a document stands."""

    QUEUED = "queued"
    PROCESSING = "processing"
    READY = "ready"
    FAILED = "failed"
    PASSWORD_REQUIRED = "password_required"  # noqa: S105 - a state, not a secret
    QUARANTINED = "quarantined"


class Change(StrEnum):
    """What an upload did to the collection."""

    ADDED = "added"
    UNCHANGED = "unchanged"
    NEW_VERSION = "new_version"


class JobState(StrEnum):
    """States of a job; the last four are final."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    FORBIDDEN = "forbidden"


FINAL_JOB_STATES = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED, JobState.FORBIDDEN})


class Operation(StrEnum):
    """A change of what is searchable, as recorded in the change log."""

    PUBLISH = "publish"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class User:
    """A person with an account."""

    id: str
    email: str
    role: InstallationRole
    active: bool


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks. Every flow that touches documents takes one, so that rights are never implied.

    `collections` maps collection ids to the reader's role there. `operator` is the person at the
    command line of the machine, who can read the data folder anyway.
    """

    user_id: str | None
    role: InstallationRole = InstallationRole.MEMBER
    collections: Mapping[str, CollectionRole] = field(default_factory=dict)
    operator: bool = False


OPERATOR = Reader(user_id=None, role=InstallationRole.ADMIN, operator=True)


@dataclass(frozen=True, slots=True)
class Collection:
    """A named set of documents with its own members."""

    id: str
    name: str
    created_at: datetime
    documents: int = 0


@dataclass(frozen=True, slots=True)
class Failure:
    """Why something failed: a stable code and a sentence for people."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is: `done` of `total` units (pages, passages) of the named stage.

    `seconds_left` is an estimate, None while there is none; that it alone changes is no news.
    """

    stage: str = "queued"
    done: int = 0
    total: int = 0
    seconds_left: float | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Document:
    """A document, one path in a collection, as its newest version stands; `in_progress` while a job of it is open."""

    id: str
    collection_id: str
    path: str
    filename: str
    title: str
    status: DocumentStatus
    version: int
    version_id: str
    sha256: str
    size: int
    media_type: str
    language: str
    pages: int
    passages: int
    warnings: tuple[str, ...]
    error: Failure | None
    created_at: datetime
    job_id: str | None = None
    progress: Progress = Progress()
    in_progress: bool = False
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a document as the ingest job needs it: whose it is and which bytes it has.

    `unlocked_sha256` are those of a copy without its lock, where a password was given.
    """

    id: str
    document_id: str
    collection_id: str
    number: int
    filename: str
    sha256: str
    current: bool
    unlocked_sha256: str | None = None

    @property
    def readable_sha256(self) -> str:
        """The bytes that are read and drawn."""
        return self.unlocked_sha256 or self.sha256


@dataclass(frozen=True, slots=True)
class Upload:
    """What became of one uploaded file; `job_id` is set where there is something left to do."""

    document: Document
    change: Change
    job_id: str | None


@dataclass(frozen=True, slots=True)
class DeletionReceipt:
    """What a deletion removed; `sequence` is its number in the change log. `receipt` is signed."""

    document_id: str
    filename: str
    deleted_at: datetime
    sequence: int
    versions: int
    pages: int
    passages: int
    files_removed: tuple[str, ...]
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class StoredFile:
    """Bytes that are safely in the file store: fsynced under their SHA-256."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page in points (1/72 inch), origin at the top left of the page as displayed."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a page: `start:end` are its characters in the page's text; `heading` if it titles what follows.

    `place` says where within the page it stands in the format's own terms (`B5:F5`, `row 3`), mostly nothing.
    """

    start: int
    end: int
    box: Box | None = None
    heading: bool = False
    place: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A page as read: pages count from 1; `width` and `height` in points, 0 where the format has no page image.

    `name` is what the format itself calls it (`Slide 3`, the name of a sheet), empty where that is just its number.
    A page is `scanned` where its words stand in a picture; `confidence` (0 to 1) says how sure reading them there was,
    None where the text was not read so. `hidden` counts the words that were left out because nobody sees them.
    """

    number: int
    text: str
    lines: tuple[Line, ...] = ()
    width: float = 0.0
    height: float = 0.0
    name: str = ""
    scanned: bool = False
    confidence: float | None = None
    hidden: int = 0


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """What a parser makes of a file."""

    title: str
    pages: tuple[Page, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where the characters `start:end` of a passage stand in the terms of the format, such as `Budget 2024!B5:F5`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class PassageDraft:
    """A passage before it is stored: `start:end` are its characters in the text of page `page`.

    `place` says where it stands, `places` where its parts do, as far as the format has terms of its own for that.
    `confidence` is that of its page. `marks` are what is to be pointed out in it, None where nobody has looked.
    """

    page: int
    start: int
    end: int
    text: str
    heading: str = ""
    boxes: tuple[Box, ...] = ()
    place: str = ""
    places: tuple[Place, ...] = ()
    confidence: float | None = None
    marks: tuple[Mark, ...] | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything that reading a file gave: what it is, its pages and its passages in order.

    `language` is its ISO 639-1 code, empty where unknown.
    """

    media_type: str
    document: ParsedDocument
    passages: tuple[PassageDraft, ...]
    language: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """A stored passage together with the document it belongs to; `place` to `marks` as in `PassageDraft`.

    `version` is the number of the version it stands in, `current_version` that of the one that answers now.
    """

    id: int
    document_id: str
    version_id: str
    collection_id: str
    filename: str
    title: str
    page: int
    start: int
    end: int
    text: str
    heading: str
    boxes: tuple[Box, ...] = ()
    language: str = ""
    place: str = ""
    places: tuple[Place, ...] = ()
    confidence: float | None = None
    marks: tuple[Mark, ...] | None = None
    version: int = 1
    current_version: int | None = 1

    @property
    def superseded(self) -> bool:
        """Whether another version of the document answers now."""
        return self.version != self.current_version


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a passage stands: its document, and the headings over it."""

    document_id: str
    heading: str


@dataclass(frozen=True, slots=True)
class Opening:
    """How a document that answers begins: its names, and the text of its first pages."""

    version_id: str
    document_id: str
    collection_id: str
    filename: str
    title: str
    pages: int
    text: str


@dataclass(frozen=True, slots=True)
class HitScores:
    """Where the score of a hit comes from.

    `dense` is the cosine between what the query and the passage mean, `keyword` the BM25 score of its words; None where
    the passage is not among the best by this. `card` says how well the query names its document, 0 for not at all.
    """

    dense: float | None
    keyword: float | None
    card: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found for a query; `rank` counts from 1, a higher `score` is better.

    `scores` are there when an explanation was asked for.
    """

    rank: int
    score: float
    passage: Passage
    scores: HitScores | None = None


@dataclass(frozen=True, slots=True)
class IndexChange:
    """One entry of the change log: at `sequence`, `operation` happened to a document."""

    sequence: int
    operation: Operation
    document_id: str
    version_id: str | None
    collection_id: str


@dataclass(frozen=True, slots=True)
class Job:
    """A unit of work as stored in SQL; `target` names what it works on (for ingestion, a version id)."""

    id: str
    kind: str
    target: str
    state: JobState
    attempts: int
    progress: Progress
    created_by: str | None
    collection_id: str | None
    result: Mapping[str, object] | None = None
    error: Failure | None = None


@dataclass(frozen=True, slots=True)
class Lease:
    """Proof that this worker holds a job until it lets the lease run out; every write of the worker shows it."""

    job: Job
    token: str
    seconds: float


class AnswerStatus(StrEnum):
    """How a question ended."""

    ANSWERED = "answered"
    NOT_FOUND = "not_found"
    BLOCKED = "blocked"
    UNAVAILABLE = "unavailable"


class Verdict(StrEnum):
    """Whether the cited passages support a sentence."""

    SUPPORTED = "supported"
    PARTLY = "partly"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True)
class Citation:
    """A numbered pointer (from 1) at the quote in a passage that supports a sentence.

    `place` says where the quote stands in the terms of its format, empty where that is just the page. Where it was read
    in a scan, `scan_confidence` (0 to 1) says how sure that was. `superseded` says that another version of the document
    than the one that is quoted answers now: `current_version`. `version` is None in answers from before it was kept.
    """

    n: int
    document_id: str
    filename: str
    page: int
    passage_id: int
    quote: str
    place: str = ""
    scan_confidence: float | None = None
    version: int | None = None
    superseded: bool = False
    current_version: int | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an answer with its verdict, the numbers of its citations and codes for why it was judged so."""

    text: str
    verdict: Verdict
    citations: tuple[int, ...]
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModerationSummary:
    """What moderation did to the question and to the answer (`allow`, `log`, `warn`, `redact`, `block`)."""

    question: str = "allow"
    answer: str = "allow"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that whoever reads an answer should know, as a stable code, and the citations that it is about."""

    code: str
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, as stored and as returned everywhere.

    `question_understood` is the question as it was answered, where it needed those before it to be understood.
    """

    id: str
    answer: str
    status: AnswerStatus
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    moderation: ModerationSummary
    model: str
    took_ms: float
    question_understood: str | None = None
    notices: tuple[Notice, ...] = ()
