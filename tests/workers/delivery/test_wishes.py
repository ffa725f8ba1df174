"""What people may have delivered where."""

import pytest

from core.deliveries import Channel, Format, Wish
from core.errors import InvalidRequest
from core.settings import Settings
from core.storage.store import Store
from core.values import User
from tests.workers.delivery.conftest import Hook
from workers.delivery.wishes import available, checked


def _mail(*addresses: str) -> Wish:
    return Wish(Channel.EMAIL, Format.HTML, addresses)


def test_people_may_send_to_themselves_and_to_whom_the_operator_lists(
    settings: Settings, store: Store, user: User
) -> None:
    listed = settings.model_copy(update={"mail_recipients": ("Partners.example.org", "boss@example.com")})

    wanted = _mail("Mira@example.org", "a@partners.example.org", "boss@example.com")

    assert checked(listed, store, user.id, [wanted]) == (wanted,)


@pytest.mark.parametrize(
    "address",
    [
        "jon@example.org",
        "a@sub.partners.example.org",
        "a@evilpartners.example.org",
        "other@example.com",
        "mira@example.org, eve@evil.example",
        "mira@example.org\r\nBcc: eve@evil.example",
        "<mira@example.org>",
        "mira@example.org ",
        '"mira"@example.org',
        "mira@",
        "@example.org",
        "räume@partners.example.org",
        "a@partners.example.org." + "a" * 300,
        "",
    ],
)
def test_but_to_nobody_else(settings: Settings, store: Store, user: User, address: str) -> None:
    listed = settings.model_copy(update={"mail_recipients": ("partners.example.org", "boss@example.com")})

    with pytest.raises(InvalidRequest):
        checked(listed, store, user.id, [_mail(address)])


def test_the_operator_may_send_to_anybody(settings: Settings, store: Store) -> None:
    assert checked(settings, store, None, [_mail("jon@example.net")])


def test_to_nobody_or_to_too_many_is_refused(settings: Settings, store: Store) -> None:
    for wish in (_mail(), _mail("a@example.org", "a@example.org"), _mail(*(f"a{n}@example.org" for n in range(21)))):
        with pytest.raises(InvalidRequest):
            checked(settings, store, None, [wish])


def test_what_the_operator_has_not_set_up_is_refused_and_says_how(settings: Settings, store: Store) -> None:
    bare = settings.model_copy(update={"mail_server": "", "webhook_origins": (), "delivery_folder": ""})

    assert set(available(bare).values()) == {False} and set(available(settings).values()) == {True}
    hook = Wish(Channel.WEBHOOK, Format.JSON, url="https://hooks.example.org")
    for wish, name in (
        (_mail("a@example.org"), "MAIL_SERVER"),
        (hook, "WEBHOOK_ORIGINS"),
        (Wish(Channel.FOLDER, Format.JSON), "DELIVERY_FOLDER"),
    ):
        with pytest.raises(InvalidRequest, match=f"ARCHIVAR_{name}"):
            checked(bare, store, None, [wish])


def test_a_language_that_is_not_there_is_refused(settings: Settings, store: Store, hook: Hook) -> None:
    with pytest.raises(InvalidRequest):
        checked(settings, store, None, [Wish(Channel.FOLDER, Format.JSON, language="xx")])
