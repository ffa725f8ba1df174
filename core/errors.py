"""Every error that Archivar raises on purpose. Foreign exceptions are translated into these at the edge.

ArchivarError
├── InvalidRequest          the caller's input does not make sense            400
│   └── UnknownSetting      a setting names something that does not exist
├── NotSignedIn             no credential, or one that is not valid           401
├── Forbidden               the reader sees it but may not do this            403
├── NotFound                it does not exist, or the reader may not know     404
│   └── NoPageImage         the format has no pictures of pages, or not this one
├── Conflict                it clashes with what is stored                    409
│   └── Stopped             nobody wants the rest of it any more
├── TooLarge                over a documented limit                           413
├── UnreadableDocument      the bytes cannot become pages                     422
│   ├── CorruptDocument
│   ├── EmptyDocument
│   ├── UnsupportedDocument
│   ├── PasswordRequired
│   ├── WrongPassword       a password was given, and it is not this one
│   └── ParserLimit         the parser ran out of time or memory, or died
├── TooManyRequests         slow down                                         429
├── Unavailable             a part that is needed does not answer             503
│   ├── LeaseLost           another worker holds the job now
│   ├── ModelUnavailable    the language model does not answer as it should
│   ├── EmbedderMissing     the embedder has not been prepared
│   │   └── EmbedderChanged  its files are not those whose vectors are stored
│   └── EmbedderReplaced    another embedder answers by now
└── StorageFull             the disk has no room                              507

`code` is stable and meant for programs; the message tells a person what happened and what to do next.
"""

from typing import ClassVar


class ArchivarError(Exception):
    """Base of all deliberate errors.

    `message` is shown to people; `retry_after` (seconds) is given where waiting helps.
    """

    code: ClassVar[str] = "internal_error"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something went wrong"

    def __init__(self, message: str, *, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.retry_after = retry_after


class InvalidRequest(ArchivarError):
    """The caller's input does not make sense."""

    code, status, title = "invalid_request", 400, "The request is not valid"


class UnknownSetting(InvalidRequest):
    """A setting names something that does not exist."""

    code, title = "unknown_setting", "A setting is not valid"


class NotSignedIn(ArchivarError):
    """No credential was given, or it is not valid."""

    code, status, title = "not_signed_in", 401, "Sign in first"


class Forbidden(ArchivarError):
    """The reader may see the thing but not do this to it."""

    code, status, title = "forbidden", 403, "Not allowed"


class NotFound(ArchivarError):
    """The thing does not exist, or the reader may not know that it does."""

    code, status, title = "not_found", 404, "Not found"


class NoPageImage(NotFound):
    """There is no picture of this page."""

    code, title = "no_page_image", "No picture of this page"


class Conflict(ArchivarError):
    """The change clashes with what is stored."""

    code, status, title = "conflict", 409, "Conflict"


class Stopped(Conflict):
    """Whoever asked for it has stopped it; nothing of it is kept."""

    code, title = "stopped", "Stopped"


class TooLarge(ArchivarError):
    """Over a documented limit."""

    code, status, title = "too_large", 413, "Too large"


class UnreadableDocument(ArchivarError):
    """The bytes cannot become pages; `code` says which kind of trouble it is."""

    code, status, title = "unreadable", 422, "The document cannot be read"


class CorruptDocument(UnreadableDocument):
    """No parser can open the file."""

    code, title = "corrupt", "The document is damaged"


class EmptyDocument(UnreadableDocument):
    """The file holds nothing at all."""

    code, title = "empty", "The document is empty"


class UnsupportedDocument(UnreadableDocument):
    """No parser knows this kind of file."""

    code, title = "unsupported", "This kind of file is not supported"


class PasswordRequired(UnreadableDocument):
    """The file is encrypted and does not open without a password."""

    code, title = "password_required", "The document needs a password"


class WrongPassword(UnreadableDocument):
    """The password that was given does not open the file."""

    code, title = "wrong_password", "The password is not right"


class ParserLimit(UnreadableDocument):
    """The parser ran out of time or memory, or its process died."""

    code, title = "parser_limit", "Reading the document took too much"


class TooManyRequests(ArchivarError):
    """The caller should slow down."""

    code, status, title = "too_many_requests", 429, "Too many requests"


class Unavailable(ArchivarError):
    """A part that is needed does not answer right now."""

    code, status, title = "unavailable", 503, "Not available right now"


class LeaseLost(Unavailable):
    """Another worker holds the job now, so this one must not write."""

    code = "lease_lost"


class ModelUnavailable(Unavailable):
    """The language model's server is away, too slow, or answers with something else than an answer."""

    code, title = "model_unavailable", "The language model does not answer"


class EmbedderMissing(Unavailable):
    """The embedder has not been prepared on this machine."""

    code, title = "embedder_missing", "The embedder is not prepared"


class EmbedderChanged(EmbedderMissing):
    """The embedder's files are not those that made the stored vectors."""

    code, title = "embedder_changed", "The embedder has changed"


class EmbedderReplaced(Unavailable):
    """Another embedder's vectors answer by now, so these are of no use."""

    code = "embedder_replaced"


class StorageFull(ArchivarError):
    """The disk has no room; nothing was stored."""

    code, status, title = "storage_full", 507, "The disk is full"
