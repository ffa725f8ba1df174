"""`archivar receipts` and `archivar verify-receipt`."""

import json
from pathlib import Path

from core.storage.store import Store
from tests import factories
from tests.cli.conftest import Archivar


def test_a_receipt_is_printed_and_checked(archivar: Archivar, store: Store, tmp_path: Path) -> None:
    receipt = store.documents.delete(factories.upload(store).document.id).receipt
    listed = archivar("receipts", "--json").json
    path = tmp_path / "receipt.json"
    path.write_text(archivar("receipts", receipt.id).stdout)

    good = archivar("verify-receipt", path, "--key", listed["public_key"], "--json")
    other = archivar("verify-receipt", path, "--key", "00" * 32, "--json")
    told = json.loads(path.read_text())
    path.write_text(json.dumps({**told, "body": {**told["body"], "filename": "other.txt"}}))
    changed = archivar("verify-receipt", path)

    assert [one["body"]["id"] for one in listed["receipts"]] == [receipt.id]
    assert (good.status, good.json["genuine"], good.json["clean"]) == (0, True, True)
    assert (other.status, other.json["genuine"]) == (1, False)
    assert (changed.status, "NOT genuine" in changed.stdout) == (1, True)
