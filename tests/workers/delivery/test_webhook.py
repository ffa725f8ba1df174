"""Webhooks: whom they may reach, how they are signed, and receivers that behave in every bad way."""

import base64
import hashlib
import hmac
import socket
import time

import pytest

from core.deliveries import Channel, Format, Wish
from core.errors import InvalidRequest
from core.settings import Settings
from tests.llm.rude_server import STREAM, Manner, for_ever, hang, replying, reset, served
from tests.processes import free_port
from tests.workers.delivery.conftest import SECRET, Hook
from workers.delivery import webhook
from workers.delivery.outcomes import Outcome

ORIGINS = ("https://hooks.example.org", "http://10.1.2.3:9000", "https://[2001:db8::1]:8443")


def _sent(settings: Settings, url: str, form: Format = Format.JSON, text: str = "{}") -> Outcome:
    return webhook.send(settings, Wish(Channel.WEBHOOK, form, url=url), "an-id", text)


def _open(settings: Settings, origin: str, *networks: str, seconds: float = 5.0) -> Settings:
    chosen = {"webhook_origins": (origin,), "webhook_networks": networks, "delivery_seconds": seconds}
    return settings.model_copy(update=chosen)


def test_a_receiver_can_tell_that_it_is_us_and_that_it_is_new(settings: Settings, hook: Hook) -> None:
    assert _sent(settings, f"{hook.url}/in", Format.MARKDOWN, "# Räume") == Outcome()

    ((headers, body),) = hook.requests
    assert body == "# Räume".encode()
    assert headers["content-type"] == "text/markdown; charset=utf-8"
    assert headers["webhook-id"] == "an-id" and abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    signed = f"an-id.{headers['webhook-timestamp']}.".encode() + body
    wanted = base64.b64encode(hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{wanted}"


def test_the_signature_is_that_of_the_specification() -> None:
    # The example of the specification's reference libraries.
    found = webhook.signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "1614265330",
        b'{"test": 2432232314}',
    )

    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_two_secrets_sign_while_they_change() -> None:
    one, other = (webhook.signature(secret, "a", "1", b"b") for secret in ("x" * 24, "y" * 24))

    assert webhook.signature(f"{'x' * 24} {'y' * 24}", "a", "1", b"b") == f"{one} {other}"


@pytest.mark.parametrize(
    "url",
    ["https://hooks.example.org/a/b?c=d", "https://HOOKS.example.org:443/", "http://10.1.2.3:9000", ORIGINS[2] + "/a"],
)
def test_what_the_operator_listed_is_allowed(settings: Settings, url: str) -> None:
    assert webhook.checked_url(settings.model_copy(update={"webhook_origins": ORIGINS}), url)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.org/",
        "https://hooks.example.org:444/",
        "https://hooks.example.org.evil.org/",
        "https://evil.org/https://hooks.example.org",
        "https://hooks.example.org@evil.org/",
        "https://evil.org#https://hooks.example.org",
        "https://evil.org\\@hooks.example.org/",
        "https://user:pass@hooks.example.org/",
        "https://hooks.example.org/#part",
        "https://hooks.example.org\t.evil.org/",
        "https://hooks.example.org/\r\nHost: evil.org",
        "https://hooks。example.org/",
        "//hooks.example.org/",
        "hooks.example.org",
        "file:///etc/passwd",
        "gopher://10.1.2.3:9000/",
        "http://10.1.2.3/",
        "http://167838211:9000/",
        "http://0x0a010203:9000/",
        "http://[::ffff:10.1.2.3]:9000/",
        "https://[2001:db8::1",
        "https://hooks.example.org/" + "a" * 2000,
        "",
    ],
)
def test_nothing_else_is(settings: Settings, url: str) -> None:
    with pytest.raises(InvalidRequest):
        webhook.checked_url(settings.model_copy(update={"webhook_origins": ORIGINS}), url)


def test_without_a_list_there_are_none(settings: Settings) -> None:
    with pytest.raises(InvalidRequest, match="ARCHIVAR_WEBHOOK_ORIGINS"):
        webhook.checked_url(settings.model_copy(update={"webhook_origins": ()}), "https://hooks.example.org/")


def test_a_name_leads_to_private_addresses_only_where_they_are_listed(settings: Settings, hook: Hook) -> None:
    origin = hook.url.replace("127.0.0.1", "localhost")

    refused = _sent(_open(settings, origin, "10.0.0.0/8"), origin)
    assert refused.never is not None and refused.never.code == "not_allowed" and hook.requests == []

    assert _sent(_open(settings, origin, "127.0.0.0/8"), origin) == Outcome()
    assert hook.requests[0][0]["host"] == origin.removeprefix("http://")


@pytest.mark.parametrize(
    ("status", "again"),
    [(500, True), (503, True), (429, True), (408, True), (400, False), (404, False), (410, False)]
    + [(code, False) for code in (301, 302, 303, 307, 308)],
)
def test_what_is_tried_again(settings: Settings, hook: Hook, status: int, again: bool) -> None:
    hook.status, hook.headers = status, {"Location": f"{hook.url}/elsewhere", "Content-Length": "0"}

    found = _sent(settings, f"{hook.url}/in")

    assert ((found.later is not None), (found.never is not None)) == (again, not again)
    assert len(hook.requests) == 1


@pytest.mark.parametrize(("said", "pause"), [("120", 120.0), ("Wed, 21 Oct 2026 07:28:00 GMT", 0.0), ("-1", 0.0)])
def test_who_asks_for_a_pause_gets_it(settings: Settings, hook: Hook, said: str, pause: float) -> None:
    hook.status, hook.headers = 503, {"Retry-After": said}

    assert _sent(settings, hook.url).pause == pause


def _trickle_headers(connection: socket.socket, request: str) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for_ever(b"A: b\r\n", 0.05)(connection, request)


TRICKLING = (for_ever(b"H", 0.05), for_ever(b"HTTP/1.1 100 Continue\r\n\r\n", 0.05), _trickle_headers)


@pytest.mark.parametrize("manner", [hang, reset, *TRICKLING, replying(200, b"a" * 100, "Content-Encoding: gzip")])
def test_a_rude_receiver_is_left_and_asked_again(settings: Settings, manner: Manner) -> None:
    with served(manner) as server:
        origin = server.url.removesuffix("/v1")
        found = _sent(_open(settings, origin, seconds=0.5), origin)

    assert found.later is not None


def test_an_endless_reply_is_not_read(settings: Settings) -> None:
    def flood(connection: socket.socket, request: str) -> None:
        connection.sendall(STREAM)
        for_ever(b"a" * 65536, 0.0)(connection, request)

    with served(flood) as server:
        origin = server.url.removesuffix("/v1")
        assert _sent(_open(settings, origin), origin) == Outcome()


def test_a_receiver_that_is_away_is_asked_later(settings: Settings) -> None:
    origin = f"http://127.0.0.1:{free_port()}"

    found = _sent(_open(settings, origin), origin)

    assert found.later is not None and found.later.code == "unreachable"


def test_a_name_that_nobody_knows_is_asked_later(settings: Settings) -> None:
    found = _sent(_open(settings, "https://hooks.invalid"), "https://hooks.invalid/")

    assert found.later is not None and found.later.code == "unreachable"


def test_an_address_is_told_without_its_secrets() -> None:
    assert (
        webhook.shown_url("https://hooks.example.org:8443/T0/secret?token=secret") == "https://hooks.example.org:8443/…"
    )
