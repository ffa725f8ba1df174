"""The page on which administrators see what moderation decides, and try what it would do to a text."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal

from flask import Response, request
from pydantic import Field

from core.access import Action, require
from core.errors import Forbidden, InvalidRequest
from llm.moderation.categories import Point
from llm.moderation.moderator import Judgement
from llm.moderation.policy import Texts
from web import languages
from web.api import HTML, Call, Endpoint, Routes, checked
from web.frame import rendered
from web.models import Parameters
from web.moderation_models import ACTIONS, Actions, Points

_PATH = "/moderation"
_SHOWN = 50
_DAYS = 30
_DAY = 24 * 3600
# Other rows say what happened to the log itself.
_DECIDED = frozenset(point.value for point in Point)

routes = Routes("Pages")


class LogView(Parameters):
    """Which part of the log is shown; empty for all of it."""

    point: Points | Literal[""] = ""
    category: Annotated[str, Field(max_length=16)] = ""
    action: Actions | Literal[""] = ""
    before: Annotated[str, Field(pattern=r"^[0-9]{0,18}$")] = ""


class Bench(Parameters):
    """The form of the test bench."""

    text: Annotated[str, Field(min_length=1, max_length=100_000)]
    point: Points = "question"


@dataclass(frozen=True, slots=True)
class _Counted:
    """How often decisions about a category ended with each action, in the order of `ACTIONS`."""

    category: str
    numbers: tuple[int, ...]


@routes.serve(Endpoint("GET", _PATH, "Moderation", HTML, query=LogView, errors=(InvalidRequest, Forbidden)))
def moderation(call: Call, query: LogView) -> Response:
    """The policy in force, counts, and the log."""
    require(call.reader, Action.ADMINISTER)
    return _page(call, query)


@routes.serve(Endpoint("POST", _PATH, "Try a text", HTML, errors=(InvalidRequest, Forbidden)))
def bench(call: Call) -> Response:
    """What the policy would do to a text. It is sent in the body, so that it stands in no log of addresses."""
    require(call.reader, Action.ADMINISTER)
    told = checked(Bench, {name: request.form[name] for name in Bench.model_fields if name in request.form})
    judged = call.front.services.moderator.judge(told.text, Point(told.point))
    return _page(call, LogView(), told, judged)


def _page(call: Call, query: LogView, told: Bench | None = None, judged: Judgement | None = None) -> Response:
    moderator = call.front.services.moderator
    moderator.looked_at(call.reader, "page", query.model_dump())
    found = call.store.decisions.page(
        before=int(query.before) if query.before else None,
        limit=_SHOWN + 1,
        point=query.point or None,
        category=query.category or None,
        action=query.action or None,
    )
    words = moderator.policy.words(languages.current())
    return rendered(
        call,
        "moderation.html",
        section="moderation",
        moderator=moderator,
        told=query,
        tried=told,
        judged=judged,
        decisions=found[:_SHOWN],
        older=found[_SHOWN - 1].number if len(found) > _SHOWN else None,
        counts=_counts(call),
        days=_DAYS,
        points=[point.value for point in Point],
        actions=ACTIONS,
        name_of=lambda category: _name(words, category),
        at=lambda decided: _moment(decided.entry.at),
        erased=lambda decided: _moment(decided.erased_at),
    )


def _counts(call: Call) -> list[_Counted]:
    by_category: dict[str, dict[str, int]] = {}
    for point, category, action, number in call.store.decisions.counts(time.time() - _DAYS * _DAY):
        if point not in _DECIDED:
            continue
        of = by_category.setdefault(category, {})
        of[action] = of.get(action, 0) + number
    return [_Counted(category, tuple(of.get(action, 0) for action in ACTIONS)) for category, of in by_category.items()]


def _name(words: Texts, category: str) -> str:
    others = {
        "": languages.gettext("Nothing found"),
        "unchecked": languages.gettext("Guard without an opinion"),
        "rights": languages.gettext("Beyond the reader's rights"),
    }
    return others.get(category) or words.name(category)


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
