"""Folding undoes disguises, and knows where everything stood."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm.moderation.detectors.folding import clean, skeleton
from tests.growth import growth


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Ｋｉｌｌ", "kill"),
        ("kіll", "kill"),  # a Cyrillic letter
        ("k1ll th3m", "kill them"),
        ("$ecret", "secret"),
        ("b.o.m.b", "bomb"),
        ("now k i l l", "now kill"),
        ("ki\u200bll", "kill"),
        ("k\u202eill", "kill"),
        ("k\U000e0069ill", "kill"),
        ("k\u0336i\u0336l\u0336l", "kill"),
        ("𝓴𝓲𝓵𝓵 🅚🅘🅛🅛 🇰🇮🇱🇱", "kill kill kill"),
        ("Tötung, Straße", "totung, strasse"),
        ("ﬁne", "fine"),
        ("two  \n\t blanks", "two blanks"),
        ("a\tb", "a b"),
    ],
)
def test_a_disguise_is_undone(written: str, read: str) -> None:
    assert skeleton(written).text == read


@pytest.mark.parametrize("written", ["in 2024", "4711", "U.S.A. it is", "B2 or A4", "a b c", "1,500.25 %"])
def test_what_is_no_disguise_stays(written: str) -> None:
    assert skeleton(written).text == written.lower()


def test_cleaning_keeps_case_and_letters() -> None:
    assert clean("Größe ０１２\u200b３\u00a0m").text == "Größe 0123 m"


@pytest.mark.parametrize(
    "text", ["x \U0001f1f0\u200bіll, b.o.m.b", "ﬁ kill", "  \n kill", "K\u200bI\u200bL\u200bL", "k i l l e"]
)
def test_a_place_is_that_of_the_original(text: str) -> None:
    folded = skeleton(text)
    for place, character in enumerate(folded.text):
        start, end = folded.original(place, place + 1)
        assert character in skeleton(text[start:end]).text


@given(st.text())
def test_any_text_can_be_folded(text: str) -> None:
    for folded in (clean(text), skeleton(text)):
        assert folded.places is None or len(folded.places) == len(folded.text)
        start, end = folded.original(0, len(folded.text))
        assert 0 <= start <= end <= len(text)


@pytest.mark.parametrize("text", ["kіll \u200b Größe 𝓴 b.o.m.b ", "plain words ", "a b ", "a.", "1 ", "\n ", "k1"])
def test_the_cost_grows_with_the_length_only(text: str) -> None:
    assert growth(skeleton, text) < 10
