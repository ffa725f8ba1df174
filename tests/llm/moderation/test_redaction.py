"""What is blackened, and what can be told of it afterwards."""

from hypothesis import given
from hypothesis import strategies as st

from llm.moderation.judging import Blot
from llm.moderation.redaction import Redactor

TEXT = "Call 555-0100 or 5550100, not 555-0199."
BLOTS = [Blot(5, 13, "phone number"), Blot(17, 24, "phone number"), Blot(30, 38, "phone number")]


def test_a_mask_says_what_stood_there() -> None:
    assert Redactor("mask").redact(TEXT, BLOTS) == "Call [phone number] or [phone number], not [phone number]."


def test_pseudonyms_are_the_same_for_the_same_data() -> None:
    redactor = Redactor("pseudonymise")

    assert redactor.redact(TEXT, BLOTS) == "Call [phone number 1] or [phone number 1], not [phone number 2]."
    assert redactor.redact("555 0199", [Blot(0, 8, "phone number")]) == "[phone number 2]"
    assert redactor.redact("555 0199", [Blot(0, 8, "bank account")]) == "[bank account 1]"


def test_what_has_no_name_is_removed() -> None:
    assert Redactor("pseudonymise").redact("make a recipe", [Blot(7, 13)]) == "make a [removed]"


@given(st.text(max_size=40), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=5))
def test_nothing_of_a_blot_is_left_and_everything_else_is(text: str, places: list[tuple[int, int]]) -> None:
    blots = [Blot(min(a, b, len(text)), min(max(a, b), len(text))) for a, b in places]
    hidden = {i for blot in blots for i in range(blot.start, blot.end)}

    redacted = Redactor("mask").redact(text, blots)

    assert redacted.replace("[removed]", "") == "".join(c for i, c in enumerate(text) if i not in hidden).replace(
        "[removed]", ""
    )
