"""Collections over REST."""

from uuid import uuid4

from core.values import CollectionRole
from tests.web.site import Caller, Site

PATH = "/api/v1/collections"


def _made(caller: Caller) -> dict[str, str]:
    reply = caller.post(PATH, json={"name": f"  {uuid4().hex}  x "})
    assert reply.status_code == 201 and reply.json is not None
    made: dict[str, str] = reply.json
    return made


def test_whoever_creates_a_collection_owns_it(site: Site) -> None:
    someone = site.by_key(site.user())
    made = _made(someone)
    assert someone("PATCH", f"{PATH}/{made['id']}", json={"name": uuid4().hex}).status_code == 200
    assert someone.post(PATH, json={"name": made["name"]}).status_code == 201
    assert someone.post(PATH, json={"name": made["name"].upper()}).status_code == 409


def test_lists_are_paged_and_hold_only_what_one_may_read(site: Site) -> None:
    someone = site.by_key(site.user())
    site.collection()
    made = {_made(someone)["id"] for _ in range(5)}
    found, cursor, pages = set(), "", 0
    while cursor is not None:
        reply = someone.get(f"{PATH}?limit=2&cursor={cursor}").json
        assert reply is not None
        found |= {one["id"] for one in reply["collections"]}
        cursor, pages = reply["next_cursor"], pages + 1
    assert (found, pages) == (made, 3)


def test_deleting_one_deletes_its_documents(site: Site) -> None:
    collection = site.collection()
    owner = site.member(collection, CollectionRole.OWNER)
    documents = [site.document(collection, "A passage."), site.document(collection)]
    receipt = owner("DELETE", f"{PATH}/{collection}").json
    assert receipt is not None and receipt["documents"] == 2
    admin = site.admin
    assert {admin.get(f"/api/v1/documents/{one.id}").status_code for one in documents} == {404}
    assert admin.get(f"{PATH}/{collection}").status_code == 404
