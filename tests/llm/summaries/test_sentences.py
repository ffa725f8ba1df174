"""What of a document can be quoted in a summary, and what says nothing by itself."""

import pytest

from core.values import Passage
from llm.summaries.repeats import Said, without_repeats
from llm.summaries.sentences import quotable


def passages(*texts: str, heading: str = "") -> list[Passage]:
    return [Passage(n, "d", "v", "c", "a.pdf", "", n, 0, len(text), text, heading) for n, text in enumerate(texts, 1)]


def said(*texts: str, heading: str = "") -> list[str]:
    return [one.text for one in quotable(passages(*texts, heading=heading)) if not one.loose]


def test_sentences_over_several_lines_are_one() -> None:
    found = said("The tenant pays the rent\nat the beginning of each month. The landlord keeps the roof tight.")

    assert found == [
        "The tenant pays the rent at the beginning of each month.",
        "The landlord keeps the roof tight.",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Risk factors ........................ 17",
        "Item 7. Management's discussion 31",
        "Total net sales 177,866 232,887 280,522",
        "and therefore the contract was ended by the tenant in March.",
        "The following table shows how sales were distributed in the year.",
        "Amounts are explained in Note 12, see Note 12 for what was decided there.",
        "The board of the company and",
        "COPYRIGHT 2020 BY THE COMPANY WHICH HAS WRITTEN THIS DOCUMENT.",
    ],
)
def test_what_says_nothing_by_itself_is_not_quoted(text: str) -> None:
    assert said(text) == []


def test_lines_of_every_page_are_headers() -> None:
    towns = [f"The factory in {town} was opened with many new machines." for town in ("Rome", "Oslo", "Bonn", "Bern")]
    texts = [f"The annual report of the board, page {n} of 4, was printed.\n\n{town}" for n, town in enumerate(towns)]

    assert said(*texts) == towns


def test_a_sentence_that_began_in_the_passage_before_is_not_quoted() -> None:
    found = said("The contract ends when the tenant has left, and", "Company keeps the deposit until then.")

    assert found == []


def test_items_of_a_list_and_titles_before_a_sentence_are_cut_off() -> None:
    found = said("Deposit\nThe tenant has paid a deposit of 900 euros.\n• The landlord keeps it in a bank account.")

    assert found == ["The tenant has paid a deposit of 900 euros.", "The landlord keeps it in a bank account."]


def test_every_quote_stands_in_its_passage() -> None:
    text = "Deposit\nThe tenant has paid\na deposit of 900 euros.\n• The landlord keeps it\nin a bank account."

    assert all(one.quote in one.passage.text for one in quotable(passages(text)))


def test_what_was_said_in_other_words_or_with_other_figures_is_a_repeat() -> None:
    texts = [
        "Net sales increased by 5 percent in the second quarter of the year.",
        "Net sales increased by 9 percent in the first quarter of the year.",
        "The company opened a factory in Spain.",
    ]
    said_exactly = Said(figures=True)
    said_exactly.add(texts[0])

    assert without_repeats(texts) == [0, 2]
    assert said_exactly.repeats(texts[1]) is None
    assert said_exactly.repeats(texts[0].upper()) == 0
