"""`archivar unlock`."""

from pathlib import Path

from tests.cli.conftest import Archivar
from tests.ingest.test_unlocking import SECRET, locked_pdf


def test_a_password_from_standard_input(archivar: Archivar, tmp_path: Path) -> None:
    path = tmp_path / "vault.pdf"
    path.write_bytes(locked_pdf("open sesame"))
    (added,) = archivar("add", path, "--collection", "Vaults", "--json").json["documents"]

    wrong = archivar("unlock", added["id"], "--json", stdin="open says me\n")
    right = archivar("unlock", added["id"], "--json", stdin="open sesame\r\n")
    found = archivar("search", "combination", "--collection", "Vaults", "--json").json

    assert added["status"] == "password_required"
    assert wrong.status == 1 and "does not open" in wrong.stderr
    assert (right.status, right.json["status"], right.json["version"]) == (0, "ready", 1)
    assert found["hits"][0]["text"].strip() == SECRET
