"""Reading again, and reading no further, from the command line."""

from core.settings import Settings
from core.storage.store import Store
from core.values import DocumentStatus
from tests import factories
from tests.cli.conftest import Archivar


def test_a_collection_is_read_again_and_answers_all_the_while(
    archivar: Archivar, settings: Settings, store: Store
) -> None:
    cancelled = factories.upload(store, "cancelled.txt", b"The notice period is three months.").document
    other = factories.upload(store, "other.txt", b"The rent is due on the first.").document

    stopped = archivar("cancel", cancelled.id, "--json")

    assert stopped.status == 0
    assert [row["error"]["code"] for row in stopped.json["documents"]] == ["cancelled"]
    assert store.documents.get(other.id).status is DocumentStatus.QUEUED

    first = archivar("reprocess", cancelled.id, other.id, cancelled.id, "--json")

    assert first.status == 0
    assert sorted((row["path"], row["status"], row["passages"]) for row in first.json["documents"]) == [
        ("cancelled.txt", "ready", 1),
        ("other.txt", "ready", 1),
    ]
    before = archivar("search", "notice period", "--json").json["hits"]

    again = archivar("reprocess", "--collection", "contracts", "--json")

    assert (again.status, len(again.json["documents"])) == (0, 2)
    after = archivar("search", "notice period", "--json").json["hits"]
    assert [hit["text"] for hit in after] == [hit["text"] for hit in before]
    assert {hit["passage_id"] for hit in after}.isdisjoint(hit["passage_id"] for hit in before)
    assert archivar("doctor", "--json").json["ok"]
    unknown = archivar("reprocess", "00000000-0000-0000-0000-000000000000", "--json")
    assert (unknown.status, unknown.json["documents"][0]["error"]["code"]) == (1, "not_found")
