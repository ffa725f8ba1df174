"""How text becomes the terms by which it is found: character 4-grams of folded words, and stems.

4-grams find inflected and compound words in any language without a stemmer or a dictionary for it: P. McNamee and
J. Mayfield, Character N-Gram Tokenization for European Language Text Retrieval, Information Retrieval 7 (2004).
"""

import re
import unicodedata
from functools import cache

import tantivy

GRAM = 4
_WORD = re.compile(r"[^\W_]+")
# Scripts that write no spaces between words.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")


def folded(text: str) -> str:
    """Words in lower case without accents, each between single spaces; unspaced scripts as overlapping pairs."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    if not plain.isascii():
        plain = "".join(c for c in plain if not unicodedata.combining(c))
        plain = _UNSPACED.sub(_pairs, plain)
    return f" {' '.join(_WORD.findall(plain))} "


def grams(text: str) -> list[str]:
    """The 4-grams of a text in their order, those across neighbouring words included; none of a text without words."""
    whole = folded(text)
    if len(whole) <= GRAM:
        return [whole.ljust(GRAM)] if whole.strip() else []
    return [whole[i : i + GRAM] for i in range(len(whole) - GRAM + 1)]


def stems(text: str) -> list[str]:
    """The words of a text in their order, in lower case and stemmed as in English."""
    found: list[str] = _stemmer().analyze(text)
    return found


def _pairs(run: re.Match[str]) -> str:
    text = run.group()
    return f" {' '.join(text[i : i + 2] for i in range(max(1, len(text) - 1)))} "


@cache
def _stemmer() -> tantivy.TextAnalyzer:
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.remove_long(64))
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.stemmer("english"))
        .build()
    )
