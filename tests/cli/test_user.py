"""`archivar user`."""

from core.settings import Settings
from core.storage.store import Store
from tests.cli.conftest import Archivar


def test_an_account_and_its_links(archivar: Archivar, settings: Settings) -> None:
    added = archivar("user", "add", "Mira@example.org", "--role", "member", "--json")

    assert added.status == 0
    assert set(added.json) == {"id", "email", "sign_in_link"}
    assert added.json["email"] == "mira@example.org"
    again = archivar("user", "link", "mira@example.org", "--json").json
    assert again["id"] == added.json["id"]
    assert again["sign_in_link"] != added.json["sign_in_link"]
    store = Store(settings)
    for link in (added.json["sign_in_link"], again["sign_in_link"]):
        session = store.people.redeem_link(link.rpartition("/")[2], 60)
        assert session
    store.close()


def test_how_it_fails(archivar: Archivar) -> None:
    assert archivar("user", "add", "mira@example.org", "--role", "owner").status == 2
    assert archivar("user", "add", "nobody", "--role", "member", "--json").status == 2
    gone = archivar("user", "link", "mira@example.org", "--json")
    assert gone.status == 1
    assert gone.json["error"]["code"] == "not_found"
