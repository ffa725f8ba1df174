"""Signing in with a one-time link, and out again."""

from flask import Response, redirect, render_template, request

from core.errors import NotSignedIn
from web.api import HTML, SEE_OTHER, Call, Endpoint, Routes
from web.identity import SessionCookie

_LINK = "/sign-in/{secret}"
_SECONDS_PER_HOUR = 3600

routes = Routes("Sign-in")


@routes.serve(Endpoint("GET", _LINK, "Offer to sign in", HTML, public=True))
def offer(_call: Call, secret: str) -> Response:
    """A page with a button: programs that look ahead at links in mails must not use one up."""
    return Response(render_template("offer.html", secret=secret), mimetype=HTML)


@routes.serve(Endpoint("POST", _LINK, "Sign in", HTML, status=SEE_OTHER, errors=(NotSignedIn,), public=True))
def sign_in(call: Call, secret: str) -> Response:
    """Trade the link for a session; whoever was signed in with this browser no longer is."""
    cookie = SessionCookie(call.settings)
    session = call.store.people.redeem_link(secret, call.settings.session_hours * _SECONDS_PER_HOUR)
    _end(call, cookie.read(request))
    response = _to_start()
    cookie.write(response, session)
    return response


@routes.serve(Endpoint("POST", "/sign-out", "Sign out", HTML, status=SEE_OTHER))
def sign_out(call: Call) -> Response:
    """End the session in the database, not only in the browser."""
    _end(call, call.identity.session)
    response = _to_start()
    SessionCookie(call.settings).erase(response)
    return response


def _end(call: Call, session: str | None) -> None:
    if session is not None:
        call.store.people.revoke(session)


def _to_start() -> Response:
    response = redirect("/", SEE_OTHER)
    assert isinstance(response, Response)
    return response
