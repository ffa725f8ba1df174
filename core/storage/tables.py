"""The tables. Times are seconds since 1970 on the database's clock; ids are random unless they must be ordered."""

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_Id = sa.String(36)
_Hash = sa.String(64)
# SQLite only hands out never-reused numbers for plain INTEGER keys.
_Number = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _id() -> sa.Column[str]:
    return sa.Column("id", _Id, primary_key=True)


def _part_of(table: str, *, primary_key: bool = False, index: bool = False) -> sa.Column[str]:
    owner = sa.ForeignKey(f"{table}.id", ondelete="CASCADE")
    return sa.Column(f"{table.rstrip('s')}_id", _Id, owner, primary_key=primary_key, index=index, nullable=False)


def _time(name: str, *, nullable: bool = False) -> sa.Column[float]:
    return sa.Column(name, sa.Double, nullable=nullable)


counters = sa.Table(
    "counters",
    metadata,
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("n", sa.BigInteger, nullable=False),
)

# What all processes of an installation agree on, by name: whose vectors answer.
agreements = sa.Table(
    "agreements",
    metadata,
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("value", sa.String(200), nullable=False),
)

users = sa.Table(
    "users",
    metadata,
    _id(),
    sa.Column("email", sa.String(320), nullable=False, unique=True),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    _time("created_at"),
)

# One table for every secret that a person can show: sign-in links, sessions and API keys. Only hashes are kept.
credentials = sa.Table(
    "credentials",
    metadata,
    sa.Column("hash", _Hash, primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),
    _part_of("users", index=True),
    _time("created_at"),
    _time("expires_at", nullable=True),
)

# The conditions of a model's licence that a person accepted, by the version of their text.
acceptances = sa.Table(
    "acceptances",
    metadata,
    _part_of("users", primary_key=True),
    sa.Column("version", sa.String(64), primary_key=True),
    _time("accepted_at"),
)

collections = sa.Table(
    "collections",
    metadata,
    _id(),
    sa.Column("name", sa.String(200), nullable=False, unique=True),
    _time("created_at"),
)

memberships = sa.Table(
    "memberships",
    metadata,
    _part_of("collections", primary_key=True),
    _part_of("users", primary_key=True, index=True),
    sa.Column("role", sa.String(16), nullable=False),
)

# A row per stored blob; locking it orders uploads and deletions of the same bytes.
files = sa.Table(
    "files",
    metadata,
    sa.Column("sha256", _Hash, primary_key=True),
    sa.Column("size", sa.BigInteger, nullable=False),
)

documents = sa.Table(
    "documents",
    metadata,
    _id(),
    _part_of("collections"),
    sa.Column("path", sa.String(1024), nullable=False),
    sa.Column("filename", sa.String(255), nullable=False),
    # No foreign keys: versions point at documents, and a ring of constraints helps nobody.
    sa.Column("newest_version_id", _Id, nullable=False),
    sa.Column("current_version_id", _Id, nullable=True, index=True),
    _time("created_at"),
    sa.UniqueConstraint("collection_id", "path"),
    sa.Index("ix_documents_listing", "collection_id", "id"),
)

tags = sa.Table(
    "tags",
    metadata,
    _part_of("documents", primary_key=True),
    sa.Column("tag", sa.String(64), primary_key=True, index=True),
)

