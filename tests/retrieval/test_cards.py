"""Which documents a question names, by the cards of invented companies."""

import pytest

from core.values import Opening
from retrieval.cards import Cards, card_of

REPORT = "Annual report of {name} for the fiscal year ended December 31, {year}"


def opening(name: str, filename: str, year: int = 2020, pages: int = 90) -> Opening:
    return Opening("v", filename, "c", filename, "", pages, REPORT.format(name=name, year=year))


@pytest.fixture
def cards() -> Cards:
    made = Cards()
    for report in (
        opening("Blue Heron Holdings", "x1.pdf"),
        opening("Blue Heron Holdings", "x2.pdf", year=2021),
        opening("Quarz Pumps Inc.", "QUARZPUMPS_2020_10K.pdf"),
        opening("Miller & Meyer Ltd.", "x3.pdf"),
    ):
        made.put(report.document_id, card_of(report))
    return made


def first(cards: Cards, question: str) -> str:
    named = cards.named(question)
    return max(named, key=lambda document: named[document]) if named else ""


@pytest.mark.parametrize(
    ("question", "document"),
    [
        ("What were the sales of Blue Heron in FY2020?", "x1.pdf"),
        ("What were the sales of Blue Heron in FY2021?", "x2.pdf"),
        ("How many people work for Quarz Pumps?", "QUARZPUMPS_2020_10K.pdf"),
        ("What is QuarzPumps's margin?", "QUARZPUMPS_2020_10K.pdf"),
        ("Did M&M buy a company?", "x3.pdf"),
        ("Did MnM buy a company?", "x3.pdf"),
        ("What was revenue in 2021?", "x2.pdf"),
        ("who signed the lease?", ""),
    ],
)
def test_a_question_names_a_document_by_its_company_and_year(cards: Cards, question: str, document: str) -> None:
    assert first(cards, question) == document


def test_a_dropped_or_replaced_card_is_never_named(cards: Cards) -> None:
    cards.drop("x3.pdf")
    cards.put("x1.pdf", card_of(opening("Green Finch", "x1.pdf")))

    assert cards.named("Did Miller & Meyer buy a company?") == {}
    assert set(cards.named("Did Blue Heron buy a company?")) == {"x2.pdf"}


def test_the_text_of_a_short_document_is_left_to_its_passages(cards: Cards) -> None:
    note = opening("Zephyr", "note.txt", pages=1)
    cards.put("note.txt", card_of(note))

    assert "note.txt" not in cards.named("What does Zephyr sell?")
    assert first(cards, "What does the Note say?") == "note.txt"
