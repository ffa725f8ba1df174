"""A summary as Markdown: headings, sources, and nothing that a document could smuggle in."""

from typing import Any

from llm.summaries.markdown import Words, summary_markdown


def _told(model: str = "quoting", **statement: Any) -> dict[str, Any]:
    one = {"text": "Rent is due.", "verdict": "supported", "citations": [1], "heading": "Obligations", "reasons": []}
    source = {"n": 1, "document_id": "d", "filename": "lease.pdf", "page": 3, "passage_id": 7, "quote": "Rent is due."}
    return {"statements": [{**one, **statement}], "citations": [source], "model": model}


def test_a_summary_with_its_sources() -> None:
    text = summary_markdown("Lease", _told(verdict="partly"), Words(), headings={"Obligations": "Pflichten"})

    assert text == (
        "# Lease\n\n## Pflichten\n\n- Rent is due. [1] *(partly supported)*\n\n## Sources\n\n"
        "1. lease.pdf, page 3\n\n   > Rent is due.\n\n*Quoted from the documents*\n"
    )


def test_what_is_written_names_its_writer() -> None:
    assert summary_markdown("T", _told("Llama-3.1-8B"), Words(), headings={}).endswith(
        "*Written by Llama-3.1-8B, which may be wrong: check the sources. Built with Llama*\n"
    )


def test_text_of_documents_stays_text() -> None:
    text = summary_markdown("# T", _told(text="![x](http://e.example/)", heading="<img>"), Words(), headings={})

    assert "!\\[x\\](" in text and "<img" not in text.replace("\\<", "") and text.startswith("# \\# T\n")
