"""Late interaction: passages whose tokens come near to those of the question score higher."""

import numpy as np
import pytest

from retrieval.late import BITS, TOKEN_BYTES, WINDOW, Tokens, closeness, code, interaction, projected

_RANDOM = np.random.default_rng(3)


def tokens(count: int, near: Tokens | None = None) -> Tokens:
    """Random token vectors; `near` others with a little noise."""
    noise = _RANDOM.normal(size=(count, 384)).astype(np.float32)
    return noise if near is None else np.asarray(near[:count] + 0.5 * noise, np.float32)


def test_the_passage_that_holds_the_tokens_of_the_question_wins_whatever_its_length() -> None:
    question = tokens(6)
    holding = np.concatenate([tokens(80), tokens(6, near=question), tokens(40)])

    scores = interaction([projected(question)], [code(tokens(30)), code(holding), code(tokens(126))])

    assert scores.argmax(axis=0).tolist() == [1, 1]


def test_of_several_questions_the_one_that_fits_best_counts() -> None:
    one, other = tokens(5), tokens(8)
    passages = [code(tokens(50)), code(np.concatenate([tokens(50), tokens(8, near=other)]))]

    both = interaction([projected(one), projected(other)], passages)

    assert both[1] == pytest.approx(interaction([projected(other)], passages)[1])
    assert (both[1] > both[0]).all()


def test_the_length_of_token_vectors_does_not_matter() -> None:
    question, passage = tokens(4), tokens(20)

    assert code(3 * passage) == code(passage)
    assert np.allclose(projected(7 * question), projected(question), atol=1e-4)


def test_passages_without_tokens_are_neither_better_nor_worse() -> None:
    question = tokens(4)
    scores = interaction([projected(question)], [code(tokens(9)), b"", code(tokens(9, near=tokens(9)))])

    assert scores[1] == pytest.approx((scores[0] + scores[2]) / 2)
    assert interaction([projected(question)], [b"", b""]).tolist() == [[0, 0], [0, 0]]
    assert interaction([], [code(tokens(3))]).tolist() == [[0, 0]]
    assert interaction([projected(question)], []).tolist() == []


@pytest.mark.parametrize("before", [0, 1, 60])
def test_tokens_that_stand_together_count_for_more_than_scattered_ones(before: int) -> None:
    question = tokens(8)
    near = tokens(8, near=question)
    together = np.concatenate([tokens(before), near, tokens(120 - before)])
    scattered = np.concatenate([part for one in near for part in (one[None], tokens(15))])

    for passages in ([together, scattered], [scattered, together]):
        scores = interaction([projected(question)], [code(one) for one in passages])
        better = 0 if passages[0] is together else 1
        assert scores[0, 0] == pytest.approx(scores[1, 0], rel=0.1)
        assert scores[better, 1] > 1.3 * scores[1 - better, 1]


@pytest.mark.parametrize("length", [1, WINDOW - 1, WINDOW, WINDOW + 1])
def test_of_a_short_passage_all_tokens_stand_together(length: int) -> None:
    question = tokens(5)

    scores = interaction([projected(question)], [code(tokens(40)), code(tokens(length)), code(tokens(2))])

    assert scores[1, 1] <= scores[1, 0] + 1e-9
    if length <= WINDOW:
        assert scores[1, 1] == pytest.approx(scores[1, 0])


def test_codes_are_the_same_on_every_machine() -> None:
    """Codes are stored: other projections would make nonsense of them."""
    first = code(np.eye(1, 384, dtype=np.float32))

    assert len(code(tokens(10))) == 10 * TOKEN_BYTES
    assert len(first) * 8 == BITS
    assert first.hex() == "aa4b49881f8de9a8051fef18e677a354"


def test_closeness_compares_every_text_with_every_question() -> None:
    one, other = tokens(5), tokens(8)
    texts = [np.concatenate([tokens(9), one]), other, tokens(3)]

    found = closeness([one, 2 * other], texts)

    assert found.shape == (3, 2)
    assert found[0, 0] == pytest.approx(1, abs=1e-5)
    assert found[1, 1] == pytest.approx(1, abs=1e-5)
    assert (found[2] < 0.5).all()
