"""Templates of summaries as people see them: the list, and the form of each with its preview on a document."""

from flask import Response

from core.access import Action, permits
from core.errors import NotFound
from core.summaries import OwnTemplate
from web import summary_words
from web.api import HTML, Call, Endpoint, Routes
from web.frame import readable_collections
from web.views.summary_pages import summary_page
from web.views.templates import may_change

routes = Routes("Pages")


@routes.serve(Endpoint("GET", "/summary-templates", "Templates of summaries", HTML))
def templates(call: Call) -> Response:
    """Built-in templates, shared ones, and the reader's own."""
    return summary_page(
        call,
        "summary_templates.html",
        built_in=summary_words.templates(),
        own=call.store.templates.of(call.reader.user_id),
    )


@routes.serve(Endpoint("GET", "/summary-templates/new", "Make a template", HTML))
def new_template(call: Call) -> Response:
    """The form of a new template."""
    return _form(call, None)


@routes.serve(Endpoint("GET", "/summary-templates/{template_id}", "A template of summaries", HTML, errors=(NotFound,)))
def template(call: Call, template_id: str) -> Response:
    """The form of a template that is shared, or the reader's own."""
    return _form(call, call.store.templates.get(template_id, owner=call.reader.user_id))


def _form(call: Call, found: OwnTemplate | None) -> Response:
    return summary_page(
        call,
        "summary_template.html",
        own=found,
        may_change=found is None or may_change(call, found),
        may_share=found is None and permits(call.reader, Action.ADMINISTER),
        has_documents=any(one.documents for one in readable_collections(call)),
        data={"template": found.id if found is not None else None},
    )
