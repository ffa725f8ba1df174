"""Sentences come as soon as they are complete, with their citations, however the text is cut into pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm.sentences import Written, sentences


def read(text: str, passages: int = 3, size: int = 1) -> list[tuple[str, tuple[int, ...]]]:
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    return [(written.text, written.cited) for written in sentences(pieces, passages)]


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It is three months. [3]", [("It is three months.", (3,))]),
        ("It is three months.[3] It ends in May.[1]", [("It is three months.", (3,)), ("It ends in May.", (1,))]),
        ("It is three months [3]. It ends in May [1].", [("It is three months.", (3,)), ("It ends in May.", (1,))]),
        ("One [1] and two [2].", [("One and two.", (1, 2))]),
        ("One. [1][2]\nTwo. [1, 3]\nThree. [1-3]", [("One.", (1, 2)), ("Two.", (1, 3)), ("Three.", (1, 2, 3))]),
        ("Drei Monate.【1】 Vier【2†lease.txt】", [("Drei Monate.", (1,)), ("Vier", (2,))]),
        ("One. [9] Two. [0]", [("One.", ()), ("Two.", ())]),
        ("In [2018] it rose to [1,577]. [1]", [("In [2018] it rose to [1,577].", (1,))]),
        ("[1] One. Two. [2]", [("One.", (1,)), ("Two.", (2,))]),
        ("It ends on May 1. [1] See z. B. Dr. Kahn. [2]", [("It ends on May 1.", (1,)), ("See z. B. Dr. Kahn.", (2,))]),
        ("三个月。[1]租金每月支付。[2]", [("三个月。", (1,)), ("租金每月支付。", (2,))]),
        ("# Notice\n- **It is** three `months`. [1]\n* _Really._ [2]", [
            ("Notice", ()), ("It is three months.", (1,)), ("Really.", (2,))
        ]),
        ("**One.** Two. [2]", [("One.", ()), ("Two.", (2,))]),
        ("See [it](https://evil.example/?q=secret) ![x](https://evil.example/a.png). [1]", [("See it x.", (1,))]),
        ("2 * 3 * 4 is 24 and a_b_c stays.", [("2 * 3 * 4 is 24 and a_b_c stays.", ())]),
        ("A [note] and [ 1 ] and [.", [("A [note] and and [.", (1,))]),
        ("It fell to [-1]. [2]", [("It fell to [-1].", (2,))]),
        ("A\x1b[31m\0 \u202eb\U000e0041. [1]", [("A[31m b.", (1,))]),
        ("\ud83d\ude00 \ud800 c\u200dd. [1]", [("\U0001f600 \ufffd c\u200dd.", (1,))]),
        ("", []),
        ("... [1] ---", []),
    ],
)  # fmt: skip
def test_sentences_and_their_citations(text: str, expected: list[tuple[str, tuple[int, ...]]], size: int) -> None:
    assert read(text, size=size) == expected


def test_a_sentence_waits_for_its_citation_and_no_longer() -> None:
    pieces = iter(["One is", " one.", " [", "1]", " Two", " is two. "])
    taken: list[str] = []

    def taking() -> object:
        for piece in pieces:
            taken.append(piece)
            yield piece

    first = next(sentences(taking(), 3))  # type: ignore[arg-type]

    assert first == Written("One is one.", (1,))
    assert taken[-1] == " is two. "  # the word that begins the next one was complete


def test_what_never_ends_is_released_after_forty_words() -> None:
    lengths = [len(text.split()) for text, _ in read("word " * 100, size=5)]

    assert lengths == [40, 40, 20]


@given(st.text(alphabet="ab .[]【】1239,-\n*_(!", max_size=80), st.integers(1, 9))
def test_pieces_make_no_difference(text: str, size: int) -> None:
    assert read(text, size=size) == read(text, size=1000)


@given(st.text(alphabet="abc .,;!?\n", max_size=200))
def test_no_word_is_lost(text: str) -> None:
    read_back = " ".join(sentence for sentence, _ in read(text)).split()

    assert [word for word in read_back if word.isalnum()] == [word for word in text.split() if word.isalnum()]


@pytest.mark.parametrize("unit", ["[", "[1", "[1,", "1", "[123456789", "[ ", "【1†", "A. ", "*_", "[](", "\n", "[1]"])
@pytest.mark.timeout(30)
def test_hostile_text_is_read_in_time_proportional_to_its_length(unit: str) -> None:
    # What took the square of this length would take minutes.
    read(unit * (300_000 // len(unit)), size=300_000)
