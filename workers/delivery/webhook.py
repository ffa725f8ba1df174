"""Reports to webhooks, signed as the Standard Webhooks specification says (https://www.standardwebhooks.com).

They go to origins that the operator listed, follow no redirect, and reach private addresses only where the operator
named the address or its network. Times and sizes are bounded whatever the other side does.
"""

import base64
import binascii
import hashlib
import hmac
import socket
import time
from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import httpx2

from core.deliveries import Wish
from core.errors import InvalidRequest
from core.settings import Settings
from core.values import Failure
from llm.connection import Deadline, open_client
from workers.delivery.outcomes import Outcome, quoted
from workers.delivery.rendering import MEDIA_TYPES

_MOST_CHARACTERS = 2_000
_MOST_BYTES = 65_536
_SIGNED = "whsec_"
_TRY_AGAIN = frozenset({408, 409, 423, 425, 429})
_MAPPED = ip_network("64:ff9b::/96")
_NOT_FOUND = Failure("unreachable", "The webhook's host was not found.")
_PRIVATE = Failure("not_allowed", "The webhook's host leads to a private address that the operator has not listed.")


def checked_url(settings: Settings, url: str) -> httpx2.URL:
    """The address of a webhook as it is asked. Raises `InvalidRequest` unless the operator allows it."""
    if not settings.webhook_origins:
        raise InvalidRequest(
            "Webhooks are not set up here. The operator lists their hosts in ARCHIVAR_WEBHOOK_ORIGINS."
        )
    if len(url) > _MOST_CHARACTERS or not url.isascii() or not url.isprintable() or set(url) & set(' \\"<>^`{|}'):
        raise InvalidRequest(f"A webhook's address has at most {_MOST_CHARACTERS} characters, none of them special.")
    try:
        parsed = httpx2.URL(url)
        known = [httpx2.URL(one) for one in settings.webhook_origins]
    except httpx2.InvalidURL:
        raise InvalidRequest("This is not the address of a webhook.") from None
    if parsed.userinfo or parsed.fragment:
        raise InvalidRequest("A webhook's address holds no user, no password and no fragment.")
    if _origin(parsed) not in map(_origin, known):
        raise InvalidRequest("The operator has not listed this scheme, host and port in ARCHIVAR_WEBHOOK_ORIGINS.")
    return parsed


def shown_url(url: str) -> str:
    """The address without what may be a secret in it: its path and query."""
    parsed = httpx2.URL(url)
    return f"{parsed.scheme}://{parsed.netloc.decode()}/…"


def send(settings: Settings, wish: Wish, delivery_id: str, text: str) -> Outcome:
    """Send a report, and say how that went. Raises `InvalidRequest` where it may not go there any more."""
    url, body = checked_url(settings, wish.url), text.encode()
    headers = _headers(settings, wish, delivery_id, body)
    deadline = Deadline(settings.delivery_seconds, settings.delivery_seconds, _MOST_BYTES)
    addresses = _addresses(settings, url)
    if isinstance(addresses, Failure):
        return Outcome(later=addresses) if addresses is _NOT_FOUND else Outcome(never=addresses)
    why = _NOT_FOUND
    for address in addresses:
        try:
            return _posted(deadline, address, url, headers, body)
        except httpx2.ConnectError as error:
            why = Failure("unreachable", f"The webhook cannot be reached: {quoted(str(error))}")
    return Outcome(later=why)


def _posted(deadline: Deadline, address: str, url: httpx2.URL, headers: Mapping[str, str], body: bytes) -> Outcome:
    """What came of one request. Raises `httpx2.ConnectError` where there is no connection."""
    try:
        with (
            open_client(deadline, address) as client,
            client.stream("POST", url, content=body, headers=headers) as reply,
        ):
            return _judged(reply)
    except httpx2.TimeoutException:
        return Outcome(later=Failure("too_slow", "The webhook did not answer in time."))
    except httpx2.ConnectError:
        raise
    except httpx2.HTTPError as error:
        return Outcome(later=Failure("broken_off", f"The webhook gave no valid answer: {quoted(str(error))}"))


def signature(secrets: str, delivery_id: str, timestamp: str, body: bytes) -> str:
    """The value of `webhook-signature`: one signature for each secret, HMAC-SHA256 over id, time and body."""
    signed = f"{delivery_id}.{timestamp}.".encode() + body
    found = (hmac.digest(_key(secret), signed, hashlib.sha256) for secret in secrets.split())
    return " ".join(f"v1,{base64.b64encode(one).decode()}" for one in found)


def _key(secret: str) -> bytes:
    if secret.startswith(_SIGNED):
        try:
            return base64.b64decode(secret.removeprefix(_SIGNED), validate=True)
        except binascii.Error:
            pass  # then it is a secret that happens to begin like this
    return secret.encode()


def _headers(settings: Settings, wish: Wish, delivery_id: str, body: bytes) -> dict[str, str]:
    timestamp = str(int(time.time()))
    return {
        "Content-Type": f"{MEDIA_TYPES[wish.format]}; charset=utf-8",
        "User-Agent": "Archivar",
        "webhook-id": delivery_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": signature(settings.webhook_secret.get_secret_value(), delivery_id, timestamp, body),
    }


def _judged(reply: httpx2.Response) -> Outcome:
    status = reply.status_code
    if reply.is_success:
        return Outcome()
    why = Failure("refused", f"The webhook answered {status}.")
    if status >= 500 or status in _TRY_AGAIN:
        after = reply.headers.get("Retry-After", "")
        return Outcome(later=why, pause=float(after) if after.isascii() and after.isdigit() else 0.0)
    if reply.is_redirect:
        why = Failure("redirected", f"The webhook answered {status}: redirects are not followed. Name the new address.")
    return Outcome(never=why)


def _origin(url: httpx2.URL) -> tuple[str, str, int]:
    return url.scheme, url.host.rstrip("."), url.port or {"http": 80, "https": 443}.get(url.scheme, 0)


def _addresses(settings: Settings, url: httpx2.URL) -> Sequence[str] | Failure:
    """Where the host may be reached; looked up once, so that a name cannot mean something else a moment later."""
    host, port = _origin(url)[1:]
    try:
        ip_address(host)
    except ValueError:
        pass  # a name
    else:
        return [host]  # the operator listed this very address
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return _NOT_FOUND
    allowed = [one for one in dict.fromkeys(str(info[4][0]) for info in found) if _may_reach(settings, one)]
    return allowed or _PRIVATE


def _may_reach(settings: Settings, address: str) -> bool:
    found: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        found = found.ipv4_mapped or (IPv4Address(int(found) & 0xFFFFFFFF) if found in _MAPPED else found)
    if found.is_global and not found.is_multicast:
        return True
    return any(found in ip_network(one) for one in settings.webhook_networks)
