"""Who sends a request: API keys, session cookies, and the proof that a browser meant what it sends.

What a reader may then do is decided in `core.access`, never here.
"""

import hashlib
import hmac
from dataclasses import dataclass

from flask import Request, Response
from werkzeug.exceptions import Forbidden as CrossSite

from core.errors import Forbidden, NotSignedIn
from core.settings import Settings
from core.storage.people import Credential, People
from core.values import Reader

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
NOBODY = Reader(user_id=None)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks; `session` is the secret of the cookie, None where an API key was sent."""

    reader: Reader
    session: str | None = None

    @property
    def csrf_token(self) -> str:
        """The token that pages of this session put into their forms; empty where there is no session."""
        if self.session is None:
            return ""
        return hmac.new(self.session.encode(), b"csrf", hashlib.sha256).hexdigest()

    def prove_intent(self, token: str | None) -> None:
        """Raise `Forbidden` unless the token belongs to the session; API keys need none."""
        if self.session is not None and not hmac.compare_digest(self.csrf_token.encode(), (token or "").encode()):
            raise Forbidden("The form has grown old. Load the page again, then repeat what you did.")


ANONYMOUS = Identity(NOBODY)


class SessionCookie:
    """The cookie that carries a session: out of reach of scripts and of other sites."""

    def __init__(self, settings: Settings) -> None:
        self._secure = settings.public_url.startswith("https:")
        self._seconds = settings.session_hours * 3600
        # Browsers accept a name with this prefix only from this very host, over TLS.
        self._name = "__Host-archivar" if self._secure else "archivar"

    def read(self, request: Request) -> str | None:
        """The secret that the request carries."""
        return request.cookies.get(self._name)

    def write(self, response: Response, secret: str) -> None:
        """Give the browser its session."""
        response.set_cookie(
            self._name, secret, max_age=self._seconds, secure=self._secure, httponly=True, samesite="Lax"
        )

    def erase(self, response: Response) -> None:
        """Take the session away from the browser."""
        response.delete_cookie(self._name, secure=self._secure, httponly=True, samesite="Lax")


def identify(request: Request, people: People, cookie: SessionCookie) -> Identity:
    """Who sends the request, with the rights of this moment. Raises `NotSignedIn`.

    A request with an `Authorization` header is judged by that alone.
    """
    header = request.headers.get("Authorization")
    if header is not None:
        scheme, _, key = header.partition(" ")
        if scheme.lower() != "bearer":
            raise NotSignedIn("Send an API key in the header Authorization: Bearer KEY.")
        return Identity(people.reader(key.strip(), Credential.API_KEY))
    session = cookie.read(request)
    if session is None:
        raise NotSignedIn("Sign in with your link. Programs send an API key in the header Authorization: Bearer KEY.")
    return Identity(people.reader(session, Credential.SESSION), session)


def changes_state(request: Request) -> bool:
    """Whether the request asks for more than to look at something."""
    return request.method not in _SAFE_METHODS


def refuse_cross_site(request: Request) -> None:
    """Refuse what a browser says another site made it send."""
    if request.headers.get("Sec-Fetch-Site", "none") not in {"none", "same-origin"}:
        raise CrossSite("Another site sent this request.")
