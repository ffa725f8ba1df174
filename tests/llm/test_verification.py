"""Verdicts by exact spans."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.values import Verdict
from llm.verification import verdict

PASSAGE = "The notice period is three months.\nIt begins on the first day of a month."


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("The notice period is three months.", Verdict.SUPPORTED),
        ("the  NOTICE period is\nthree months.", Verdict.SUPPORTED),
        ("months. It begins", Verdict.SUPPORTED),
        ("The notice period is six months.", Verdict.PARTLY),
        ("The notice period is three months and can never be changed by anyone.", Verdict.UNSUPPORTED),
        ("he notice period", Verdict.PARTLY),
        ("three month", Verdict.PARTLY),
        ("Nobody knows.", Verdict.UNSUPPORTED),
        ("", Verdict.UNSUPPORTED),
        ("notice", Verdict.SUPPORTED),
        ("note", Verdict.UNSUPPORTED),
    ],
)
def test_verdicts(sentence: str, expected: Verdict) -> None:
    assert verdict(sentence, ["Something else.", PASSAGE]) is expected


def test_without_passages_nothing_is_supported() -> None:
    assert verdict("The notice period is three months.", []) is Verdict.UNSUPPORTED


@given(st.lists(st.from_regex(r"[a-z]{1,6}", fullmatch=True), min_size=3, max_size=30), st.data())
def test_any_run_of_words_of_a_passage_is_supported(words: list[str], data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(words) - 1))
    end = data.draw(st.integers(start + 1, len(words)))

    assert verdict(" ".join(words[start:end]), [" ".join(words)]) is Verdict.SUPPORTED
