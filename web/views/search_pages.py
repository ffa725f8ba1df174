"""The page that shows the passages found for a question, without an answer; it needs no scripts."""

from typing import Annotated

from flask import Response
from pydantic import Field

from core.access import scope
from core.errors import NotFound
from core.filters import Filter, parsed_filter
from web import languages
from web.api import HTML, Call, Endpoint, Routes
from web.frame import readable_collections, rendered
from web.models import Listed
from web.search_models import Narrowing

_MOST_HITS = 20

routes = Routes("Pages")


class Wanted(Narrowing):
    """What to look for, and where."""

    question: Annotated[str, Field(max_length=4000)] = ""
    collections: Listed = ""
    documents: Listed = ""

    @property
    def within(self) -> Filter:
        """The filter. Raises `InvalidRequest`."""
        return parsed_filter(self.model_dump(by_alias=True, exclude={"question"}))

    @property
    def is_narrow(self) -> bool:
        """Whether anything narrows the search."""
        return any(self.model_dump(exclude={"question", "documents"}).values())


@routes.serve(Endpoint("GET", "/search", "The passages for a question", HTML, query=Wanted, errors=(NotFound,)))
def search(call: Call, query: Wanted) -> Response:
    """The best passages and where their scores come from; only the form while there is no question."""
    within = query.within
    scope(call.reader, call.store.collections.ids(), within.collections)
    collections = readable_collections(call)
    found = None
    if query.question.strip():
        searching = call.front.services.searching
        found = searching.search(call.reader, query.question, within=within, k=_MOST_HITS, explain=True)
    return rendered(
        call,
        "search.html",
        section="ask",
        told=query,
        found=found,
        harm=call.front.services.moderator.policy.words(languages.current()).name,
        collections=collections,
        choices=call.store.documents.choices([one.id for one in collections]),
        most_chars=min(4000, call.settings.max_question_chars),
    )
