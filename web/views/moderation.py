"""Moderation over REST, for administrators: the log, the policy, and what it would do to a text."""

from core.access import Action, require
from core.errors import Forbidden, InvalidRequest
from core.wire import Json
from llm.moderation.batch import judgement_json
from llm.moderation.categories import Point
from llm.moderation.judging import Ruling
from llm.moderation.records import decided_json
from web import moderation_models as models
from web.api import Call, Endpoint, Routes

_PATH = "/api/v1/moderation"

routes = Routes("Moderation")


@routes.serve(
    Endpoint(
        "GET",
        f"{_PATH}/decisions",
        "List what moderation decided",
        models.DecisionList,
        query=models.DecisionListing,
        errors=(InvalidRequest, Forbidden),
    )
)
def decisions(call: Call, query: models.DecisionListing) -> Json:
    """The log, the newest first."""
    require(call.reader, Action.ADMINISTER)
    call.front.services.moderator.looked_at(call.reader, "rest", query.model_dump())
    found = call.store.decisions.page(
        before=int(query.cursor) if query.cursor else None,
        limit=query.limit + 1,
        point=query.point,
        category=query.category,
        action=query.action,
    )
    shown = found[: query.limit]
    more = str(shown[-1].number) if len(found) > len(shown) else None
    return {"decisions": [decided_json(decided) for decided in shown], "next_cursor": more}


@routes.serve(
    Endpoint(
        "POST",
        f"{_PATH}/try",
        "Judge a text as the policy in force would",
        models.Judgement,
        body=models.Trial,
        errors=(InvalidRequest, Forbidden),
    )
)
def attempt(call: Call, body: models.Trial) -> Json:
    """What would happen to a text; nothing is recorded."""
    require(call.reader, Action.ADMINISTER)
    moderator = call.front.services.moderator
    judged = moderator.judge(body.text, Point(body.point), body.collections or ())
    return {
        **judgement_json(judged),
        "text": judged.decision.text,
        "findings": [_finding(ruling) for ruling in judged.rulings],
        "policy_version": moderator.policy.label,
        "took_ms": round(judged.latency_ms, 3),
    }


@routes.serve(Endpoint("GET", f"{_PATH}/policy", "Show the policy in force", models.PolicyInForce, errors=(Forbidden,)))
def policy(call: Call) -> Json:
    """The policy with everything that it is laid over."""
    require(call.reader, Action.ADMINISTER)
    moderator = call.front.services.moderator
    return {
        "version": moderator.policy.label,
        "source": moderator.source,
        "detector": moderator.detector,
        "guard": moderator.guard or None,
        "trouble": moderator.trouble,
        "policy": moderator.policy.model_dump(mode="json", exclude_none=True),
    }


def _finding(ruling: Ruling) -> Json:
    return {
        "category": ruling.category,
        "action": ruling.action.value,
        "score": round(ruling.score, 6),
        "threshold": round(ruling.threshold, 6),
        "detector": ruling.detector,
        "detail": dict(ruling.detail),
    }
