"""Documents over REST: upload, list, look at, delete."""

import hashlib
from collections.abc import Sequence

from flask import Response, request, send_file
from werkzeug.exceptions import UnsupportedMediaType

from core.access import Action, require
from core.errors import (
    ArchivarError,
    Conflict,
    Forbidden,
    InvalidRequest,
    NoPageImage,
    NotFound,
    StorageFull,
    TooLarge,
    TooManyRequests,
    Unavailable,
    UnreadableDocument,
)
from core.filters import listed
from core.names import shown
from core.storage.tags import clean_tags
from core.values import Box, Document, DocumentStatus, Failure, Version
from core.versions import VersionSummary
from core.wire import Json, document_json, failure_json, receipt_json, upload_json, version_json
from ingest.quoted import lines_with
from web import document_models, models, version_models
from web.api import Call, Endpoint, Routes, checked
from web.page_parts import Part, part_of
from web.paging import one_page
from web.search_models import Listing
from web.security import SANDBOX
from web.uploads import MULTIPART, Arrivals, Arrived
from workers import unlocking
from workers.remains import Remains

_IN_COLLECTION = "/api/v1/collections/{collection_id}/documents"
_ONE = "/api/v1/documents/{document_id}"
_PAGE = _ONE + "/pages/{page}"
_FORM_SLACK = 1024 * 1024
_PNG = "image/png"
_BYTES = "application/octet-stream"
_PRIVATE = "private, no-cache"

routes = Routes("Documents")


@routes.serve(
    Endpoint(
        "POST",
        _IN_COLLECTION,
        "Upload files",
        models.UploadResult,
        status=202,
        form=models.UploadFields,
        errors=(InvalidRequest, Forbidden, NotFound, TooLarge, StorageFull, Unavailable),
    )
)
def upload(call: Call, collection_id: str) -> Json:
    """Store files, then answer; they are read by a worker afterwards."""
    require(call.reader, Action.WRITE, collection_id)
    call.store.collections.get(collection_id)
    settings = call.settings
    request.max_content_length = settings.max_file_bytes * settings.max_files_per_request + _FORM_SLACK
    boundary = request.mimetype_params.get("boundary", "")
    if request.mimetype != MULTIPART or not boundary:
        raise UnsupportedMediaType(f"Send files as {MULTIPART}; a path or an address is not taken in their place.")
    with Arrivals(call.store.files, settings.max_files_per_request) as arrivals:
        arrivals.receive(request.stream, boundary)
        arrivals.refuse_unless_any_arrived()
        fields = checked(models.UploadFields, {**request.args.to_dict(), **arrivals.fields})
        clean_tags(listed(fields.tags))
        return {"documents": _added(call, collection_id, arrivals, fields)}


def _added(call: Call, collection_id: str, arrivals: Arrivals, fields: models.UploadFields) -> list[Json]:
    """Each file as it was taken. Raises what kept all of them out; beside one that was taken the others say why not."""
    told, trouble = [], None
    for arrived in arrivals.files:
        try:
            told.append(_add(call, collection_id, arrived, fields))
        except (StorageFull, Unavailable) as error:
            trouble = trouble or error
            told.append(_refused(arrived, error))
    if trouble is not None and all(one["id"] is None for one in told):
        raise trouble
    return told


def _add(call: Call, collection_id: str, arrived: Arrived, fields: models.UploadFields) -> Json:
    if arrived.staged is None:
        return _refused(arrived, arrived.error)
    try:
        uploaded = call.store.documents.add(
            collection_id,
            arrived.path,
            arrived.staged,
            created_by=call.reader.user_id,
            on_conflict=fields.on_conflict,
            tags=listed(fields.tags),
        )
    except (Conflict, InvalidRequest) as error:
        return _refused(arrived, error)
    if uploaded.job_id is not None:
        call.front.ring(uploaded.job_id)
    return upload_json(uploaded)


def _refused(arrived: Arrived, error: ArchivarError | None) -> Json:
    failure = Failure(error.code, error.message) if error is not None else None
    return {
        "id": None,
        "filename": arrived.filename,
        "status": DocumentStatus.FAILED.value,
        "change": None,
        "job_id": None,
        "error": failure_json(failure),
    }


