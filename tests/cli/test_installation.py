"""What processes of one data folder know of each other."""

import pytest

from cli.installation import Running, public_url, sign_in_link
from core.errors import Conflict
from core.settings import Settings, load_settings
from core.storage.store import Store
from core.values import InstallationRole


def test_one_at_a_time(settings: Settings) -> None:
    with Running(settings) as running:
        running.announce("http://127.0.0.1:1234")
        with pytest.raises(Conflict, match=r"http://127\.0\.0\.1:1234"), Running(settings):
            pass

    with Running(settings):
        pass


def test_the_address_is_that_of_what_runs(settings: Settings) -> None:
    with Running(settings) as running:
        running.announce("http://127.0.0.1:1234")
        assert public_url(settings) == "http://127.0.0.1:1234"

    assert public_url(settings) == "http://127.0.0.1:8080"


@pytest.mark.parametrize(
    ("chosen", "url"),
    [
        ({"host": "0.0.0.0", "port": 81}, "http://127.0.0.1:81"),
        ({"host": "::1", "port": 81}, "http://[::1]:81"),
        ({"public_url": "https://archive.example.org/"}, "https://archive.example.org"),
    ],
)
def test_the_address_as_set(settings: Settings, chosen: dict[str, object], url: str) -> None:
    assert public_url(load_settings(data=settings.data, **chosen)) == url


def test_a_link_signs_in_once(settings: Settings, store: Store) -> None:
    user = store.people.add("mira@example.org", InstallationRole.MEMBER)

    link = sign_in_link(settings, store.people, user.id)

    assert link.startswith("http://127.0.0.1:8080/sign-in/")
    assert store.people.redeem_link(link.rpartition("/")[2], 60)
