"""The application factory: what holds for every request, in the order in which it is checked."""

from urllib.parse import urlencode

from flask import Flask, Response, g, redirect, request

from core.names import shown
from web import frame, problems, security
from web.api import SEE_OTHER, register
from web.bodies import PatientBodies
from web.front import Front
from web.identity import ANONYMOUS, SessionCookie, changes_state, identify, refuse_cross_site
from web.routes import ROUTES
from web.views import conditions

CSRF_HEADER = "X-CSRF-Token"
CSRF_FIELD = "csrf_token"
# The upload view raises this for itself.
_MOST_BODY_BYTES = 1024 * 1024
_MOST_FORM_PARTS = 100
_FORM = "application/x-www-form-urlencoded"
_STATIC = "static"
# What somebody may do who has not accepted the conditions of a model yet.
_BEFORE_ACCEPTANCE = {"conditions.conditions", "conditions.accept", "sign-in.sign_out", "preferences.change"}


def create_app(front: Front) -> Flask:
    """The web application on the collaborators given."""
    app = Flask(__name__)
    app.config.update(
        MAX_CONTENT_LENGTH=_MOST_BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=_MOST_BODY_BYTES,
        MAX_FORM_PARTS=_MOST_FORM_PARTS,
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.url_map.merge_slashes = False
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters["shown"] = shown
    frame.install(app, front)
    register(app, front, ROUTES)
    problems.register(app)
    _check_requests(app, front)
    app.wsgi_app = PatientBodies(app.wsgi_app, front.services.settings.silent_seconds)  # type: ignore[method-assign]
    return app


def _check_requests(app: Flask, front: Front) -> None:
    settings, people = front.services.settings, front.services.store.people
    hosts, cookie = security.TrustedHosts(settings), SessionCookie(settings)
    guarded = {route.name for route in ROUTES if route.endpoint.is_page} - _BEFORE_ACCEPTANCE
    public = {route.name for route in ROUTES if route.endpoint.public} | {_STATIC}

    @app.before_request
    def check() -> Response | None:
        front.metrics.begin()
        g.identity = ANONYMOUS
        frame.begin()
        hosts.check(request)
        if changes_state(request):
            refuse_cross_site(request)
        if request.endpoint in public:
            return None
        g.identity = identify(request, people, cookie)
        if changes_state(request):
            g.identity.prove_intent(_csrf_token())
        if request.endpoint in guarded and front.duties.lacks_acceptance(g.identity):
            return _to_conditions()
        return None

    @app.after_request
    def finish(response: Response) -> Response:
        return front.metrics.count(security.secure(response))

    @app.context_processor
    def known_to_templates() -> dict[str, object]:
        return {"csrf_token": g.get("identity", ANONYMOUS).csrf_token}


def _to_conditions() -> Response:
    """To the page of conditions, and from there to where the person was going."""
    here = request.full_path.rstrip("?") if request.method == "GET" else "/"
    response = redirect(f"{conditions.PATH}?{urlencode({'next': here})}", SEE_OTHER)
    assert isinstance(response, Response)
    return response


def _csrf_token() -> str | None:
    token = request.headers.get(CSRF_HEADER)
    if token is None and request.mimetype == _FORM:
        token = request.form.get(CSRF_FIELD)
    return token
