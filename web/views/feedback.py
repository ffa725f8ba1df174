"""Feedback on answers: given by whoever asked, read by administrators."""

import json
from collections.abc import Iterator, Sequence

from flask import Response

from core.access import Action, require
from core.errors import Forbidden, InvalidRequest, NotFound
from core.exchanges import Exchange, FeedbackReason, Rating
from core.wire import Json, feedback_json
from llm.records import feedback_told
from web import answer_models, models
from web.api import Call, Endpoint, Routes
from web.paging import one_page

_ONE = "/api/v1/answers/{answer_id}/feedback"
_ALL = "/api/v1/feedback"
_LINES = "application/x-ndjson"
_AT_ONCE = 200

routes = Routes("Feedback")


@routes.serve(
    Endpoint(
        "PUT",
        _ONE,
        "Say what you think of an answer that you were given",
        models.Feedback,
        body=answer_models.NewFeedback,
        errors=(NotFound,),
    )
)
def give(call: Call, answer_id: str, body: answer_models.NewFeedback) -> Json:
    """Keep what the reader thinks, in place of what they said before."""
    judged = call.front.services.moderator.question(body.text)
    text = "" if judged.blocks else judged.text
    user_id = call.reader.user_id
    call.store.opinions.give(answer_id, body.rating, body.reason, text, user_id=user_id)
    return feedback_json(call.store.answers.exchange(answer_id, user_id=user_id).feedback) or {}


@routes.serve(
    Endpoint("DELETE", _ONE, "Take back what you said of an answer", answer_models.FeedbackReceipt, errors=(NotFound,))
)
def take_back(call: Call, answer_id: str) -> Json:
    """Forget what the reader thinks."""
    call.store.opinions.take_back(answer_id, user_id=call.reader.user_id)
    return {"answer_id": answer_id}


@routes.serve(
    Endpoint(
        "GET",
        _ALL,
        "List feedback on answers, for administrators",
        answer_models.FeedbackList,
        query=answer_models.FeedbackWanted,
        errors=(InvalidRequest, Forbidden),
    )
)
def index(call: Call, query: answer_models.FeedbackWanted) -> Json:
    """What people think of answers, the newest first."""
    require(call.reader, Action.ADMINISTER)
    items, cursor = listed(call, query, query.limit)
    return {"feedback": [_told(call, item) for item in items], "next_cursor": cursor}


def listed(call: Call, query: answer_models.FeedbackWanted, limit: int) -> tuple[Sequence[Exchange], str | None]:
    """The wanted opinions, at most so many, and the cursor of those that follow."""
    return one_page(
        lambda after, most: call.store.opinions.page(
            rating=Rating(query.rating) if query.rating else None,
            reason=FeedbackReason(query.reason) if query.reason else None,
            after=after,
            limit=most,
        ),
        query.cursor,
        limit,
    )


@routes.serve(
    Endpoint("GET", _ALL + "/export.jsonl", "Download all feedback, for administrators", _LINES, errors=(Forbidden,))
)
def export(call: Call) -> Response:
    """One JSON object a line, as the list has them."""
    require(call.reader, Action.ADMINISTER)
    response = Response(_lines(call), content_type=f"{_LINES}; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="feedback.jsonl"'
    return response


def _lines(call: Call) -> Iterator[str]:
    after = ""
    while items := call.store.opinions.page(after=after, limit=_AT_ONCE):
        yield from (json.dumps(_told(call, item), ensure_ascii=False) + "\n" for item in items)
        after = items[-1].id


def _told(call: Call, exchange: Exchange) -> Json:
    return feedback_told(call.store, call.reader, exchange)