@routes.serve(
    Endpoint(
        "GET",
        _IN_COLLECTION,
        "List the documents of a collection",
        models.DocumentList,
        query=Listing,
        errors=(InvalidRequest, NotFound),
    )
)
def index(call: Call, collection_id: str, query: Listing) -> Json:
    """List a collection's documents, by what their newest versions are."""
    require(call.reader, Action.READ, collection_id)
    call.store.collections.get(collection_id)
    within = query.within
    items, cursor = one_page(
        lambda after, limit: call.store.documents.page(collection_id, within=within, after=after, limit=limit),
        query.cursor,
        query.limit,
    )
    return {"documents": [document_json(item) for item in items], "next_cursor": cursor}


@routes.serve(Endpoint("GET", _ONE, "Show a document and how far it is read", models.Document, errors=(NotFound,)))
def show(call: Call, document_id: str) -> Json:
    """Show a document."""
    return document_json(permitted(call, document_id))


@routes.serve(
    Endpoint(
        "PUT",
        _ONE + "/tags",
        "Say which tags a document has",
        models.Document,
        body=models.NewTags,
        errors=(InvalidRequest, Forbidden, NotFound),
    )
)
def tag(call: Call, document_id: str, body: models.NewTags) -> Json:
    """Replace the tags of a document; they stay with it through all its versions."""
    permitted(call, document_id, Action.WRITE)
    call.store.tags.set(document_id, body.tags)
    return document_json(call.store.documents.get(document_id))


@routes.serve(
    Endpoint(
        "POST",
        _ONE + "/retry",
        "Read a document again that could not be read",
        models.Document,
        status=202,
        errors=(Forbidden, NotFound, Conflict),
    )
)
def retry(call: Call, document_id: str) -> Json:
    """Queue a failed document once more."""
    permitted(call, document_id, Action.WRITE)
    document = call.store.documents.retry(document_id, created_by=call.reader.user_id)
    if document.job_id is not None:
        call.front.ring(document.job_id)
    return document_json(document)


@routes.serve(
    Endpoint(
        "POST",
        _ONE + "/reprocess",
        "Read a document again with the current program",
        models.Document,
        status=202,
        errors=(Forbidden, NotFound, Conflict),
    )
)
def reprocess(call: Call, document_id: str) -> Json:
    """Queue a document that is ready or failed; what was read before answers until then. Once, however often asked."""
    permitted(call, document_id, Action.WRITE)
    job_id = call.store.rereading.document(document_id, created_by=call.reader.user_id)
    if job_id is not None:
        call.front.ring(job_id)
    return document_json(call.store.documents.get(document_id))


@routes.serve(
    Endpoint(
        "POST",
        _ONE + "/password",
        "Give the password of a locked document",
        models.Document,
        status=202,
        body=document_models.GivenPassword,
        errors=(Forbidden, NotFound, Conflict, UnreadableDocument, TooLarge, TooManyRequests, StorageFull, Unavailable),
    )
)
def unlock(call: Call, document_id: str, body: document_models.GivenPassword) -> Json:
    """Keep an unlocked copy and queue it to be read. The password is not kept."""
    locked = permitted(call, document_id, Action.WRITE)
    if locked.status is not DocumentStatus.PASSWORD_REQUIRED:
        raise Conflict("The document does not wait for a password.")
    call.front.guesses.count(document_id)
    password = body.password.get_secret_value()
    document = unlocking.unlock(call.store, call.front.pages, locked, password, created_by=call.reader.user_id)
    call.front.guesses.right(document_id)
    if document.job_id is not None:
        call.front.ring(document.job_id)
    return document_json(document)


@routes.serve(
    Endpoint(
        "GET", _ONE + "/versions", "List the versions of a document", version_models.VersionList, errors=(NotFound,)
    )
)
def versions(call: Call, document_id: str) -> Json:
    """All versions, the newest first."""
    permitted(call, document_id)
    return {"versions": [version_json(version) for version in call.store.history.versions(document_id)]}


@routes.serve(
    Endpoint(
        "DELETE",
        _ONE,
        "Delete a document with all its versions",
        models.DeletionReceipt,
        errors=(Forbidden, NotFound),
    )
)
def delete(call: Call, document_id: str) -> Json:
    """Delete a document; no search that starts afterwards finds it."""
    permitted(call, document_id, Action.WRITE)
    elsewhere = Remains(call.settings, call.store, call.front.services.retriever)
    return receipt_json(call.store.documents.delete(document_id, by=call.reader.user_id, elsewhere=elsewhere))


