"""Whether the names of a sentence stand in its span, or are what the span speaks of without naming it again."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from llm.verification.comparison import Comparison, Reason
from llm.verification.grammar import Kind, kinds
from llm.verification.lexicon import PRONOUNS, word_set
from llm.verification.measures import MEASURES
from llm.verification.opposites import pointing
from llm.verification.readings import Reading, Word

_ACRONYM = re.compile(r"(?:[A-Z]\.?){2,6}s?")
_TITLES = word_set("mr mrs ms dr prof sir herr frau st")
_ERAS = word_set("christ christus ad bc ce bce")
_PREFIX = 4
_ALIKE = 0.6
_GRAM = 3
_INITIAL = 2
_BESIDE = 3


@dataclass(frozen=True, slots=True)
class Missing:
    """The names of a sentence that its span lacks: what nothing around has either, and what another name stands for."""

    unknown: tuple[Word, ...]
    replaced: tuple[Word, ...]


def missing(both: Comparison) -> Missing:
    """The names of a sentence that its span lacks."""
    lacking = [word for word in names(both.said, both.written) if not known(word, both.written)]
    unknown = [word for word in lacking if not known(word, both.passage) and not known(word, both.around)]
    replaced = [word for word in lacking if word not in unknown and _replaced(word, both)]
    return Missing(tuple(unknown), tuple(replaced))


def wrong_names(both: Comparison) -> Iterator[Reason]:
    """A reason where a name is found nowhere, or stands in the place of another one."""
    lacking = missing(both)
    if lacking.unknown or lacking.replaced:
        yield Reason.NAME


def _replaced(word: Word, both: Comparison) -> bool:
    """Whether another name stands in the span beside what stands beside a name in the sentence."""
    after = [one for one in both.said.content if 0 < one.at - word.at <= _BESIDE and not one.capital]
    for one in after:
        there = both.partner(one)
        if there is None:
            continue
        others = [o for o in both.written.words if o.capital and o.content and -_BESIDE <= o.at - there.at < 0]
        if any(not known(other, both.said) for other in others):
            return True
    return False


def names(said: Reading, written: Reading) -> Iterator[Word]:
    """The words of a sentence that are parts of names, dates left out."""
    taken = said.figures
    told = kinds(said)
    for word in said.words:
        if not word.capital or any(start < word.end and word.start < end for start, end in taken):
            continue
        if not word.content or word.low in _TITLES or word.low in PRONOUNS or len(word.text.rstrip(".")) < _INITIAL:
            continue
        if word.low in MEASURES or (pointing(word.low) and word.low not in written.lows) or word.low in _ERAS:
            continue
        tagged = word.start in told and told[word.start].kind is Kind.NAME
        if tagged or _is_marked(word) or not (said.german or word.first):
            yield word


def _is_marked(word: Word) -> bool:
    """`3M`, `NASA`, `DuMont`: what has more capitals than one, or digits, is a name in any language."""
    return any(c.isdigit() for c in word.text) or sum(c.isupper() for c in word.text) > 1


def known(word: Word, text: Reading) -> bool:
    """Whether a text has this name: in another form, with other accents, or as letters of an abbreviation."""
    if word.key in text.keys or word.low in text.lows:
        return True
    plain = folded(word.low)
    if any(_same(plain, other) for other in plain_words(text)):
        return True
    if not _ACRONYM.fullmatch(word.text):
        return False
    return word.text.replace(".", "").rstrip("s").lower() in initials(text)


@lru_cache(1024)
def plain_words(text: Reading) -> frozenset[str]:
    """The words of a text without accents, and the parts of words with signs inside."""
    plain = {folded(word.low) for word in text.words}
    return frozenset(plain | {part for word in plain for part in re.split(r"['’.&]", word)})


@lru_cache(1024)
def initials(text: Reading) -> frozenset[str]:
    """The first letters of each run of two to six words that a text may abbreviate."""
    words = [word for word in text.words if word.content or word.capital]
    found: set[str] = set()
    for place in range(len(words)):
        for length in range(2, min(6, len(words) - place) + 1):
            run = words[place : place + length]
            if all(word.capital for word in run):
                found.add("".join(word.low[0] for word in run))
    return frozenset(found)


@lru_cache(16384)
def folded(word: str) -> str:
    """A word without its accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))


@lru_cache(65536)
def _same(one: str, other: str) -> bool:
    if one == other:
        return True
    shorter = min(len(one), len(other))
    if shorter < _PREFIX:
        return False
    shared = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        shared += 1
    if shared >= _PREFIX and (shared == shorter or shared >= 0.65 * max(len(one), len(other))):  # most
        return shared > _PREFIX or max(len(one), len(other)) <= _PREFIX + 2  # an ending
    mine = {one[i : i + _GRAM] for i in range(len(one) - _GRAM + 1)}
    theirs = {other[i : i + _GRAM] for i in range(len(other) - _GRAM + 1)}
    return len(mine & theirs) >= _ALIKE * max(len(mine), len(theirs))
