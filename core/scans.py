"""From what confidence on the words that were read in a scan are good enough to go without a remark."""

# On the bad scans of `bench/ocr.py` a tenth of the words or more were lost below it.
POOR_CONFIDENCE = 0.95
# The code of the warning on a document and of the notice on an answer.
POOR_SCAN = "poor_scan"


def is_poor(confidence: float | None) -> bool:
    """Whether a page was read in a scan, and badly; `confidence` is None where it was not read so."""
    return confidence is not None and confidence < POOR_CONFIDENCE


def remark(confidence: float | None) -> str:
    """What people read behind the place of such words; nothing behind that of others."""
    return ", from a low-quality scan" if is_poor(confidence) else ""
