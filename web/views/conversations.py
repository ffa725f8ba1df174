"""Conversations over REST: what the caller asked before, and nobody else's."""

from core.errors import InvalidRequest, NotFound
from core.exchanges import Exchange
from core.wire import Json, conversation_json, feedback_json
from web import models
from web.api import Call, Endpoint, Routes
from web.paging import one_page
from web.views.answers import still_readable

_PATH = "/api/v1/conversations"
_ONE = _PATH + "/{conversation_id}"

routes = Routes("Conversations")


@routes.serve(
    Endpoint(
        "GET",
        _PATH,
        "List your conversations, the one with the latest question first",
        models.ConversationList,
        query=models.Paging,
        errors=(InvalidRequest,),
    )
)
def index(call: Call, query: models.Paging) -> Json:
    """List the reader's conversations."""
    items, cursor = one_page(
        lambda after, limit: call.store.answers.conversations(call.reader.user_id, after=after, limit=limit),
        query.cursor,
        query.limit,
    )
    return {"conversations": [conversation_json(item) for item in items], "next_cursor": cursor}


@routes.serve(Endpoint("GET", _ONE, "Show a conversation of yours", models.ConversationContents, errors=(NotFound,)))
def show(call: Call, conversation_id: str) -> Json:
    """What was asked and answered."""
    exchanges = call.store.answers.exchanges(conversation_id, user_id=call.reader.user_id)
    return {"id": conversation_id, "exchanges": [exchange_json(call, exchange) for exchange in exchanges]}


@routes.serve(
    Endpoint("DELETE", _ONE, "Delete a conversation of yours", models.ConversationReceipt, errors=(NotFound,))
)
def delete(call: Call, conversation_id: str) -> Json:
    """Delete questions and answers."""
    questions = call.store.answers.forget(conversation_id, user_id=call.reader.user_id)
    return {"id": conversation_id, "questions": questions}


def exchange_json(call: Call, exchange: Exchange) -> Json:
    """A question with its answer, which is left out when it quotes what the reader may no longer see."""
    answer: Json | None
    try:
        answer = still_readable(call, exchange.answer)
    except NotFound:
        answer = None
    return {
        "id": exchange.id,
        "question": exchange.question,
        "asked_at": exchange.asked_at.isoformat(),
        "answer": answer,
        "feedback": feedback_json(exchange.feedback),
    }
