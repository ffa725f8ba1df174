"""What is asked of many passages or documents at once."""

from core.storage.store import Store
from core.values import Box, Line, Page, ParsedDocument, PassageDraft, Place, Reading
from tests import factories


def test_an_opening_is_of_the_first_pages_of_a_version_that_answers(store: Store) -> None:
    old = factories.upload(store, "report.pdf", b"1")
    factories.publish(store, old, "An old page.")
    new = factories.upload(store, "report.pdf", b"2")
    factories.publish(store, new, "Page one. " * 500, "Page two.", "Page three.")
    empty = factories.upload(store, "empty.txt", b"3")
    factories.publish(store, empty)
    versions = [upload.document.version_id for upload in (old, new, empty)]

    openings = {opening.filename: opening for opening in store.passages.openings(versions)}

    assert set(openings) == {"report.pdf", "empty.txt"}
    assert openings["report.pdf"].pages == 3
    assert openings["report.pdf"].text.startswith("Page one.")
    assert openings["report.pdf"].text.endswith("\nPage two.")
    assert len(openings["report.pdf"].text) < 3_000
    assert openings["empty.txt"].text == ""


def test_passages_know_where_they_stand(store: Store) -> None:
    one, two = factories.upload(store, "1.txt", b"1"), factories.upload(store, "2.txt", b"2")
    factories.publish(store, one, "A.", "B.")
    factories.publish(store, two, "C.")
    ids = [*store.passages.ids(one.document.version_id), *store.passages.ids(two.document.version_id)]

    around = store.passages.surroundings([*ids, 10_000])

    assert around.keys() == set(ids)
    assert [around[i].document_id for i in ids] == [one.document.id, one.document.id, two.document.id]
    assert store.passages.tops([*ids, 10_000]) == dict(zip(ids, ["A.", "B.", "C."], strict=True))


def test_pages_keep_their_names_and_passages_their_places(store: Store) -> None:
    uploaded = factories.upload(store, "budget.txt", b"1")
    version = uploaded.document.version_id
    places = (Place(0, 3, "Budget!A1"), Place(4, 7, "Budget!A2"))
    drafts = (
        PassageDraft(1, 0, 7, "One\nTwo", place="Budget!A1:A2", places=places),
        PassageDraft(2, 0, 3, "End"),
    )
    document = ParsedDocument("t", (Page(1, "One\nTwo", name="Budget"), Page(2, "End")))
    lease = store.jobs.lease("ingest", uploaded.job_id)
    assert lease is not None

    reading = Reading("text/plain", document, drafts)
    store.passages.publish(lease, version, reading, embedder=factories.EMBEDDER, vectors=factories.vectors(2))

    assert [page.name for page in store.passages.pages(version)] == ["Budget", ""]
    kept = store.passages.of_version(version)
    assert [(passage.place, passage.places) for passage in kept] == [("Budget!A1:A2", places), ("", ())]


def test_pages_that_were_scanned_keep_their_lines_and_how_sure_they_are(store: Store) -> None:
    uploaded = factories.upload(store, "scan.pdf", b"1")
    version = uploaded.document.version_id
    lines = (Line(0, 3, Box(1, 2, 30, 12)), Line(4, 7, Box(1, 14, 30, 24), heading=True))
    scan = Page(1, "One\nTwo", lines, 100, 100, scanned=True, confidence=0.87)
    plain = Page(2, "End", (Line(0, 3, Box(1, 2, 30, 12)),), 100, 100)
    drafts = (PassageDraft(1, 0, 7, "One\nTwo", confidence=0.87), PassageDraft(2, 0, 3, "End"))
    lease = store.jobs.lease("ingest", uploaded.job_id)
    assert lease is not None

    reading = Reading("application/pdf", ParsedDocument("t", (scan, plain)), drafts)
    store.passages.publish(lease, version, reading, embedder=factories.EMBEDDER, vectors=factories.vectors(2))

    first, second = store.passages.pages(version)
    assert (first.scanned, first.confidence, second.scanned, second.confidence) == (True, 0.87, False, None)
    assert [(line.start, line.end, line.box) for line in first.lines] == [
        (one.start, one.end, one.box) for one in lines
    ]
    assert second.lines == ()
    assert [passage.confidence for passage in store.passages.of_version(version)] == [0.87, None]
