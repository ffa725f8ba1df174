"""Texts to read, as long as a test needs them, in which every passage is different."""

from core.storage.store import Store
from core.values import Document
from retrieval.embedders.recipes import BUNDLED


def text(paragraphs: int) -> bytes:
    """A plain text; about one passage for each three paragraphs."""
    return "\n\n".join(_paragraph(number) for number in range(paragraphs)).encode()


def _paragraph(number: int) -> str:
    return (
        f"Item {number}. The supplier delivers part number {number * 7919 % 10007} to warehouse {number % 31} within "
        f"{number % 60 + 1} days, at a price of {number * 37 % 9973} euros, and answers for defects for two years. "
        f"Clause {number} applies to every order placed after delivery note {number * 104729 % 99991} was signed."
    )


def assert_exactly_once(store: Store, document: Document, paragraphs: int = 9) -> None:
    """Fail unless a document has each of its passages once, and with a vector."""
    texts = [passage.text for passage in store.passages.of_version(document.version_id)]
    assert len(set(texts)) == len(texts) == document.passages
    whole = "\n".join(texts)
    assert [whole.count(f"Item {number}.") for number in range(paragraphs)] == [1] * paragraphs
    assert list(store.inspection.miscounted(BUNDLED.name)) == []
