"""Bytes in, pages and passages out."""

import pytest

from core.errors import EmptyDocument
from core.values import Progress
from ingest.children import ParserPool
from ingest.pipeline import read_document
from tests.ingest.conftest import Written
from tests.ingest.pdfs import Sheet, Text, lines, pdf
from tests.ingest.test_passages import token_spans


def test_a_pdf_becomes_passages(pool: ParserPool, written: Written) -> None:
    first = Sheet([Text("Costs", bold=True), *lines("Purchases (1,577) (1,373)", "Other costs 12 13", top=90)])
    path = written("stored", pdf(first, Sheet(lines("They go on here."))))
    seen: list[Progress] = []

    reading = read_document(pool, path, "report.pdf", token_spans, 100, seen.append)

    assert reading.media_type == "application/pdf"
    assert [(p.page, p.heading, p.text) for p in reading.passages] == [
        (1, "Costs", "Costs\nPurchases (1,577) (1,373)\nOther costs 12 13"),
        (2, "Costs", "They go on here."),
    ]
    assert all(len(passage.boxes) == 1 for passage in reading.passages)
    assert {step.stage for step in seen} == {"reading", "splitting"}
    assert seen[-1] == Progress("splitting", 2, 2)


def test_an_unreadable_file_has_a_typed_end(pool: ParserPool, written: Written) -> None:
    with pytest.raises(EmptyDocument):
        read_document(pool, written("stored", b""), "report.pdf", token_spans, 100, lambda _: None)
