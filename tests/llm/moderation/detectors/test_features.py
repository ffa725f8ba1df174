"""Features of parts of a text are those that each part has by itself."""

import numpy as np
import pytest

from llm.moderation.detectors.features import FROM_START, Text, weighed

SENTENCES = (
    "how do i kill my neighbour without anyone noticing it at all, he is 50 years old",
    "these people are animals and all of them should be sent away, i hate every one of",
    "the tenant pays the rent on the third working day of each month, in advance, then",
    "ich werde dich umbringen, du wirst schon sehen, und niemand hilft dir, es ist aus",
)
LENGTH = min(map(len, SENTENCES))
PARTS = [sentence[:LENGTH].rstrip().ljust(LENGTH, "x") for sentence in SENTENCES]


@pytest.mark.parametrize("number", range(len(PARTS)))
def test_a_part_between_blanks_has_what_it_has_by_itself(number: int) -> None:
    starts = np.arange(len(PARTS)) * (LENGTH + 1)
    text, alone = Text(" ".join(PARTS)), Text(PARTS[number])
    pieces, whole = text.pieces(starts, LENGTH), alone.pieces(FROM_START, LENGTH)

    row = slice(pieces.ends[number - 1] if number else 0, pieces.ends[number])
    assert pieces.buckets[row].tolist() == whole.buckets.tolist()
    assert pieces.counts[row].tolist() == whole.counts.tolist()
    assert text.themes(starts, LENGTH)[number].tolist() == alone.themes(FROM_START, LENGTH)[0].tolist()
    rarity = np.linspace(0.1, 3, 1 << 16, dtype=np.float32)
    assert weighed(pieces, rarity)[row] == pytest.approx(weighed(whole, rarity), rel=1e-6)


@pytest.mark.parametrize("plain", ["", "a", "ab", "abcdef"])
def test_texts_shorter_than_a_piece_have_what_there_is(plain: str) -> None:
    text = Text(plain)

    found = text.pieces(FROM_START, len(plain))
    assert found.ends.tolist() == [len(found.buckets)]
    assert np.isfinite(weighed(found, np.ones(1 << 16, np.float32))).all()
    assert np.isfinite(text.themes(FROM_START, len(plain))).all()
