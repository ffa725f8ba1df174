"""The Llama family: the catalogue and plans over REST, and the page on which administrators see all of it."""

from dataclasses import dataclass
from itertools import groupby
from typing import Annotated

from flask import Response
from pydantic import Field

from core.access import Action, require
from core.errors import ArchivarError, Forbidden, InvalidRequest, NotFound
from core.wire import Json
from llm import cards, catalogue, catalogue_words, duties, local_models, plan_words, planning
from llm.catalogue import Entry
from llm.plan_words import Tongue
from llm.planning import Plan
from web import languages, llama_models
from web.api import HTML, Call, Endpoint, Routes, checked
from web.frame import rendered
from web.llama_models import PlanQuery
from web.models import Parameters

_FIRST_SHOWN = "Llama-3.1-8B-Instruct"

routes = Routes("Llama")
pages = Routes("Pages")


class Asked(Parameters):
    """The form of the planner as it was sent; empty fields are left to the planner."""

    model: Annotated[str, Field(max_length=100)] = ""
    gpu: Annotated[str, Field(max_length=100)] = ""
    users: Annotated[str, Field(max_length=10)] = ""
    context: Annotated[str, Field(max_length=10)] = ""
    quantisation: Annotated[str, Field(max_length=20)] = ""


@dataclass(frozen=True, slots=True)
class Attached:
    """The model that writes answers; `state` is `ok` or what is wrong, `source` says who tells the window."""

    name: str
    state: str
    window: int
    source: str


@routes.serve(
    Endpoint("GET", "/api/v1/llama/models", "List the Llama family with its licences", llama_models.LlamaModelList)
)
def models(call: Call) -> Json:
    """The whole catalogue."""
    here = _downloaded(call)
    return {"models": [catalogue_words.entry_json(one, one.name in here) for one in catalogue.entries()]}


@routes.serve(
    Endpoint(
        "GET",
        "/api/v1/llama/plan",
        "Calculate what a model needs and which cards hold it",
        llama_models.LlamaPlan,
        query=PlanQuery,
        errors=(InvalidRequest, NotFound),
    )
)
def plan(call: Call, query: PlanQuery) -> Json:
    """A plan for a model of the catalogue; folders of this machine are not looked into."""
    return plan_words.plan_json(_plan(call, query))


@pages.serve(Endpoint("GET", "/models", "Models, cards and a planner", HTML, query=Asked, errors=(Forbidden,)))
def models_page(call: Call, query: Asked) -> Response:
    """What is attached, what the cards are doing, what would fit, and the catalogue."""
    require(call.reader, Action.ADMINISTER)
    made, problem = _asked_plan(call, query)
    tongue = Tongue(languages.gettext, languages.ngettext, languages.number)
    return rendered(
        call,
        "models.html",
        section="models",
        attached=_attached(call),
        barred=_barred(call),
        cards_here=call.front.gpus.cards(),
        told=query if query.model else Asked(model=_FIRST_SHOWN),
        plan=made,
        verdict=plan_words.verdict(made, tongue) if made is not None else "",
        assumptions=plan_words.assumptions(made, tongue) if made is not None else [],
        problem=problem,
        generations=[(name, list(some)) for name, some in groupby(catalogue.entries(), lambda one: one.generation)],
        row=catalogue_words.row,
        downloaded=_downloaded(call),
        known_cards=[*cards.CARDS, cards.CPU],
        quantisations=planning.QUANTISATIONS,
        quantised=lambda one: plan_words.quantised(one, tongue),
        usual_tokens=planning.USUAL_TOKENS,
    )


def _asked_plan(call: Call, query: Asked) -> tuple[Plan | None, str]:
    """The plan that was asked for, or why there is none."""
    if not query.model:
        return None, ""
    given = {name: value.strip() for name, value in query.model_dump().items() if value.strip()}
    try:
        return _plan(call, _checked(given)), ""
    except ArchivarError as error:
        return None, error.message


def _checked(given: dict[str, str]) -> PlanQuery:
    numbers = {name: int(value) for name, value in given.items() if name in {"users", "context"} and value.isdecimal()}
    if numbers.keys() != given.keys() & {"users", "context"}:
        raise InvalidRequest(languages.gettext("Write numbers of people and tokens with digits alone."))
    return checked(PlanQuery, {**given, **numbers})


def _plan(call: Call, query: PlanQuery) -> Plan:
    about = planning.from_catalogue(query.model, call.settings.models_dir)
    wished = planning.wish(
        about,
        gpu=query.gpu,
        memory=query.memory,
        users=query.users,
        tokens=query.context,
        quantisation=query.quantisation,
    )
    return planning.plan(about, wished)


def _barred(call: Call) -> list[str]:
    """Names of models, attached or downloaded, that an operator in the EU may have no licence for."""
    here = sorted(_downloaded(call))
    attached = call.front.known_model()
    return [name for name in dict.fromkeys([attached, *here]) if duties.eu_warning(call.settings, name)]


def _attached(call: Call) -> Attached | None:
    model = call.front.services.model
    if model is None:
        return None
    window, source = model.window_and_source
    return Attached(model.name, model.state(), window, source)


def _downloaded(call: Call) -> set[str]:
    """Names of the catalogue's models that were downloaded here."""

    def is_here(one: Entry) -> bool:
        return bool(one.repository) and local_models.downloaded(one.repository, call.settings.models_dir) is not None

    return {one.name for one in catalogue.entries() if is_here(one)}
