"""The made-up texts that moderation is measured with."""

import pytest

from bench import business_questions, pii_sentences
from bench.pii_values import KINDS, LOOK_ALIKES


@pytest.mark.parametrize("halves", [business_questions.HALVES, pii_sentences.HALVES])
def test_the_halves_share_no_template(halves: dict[str, list[str]]) -> None:
    assert not {*halves["dev"]} & {*halves["test"]}


@pytest.mark.parametrize("half", ["dev", "test"])
def test_there_are_500_different_questions(half: str) -> None:
    asked = business_questions.questions(half, 500)

    assert len(set(asked)) == 500
    assert asked == business_questions.questions(half, 500)


@pytest.mark.parametrize("half", ["dev", "test"])
def test_sentences_say_where_the_data_is(half: str) -> None:
    made = list(pii_sentences.sentences(half, 200, seed=3))

    assert made == list(pii_sentences.sentences(half, 200, seed=3))
    assert {span.kind for sentence in made for span in sentence.data} == {*KINDS}
    assert all(sentence.text[span.start : span.end].strip() for sentence in made for span in sentence.data)


@pytest.mark.parametrize("half", ["dev", "test"])
def test_every_kind_and_look_alike_is_used(half: str) -> None:
    templates = "\n".join(pii_sentences.HALVES[half])

    assert all(f"{{{name}}}" in templates for name in (*KINDS, *LOOK_ALIKES))
