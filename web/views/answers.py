"""Answers over REST: as one object, or sentence by sentence as server-sent events."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from flask import Response

from core.access import scope
from core.errors import InvalidRequest, NotFound, Unavailable
from core.wire import Json, answer_json, sentence_json
from llm.assistant import final
from llm.events import AnswerEvent, Replaced, SentenceChecked, Understood, Waiting
from llm.records import readable
from web import models
from web.api import Call, Endpoint, Routes
from web.problems import problem_json
from web.search_models import AnswerRequest
from web.streams import event_stream, note

routes = Routes("Answers")


@routes.serve(
    Endpoint(
        "POST",
        "/api/v1/answers",
        "Ask a question",
        models.Answer,
        body=AnswerRequest,
        events={
            "sentence": models.SentenceEvent,
            "replace": models.ReplaceEvent,
            "done": models.Answer,
            "error": models.Problem,
        },
        errors=(InvalidRequest, NotFound, Unavailable),
    )
)
def ask(call: Call, body: AnswerRequest) -> Json | Response:
    """Answer from what the reader may read."""
    # What is wrong with the request is said with a status, before a stream begins.
    if len(body.question) > call.settings.max_question_chars:
        raise InvalidRequest(f"question: at most {call.settings.max_question_chars:,} characters.")
    within = body.within
    scope(call.reader, call.store.collections.ids(), within.collections)
    assistant = call.front.services.assistant
    events = assistant.events(call.reader, body.question, within=within, conversation_id=body.conversation_id)
    if not body.stream:
        return answer_json(final(events))
    return event_stream(map(_event, events), lambda error: _written("error", problem_json(error)))


@routes.serve(
    Endpoint(
        "GET",
        "/api/v1/answers/{answer_id}",
        "Show an answer that you were given, while you may still read what it cites",
        models.Answer,
        errors=(NotFound,),
    )
)
def show(call: Call, answer_id: str) -> Json:
    """A recorded answer, unless a document that it cites is gone or no longer open to the reader."""
    body = call.store.answers.get(answer_id, user_id=call.reader.user_id)
    return still_readable(call, body)


def still_readable(call: Call, answer: Mapping[str, Any]) -> Json:
    """A recorded answer. Raises `NotFound` when a document that it rests on is gone or no longer open to the reader."""
    return readable(call.store, call.reader, answer)


def _event(event: AnswerEvent) -> str:
    if isinstance(event, Waiting):
        return note(f"waiting, {event.ahead} ahead")
    if isinstance(event, Understood):
        return note(f"understood as {' '.join(event.question.split())}")
    if isinstance(event, SentenceChecked):
        sources = [asdict(citation) for citation in event.citations]
        return _written("sentence", {**sentence_json(event.sentence), "sources": sources})
    if isinstance(event, Replaced):
        return _written("replace", {"text": event.text})
    return _written("done", answer_json(event.answer))


def _written(name: str, data: Json) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
