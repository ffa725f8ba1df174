"""What pages show to whom, before any script runs."""

from core.values import CollectionRole, Document, Failure
from tests.web.site import Caller, Site


def _page(caller: Caller, path: str) -> str:
    reply = caller.get(path, headers={"Accept": "text/html"})
    assert reply.status_code == 200 and reply.mimetype == "text/html"
    return reply.text


def _unreadable(site: Site, collection: str) -> Document:
    document = site.document(collection)
    lease = site.store.jobs.lease("ingest", document.job_id)
    assert lease is not None
    site.store.documents.end_unread(lease, document.version_id, Failure("corrupt", "It cannot be opened."))
    return document


def test_the_start_page_is_the_library_until_there_is_something_to_ask(site: Site) -> None:
    collection = site.collection()
    caller = site.member(collection, CollectionRole.READER)
    assert 'class="collections"' in _page(caller, "/")
    site.document(collection, "Something to ask.")
    assert 'id="question"' in _page(caller, "/")


def test_asking_an_empty_library_says_what_to_do(site: Site) -> None:
    page = _page(site.by_key(site.user()), "/ask")
    assert "There is nothing to ask yet" in page and 'id="question"' not in page


def test_only_what_is_allowed_is_offered(site: Site) -> None:
    collection = site.collection()
    site.document(collection, "A page.")
    offered = {
        role: {name for name in ('id="drop"', 'data-collection-action="delete"') if name in page}
        for role in CollectionRole
        for page in [_page(site.member(collection, role), f"/collections/{collection}")]
    }
    assert offered == {
        CollectionRole.READER: set(),
        CollectionRole.EDITOR: {'id="drop"'},
        CollectionRole.OWNER: {'id="drop"', 'data-collection-action="delete"'},
    }


def test_the_scope_of_an_address_is_one_that_the_reader_may_read(site: Site) -> None:
    collection = site.collection()
    document = site.document(collection, "A page.")
    reader, stranger = site.member(collection, CollectionRole.READER), site.by_key(site.user())
    for address in (f"/ask?collection={collection}", f"/ask?document={document.id}"):
        assert collection in _page(reader, address)
        assert stranger.get(address).status_code == 404
    assert reader.get("/ask?collection=x").status_code == 400


def test_a_document_without_pages_says_what_became_of_it(site: Site) -> None:
    collection = site.collection()
    reader = site.member(collection, CollectionRole.READER)
    failed, waiting = _unreadable(site, collection), site.document(collection)
    assert 'class="status bad"' in _page(reader, f"/documents/{failed.id}")
    assert 'class="status quiet"' in _page(reader, f"/documents/{waiting.id}")
    assert reader.get(f"/documents/{waiting.id}/pages/1").status_code == 404


def test_a_passage_is_marked_only_on_its_own_page(site: Site) -> None:
    collection = site.collection()
    document = site.document(collection, "The first page.", "The second page.")
    reader = site.member(collection, CollectionRole.READER)
    version = site.store.documents.current_version(document.id)
    assert version is not None
    second = site.store.passages.on_page(version.id, 2)[0].id
    assert "<mark>The second page.</mark>" in _page(reader, f"/documents/{document.id}/pages/2?passage={second}")
    assert "<mark>" not in _page(reader, f"/documents/{document.id}/pages/1?passage={second}")
    assert reader.get(f"/documents/{document.id}/pages/3").status_code == 404


def test_names_are_escaped_and_cannot_turn_around(site: Site) -> None:
    collection = site.collection()
    site.document(collection, "x", path='a"><img src=x>/in\u202evoice.txt')
    page = _page(site.member(collection, CollectionRole.READER), f"/collections/{collection}")
    assert "<img src=x>" not in page and "\u202e" not in page and "invoice.txt" in page


def test_a_page_that_failed_keeps_the_way_home(site: Site) -> None:
    caller = site.by_session(site.user())
    reply = caller.get("/documents/00000000-0000-4000-8000-000000000000", headers={"Accept": "text/html"})
    assert reply.status_code == 404 and 'href="/library"' in reply.text


def test_pages_carry_a_strict_policy(site: Site) -> None:
    reply = site.by_key(site.user()).get("/library")
    policy = dict(part.strip().split(" ", 1) for part in reply.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["object-src"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert "style=" not in reply.text and "onclick" not in reply.text


def test_a_question_sent_before_scripts_run_is_not_lost(site: Site) -> None:
    collection = site.collection()
    site.document(collection, "Something to ask.")
    reader = site.member(collection, CollectionRole.READER)
    assert ">Why &lt;b&gt;?</textarea>" in _page(reader, "/ask?question=Why+%3Cb%3E%3F")
