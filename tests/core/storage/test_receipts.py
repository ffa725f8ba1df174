"""What a deletion takes out, what its receipt says of it, and that nobody can change that."""

import json
import signal
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from core.errors import Conflict, InvalidRequest, NotFound
from core.receipts import is_genuine, receipt_from
from core.settings import ROOT, Settings, child_environment
from core.storage import tables as t
from core.storage.backup import back_up
from core.storage.remains import Look
from core.storage.restore import restore
from core.storage.store import Store
from core.wire import signed_receipt_json
from tests import factories

CANARY = "The heron of Zwickau stands in the reeds and counts eleven carp."


def publish(store: Store, path: str = "a.txt", *texts: str) -> str:
    """A document that answers; its id."""
    uploaded = factories.upload(store, path, path.encode() + CANARY.encode())
    factories.publish(store, uploaded, *(texts or (CANARY,)))
    return uploaded.document.id


def answer(document_id: str, quote: str = CANARY) -> dict[str, Any]:
    """An answer as it is stored."""
    citation = {"n": 1, "document_id": document_id, "filename": "a.txt", "page": 1, "passage_id": 1, "quote": quote}
    sentence = {"text": quote, "verdict": "supported", "citations": [1]}
    return {"answer": quote, "sentences": [sentence], "citations": [citation], "status": "answered", "notices": []}


def test_a_receipt_says_what_went_and_is_signed(store: Store) -> None:
    document_id = publish(store)

    receipt = store.documents.delete(document_id, by="1" * 36).receipt

    body = receipt.body
    assert is_genuine(receipt)
    assert (body["document_id"], body["filename"], body["by"], body["clean"]) == (document_id, "a.txt", "1" * 36, True)
    assert body["removed"] == {"versions": 1, "pages": 1, "passages": 1, "answers": 0, "excerpts": 0}
    assert (body["scan"]["probes"], body["scan"]["words"]) == (1, {})
    assert body["scan"]["files"] == {"shared": [], "left": []}
    assert "heron" not in json.dumps(dict(body))
    assert store.receipts.page() == [receipt]
    assert receipt.public_key == store.receipts.public_key()


def test_a_changed_receipt_is_not_genuine(store: Store) -> None:
    receipt = store.documents.delete(publish(store)).receipt
    told = json.dumps(signed_receipt_json(receipt))

    assert is_genuine(receipt_from(told))
    for part in ("filename", "deleted_at", "clean", "scan", "sha256"):
        assert not is_genuine(replace(receipt, body={**receipt.body, part: "other"})), part
    assert not is_genuine(replace(receipt, signature=receipt.signature[:-2] + "zz"))
    assert not is_genuine(replace(receipt, public_key="00" * 32))


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"body": 1}', '{"body": {"id": 1}, "signature": 2, "public_key": 3}']
)
def test_other_files_are_no_receipts(text: str) -> None:
    with pytest.raises(InvalidRequest):
        receipt_from(text)


def test_words_in_answers_go_with_their_document(store: Store) -> None:
    gone, kept = publish(store), publish(store, "b.txt", "Something else entirely, about the price of ferries.")
    store.answers.record("1" * 36, "Who counts?", answer(gone), user_id=None, conversation_id=None)
    rests = {**answer(kept, "Ferries."), "read": [gone]}
    store.answers.record("2" * 36, "Who counts?", rests, user_id=None, conversation_id=None)
    store.answers.record("3" * 36, "Ferries?", answer(kept, "Ferries."), user_id=None, conversation_id=None)

    receipt = store.documents.delete(gone).receipt

    assert (receipt.body["removed"]["answers"], receipt.body["clean"]) == (2, True)
    first, second, third = (store.answers.get(str(n) * 36, user_id=None) for n in (1, 2, 3))
    assert "heron" not in json.dumps(first)
    assert (second["answer"], second["notices"][0]["code"]) == ("", "source_deleted")
    assert third == answer(kept, "Ferries.")


def test_an_answer_that_was_being_written_has_no_words_of_it(store: Store) -> None:
    gone = publish(store)
    store.documents.delete(gone)

    store.answers.record("1" * 36, "Who counts?", answer(gone), user_id=None, conversation_id=None)

    assert "heron" not in json.dumps(store.answers.get("1" * 36, user_id=None))


def test_words_that_are_left_somewhere_are_found(store: Store) -> None:
    gone = publish(store)
    store.answers.record("1" * 36, f"Is it true? {CANARY}", {"answer": "Yes."}, user_id=None, conversation_id=None)

    receipt = store.documents.delete(gone).receipt

    assert receipt.body["scan"]["words"] == {"answers.question": 1}
    assert (receipt.body["clean"], is_genuine(receipt)) == (False, True)


def test_words_and_bytes_of_another_document_are_no_remains(store: Store) -> None:
    gone = publish(store)
    twin = factories.upload(store, "twin.txt", b"a.txt" + CANARY.encode())
    factories.publish(store, twin, CANARY)

    receipt = store.documents.delete(gone).receipt

    assert receipt.body["scan"]["files"]["shared"] == [twin.document.sha256]
    assert (receipt.body["scan"]["probes"], receipt.body["clean"]) == (1, True)
    assert store.files.is_intact(twin.document.sha256)


