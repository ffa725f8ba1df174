"""From what confidence on scans are trusted."""

import pytest

from core.scans import POOR_CONFIDENCE, is_poor, remark


@pytest.mark.parametrize(
    ("confidence", "poor"), [(None, False), (0.0, True), (POOR_CONFIDENCE - 0.01, True), (POOR_CONFIDENCE, False)]
)
def test_only_what_was_read_badly_gets_a_remark(confidence: float | None, poor: bool) -> None:
    assert is_poor(confidence) is poor
    assert bool(remark(confidence)) is poor
