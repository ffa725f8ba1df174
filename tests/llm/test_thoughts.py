"""Thoughts are taken out however they are cut into pieces."""

import pytest

from llm.thoughts import without_thoughts

CASES = [
    ("Three months.", "Three months."),
    ("<think>Hm. It is three.</think>\n\nThree months.", "Three months."),
    ("<Thinking>Hm.</Thinking>Three", "Three"),
    ("Three <think>or four?</think>months.", "Three months."),
    ("<think>a</think><think>b</think>c", "c"),
    ("a < b and <thinner> or </b>", "a < b and <thinner> or </b>"),
    ("<think>for ever", ""),
    ("ends with <thi", "ends with <thi"),
    ("", ""),
]


@pytest.mark.parametrize(("text", "answer"), CASES)
@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_only_the_answer_is_left(text: str, answer: str, size: int) -> None:
    pieces = [text[start : start + size] for start in range(0, len(text), size)]

    assert "".join(without_thoughts(pieces)) == answer


def test_pieces_come_at_once_where_no_tag_may_begin() -> None:
    assert list(without_thoughts(["Three ", "months <", "= four."])) == ["Three ", "months ", "<= four."]


@pytest.mark.parametrize(
    ("pieces", "answer"),
    [(["Hm. It is", " three.</think>\n\n", "Three."], "Three."), (["Three", " months."], "Three months.")],
)
def test_an_answer_may_begin_in_a_thought_or_only_be_supposed_to(pieces: list[str], answer: str) -> None:
    assert "".join(without_thoughts(pieces, thinking=True)) == answer
