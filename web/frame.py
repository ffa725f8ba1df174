"""What frames every page: its language and theme, the words of its scripts, and which model writes the answers."""

import json

from flask import Flask, Response, g, render_template, request
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from core.access import Action, permits, scope
from core.values import Collection
from web import languages, words
from web.api import HTML, Call
from web.front import Front
from web.place_names import place_name

THEMES = ("auto", "light", "dark")
THEME_COOKIE = "theme"
_MOST_COLLECTIONS = 200


def install(app: Flask, front: Front) -> None:
    """Give templates what `base.html` shows."""
    languages.install(app)
    app.jinja_env.filters["as_data"] = as_data
    app.jinja_env.filters["place_name"] = place_name

    @app.context_processor
    def frame() -> dict[str, object]:
        return {
            "language": languages.current(),
            "languages": languages.LANGUAGES,
            "theme": theme(),
            "themes": THEMES,
            "here": request.full_path.rstrip("?") if request.method == "GET" else "/",
            "words": words.for_scripts,
            "troubles": words.troubles,
            "warnings_explained": words.warnings,
            "status_names": words.statuses,
            "stage_names": words.stages,
            "has_model": bool(front.services.settings.llm_base),
            "model": front.known_model(),
            "llama": front.duties.licence,
        }


def as_data(value: object) -> Markup:
    """Data for scripts, in a block of its own: ASCII, so that nothing in it can turn text around or end the block."""
    return htmlsafe_json_dumps(value, dumps=json.dumps, separators=(",", ":"))


def begin() -> None:
    """Find out the language of the request; call it before anything can fail."""
    g.language = languages.wanted(request)


def theme() -> str:
    """The theme that was chosen; `auto` follows the system."""
    chosen = request.cookies.get(THEME_COOKIE, "")
    return chosen if chosen in THEMES else THEMES[0]


def rendered(call: Call, template: str, **values: object) -> Response:
    """A page for someone who is signed in."""
    user = call.store.people.get(call.reader.user_id) if call.reader.user_id is not None else None
    rights = {
        "administers": permits(call.reader, Action.ADMINISTER),
        "reviews": any(permits(call.reader, Action.REVIEW, one) for one in ("", *call.reader.collections)),
    }
    return Response(render_template(template, user=user, **rights, **values), mimetype=HTML)


def readable_collections(call: Call) -> list[Collection]:
    """The collections that the reader may read, by name."""
    readable = scope(call.reader, call.store.collections.ids())
    found = call.store.collections.page(readable, limit=_MOST_COLLECTIONS)
    return sorted(found, key=lambda one: one.name.casefold())