versions = sa.Table(
    "versions",
    metadata,
    _id(),
    _part_of("documents", index=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("sha256", _Hash, sa.ForeignKey("files.sha256"), nullable=False, index=True),
    # The same document without its lock, once somebody gave the password.
    sa.Column("unlocked_sha256", _Hash, sa.ForeignKey("files.sha256"), nullable=True, index=True),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("media_type", sa.String(100), nullable=False),
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("language", sa.String(8), nullable=False, server_default=""),
    sa.Column("pages", sa.Integer, nullable=False),
    sa.Column("passages", sa.Integer, nullable=False),
    sa.Column("warnings", sa.JSON, nullable=False),
    sa.Column("error_code", sa.String(40), nullable=True),
    sa.Column("error_message", sa.Text, nullable=True),
    # Why somebody has to look at it before it answers.
    sa.Column("held", sa.JSON(none_as_null=True), nullable=True),
    sa.Column("job_id", _Id, nullable=True),
    sa.Column("created_by", _Id, nullable=True),
    _time("created_at"),
    # From when to when it is the one that answers; what had been overtaken when it was read has both and never was.
    _time("published_at", nullable=True),
    _time("superseded_at", nullable=True),
    sa.UniqueConstraint("document_id", "number"),
)

# Bytes of a document that somebody has looked at and let answer, whatever is found in them.
releases = sa.Table(
    "releases",
    metadata,
    _part_of("documents", primary_key=True),
    sa.Column("sha256", _Hash, primary_key=True),
    _time("released_at"),
    sa.Column("released_by", _Id, nullable=True),
)

pages = sa.Table(
    "pages",
    metadata,
    _part_of("versions", primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("width", sa.Double, nullable=False),
    sa.Column("height", sa.Double, nullable=False),
    sa.Column("name", sa.Text, nullable=False, server_default=""),
    sa.Column("confidence", sa.Double, nullable=True),
    # Of scanned pages, where a file says nothing of it: start, end and the four sides of each line's box.
    sa.Column("lines", sa.JSON(none_as_null=True), nullable=True),
    sa.Column("hidden", sa.Integer, nullable=False, server_default="0"),
)

passages = sa.Table(
    "passages",
    metadata,
    sa.Column("id", _Number, primary_key=True, autoincrement=True),
    _part_of("versions"),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("page", sa.Integer, nullable=False),
    sa.Column("start", sa.Integer, nullable=False),
    sa.Column("end", sa.Integer, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("heading", sa.Text, nullable=False),
    sa.Column("boxes", sa.JSON, nullable=False),
    sa.Column("place", sa.Text, nullable=False, server_default=""),
    # Where the parts of it stand; none where `place` says as much.
    sa.Column("places", sa.JSON(none_as_null=True), nullable=True),
    sa.Column("confidence", sa.Double, nullable=True),
    # See `core.marks`; none where nobody has looked.
    sa.Column("marks", sa.JSON(none_as_null=True), nullable=True),
    sa.UniqueConstraint("version_id", "position"),
    sqlite_autoincrement=True,
)

vectors = sa.Table(
    "vectors",
    metadata,
    _part_of("versions", primary_key=True),
    sa.Column("embedder", sa.String(200), primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
)

# A row for each passage, unlike its vector: these are read by passage and never all at once.
token_codes = sa.Table(
    "token_codes",
    metadata,
    sa.Column("passage_id", _Number, sa.ForeignKey("passages.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("embedder", sa.String(200), primary_key=True),
    sa.Column("data", sa.LargeBinary, nullable=False),
)

changes = sa.Table(
    "changes",
    metadata,
    sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("operation", sa.String(16), nullable=False),
    sa.Column("document_id", _Id, nullable=False, index=True),
    sa.Column("version_id", _Id, nullable=True),
    sa.Column("collection_id", _Id, nullable=False),
)

jobs = sa.Table(
    "jobs",
    metadata,
    _id(),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("target", _Id, nullable=False, index=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("lease_token", _Id, nullable=True),
    _time("lease_until", nullable=True),
    sa.Column("stage", sa.String(32), nullable=False),
    sa.Column("done", sa.Integer, nullable=False),
    sa.Column("total", sa.Integer, nullable=False),
    sa.Column("seconds_left", sa.Double, nullable=True),
    sa.Column("result", sa.JSON, nullable=True),
    sa.Column("error_code", sa.String(40), nullable=True),
    sa.Column("error_message", sa.Text, nullable=True),
    sa.Column("created_by", _Id, nullable=True),
    sa.Column("collection_id", _Id, nullable=True),
    _time("created_at"),
    _time("finished_at", nullable=True),
    sa.Index("ix_jobs_waiting", "state", "kind", "created_at"),
)

answers = sa.Table(
    "answers",
    metadata,
    _id(),
    sa.Column("user_id", _Id, nullable=True, index=True),
    sa.Column("conversation_id", _Id, nullable=True, index=True),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("body", sa.JSON, nullable=False),
    # How the answer came about; none of those that were given before this was kept.
    sa.Column("record", sa.JSON(none_as_null=True), nullable=True),
    _time("created_at"),
)

# Append-only: each row carries the hash of the one before it. Excerpts go with the documents that they are of.
decisions = sa.Table(
    "decisions",
    metadata,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", sa.Double, nullable=False, index=True),
    sa.Column("request_id", _Id, nullable=False),
    sa.Column("user_id", _Id, nullable=True),
    sa.Column("collections", sa.JSON, nullable=False),
    sa.Column("point", sa.String(16), nullable=False),
    sa.Column("category", sa.String(16), nullable=False),
    sa.Column("detector", sa.String(200), nullable=False),
    sa.Column("policy_version", sa.String(80), nullable=False),
    sa.Column("score", sa.Double, nullable=False),
    sa.Column("threshold", sa.Double, nullable=False),
    sa.Column("action", sa.String(16), nullable=False),
    sa.Column("latency_ms", sa.Double, nullable=False),
    sa.Column("text_sha256", _Hash, nullable=False),
    sa.Column("excerpt", sa.Text, nullable=False),
    sa.Column("detail", sa.JSON, nullable=False),
    sa.Column("previous", _Hash, nullable=False),
    sa.Column("hash", _Hash, nullable=False),
    # What the hash covers: since form 2 the seal of the excerpt in place of the excerpt.
    sa.Column("form", sa.SmallInteger, nullable=False),
    sa.Column("excerpt_sha256", _Hash, nullable=False),
    sa.Column("excerpt_salt", sa.String(32), nullable=False),
    sa.Column("erased_at", sa.Double, nullable=True),
    sa.Column("erased_for", _Id, nullable=True),
)
_kept = decisions.c.excerpt != ""
sa.Index("ix_decisions_excerpts", decisions.c.number, sqlite_where=_kept, postgresql_where=_kept)

# A row for each conversation that was written to or deleted: the lock between the two, and when it was last deleted,
# so that an answer which was being written then stays away. `owner` is the person, empty for the operator.
conversations = sa.Table(
    "conversations",
    metadata,
    _id(),
    sa.Column("owner", _Id, primary_key=True),
    _time("forgotten_at", nullable=True),
)

# What the person who was given an answer thinks of it.
feedback = sa.Table(
    "feedback",
    metadata,
    _part_of("answers", primary_key=True),
    sa.Column("rating", sa.String(8), nullable=False),
    sa.Column("reason", sa.String(32), nullable=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("given_at", sa.Double, nullable=False, index=True),
)

# A run has the id of its job. Its schedule may be gone while its history stays.
summary_runs = sa.Table(
    "summary_runs",
    metadata,
    _id(),
    sa.Column("owner", _Id, nullable=True, index=True),
    sa.Column("title", sa.String(200), nullable=False),
    sa.Column("request", sa.JSON, nullable=False),
    sa.Column("schedule_id", _Id, nullable=True),
    _time("due_at", nullable=True),
    sa.Column("result", sa.JSON, nullable=True),
    sa.Column("changes", sa.JSON, nullable=True),
    _time("created_at"),
    sa.UniqueConstraint("schedule_id", "due_at"),
)

summary_items = sa.Table(
    "summary_items",
    metadata,
    sa.Column("run_id", _Id, sa.ForeignKey("summary_runs.id", ondelete="CASCADE"), primary_key=True),
    # No foreign key: that a document was there is remembered after its deletion, which empties the row.
    sa.Column("document_id", _Id, primary_key=True, index=True),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("version_id", _Id, nullable=True),
    sa.Column("summary", sa.JSON, nullable=True),
    sa.Column("reused", sa.Boolean, nullable=False),
    sa.Column("error_code", sa.String(40), nullable=True),
    sa.Column("error_message", sa.Text, nullable=True),
)

# What is delivered of a run, and how far that is; there from the run's beginning on.
deliveries = sa.Table(
    "deliveries",
    metadata,
    _id(),
    sa.Column("run_id", _Id, sa.ForeignKey("summary_runs.id", ondelete="CASCADE"), nullable=False),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("wish", sa.JSON, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("received", sa.JSON, nullable=False),
    _time("next_at", nullable=True),
    sa.Column("lease_token", _Id, nullable=True),
    _time("lease_until", nullable=True),
    _time("delivered_at", nullable=True),
    sa.Column("error_code", sa.String(40), nullable=True),
    sa.Column("error_message", sa.Text, nullable=True),
    sa.UniqueConstraint("run_id", "channel"),
    sa.Index("ix_deliveries_due", "state", "next_at"),
)

paces = sa.Table(
    "paces",
    metadata,
    sa.Column("writer", sa.String(200), primary_key=True),
    sa.Column("passages", sa.Double, nullable=False),
    sa.Column("seconds", sa.Double, nullable=False),
)

summary_templates = sa.Table(
    "summary_templates",
    metadata,
    _id(),
    # Without an owner, everybody may use it.
    sa.Column("owner", _Id, nullable=True, index=True),
    sa.Column("title", sa.String(100), nullable=False),
    sa.Column("description", sa.String(300), nullable=False),
    sa.Column("instructions", sa.Text, nullable=False),
    sa.Column("headings", sa.JSON, nullable=False),
    sa.Column("words", sa.JSON, nullable=False),
    sa.Column("figures", sa.Boolean, nullable=False),
    _time("created_at"),
)

schedules = sa.Table(
    "schedules",
    metadata,
    _id(),
    sa.Column("owner", _Id, nullable=True, index=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("cron", sa.String(100), nullable=False),
    sa.Column("timezone", sa.String(64), nullable=False),
    sa.Column("request", sa.JSON, nullable=False),
    sa.Column("delivery", sa.JSON, nullable=False),
    sa.Column("catch_up", sa.String(8), nullable=False),
    sa.Column("paused", sa.Boolean, nullable=False),
    _time("next_at", nullable=True),
    _time("created_at"),
    sa.Index("ix_schedules_due", "paused", "next_at"),
)

# What was deleted; `pending`, what to look for, goes with the look. Without a signature until then.
receipts = sa.Table(
    "receipts",
    metadata,
    _id(),
    sa.Column("document_id", _Id, nullable=False, index=True),
    sa.Column("deleted_at", sa.Double, nullable=False, index=True),
    sa.Column("body", sa.JSON, nullable=False),
    sa.Column("pending", sa.JSON(none_as_null=True), nullable=True),
    sa.Column("signature", sa.String(128), nullable=False),
)
