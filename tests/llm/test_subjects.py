"""Passages from documents that do not know whom a question names are left out."""

import pytest

from core.values import Hit, Passage
from llm.subjects import of_named
from retrieval.questions import understand


def hit(document: str, text: str, *, filename: str = "a.pdf") -> Hit:
    """A hit in a document."""
    return Hit(1, 1.0, Passage(1, document, "v", "c", filename, "", 1, 0, len(text), text, ""))


SPENDING = hit("other", "Purchases of property and equipment (91,248)", filename="NETFLIX_2015_10K.pdf")
OURS = hit("ours", "Purchases of property and equipment (1,577)", filename="3M_2018_10K.pdf")


@pytest.mark.parametrize(
    "question",
    [
        "What is the FY2018 capital expenditure (in USD millions) for 3M? Use the cash flow statement.",
        "How much did 3M's capital spending rise?",
    ],
)
def test_figures_of_somebody_else_are_left_out(question: str) -> None:
    assert of_named(understand(question), [SPENDING, OURS]) == [OURS]
    assert of_named(understand(question), [SPENDING]) == []


def test_one_passage_that_names_it_speaks_for_its_document() -> None:
    named = hit("report", "Alder Valley Water sold more water.")
    table = hit("report", "Energy (2,764) (3,190)")

    assert of_named(understand("What did Alder Valley spend on energy?"), [table, named, SPENDING]) == [table, named]


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("How long is the notice period?", "It is three months."),
        ("What was revenue in FY2018 Q2?", "Net sales 5"),
        ("Which 10-K shows EBITDA in USD?", "Operating income 5"),
        ("Which famous Indian led the march?", "Gandhi led it."),
        ("How large is the Amazon forest?", "Amazonia covers a wide plain."),
        ("Wie hoch sind die Kosten der Wartung?", "Instandhaltung 5"),
        ("Netflix spent how much?", "They spent five."),
    ],
)
def test_without_a_name_nothing_is_left_out(question: str, text: str) -> None:
    assert of_named(understand(question), [hit("one", text)]) == [hit("one", text)]