def test_words_that_another_document_has_too_prove_nothing_wherever_they_stand(store: Store) -> None:
    gone = publish(store)
    factories.publish(store, factories.upload(store, "twin.txt", b"twin"), CANARY)
    store.answers.record("1" * 36, f"Is it true? {CANARY}", {"answer": "Yes."}, user_id=None, conversation_id=None)

    receipt = store.documents.delete(gone).receipt

    assert (receipt.body["scan"]["probes"], receipt.body["scan"]["words"], receipt.body["clean"]) == (0, {}, True)


def test_no_bytes_are_left_in_the_data_folder(store: Store, settings: Settings) -> None:
    gone = publish(store)
    store.answers.record("1" * 36, "Who counts?", answer(gone), user_id=None, conversation_id=None)

    store.documents.delete(gone, elsewhere=lambda _: Look({}, clean=True, asked=True, settled=False))

    for path in settings.data.rglob("*"):
        assert not path.is_file() or b"heron of Zwickau" not in path.read_bytes(), path


KILLED = """
import os, signal
from core.settings import load_settings
from core.storage import documents, receipts
from core.storage.store import Store
kill = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
store = Store(load_settings())
if {before}:
    receipts.drop_file = kill
    documents.drop_file = kill
else:
    receipts.signed = kill
store.documents.delete({document!r})
"""


@pytest.mark.parametrize("before", [True, False])
def test_a_killed_deletion_is_completed(store: Store, settings: Settings, before: bool) -> None:
    gone = publish(store)
    program = KILLED.format(before=before, document=gone)

    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=child_environment(settings), check=False)

    assert done.returncode == -signal.SIGKILL
    with pytest.raises(NotFound):
        store.documents.get(gone)
    assert [one.signature for one in store.receipts.page()] == [""]
    assert (store.receipts.complete_all(), store.receipts.complete_all()) == (1, 0)
    (receipt,) = store.receipts.page()
    assert (is_genuine(receipt), receipt.body["clean"], list(store.files.all())) == (True, True, [])
    store.receipts.complete_all(lambda _: Look({}, clean=True, asked=True, settled=True))
    with store.database.read() as connection:
        assert connection.execute(sa.select(t.receipts.c.pending)).scalar_one() is None


def test_receipts_and_the_key_outlast_a_restore(store: Store, settings: Settings, tmp_path: Path) -> None:
    receipt = store.documents.delete(publish(store)).receipt
    back_up(store, tmp_path / "backup", lambda *_: None)
    store.close()

    restore(settings, tmp_path / "backup", lambda *_: None, replace=True)

    with closing(Store(settings)) as opened:
        assert opened.receipts.get(receipt.id) == receipt


def test_what_was_deleted_after_a_backup_stays_away_or_its_receipt_says_so(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    gone, kept = publish(store), publish(store, "b.txt", "Something else entirely, about the price of ferries.")
    earlier = store.documents.delete(publish(store, "c.txt")).receipt
    back_up(store, tmp_path / "backup", lambda *_: None)
    receipt = store.documents.delete(gone).receipt
    store.close()

    restored = restore(settings, tmp_path / "backup", lambda *_: None, replace=True, without_deleted=True)

    assert (restored.kept_away, restored.returned) == ((gone,), ())
    with closing(Store(settings)) as opened:
        assert {one.id for one in opened.receipts.page()} > {earlier.id, receipt.id}
        assert opened.receipts.get(receipt.id) == receipt
        assert opened.documents.all_ids() == {kept}
        assert len(list(opened.files.all())) == 1

    restored = restore(settings, tmp_path / "backup", lambda *_: None, replace=True)

    assert (restored.kept_away, restored.returned) == ((), (gone,))
    with closing(Store(settings)) as opened:
        told = opened.receipts.get(receipt.id)
        assert (is_genuine(told), set(told.restored), opened.receipts.get(earlier.id)) == (True, {gone}, earlier)
        assert opened.documents.all_ids() == {gone, kept}
        opened.receipts.complete_all()
        assert [one.kind for one in opened.testimony.problems()] == []


def test_receipts_of_another_installation_are_not_forgotten(store: Store, settings: Settings, tmp_path: Path) -> None:
    other = settings.model_copy(update={"data": tmp_path / "other", "database_url": SecretStr("")})
    with closing(Store(other)) as opened:
        opened.documents.delete(publish(opened))
        back_up(opened, tmp_path / "backup", lambda *_: None)
    receipt = store.documents.delete(publish(store)).receipt
    store.close()

    with pytest.raises(Conflict, match="another installation"):
        restore(settings, tmp_path / "backup", lambda *_: None, replace=True)

    with closing(Store(settings)) as opened:
        assert opened.receipts.get(receipt.id) == receipt


def test_a_collection_has_one_receipt(store: Store) -> None:
    kept = store.documents.delete(publish(store, "before.txt")).receipt
    ids = {publish(store, f"{n}.txt", f"{n}: {CANARY}") for n in range(3)}
    collection = factories.collection_id(store)

    gone = store.dissolution.dissolve(collection, by="1" * 36)

    body = gone.receipt.body
    assert (gone.name, gone.documents, is_genuine(gone.receipt)) == ("Contracts", 3, True)
    assert (set(gone.receipt.documents), body["removed"]["passages"], body["clean"]) == (ids, 3, True)
    assert (len(body["sha256"]), body["scan"]["probes"], body["scan"]["files"]["left"]) == (3, 3, [])
    assert [one.id for one in store.receipts.page()] == [gone.receipt.id, kept.id]
    assert (store.collections.ids(), list(store.files.all())) == (frozenset(), [])
    assert [problem.kind for problem in store.testimony.problems()] == []
    with pytest.raises(NotFound):
        store.dissolution.dissolve(collection)
