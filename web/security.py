"""Rules that hold for every reply and every request: headers for browsers, and the names this server answers to."""

import re
from urllib.parse import urlsplit

from flask import Request, Response
from werkzeug.exceptions import SecurityError

from core.settings import Settings

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'; "
    # Scripts cannot turn text into markup, whatever they are made to try.
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
# What a document contains must not run even where a browser is talked into showing it.
SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"
_EVERY_ADDRESS = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared with, not bound to
_PORT = re.compile(r":\d+$")


def secure(response: Response) -> Response:
    """Add the headers that a view did not set itself."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response


class TrustedHosts:
    """The host names that requests may be addressed to; anything else may be a rebinding or cache attack."""

    def __init__(self, settings: Settings) -> None:
        public = urlsplit(settings.public_url).netloc
        # An address that stands for every address of the machine is no name that anyone types.
        own = settings.host if settings.host not in _EVERY_ADDRESS else ""
        own = f"[{own}]" if ":" in own else own
        self._names = {_PORT.sub("", name).lower() for name in (*settings.trusted_hosts, public, own) if name}

    def check(self, request: Request) -> None:
        """Refuse a request that is addressed to someone else; `.example.com` trusts every host below it."""
        host = _PORT.sub("", request.environ.get("HTTP_HOST", "")).lower()
        _, dot, parent = host.partition(".")
        if host not in self._names and dot + parent not in self._names - {""}:
            raise SecurityError("This server does not answer to that host name. See ARCHIVAR_TRUSTED_HOSTS.")
