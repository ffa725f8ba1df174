"""What an answer is written from, where a page is a whole document."""

from core.filters import Filter
from core.storage.store import Store
from core.values import OPERATOR, Page, ParsedDocument, PassageDraft, Reading
from llm.gathering import Gathering
from llm.services import Services
from retrieval.embedders.protocol import Embedder
from retrieval.writer import publish
from tests import factories


def test_of_a_page_without_end_only_what_stands_near_is_read(
    services: Services, store: Store, embedder: Embedder
) -> None:
    rows = [f"Costs of department {number}\nRent | 2024: {number},300 | 2023: {number},200" for number in range(1, 200)]
    rows[150] = "Net sales of the group\nItem: Net sales | 2024: 1,577 | 2023: 1,400"
    text = "\n".join(rows)
    drafts = []
    for row in rows:
        start = text.index(row)
        drafts.append(PassageDraft(1, start, start + len(row), row, "Annual report"))
    uploaded = factories.upload(store, "report.docx")
    lease = store.jobs.lease("ingest", uploaded.job_id)
    version = store.documents.version(uploaded.document.version_id)
    assert lease is not None and version is not None
    reading = Reading("text/plain", ParsedDocument("Report", (Page(1, text),)), tuple(drafts), "en")
    publish(store, embedder, lease, version, reading, lambda _: None)

    question = "By how much did net sales change from 2023 to 2024?"
    hits = Gathering(store, services.retriever).hits(OPERATOR, question, Filter())

    assert hits[0].passage.text == rows[150]
    assert 10 < len(hits) < 120
