"""What the quoting writer chooses."""

import pytest

from core.values import OPERATOR
from llm.services import Services
from tests.retrieval.conftest import Publish

CASH_FLOWS = """Consolidated Statement of Cash Flows
(Millions) 2018 2017 2016
Net income including noncontrolling interest $ 5,363 $ 4,869 $ 5,058
Purchases of property, plant and equipment (1,577) (1,373) (1,420)
Proceeds from sale of equipment and other assets 262 49 58"""


@pytest.fixture
def report(publish_text: Publish) -> None:
    publish_text(
        "report.txt",
        "We are proud of our people. Capital spending matters to growth in every region.",
        CASH_FLOWS,
        heading="Consolidated Statement of Cash Flows",
    )


def answers(services: Services, question: str) -> list[str]:
    return [sentence.text for sentence in services.assistant.answer(OPERATOR, question).sentences]


@pytest.mark.usefixtures("report")
def test_a_row_of_a_table_answers_a_question_in_other_words(services: Services) -> None:
    question = "What is the capital expenditure amount in 2018? Rely on the details in the cash flow statement."

    assert answers(services, question)[0] == "Purchases of property, plant and equipment (1,577) (1,373) (1,420)"


@pytest.mark.usefixtures("report")
def test_titles_and_rows_of_years_are_not_quoted(services: Services) -> None:
    for question in ("What does the consolidated statement of cash flows show?", "Which years, in millions?"):
        quoted = answers(services, question)
        assert "Consolidated Statement of Cash Flows" not in quoted
        assert "(Millions) 2018 2017 2016" not in quoted


def test_words_said_twice_in_a_passage_are_cited_once(services: Services, publish_text: Publish) -> None:
    publish_text("twice.txt", "The notice period is three months. Truly. The notice period is three months.")

    (first, *_) = services.assistant.answer(OPERATOR, "How long is the notice period?").sentences

    assert (first.text, first.citations) == ("The notice period is three months.", (1,))


def test_an_answer_stays_short(services: Services, publish_text: Publish) -> None:
    sentences = [f"The notice period of contract {n} is {n} months in every case." for n in range(40)]
    publish_text("long.txt", *(" ".join(sentences[i : i + 5]) for i in range(0, 40, 5)))

    assert sum(len(text.split()) for text in answers(services, "How long is the notice period?")) <= 60
