"""Answers that were given: how they came about, what they would be now, and as a file."""

from flask import Response

from core.errors import NotFound, Unavailable
from core.exchanges import Exchange
from core.wire import Json, feedback_json
from llm.export import MEDIA_TYPE, answer_markdown, conversation_markdown
from llm.records import record_told
from llm.replaying import replay as replayed
from web import answer_models
from web.api import Call, Endpoint, Routes
from web.views.answers import still_readable
from web.words import for_exports

_ONE = "/api/v1/answers/{answer_id}"

routes = Routes("Answers")


@routes.serve(
    Endpoint(
        "GET",
        _ONE + "/record",
        "Show how an answer that you were given came about",
        answer_models.AnswerRecord,
        errors=(NotFound,),
    )
)
def record(call: Call, answer_id: str) -> Json:
    """Model, prompt, parameters, index, passages and verdicts; nothing of what documents say."""
    exchange = _exchange(call, answer_id)
    return {**record_told(exchange), "feedback": feedback_json(exchange.feedback)}


@routes.serve(
    Endpoint(
        "POST",
        _ONE + "/replay",
        "Ask again what you asked, and see what differs now",
        answer_models.Replay,
        errors=(NotFound, Unavailable),
    )
)
def replay(call: Call, answer_id: str) -> Json:
    """The same question with the rights and documents of this moment; it is not kept."""
    return replayed(call.front.services.assistant, call.store, call.reader, _exchange(call, answer_id))


@routes.serve(
    Endpoint(
        "GET",
        _ONE + "/export.md",
        "Download an answer with its sources as Markdown",
        MEDIA_TYPE,
        errors=(NotFound,),
    )
)
def export(call: Call, answer_id: str) -> Response:
    """An answer as a file, as long as what it cites may be read."""
    exchange = _exchange(call, answer_id)
    answer = still_readable(call, exchange.answer)
    return _file(answer_markdown(exchange, answer, for_exports()), f"answer-{answer_id[:8]}")


@routes.serve(
    Endpoint(
        "GET",
        "/api/v1/conversations/{conversation_id}/export.md",
        "Download a conversation of yours with its sources as Markdown",
        MEDIA_TYPE,
        errors=(NotFound,),
    )
)
def export_conversation(call: Call, conversation_id: str) -> Response:
    """A conversation as a file; of answers that were withdrawn only the questions."""
    exchanges = call.store.answers.exchanges(conversation_id, user_id=call.reader.user_id)
    told = [(exchange, _or_none(call, exchange)) for exchange in exchanges]
    return _file(conversation_markdown(told, for_exports()), f"conversation-{conversation_id[:8]}")


def _exchange(call: Call, answer_id: str) -> Exchange:
    return call.store.answers.exchange(answer_id, user_id=call.reader.user_id)


def _or_none(call: Call, exchange: Exchange) -> Json | None:
    try:
        return still_readable(call, exchange.answer)
    except NotFound:
        return None


def _file(text: str, name: str) -> Response:
    response = Response(text, content_type=f"{MEDIA_TYPE}; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.md"'
    return response
