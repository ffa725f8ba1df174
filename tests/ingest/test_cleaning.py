"""Characters are made fit before spans are computed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.cleaning import Noticed, clean_line, clean_text, noticing


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("a\x00b\x1fc\x7fd", "abcd"),
        ("eﬃcient ﬁnance", "efficient finance"),
        ("co\u00adoperate", "cooperate"),
        ("e\u0301", "é"),
        ("zero\u200bwidth \u202eevil\u202c", "zerowidth evil"),
        ("hidden\U000e0041\U000e0042", "hidden"),
        ("a\ud800b", "ab"),
        ("non\u00a0breaking", "non breaking"),
        ("kept\nlines\tand tabs", "kept\nlines\tand tabs"),
        ("\uf0b7 item", "• item"),
    ],
)
def test_clean_text(raw: str, clean: str) -> None:
    assert clean_text(raw) == clean


def test_a_line_has_single_spaces_and_short_leaders() -> None:
    assert clean_line("  Revenue  .......... \t 5 ") == "Revenue ... 5"
    assert clean_line("Revenue . . . . . . . 5") == "Revenue ... 5"
    assert clean_line("An ellipsis ... stays") == "An ellipsis ... stays"


@given(st.text(alphabet=st.characters()))
def test_clean_text_can_be_stored_and_stays_clean(raw: str) -> None:
    clean = clean_text(raw)

    assert clean.encode().decode() == clean
    assert "\x00" not in clean
    assert clean_text(clean) == clean


@pytest.mark.parametrize(
    ("raw", "invisible"),
    [
        ("plain" + "".join(chr(0xE0000 + ord(c)) for c in "ignore"), 6),
        ("a\u202eb", 1),
        ("a" + "\u200b\u200c" * 8, 16),
        ("a" + "\ufe00\U000e0101" * 4, 8),
        ("co\u00adoperate", 0),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", 0),
        ("\u2764\ufe0f\u200d\U0001f525", 0),
        ("\U0001f3f4" + "".join(chr(0xE0000 + ord(c)) for c in "gbeng") + "\U000e007f", 0),
    ],
)
def test_characters_that_can_carry_text_unseen_are_counted_and_gone(raw: str, invisible: int) -> None:
    noticed = Noticed()

    with noticing(noticed):
        clean = clean_line(raw)

    assert noticed.invisible == invisible
    if invisible:
        assert len(clean) <= len("plain")
