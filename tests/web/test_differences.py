"""Changes as people read them: in which order, and which words are marked."""

from typing import Any

from web.differences import Part, by_document, counted, parts


def _change(kind: str, document: str, text: str = "", before: str = "") -> dict[str, Any]:
    return {"kind": kind, "document_id": document, "filename": f"{document}.txt", "text": text, "before": before}


CHANGES = [
    _change("new", "c"),
    _change("changed", "a", "It costs 1,310 euros.", "It costs 1,240 euros."),
    _change("gone", "b"),
    _change("gone", "a", before="It is old."),
]


def test_documents_stand_together_and_what_changed_comes_first() -> None:
    documents = by_document(CHANGES)

    assert [(one.id, one.kind, len(one.statements)) for one in documents] == [
        ("a", "changed", 2),
        ("c", "new", 0),
        ("b", "gone", 0),
    ]
    assert counted(CHANGES) == {"documents_new": 1, "statements_changed": 1, "documents_gone": 1, "statements_gone": 1}


def test_what_differs_is_marked_and_figures_as_such() -> None:
    before, after = parts("It costs 1,240 euros net.", "It costs 1,310 euros gross.")

    assert [part for part in before if part.looks] == [Part("1,240", "figure"), Part("net", "word")]
    assert [part for part in after if part.looks] == [Part("1,310", "figure"), Part("gross", "word")]
    assert "".join(part.text for part in after) == "It costs 1,310 euros gross."
    assert parts("", "New.") == ([], [Part("New.", "word")])
