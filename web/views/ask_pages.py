"""The page to ask in, empty or with an earlier conversation. The questions themselves go to the REST interface."""

from typing import Annotated

from flask import Response
from pydantic import Field

from core.access import Action, require
from core.errors import NotFound
from core.wire import Json
from web import models
from web.api import HTML, Call, Endpoint, Routes
from web.frame import readable_collections, rendered
from web.search_models import Narrowing
from web.views.conversations import exchange_json
from web.views.documents import permitted
from web.views.pages import library

_MOST_CONVERSATIONS = 50

routes = Routes("Pages")


class Scope(models.Parameters):
    """Where a question looks unless the reader chooses otherwise."""

    collection: models.Id | None = None
    document: models.Id | None = None
    question: Annotated[str, Field(max_length=4000, description="What stands in the field already.")] = ""


@routes.serve(Endpoint("GET", "/", "The page to ask in, or the library while it is empty", HTML))
def home(call: Call) -> Response:
    """Asking is what most visits are for, but only once there is something to ask."""
    if any(one.documents for one in readable_collections(call)):
        return _asking(call, {})
    return library(call)


@routes.serve(Endpoint("GET", "/ask", "The page to ask in", HTML, query=Scope, errors=(NotFound,)))
def ask(call: Call, query: Scope) -> Response:
    """A new conversation, about a collection or document where the address names one."""
    return _asking(call, scope_told(call, query), question=query.question)


@routes.serve(Endpoint("GET", "/ask/{conversation_id}", "An earlier conversation of yours", HTML, errors=(NotFound,)))
def conversation(call: Call, conversation_id: str) -> Response:
    """What was asked and answered, to be continued."""
    exchanges = call.store.answers.exchanges(conversation_id, user_id=call.reader.user_id)
    told = [exchange_json(call, exchange) for exchange in exchanges]
    return _asking(call, {}, conversation=conversation_id, exchanges=told)


def scope_told(call: Call, query: Scope) -> Json:
    """The collection or document that an address names, as the choice of where to look begins with it."""
    if query.document is not None:
        document = permitted(call, query.document)
        collection = call.store.collections.get(document.collection_id)
        return {
            "collections": [{"id": collection.id, "name": collection.name}],
            "documents": [{"id": document.id, "name": document.path, "collection": collection.id}],
        }
    if query.collection is not None:
        require(call.reader, Action.READ, query.collection)
        collection = call.store.collections.get(query.collection)
        return {"collections": [{"id": collection.id, "name": collection.name}], "documents": []}
    return {}


def _asking(
    call: Call,
    scope: Json,
    *,
    question: str = "",
    conversation: str | None = None,
    exchanges: list[Json] | None = None,
) -> Response:
    collections = readable_collections(call)
    conversations = call.store.answers.conversations(call.reader.user_id, limit=_MOST_CONVERSATIONS + 1)
    return rendered(
        call,
        "ask.html",
        section="ask",
        has_documents=any(one.documents for one in collections),
        choices=call.store.documents.choices([one.id for one in collections]),
        told=Narrowing.model_validate({}),
        conversations=conversations[:_MOST_CONVERSATIONS],
        has_more=len(conversations) > _MOST_CONVERSATIONS,
        conversation=conversation,
        question=question,
        title=exchanges[0]["question"] if exchanges else "",
        most_chars=call.settings.max_question_chars,
        data={"conversation": conversation, "exchanges": exchanges or [], "scope": scope},
    )