@routes.serve(
    Endpoint(
        "GET",
        _ONE + "/file",
        "Download the original file",
        _BYTES,
        query=version_models.FileVersion,
        errors=(InvalidRequest, NotFound),
    )
)
def file(call: Call, document_id: str, query: version_models.FileVersion) -> Response:
    """The bytes of a version, always as a download."""
    document = permitted(call, document_id)
    version = _version(call.store.history.versions(document_id), query.version)
    try:
        response = send_file(
            call.store.files.path(version.sha256),
            mimetype=version.media_type or _BYTES,
            as_attachment=True,
            download_name=shown(document.filename) or document.id,
            etag=version.sha256,
        )
    except FileNotFoundError:
        raise NotFound("The stored file is not there. Run `./archivar doctor`.") from None
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["Cache-Control"] = _PRIVATE
    return response


def _version(versions: Sequence[VersionSummary], number: int | None) -> VersionSummary:
    for version in versions:
        if number is None or version.version == number:
            return version
    raise NotFound("The document has no such version.")


@routes.serve(Endpoint("GET", _PAGE, "Show the text of a page", models.Page, query=models.PagePart, errors=(NotFound,)))
def page_text(call: Call, document_id: str, page: int, query: models.PagePart) -> Json:
    """The text of a page, or a part of it: of the version that is named, or has the passage, or answers."""
    version = shown_version(call, permitted(call, document_id), query.version, query.passage)
    found = call.store.passages.page(version.id, page)
    passages = call.store.passages.on_page(version.id, page)
    part = Part(1, 1, found.text, tuple(passages))
    if query.part is not None or query.passage is not None:
        part = part_of(found, passages, number=query.part or 1, passage_id=query.passage)
    marks = call.front.services.moderator.marks(part.passages)
    return {
        "document_id": document_id,
        "version": version.number,
        "superseded": not version.current,
        "page": found.number,
        "name": found.name,
        "text": part.text,
        "part": part.number,
        "parts": part.count,
        "width": found.width,
        "height": found.height,
        "scan_confidence": found.confidence,
        "passages": [
            {
                "id": one.id,
                "start": one.start,
                "end": one.end,
                "heading": one.heading,
                "place": one.place,
                "marks": marks.get(one.id, ()),
            }
            for one in part.passages
        ],
    }


@routes.serve(
    Endpoint(
        "GET",
        _PAGE + ".png",
        "Draw a page, with a passage marked",
        _PNG,
        query=models.PageMark,
        errors=(InvalidRequest, NotFound, NoPageImage, Unavailable),
    )
)
def page_image(call: Call, document_id: str, page: int, query: models.PageMark) -> Response:
    """The picture of a page, of the same version as its text; drawn in a child process."""
    version = shown_version(call, permitted(call, document_id), query.version, query.passage)
    found = call.store.passages.page(version.id, page)
    if found.width <= 0:
        raise NoPageImage("This kind of file has no pictures of pages. Ask for the page's text instead.")
    boxes = _boxes(call, version, page, query.passage) if query.passage is not None else ()
    response = Response(mimetype=_PNG)
    quote = hashlib.sha256(query.quote.encode()).hexdigest()
    response.set_etag(f"{version.sha256}-{page}-{query.passage or 0}-{quote[:16]}")
    response.headers["Cache-Control"] = _PRIVATE
    if not request.if_none_match.contains(response.get_etag()[0] or ""):
        lines = lines_with(found, query.quote, boxes) if query.quote and found.scanned else ()
        path = call.store.files.path(version.readable_sha256)
        response.set_data(call.front.pages.render(path, page, boxes, query.quote, lines))
    response.make_conditional(request)
    return response


def _boxes(call: Call, version: Version, page: int, passage_id: int) -> tuple[Box, ...]:
    for passage in call.store.passages.on_page(version.id, page):
        if passage.id == passage_id:
            return passage.boxes
    raise NotFound("There is no such passage on this page.")


def permitted(call: Call, document_id: str, action: Action = Action.READ) -> Document:
    """The document, if the reader may do this to it. Raises `NotFound` or `Forbidden`."""
    document = call.store.documents.get(document_id)
    require(call.reader, action, document.collection_id, what="document")
    return document


def shown_version(call: Call, document: Document, number: int | None, passage: int | None = None) -> Version:
    """The version of this number, else the one that a passage stands in, else the one that answers questions.

    Raises `NotFound` for a number without one, and while none answers.
    """
    found = None
    if number is not None or passage is not None:
        found = call.store.documents.read_version(document.id, number=number, passage=passage)
    if found is None and number is not None:
        raise NotFound("The document has no such version that could be shown.")
    return found or _answering(call, document)


def _answering(call: Call, document: Document) -> Version:
    version = call.store.documents.current_version(document.id)
    if version is None:
        raise NotFound("The document has not been read yet, so it has no pages.")
    return version
