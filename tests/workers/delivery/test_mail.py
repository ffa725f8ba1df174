"""Messages as they arrive, and every way in which a mail server can refuse them."""

from pathlib import Path

import pytest

from core.deliveries import Channel, Delivery, DeliveryState, Format, Wish
from core.settings import Settings
from core.storage.store import Store
from core.values import Failure
from tests.llm.rude_server import Manner, for_ever, hang, reset, served
from tests.processes import free_port
from tests.workers.delivery.conftest import RENT, Ended, Post
from workers.delivery.deliverer import Deliverer

MIRA, JON = "mira@example.org", "jon@example.org"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Reports may go to colleagues."""
    return settings.model_copy(update={"mail_recipients": ("example.org",)})


def _to(*addresses: str, form: Format = Format.HTML, language: str = "en") -> Wish:
    return Wish(Channel.EMAIL, form, addresses, language=language)


def _attempt(settings: Settings, store: Store, run_id: str) -> Delivery:
    assert Deliverer(settings, store).deliver()
    (found,) = store.deliveries.of_run(run_id)
    return found


def test_a_message_is_text_with_html_beside_it(settings: Settings, store: Store, ended: Ended, post: Post) -> None:
    told = _attempt(settings, store, ended(_to(MIRA, JON)))

    ((addresses, message),) = post.messages
    assert addresses == [MIRA, JON] and message["To"] == f"{MIRA}, {JON}"
    assert message["Message-ID"] == f"<{told.id}@example.org>"
    assert (message["From"], message["Auto-Submitted"]) == ("Archivar <archivar@example.org>", "auto-generated")
    assert message.get_content_type() == "multipart/alternative"
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None and html is not None
    for body in (text.get_content(), html.get_content()):
        assert RENT in body and "0.txt, page 1" in body and "quoted from the documents" in body
        assert f"https://archivar.example.org/summaries/{told.run_id}" in body
    assert told.received == (MIRA, JON)


@pytest.mark.parametrize(("form", "ending"), [(Format.MARKDOWN, "md"), (Format.JSON, "json")])
def test_other_formats_are_attached(
    settings: Settings, store: Store, ended: Ended, post: Post, form: Format, ending: str
) -> None:
    told = _attempt(settings, store, ended(_to(MIRA, form=form, language="de")))

    ((_, message),) = post.messages
    body = message.get_body(("plain",))
    assert body is not None and "## Zusammenfassung" in body.get_content()
    (attached,) = message.iter_attachments()
    assert attached.get_filename() == f"summary-{told.run_id[:8]}.{ending}"
    assert "euros a month" in attached.get_content() if ending == "md" else attached.get_content()


def test_a_message_that_is_sent_again_says_that_it_is_the_same(
    settings: Settings, store: Store, ended: Ended, post: Post
) -> None:
    post.replies = {JON: "451 later"}
    run_id = ended(_to(MIRA, JON))

    waiting = _attempt(settings, store, run_id)
    assert (waiting.state, waiting.received) == (DeliveryState.WAITING, (MIRA,))
    assert waiting.error is not None and "jon@example.org (451 later)" in waiting.error.message
    post.replies = {}
    store.deliveries.repeat(run_id, Channel.EMAIL)
    told = _attempt(settings, store, run_id)

    assert (told.state, told.received, told.error) == (DeliveryState.DELIVERED, (MIRA, JON), None)
    assert [addresses for addresses, _ in post.messages] == [[MIRA], [JON]]
    assert len({str(message["Message-ID"]) for _, message in post.messages}) == 1


def test_who_is_refused_for_good_is_named(settings: Settings, store: Store, ended: Ended, post: Post) -> None:
    post.replies = {JON: "550 nobody of that name"}

    told = _attempt(settings, store, ended(_to(MIRA, JON)))

    assert (told.state, told.received) == (DeliveryState.FAILED, (MIRA,))
    assert told.error == Failure("refused", "The mail server refuses jon@example.org (550 nobody of that name)")


@pytest.mark.parametrize(("said", "state"), [("554 spam", DeliveryState.FAILED), ("452 full", DeliveryState.WAITING)])
def test_what_is_said_of_the_message_counts(
    settings: Settings, store: Store, ended: Ended, post: Post, said: str, state: DeliveryState
) -> None:
    post.after = said

    told = _attempt(settings, store, ended(_to(MIRA)))

    assert (told.state, told.received) == (state, ())
    assert told.error is not None and said in told.error.message


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine trusts the certificate."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


def _secure(settings: Settings, post: Post, **more: object) -> Settings:
    chosen = {"mail_server": f"localhost:{post.port}", "mail_security": "starttls", "mail_user": "archivar", **more}
    return settings.model_copy(update={**chosen, "mail_password": type(settings.mail_password)("right"), **more})


def test_starttls_and_a_password(
    settings: Settings,
    store: Store,
    ended: Ended,
    secure_post: Post,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    told = _attempt(_secure(settings, secure_post), store, ended(_to(MIRA)))

    assert (told.state, told.error) == (DeliveryState.DELIVERED, None)
    assert secure_post.signed_in == ["archivar"] and len(secure_post.messages) == 1


def test_a_server_that_nobody_vouches_for_gets_no_password(
    settings: Settings, store: Store, ended: Ended, secure_post: Post
) -> None:
    told = _attempt(_secure(settings, secure_post), store, ended(_to(MIRA)))

    assert told.state is DeliveryState.WAITING and told.error is not None and told.error.code == "mail_settings"
    assert secure_post.signed_in == [] and secure_post.messages == []


def test_a_wrong_password_is_for_the_operator_to_mend(
    settings: Settings,
    store: Store,
    ended: Ended,
    secure_post: Post,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    wrong = type(settings.mail_password)("wrong")

    told = _attempt(_secure(settings, secure_post, mail_password=wrong), store, ended(_to(MIRA)))

    assert told.state is DeliveryState.WAITING and told.error is not None and "wrong" not in told.error.message


def test_a_server_without_tls_gets_nothing(settings: Settings, store: Store, ended: Ended, post: Post) -> None:
    told = _attempt(settings.model_copy(update={"mail_security": "starttls"}), store, ended(_to(MIRA)))

    assert told.state is DeliveryState.WAITING and told.error is not None and told.error.code == "mail_settings"
    assert post.messages == []


@pytest.mark.parametrize("manner", [hang, reset, for_ever(b"2", 0.05), for_ever(b"220-more\r\n", 0.05)])
@pytest.mark.parametrize("security", ["none", "tls"])
def test_a_rude_server_is_left(settings: Settings, store: Store, ended: Ended, manner: Manner, security: str) -> None:
    with served(manner, at_once=True) as server:
        port = server.url.rpartition(":")[2].partition("/")[0]
        chosen = {"mail_server": f"127.0.0.1:{port}", "mail_security": security, "delivery_seconds": 0.5}

        told = _attempt(settings.model_copy(update=chosen), store, ended(_to(MIRA)))

    assert told.state is DeliveryState.WAITING and told.error is not None


def test_a_server_that_is_away_is_asked_later(settings: Settings, store: Store, ended: Ended) -> None:
    away = settings.model_copy(update={"mail_server": f"127.0.0.1:{free_port()}"})

    told = _attempt(away, store, ended(_to(MIRA)))

    assert told.state is DeliveryState.WAITING and told.error is not None and told.error.code == "unreachable"
