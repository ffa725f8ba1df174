"""A document as people look at it: its pages with their passages, its warnings and its versions."""

from dataclasses import dataclass
from typing import Annotated

from flask import Response
from pydantic import Field

from core.access import Action, permits
from core.errors import NotFound
from core.scans import is_poor
from core.values import Document, Page, Passage, Version
from core.versions import VersionSummary
from core.wire import Json, document_json
from web import models
from web.api import HTML, Call, Endpoint, Routes
from web.frame import rendered
from web.page_parts import Part, part_of
from web.views.documents import permitted, shown_version

routes = Routes("Pages")


@dataclass(frozen=True, slots=True)
class _View:
    """A page of a version; `parts` is its text before, in and after the marked passage.

    `is_other` where what was to be marked is not there any more: reading again gives passages new numbers.

    Of a page that is a whole book only one `part` is shown.
    """

    version: Version
    page: Page
    part: Part
    mark: Passage | None
    pages: int
    is_other: bool

    @property
    def is_whole(self) -> bool:
        """Whether the document flows without pages, so that there is nothing to turn."""
        return self.pages == 1 and self.page.width <= 0

    @property
    def is_poor(self) -> bool:
        return is_poor(self.page.confidence)

    @property
    def parts(self) -> tuple[str, str, str]:
        text, mark = self.part.text, self.mark
        return (text[: mark.start], text[mark.start : mark.end], text[mark.end :]) if mark else (text, "", "")


class PageWanted(models.Parameters):
    """Which page to open; beyond the last one it is the last."""

    page: Annotated[int, Field(ge=1, le=9_999_999)] = 1
    version: models.VersionNumber = None


@routes.serve(Endpoint("GET", "/documents/{document_id}", "A document", HTML, query=PageWanted, errors=(NotFound,)))
def document(call: Call, document_id: str, query: PageWanted) -> Response:
    """A document from its first page on, or what became of it where it has none."""
    found = permitted(call, document_id)
    if query.version is None and call.store.documents.current_version(document_id) is None:
        return _document(call, found, None)
    version = shown_version(call, found, query.version)
    page = max(1, min(query.page, _pages(call.store.history.versions(document_id), version)))
    return _document(call, found, _view(call, version, page, models.PageView()))


@routes.serve(
    Endpoint(
        "GET",
        "/documents/{document_id}/pages/{page}",
        "A page of a document, with a passage marked",
        HTML,
        query=models.PageView,
        errors=(NotFound,),
    )
)
def document_page(call: Call, document_id: str, page: int, query: models.PageView) -> Response:
    """A page of a document, as picture where there is one and as text."""
    found = permitted(call, document_id)
    version = shown_version(call, found, query.version, query.passage)
    return _document(call, found, _view(call, version, page, query), query.quote)


def _pages(versions: list[VersionSummary], shown: Version) -> int:
    return next((one.pages for one in versions if one.version == shown.number), 0)


def _view(call: Call, version: Version, page: int, query: models.PageView) -> _View:
    # A passage that is gone is not marked; the page is still worth showing.
    shown = call.store.passages.page(version.id, page)
    passages = call.store.passages.on_page(version.id, page)
    part = part_of(shown, passages, number=query.part, passage_id=query.passage)
    mark = next((one for one in part.passages if one.id == query.passage), None)
    pages = _pages(call.store.history.versions(version.document_id), version)
    return _View(version, shown, part, mark, pages, query.passage is not None and mark is None)


def _document(call: Call, document: Document, view: _View | None, quote: str = "") -> Response:
    versions = call.store.history.versions(document.id)
    pages = view.pages if view is not None else 0
    return rendered(
        call,
        "document.html",
        section="library",
        document=document,
        collection=call.store.collections.get(document.collection_id),
        versions=versions,
        current=next((one.version for one in versions if one.current), None),
        view=view,
        pages=pages,
        quote=quote if view is not None and view.mark is not None else "",
        marks=call.front.services.moderator.marks(view.part.passages) if view is not None else {},
        may_review=permits(call.reader, Action.REVIEW, document.collection_id),
        may_write=permits(call.reader, Action.WRITE, document.collection_id),
        data=_for_script(document, view, pages),
    )


def _for_script(document: Document, view: _View | None, pages: int) -> Json:
    shown = None
    if view is not None:
        shown = {
            "page": view.page.number,
            "version": view.version.number,
            "pages": pages,
            "has_image": view.page.width > 0,
            "text": view.part.text,
            "passages": [{"id": one.id, "start": one.start, "end": one.end} for one in view.part.passages],
            "mark": view.mark.id if view.mark is not None else None,
        }
    return {"document": document_json(document), "view": shown}
