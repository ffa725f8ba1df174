"""Only `safe`, or `unsafe` with a list of the model's own numbers, is an answer; everything else is a fault."""

import math
from typing import Any

import pytest

from llm.moderation.findings import GuardFault, Opinion
from llm.moderation.guards.answers import categories_in, opinion_in, score_in
from llm.moderation.guards.templates import GUARD_2, GUARD_3, GUARD_3_SMALL


@pytest.mark.parametrize(
    ("text", "categories"),
    [
        ("safe", ()),
        ("\n\nsafe", ()),
        ("safe\n", ()),
        ("unsafe\nS1", ("S1",)),
        ("\n\nunsafe\nS1,S5", ("S1", "S5")),
        ("unsafe\nS10, S14 ", ("S10", "S14")),
        ("unsafe\nS2,S2", ("S2",)),
    ],
)
def test_an_answer_is_read(text: str, categories: tuple[str, ...]) -> None:
    assert categories_in(text, GUARD_3.numbers) == categories


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "Safe", "SAFE", "safe.", "safe\nS1", "safe\nunsafe\nS1", "not safe", "unsafe", "unsafe\n"),
        *("unsafe S1", "unsafe\n\nS1", "unsafe\nS1,", "unsafe\nS1 S2", "unsafe\ns1", "unsafe\nS1\nS2", "unsafe\nS"),
        *("unsafe\nS15", "unsafe\nS0", "unsafe\nS1,S99", "unsafe\nO1", "unsafe\nViolent Crimes"),
        *("I cannot help with that.", "<|eot_id|>safe", "safe<|eot_id|>", '{"safe": true}', "ünsafe\nS1"),
    ],
)
def test_anything_else_is_unreadable(text: str) -> None:
    with pytest.raises(GuardFault) as caught:
        categories_in(text, GUARD_3.numbers)

    assert caught.value.kind == "unreadable"


def test_what_was_said_is_not_repeated() -> None:
    with pytest.raises(GuardFault) as caught:
        categories_in("My number is 536-22-1234", GUARD_3.numbers)

    assert "536" not in caught.value.message


def test_numbers_mean_what_they_mean_to_the_model() -> None:
    assert categories_in("unsafe\nS5,S9,S11", GUARD_2.numbers) == ("S6", "S10", "S12")
    for text, template in (("unsafe\nS12", GUARD_2), ("unsafe\nS14", GUARD_3_SMALL)):
        with pytest.raises(GuardFault, match="does not have"):
            categories_in(text, template.numbers)


def continued(*places: dict[str, float]) -> dict[str, Any]:
    """Probabilities as they come with a text that was gone on with."""
    return {
        "tokens": [max(place, key=lambda token: place[token]) for place in places],
        "top_logprobs": [{token: math.log(probability) for token, probability in place.items()} for place in places],
    }


def spoken(*places: dict[str, float]) -> dict[str, Any]:
    """The same, as they come in a conversation."""
    told = [[{"token": token, "logprob": math.log(p), "bytes": None} for token, p in one.items()] for one in places]
    return {"content": [{**max(one, key=lambda o: o["logprob"]), "top_logprobs": one} for one in told]}


@pytest.mark.parametrize("told", [continued, spoken])
def test_the_first_word_s_probability_is_the_score(told: Any) -> None:
    assert score_in(told({"safe": 0.9, "unsafe": 0.1})) == pytest.approx(0.1)
    assert score_in(told({"\n\n": 0.99, "safe": 0.01}, {"unsafe": 0.6, " safe": 0.2, "x": 0.1})) == pytest.approx(0.75)
    assert score_in(told({"un": 0.8, "safe": 0.2}, {"safe": 1.0})) == pytest.approx(0.8)
    assert score_in(told({"Hello": 0.9, "safe": 0.1}, {"safe": 1.0})) == pytest.approx(0.0)
    assert score_in(told({"Hello": 1.0}, {"safe": 1.0})) is None


@pytest.mark.parametrize(
    "logprobs",
    [None, [], {}, "high", {"top_logprobs": None}, {"top_logprobs": [{}]}, {"content": [{}]}, {"content": [1]}],
)
def test_a_server_may_tell_no_probability(logprobs: Any) -> None:
    for text, score in (("safe", 0.0), ("unsafe\nS1", 1.0)):
        reply = {"choices": [{"text": text, "finish_reason": "stop", "logprobs": logprobs}]}
        assert opinion_in(reply, GUARD_3.numbers).score == score


def test_both_interfaces_are_read() -> None:
    in_text = {"choices": [{"index": 0, "text": "unsafe\nS9", "finish_reason": "stop", "logprobs": None}]}
    in_turn = {"choices": [{"message": {"role": "assistant", "content": "unsafe\nS9"}, "finish_reason": "stop"}]}

    assert opinion_in(in_text, GUARD_3.numbers) == opinion_in(in_turn, GUARD_3.numbers) == Opinion(1.0, ("S9",))


@pytest.mark.parametrize(
    "reply",
    [
        *({}, {"choices": []}, {"choices": None}, {"choices": [{}]}, {"choices": [{"text": None}]}),
        *({"choices": ["safe"]}, {"choices": [{"text": 1}]}, {"choices": [{"message": {"content": None}}]}),
        {"choices": [{"text": "unsafe\nS1", "finish_reason": "length"}]},
        {"error": {"message": "safe"}},
    ],
)
def test_a_reply_without_an_answer_is_unreadable(reply: dict[str, Any]) -> None:
    with pytest.raises(GuardFault) as caught:
        opinion_in(reply, GUARD_3.numbers)

    assert caught.value.kind == "unreadable"
