"""The Llama writer: what it makes of words that are given here. Real ones are in `test_served_llama`."""

from collections.abc import Generator, Sequence
from typing import cast

import pytest

from core.errors import ModelUnavailable
from core.settings import load_settings
from core.values import Hit, Passage
from llm.llama import LlamaWriter
from llm.prompts import Message
from llm.turns import Turns
from llm.writers import Draft


class Told:
    """A model that says what it was told to, in pieces, and knows whether it was asked and heard to the end."""

    name = "told"
    window = 4096
    answer_tokens = 512

    def __init__(self, *pieces: str, breaks: bool = False) -> None:
        self._pieces = pieces
        self._breaks = breaks
        self.asked: list[Sequence[Message]] = []
        self.said: list[str] = []
        self.closed = False

    def count(self, messages: Sequence[Message]) -> int:
        return sum(len(message["content"]) // 4 for message in messages)

    def stream(self, messages: Sequence[Message], max_tokens: int) -> Generator[str, None, None]:
        self.asked.append(messages)
        try:
            for piece in self._pieces:
                self.said.append(piece)
                yield piece
            if self._breaks:
                raise ModelUnavailable("It broke off.")
        finally:
            self.closed = True


def hits(*texts: str) -> list[Hit]:
    return [
        Hit(n, 1.0, Passage(n, "d", "v", "c", "lease.txt", "", n, 0, len(text), text, ""))
        for n, text in enumerate(texts, 1)
    ]


LEASE = hits(
    "The tenant pays rent monthly. The landlord repairs the roof.",
    "The notice period is three months. It begins on the first day of a month.",
)


def writing(model: Told, question: str, found: Sequence[Hit]) -> Generator[Draft, None, None]:
    turns = Turns(load_settings(), lambda: None)
    return cast(Generator[Draft, None, None], LlamaWriter(model, turns).write(question, found))


def write(model: Told, found: Sequence[Hit] = LEASE) -> list[Draft]:
    return list(writing(model, "How long is the notice period?", found))


def test_a_citation_points_at_the_words_that_support_it() -> None:
    first, second = write(Told("Notice is three", " months. [2] The roof is", " repaired by the landlord [1]."))

    assert first.text == "Notice is three months."
    assert [(s.passage.id, s.quote) for s in first.sources] == [(2, "The notice period is three months.")]
    assert [(s.passage.id, s.quote) for s in second.sources] == [(1, "The landlord repairs the roof.")]


def test_a_row_of_a_table_is_quoted_alone() -> None:
    (draft,) = write(Told("Revenue was 1,577. [1]"), hits("Cost 900 1,000\nRevenue 1,577 1,400\nProfit 677 400"))

    assert draft.sources[0].quote == "Revenue 1,577 1,400"


def test_a_sentence_without_citation_has_no_sources() -> None:
    assert write(Told("Everyone knows that. [7]")) == [Draft("Everyone knows that.", ())]


def test_the_first_part_of_a_long_sentence_rests_on_what_it_repeats() -> None:
    long = "The tenant keeps " + ", ".join(f"the {word}" for word in "abcdefghijklmnopqrstuvwxyz") + " and pays rent"
    found = hits("Rent is due.", f"{long}. The rest is free.")

    first, second = write(Told(f"{long}. [2]"), found)
    made_up = write(Told("Nobody ever " + "said so " * 40 + ". [2]"), found)

    assert f"{first.text} {second.text}" == f"{long}."
    assert [source.passage.id for draft in (first, second) for source in draft.sources] == [2, 2]
    assert made_up[0].sources == ()


def test_without_passages_the_model_is_not_asked() -> None:
    model = Told("Anything. [1]")

    assert write(model, []) == []
    assert model.asked == []


@pytest.mark.parametrize(
    "pieces",
    [
        ("NOT_FOUND",),
        ("NOT", "_FO", "UND", "."),
        ("not_found\n",),
        ("Not found.",),
        (" \n**NOT_FOUND**",),
        ("NOT_FOUND. The passages", " do not say it. [1]"),
        ("NOT_FOUND The passages do not say it.",),
    ],
)
def test_what_is_not_found_is_nothing(pieces: tuple[str, ...]) -> None:
    model = Told(*pieces)

    assert write(model) == []
    assert model.closed


def test_a_sentence_about_something_not_found_is_a_sentence() -> None:
    assert len(write(Told("Not found were two keys. [1]"))) == 1


@pytest.mark.parametrize("text", ["I say NOT_FOUND.", "Answer: NOT_FOUND", "NOT\\_FOUND"])
def test_not_found_within_a_sentence_is_nothing(text: str) -> None:
    assert write(Told(text)) == []
    assert len(write(Told("The status NOT_FOUND means this. [1]", " It is sent. [1]"))) == 2


def test_sentences_come_while_the_model_still_writes() -> None:
    model = Told("One is one. [1] Two", " is two. [2] Three", " is three. [1]")
    drafts = writing(model, "How long?", LEASE)

    assert next(drafts).text == "One is one."
    assert len(model.said) == 2
    drafts.close()
    assert model.closed


def test_trouble_of_the_model_is_passed_on() -> None:
    drafts = writing(Told("One is one. [1] Two is", breaks=True), "How long?", LEASE)

    assert next(drafts).text == "One is one."
    with pytest.raises(ModelUnavailable):
        next(drafts)


def test_the_answer_leaves_room_for_passages_in_a_small_window() -> None:
    model = Told("One. [1]")
    model.window = 1024

    write(model, hits(*["word " * 400] * 8))

    assert model.count(model.asked[0]) <= 768
