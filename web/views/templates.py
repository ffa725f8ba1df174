"""Templates of summaries over REST: those that are there from the beginning, shared ones, and each person's own."""

from core.access import Action, permits, require
from core.errors import Forbidden, InvalidRequest, NotFound
from core.summaries import OwnTemplate, SummaryOptions, SummaryRequest
from core.wire import Json, job_json
from llm.summaries.templates import BUILT_IN
from web import models, summary_words, template_models
from web.api import Call, Endpoint, Routes
from web.views.summaries import permitted_request

_ALL = "/api/v1/summary-templates"
_ONE = _ALL + "/{template_id}"

routes = Routes("Templates")


@routes.serve(Endpoint("GET", _ALL, "List the templates of summaries", template_models.TemplateList))
def index(call: Call) -> Json:
    """Those that the reader may use: built in, shared, and their own."""
    built_in = [
        {
            "id": one.name,
            "title": one.title,
            "description": one.description,
            "instructions": one.instructions,
            "headings": list(one.headings),
            "words": list(one.words),
            "figures": one.figures,
            "shared": True,
            "built_in": True,
        }
        for one in BUILT_IN
    ]
    return {"templates": [*built_in, *map(_template_json, call.store.templates.of(call.reader.user_id))]}


@routes.serve(
    Endpoint(
        "POST",
        _ALL,
        "Make a template of your own",
        template_models.Template,
        status=201,
        body=template_models.NewTemplate,
        errors=(InvalidRequest, Forbidden),
    )
)
def create(call: Call, body: template_models.NewTemplate) -> Json:
    """Keep a template; shared ones are up to administrators."""
    if body.shared:
        require(call.reader, Action.ADMINISTER)
    return _template_json(call.store.templates.add(body.own(call.reader.user_id)))


@routes.serve(
    Endpoint(
        "POST",
        _ALL + "/preview",
        "Try a template on a document, without keeping it",
        models.Job,
        status=202,
        body=template_models.TemplatePreview,
        errors=(InvalidRequest, NotFound),
    )
)
def preview(call: Call, body: template_models.TemplatePreview) -> Json:
    """Queue a short summary of one document by a template as it is given."""
    options = SummaryOptions().with_own(body.own(call.reader.user_id))
    request = permitted_request(call, SummaryRequest(options, None, (body.document,)))
    title = summary_words.preview_title(body.title)
    run_id = call.store.summaries.start(request, owner=call.reader.user_id, title=title[:200])
    call.front.doorbell.ring_for_summaries(run_id)
    return job_json(call.store.jobs.get(run_id))


@routes.serve(Endpoint("GET", _ONE, "Show a template", template_models.Template, errors=(NotFound,)))
def show(call: Call, template_id: str) -> Json:
    """A template that is shared, or the reader's own."""
    return _template_json(call.store.templates.get(template_id, owner=call.reader.user_id))


@routes.serve(
    Endpoint(
        "PUT",
        _ONE,
        "Change a template",
        template_models.Template,
        body=template_models.NewTemplate,
        errors=(InvalidRequest, Forbidden, NotFound),
    )
)
def change(call: Call, template_id: str, body: template_models.NewTemplate) -> Json:
    """Replace what a template says; schedules use it from their next run on. Whether it is shared stays."""
    known = changeable(call, template_id)
    call.store.templates.change(body.own(known.owner, known.id))
    return _template_json(call.store.templates.get(known.id, owner=call.reader.user_id))


@routes.serve(
    Endpoint("DELETE", _ONE, "Delete a template", template_models.TemplateReceipt, errors=(Forbidden, NotFound))
)
def delete(call: Call, template_id: str) -> Json:
    """Delete a template; runs keep what it said."""
    call.store.templates.delete(changeable(call, template_id).id)
    return {"template_id": template_id}


def changeable(call: Call, template_id: str) -> OwnTemplate:
    """A template of the reader, or a shared one for administrators. Raises `NotFound`, `Forbidden`."""
    known = call.store.templates.get(template_id, owner=call.reader.user_id)
    if known.owner is None:
        require(call.reader, Action.ADMINISTER)
    return known


def may_change(call: Call, template: OwnTemplate) -> bool:
    """Whether the reader may change a template that is open to them."""
    return template.owner is not None or permits(call.reader, Action.ADMINISTER)


def _template_json(template: OwnTemplate) -> Json:
    return {
        "id": template.id,
        "title": template.title,
        "description": template.description,
        "instructions": template.instructions,
        "headings": list(template.headings),
        "words": list(template.words),
        "figures": template.figures,
        "shared": template.owner is None,
        "built_in": False,
    }
