"""The OpenAI-compatible interface: a collection is a model, and the last message of the user is the question."""

from flask import Response

from core.access import Action, permits, scope
from core.errors import Forbidden, InvalidRequest, ModelUnavailable, NotFound
from core.exchanges import Earlier
from core.filters import EVERYTHING, Filter
from core.wire import Json
from llm.assistant import final
from llm.rewriting import MOST_EARLIER
from web import chat, chat_models
from web.api import Call, Endpoint, Routes
from web.problems import problem_json
from web.streams import event_stream

_EVERYTHING = "archivar"
_ONE = f"{_EVERYTHING}/"
_MOST_MODELS = 1000

routes = Routes("Chat")


@routes.serve(Endpoint("GET", "/v1/models", "List the collections that you may ask", chat_models.ModelList))
def models(call: Call) -> Json:
    """Every collection that the reader may read, and all of them together."""
    readable = scope(call.reader, call.store.collections.ids())
    collections = call.store.collections.page(readable, limit=_MOST_MODELS)
    named = [(f"{_ONE}{one.name}", int(one.created_at.timestamp())) for one in collections]
    data = [
        {"id": name, "object": "model", "created": created, "owned_by": "archivar"}
        for name, created in [(_EVERYTHING, 0), *named]
    ]
    return {"object": "list", "data": data}


@routes.serve(
    Endpoint(
        "POST",
        "/v1/chat/completions",
        "Ask a question as OpenAI's clients do",
        chat_models.ChatCompletion,
        body=chat_models.ChatRequest,
        events={"message": chat_models.ChatChunk},
        errors=(InvalidRequest, Forbidden, NotFound, ModelUnavailable),
    )
)
def complete(call: Call, body: chat_models.ChatRequest) -> Json | Response:
    """Answer the last message of the user, which may leave out what was said before it."""
    question = _question(body, call.settings.max_question_chars)
    assistant = call.front.services.assistant
    events = assistant.events(call.reader, question, within=_within(call, body.model), earlier=_earlier(body))
    if not body.stream:
        return chat.completion(final(events), body.model)
    parts = chat.Parts(body.model, assistant.introduction).told(events)
    return event_stream(parts, lambda error: chat.written({"error": chat.error_json(problem_json(error))}) + chat.END)


def _earlier(body: chat_models.ChatRequest) -> list[Earlier]:
    """The last questions before the one that is asked, with what was answered: as the client has kept them."""
    told: list[Earlier] = []
    for message in body.messages:
        text = _plain(message)
        if message.role == "user" and text:
            told.append(Earlier(text))
        elif message.role == "assistant" and told:
            told[-1] = Earlier(told[-1].question, text)
    return told[:-1][-MOST_EARLIER:]


def _plain(message: chat_models.ChatMessage) -> str:
    return message.text.replace("\0", "").strip()


def _question(body: chat_models.ChatRequest, most_chars: int) -> str:
    asked = [_plain(message) for message in body.messages if message.role == "user"]
    if not asked or not asked[-1]:
        raise InvalidRequest("messages: the last message of the user holds no question.")
    if len(asked[-1]) > most_chars:
        raise InvalidRequest(f"messages: a question has at most {most_chars:,} characters.")
    return asked[-1]


def _within(call: Call, model: str) -> Filter:
    if model == _EVERYTHING:
        return EVERYTHING
    unknown = NotFound(f"There is no such model, or you have no access to it. GET {chat.PREFIX}models lists yours.")
    if not model.startswith(_ONE) or "\0" in model:
        raise unknown
    try:
        collection = call.store.collections.by_name(model.removeprefix(_ONE))
    except NotFound:
        raise unknown from None
    if not permits(call.reader, Action.READ, collection.id):
        raise unknown
    return Filter(collections=(collection.id,))
