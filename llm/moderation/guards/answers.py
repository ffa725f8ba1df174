"""Reads what a Llama Guard wrote, strictly: `safe`, or `unsafe` and a line of its own numbers. No requests here."""

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from llm.moderation.findings import GuardFault, Opinion

UNREADABLE = "unreadable"
# White space around the two lines is the models' habit; everything else is somebody else's answer.
_ANSWER = re.compile(r"\s*(?:(safe)|unsafe\n(S\d+(?:, ?S\d+)*))\s*")
_CUT_OFF = "length"


class _Message(BaseModel):
    content: str


class _Choice(BaseModel):
    """Of either interface: `text` where a text was gone on with, `message` in a conversation."""

    text: str | None = None
    message: _Message | None = None
    finish_reason: str | None = None
    logprobs: Any = None


class _Reply(BaseModel):
    choices: list[_Choice] = Field(min_length=1)


class _Continued(BaseModel):
    top_logprobs: list[dict[str, float]]


class _Token(BaseModel):
    token: str
    logprob: float


class _Place(BaseModel):
    token: str
    top_logprobs: list[_Token]


class _Spoken(BaseModel):
    content: list[_Place]


def opinion_in(reply: Mapping[str, Any], numbers: Mapping[str, str]) -> Opinion:
    """What a reply says, its numbers translated by `numbers`. Raises `GuardFault` when that is not certain."""
    try:
        choice = _Reply.model_validate(reply).choices[0]
    except ValidationError:
        raise GuardFault("The guard's server sent something that is not an answer.", UNREADABLE) from None
    text = choice.text if choice.message is None else choice.message.content
    if text is None or choice.finish_reason == _CUT_OFF:
        raise GuardFault("The guard's answer has no end.", UNREADABLE)
    categories = categories_in(text, numbers)
    score = score_in(choice.logprobs)
    return Opinion(float(bool(categories)) if score is None else score, categories)


def categories_in(text: str, numbers: Mapping[str, str]) -> tuple[str, ...]:
    """The categories that an answer names, none for `safe`. Raises `GuardFault` for any other words."""
    found = _ANSWER.fullmatch(text)
    if found is None:
        # What it said is not repeated: it may be the question.
        raise GuardFault("The guard said neither `safe` nor `unsafe` with a list of categories.", UNREADABLE)
    named = re.findall(r"S\d+", found[2] or "")
    if unknown := [number for number in named if number not in numbers]:
        raise GuardFault(f"The guard named {unknown[0]}, which this model does not have.", UNREADABLE)
    return tuple(dict.fromkeys(numbers[number] for number in named))


def score_in(logprobs: Any) -> float | None:
    """The probability of `unsafe` against `safe` for the first word; None where the server does not tell."""
    for alternatives in _places(logprobs):
        words = [(token.strip().lower(), math.exp(min(logprob, 0.0))) for token, logprob in alternatives]
        if not max(words, key=lambda one: one[1], default=("", 0.0))[0]:
            continue  # these models begin with empty lines
        unsafe = sum(probability for word, probability in words if word and "unsafe".startswith(word))
        safe = sum(probability for word, probability in words if word and "safe".startswith(word))
        return unsafe / (unsafe + safe) if unsafe + safe > 0 else None
    return None


def _places(logprobs: Any) -> Iterable[list[tuple[str, float]]]:
    """The alternatives at each place of the answer, whichever interface told them."""
    try:
        return [list(place.items()) for place in _Continued.model_validate(logprobs).top_logprobs]
    except ValidationError:
        pass
    try:
        places = _Spoken.model_validate(logprobs).content
    except ValidationError:
        return []
    return [[(one.token, one.logprob) for one in place.top_logprobs] for place in places]
