"""Characters are made fit before spans are computed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.cleaning import clean_line, clean_text


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
