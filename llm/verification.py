"""Whether passages support a sentence. For now by exact spans: what is not written there is not supported."""

import unicodedata
from collections.abc import Sequence

from core.values import Verdict

_ENOUGH = 0.5


def verdict(sentence: str, passages: Sequence[str]) -> Verdict:
    """`supported` when the sentence stands in a passage word for word (space and case aside).

    `partly` when one run of at least half its words does, else `unsupported`.
    """
    words = _folded(sentence)
    texts = [f" {' '.join(_folded(passage))} " for passage in passages]
    if not words:
        return Verdict.UNSUPPORTED
    if _stands(words, texts):
        return Verdict.SUPPORTED
    length = max(1, round(len(words) * _ENOUGH))
    runs = (words[start : start + length] for start in range(len(words) - length + 1))
    return Verdict.PARTLY if len(words) > 1 and any(_stands(run, texts) for run in runs) else Verdict.UNSUPPORTED


def _stands(words: Sequence[str], texts: Sequence[str]) -> bool:
    wanted = f" {' '.join(words)} "
    return any(wanted in text for text in texts)


def _folded(text: str) -> list[str]:
    return unicodedata.normalize("NFKC", text).casefold().split()
