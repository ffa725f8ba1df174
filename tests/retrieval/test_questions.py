"""Taking questions apart and rephrasing them."""

import pytest

from retrieval.equivalents import rephrased
from retrieval.questions import understand


def test_a_simple_question_stays_as_it_is() -> None:
    question = understand("Who signed the lease?")

    assert question.meanings == ["Who signed the lease?"]
    assert question.frames == ()


def test_what_asks_is_told_from_what_frames() -> None:
    question = understand("Use the annual report of 2021 for this. Who signed the lease? Thanks.")

    assert question.asks == ("Who signed the lease?",)
    assert question.frames == ("Use the annual report of 2021 for this.",)
    assert question.text in question.meanings


def test_a_text_without_any_question_mark_asks_as_a_whole() -> None:
    assert understand("termination of lease").asks == ("termination of lease",)


@pytest.mark.parametrize(
    ("question", "other"),
    [
        ("How high was capex?", "How high was purchases of property, plant and equipment?"),
        ("What does HR say?", "What does human resources say?"),
        ("Show the balance sheet", "Show the statement of financial position"),
    ],
)
def test_other_words_for_the_same_thing(question: str, other: str) -> None:
    assert other in rephrased(question)


@pytest.mark.parametrize("question", ["Where is the chrome plated part?", "", "R&Dx and xHR"])
def test_parts_of_words_are_left_alone(question: str) -> None:
    assert rephrased(question) == []
