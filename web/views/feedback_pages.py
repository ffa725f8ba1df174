"""The page on which administrators read what people think of answers."""

import time
from datetime import datetime

from flask import Response

from core.access import Action, require
from core.errors import Forbidden, InvalidRequest, NotFound
from core.exchanges import Exchange
from core.wire import Json
from llm.records import feedback_told
from web import words
from web.answer_models import FeedbackWanted
from web.api import HTML, Call, Endpoint, Routes
from web.frame import rendered
from web.views.feedback import listed

_SHOWN = 25
_DAYS = 30
_DAY = 24 * 3600

routes = Routes("Pages")


@routes.serve(Endpoint("GET", "/feedback", "Feedback", HTML, query=FeedbackWanted, errors=(InvalidRequest, Forbidden)))
def feedback(call: Call, query: FeedbackWanted) -> Response:
    """Counts by reason, and each opinion with its question and answer, the newest first."""
    require(call.reader, Action.ADMINISTER)
    items, cursor = listed(call, query, _SHOWN)
    return rendered(
        call,
        "feedback.html",
        section="feedback",
        told=query,
        opinions=[_told(call, item) for item in items],
        older=cursor,
        counts=call.store.opinions.counts(time.time() - _DAYS * _DAY),
        days=_DAYS,
        reasons=words.reasons(),
    )


def _told(call: Call, exchange: Exchange) -> Json:
    told = feedback_told(call.store, call.reader, exchange)
    return {**told, "given_at": datetime.fromisoformat(told["given_at"]), "who": _who(call, exchange.user_id)}


def _who(call: Call, user_id: str | None) -> str:
    """The address of a person; empty for the command line and for people who are gone."""
    try:
        return call.store.people.get(user_id).email if user_id is not None else ""
    except NotFound:
        return ""
