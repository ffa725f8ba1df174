"""Receipts over REST."""

from core.receipts import is_genuine, receipt_from
from tests import factories
from tests.web.site import Site


def test_the_reply_to_a_deletion_is_a_receipt_and_administrators_list_them(site: Site) -> None:
    admin = site.admin
    document = factories.upload(site.store, "receipt.txt", b"Receipt.").document

    reply = admin("DELETE", f"/api/v1/documents/{document.id}")
    listed = admin.get("/api/v1/receipts?limit=1").json

    receipt = receipt_from(reply.text)
    assert is_genuine(receipt)
    assert (receipt.body["clean"], receipt.body["filename"]) == (True, "receipt.txt")
    assert listed is not None
    assert [receipt_from(str(site.app.json.dumps(one))) for one in listed["receipts"]] == [receipt]
