"""Language and theme: kept in cookies, so that they hold before anyone has signed in."""

from urllib.parse import urlsplit

from flask import Response, redirect, request

from core.errors import InvalidRequest
from web.api import HTML, SEE_OTHER, Call, Endpoint, Routes
from web.frame import THEME_COOKIE, THEMES
from web.languages import COOKIE, LANGUAGES

_YEAR = 365 * 24 * 3600
_CHOICES = {COOKIE: frozenset(LANGUAGES), THEME_COOKIE: frozenset(THEMES)}

routes = Routes("Preferences")


@routes.serve(
    Endpoint(
        "POST",
        "/preferences",
        "Choose a language or a theme",
        HTML,
        status=SEE_OTHER,
        errors=(InvalidRequest,),
        public=True,
    )
)
def change(call: Call) -> Response:
    """Remember what was chosen, then go back to where the choice was made."""
    chosen = {name: request.form[name] for name in _CHOICES if name in request.form}
    if not chosen or any(value not in _CHOICES[name] for name, value in chosen.items()):
        raise InvalidRequest("There is no such language or theme.")
    response = redirect(local(request.form.get("next", "/")), SEE_OTHER)
    assert isinstance(response, Response)
    secure = call.settings.public_url.startswith("https:")
    for name, value in chosen.items():
        # Not out of reach of scripts: the page changes the theme without a reload.
        response.set_cookie(name, value, max_age=_YEAR, secure=secure, samesite="Lax")
    return response


def local(address: str) -> str:
    """The address if it lies on this server, else the start page: browsers read `//x` and `/\\x` as other hosts."""
    parts = urlsplit(address)
    is_local = not parts.scheme and not parts.netloc and address.startswith("/") and address.isprintable()
    return address if is_local and not address.startswith(("//", "/\\")) and "\\" not in address else "/"
