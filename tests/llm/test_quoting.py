"""What the quoting writer chooses."""

import pytest

from core.values import OPERATOR, Verdict
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

    assert answers(services, question) == [
        "Purchases of property, plant and equipment: (1,577) in 2018, (1,373) in 2017, (1,420) in 2016 (in millions)"
    ]


@pytest.mark.usefixtures("report")
def test_a_figure_is_computed_from_the_rows_that_it_cites(services: Services) -> None:
    answer = services.assistant.answer(OPERATOR, "By how much did capital expenditures grow from 2016 to 2018?")

    (sentence,) = answer.sentences
    assert "1,577 − 1,420 = 157 (+11.1 %)" in sentence.text
    assert sentence.verdict is Verdict.SUPPORTED
    assert [answer.citations[n - 1].quote for n in sentence.citations] == [
        "Purchases of property, plant and equipment (1,577) (1,373) (1,420)"
    ]


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


def test_each_side_of_a_comparison_is_quoted(services: Services, publish_text: Publish) -> None:
    publish_text("alpha.txt", "The Alpha contract can be ended with a notice period of three months.", "Alpha is blue.")
    publish_text("beta.txt", "The Beta contract can be ended with a notice period of six weeks.", "Beta is green.")

    quoted = answers(services, "How do the notice periods differ between the Alpha contract and the Beta contract?")

    assert quoted == [
        "The Alpha contract can be ended with a notice period of three months.",
        "The Beta contract can be ended with a notice period of six weeks.",
    ]


def test_sources_that_disagree_are_pointed_out(services: Services, publish_text: Publish) -> None:
    publish_text("handbook.txt", "The Lisbon office employed 120 people at the end of 2022.")
    publish_text("brochure.txt", "The Lisbon office employed 135 people at the end of 2022.")

    answer = services.assistant.answer(OPERATOR, "How many people did the Lisbon office employ at the end of 2022?")

    (notice,) = answer.notices
    assert notice.code == "conflicting_sources"
    assert {answer.citations[n - 1].filename for n in notice.citations} == {"handbook.txt", "brochure.txt"}


def test_a_row_without_figures_answers_where_its_cells_are_named(services: Services, publish_text: Publish) -> None:
    publish_text(
        "contacts.txt",
        "Name: Anna Berg | City: Berlin | Role: fire officer\n"
        "Name: Ben Roth | City: Rome | Role: first aider\n"
        "Name: Cleo Sand | City: Oslo | Role: data protection officer",
    )

    assert answers(services, "Who is the fire officer?") == ["Name: Anna Berg | City: Berlin | Role: fire officer"]


def test_a_row_without_headings_answers_too(services: Services, publish_text: Publish) -> None:
    publish_text("contacts.txt", "Contacts\n\nAnna Berg | fire officer\nBen Roth | first aider", heading="Contacts")

    assert answers(services, "Who is the fire officer?") == ["Anna Berg | fire officer"]


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("Who is the controller?", ["Ben Roth"]),
        ("Who works in IT?", ["Cleo Sand", "Emil Haas"]),
        ("Who is the pilot?", []),
    ],
)
def test_a_row_is_found_by_what_one_of_its_cells_holds(
    question: str, names: list[str], services: Services, publish_text: Publish
) -> None:
    staff = [
        ("Anna Berg", "Legal", "Counsel"),
        ("Ben Roth", "Finance", "Controller"),
        ("Cleo Sand", "IT", "Administrator"),
        ("Emil Haas", "IT", "Developer"),
    ]
    rows = [f"Name: {name} | Department: {of} | Position: {does} | Since: 2019-03-01" for name, of, does in staff]
    publish_text("staff.txt", "\n".join(["Staff list", "", *rows]), heading="Staff list")

    assert sorted(text.split(" | ")[0] for text in answers(services, question)) == [f"Name: {one}" for one in names]
