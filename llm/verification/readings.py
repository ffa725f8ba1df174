"""A text as it is compared: words with what they are, its numbers and dates, and which language it is in."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from llm.verification.dates import Date, dates
from llm.verification.lexicon import (
    BREAKS,
    ENGLISH_SIGNS,
    FUNCTION,
    GERMAN_SIGNS,
    IRREGULAR,
    JOINS,
    NEGATIONS,
    PEOPLES,
)
from llm.verification.number_words import cardinal
from llm.verification.quantities import Quantity, quantities
from retrieval.index.terms import stems

_WORD = re.compile(r"[^\W_]+(?:['’.&][^\W_]+)*")
_GENITIVE = re.compile(r"['’]s?$|(?<=s)['’]$")
_STOP = re.compile(r"[.!?:;\n]")
_OPEN = frozenset("\"“„«'‘(")
# What stands between two words, in steps from one to the next: a comma is a small gap, a full stop a large one.
_GAPS = {",": 3, ";": 8, ":": 4, "—": 6, "–": 3, "(": 3, ")": 3, ".": 10, "!": 10, "?": 10, "\n": 2, "•": 10}
_BREAK_STEPS, _JOIN_STEPS = 5, 2
_GERMAN_ENDINGS = ("ungen", "ern", "em", "en", "er", "es", "et", "st", "te", "e", "n", "s", "t")
_SHORTEST = 4
_SHORT = 3
LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Word:
    """A word at `start:end`; `key` is the same for its other forms, `at` its place in steps, `clause` the number of its
    clause, `segment` that of the part of it between commas and joining words.

    `capital` is set where a capital says something: inside a sentence.
    """

    start: int
    end: int
    text: str
    low: str
    key: str
    content: bool
    capital: bool
    first: bool
    at: int
    clause: int
    segment: int


class Reading:
    """A text with its words, quantities and dates; made once for each text by `read`."""

    def __init__(self, text: str) -> None:
        self.text = text[:LONGEST]

    @cached_property
    def language(self) -> str:
        """`en` or `de` as its small words tell; empty for none of both."""
        low = [word.lower() for word in _WORD.findall(self.text)]
        english = sum(word in ENGLISH_SIGNS for word in low)
        german = sum(word in GERMAN_SIGNS for word in low)
        if max(english, german) < max(1, len(low) // 25):
            return ""
        return "de" if german > english else "en"

    @property
    def german(self) -> bool:
        """Whether it is German."""
        return self.language == "de"

    @cached_property
    def dates(self) -> tuple[Date, ...]:
        """The dates of the text."""
        return dates(self.text)

    @cached_property
    def quantities(self) -> tuple[Quantity, ...]:
        """The numbers of the text."""
        return quantities(self.text, german=self.german)

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """All words in their order."""
        return tuple(_words(self.text, german=self.german))

    @cached_property
    def keys(self) -> frozenset[str]:
        """The keys of all its words."""
        return frozenset(word.key for word in self.words)

    @cached_property
    def lows(self) -> frozenset[str]:
        """All its words in lower case."""
        return frozenset(word.low for word in self.words)

    @cached_property
    def content(self) -> tuple[Word, ...]:
        """The words that mean something by themselves, numbers and dates left out."""
        return tuple(w for w in self.words if w.content and not any(s < w.end and w.start < e for s, e in self.figures))

    @cached_property
    def figures(self) -> tuple[tuple[int, int], ...]:
        """Where its dates and numbers stand."""
        found = [(date.start, date.end) for date in self.dates]
        return (*found, *((one.start, one.end) for one in self.quantities))


@lru_cache(4096)
def read(text: str) -> Reading:
    """The reading of a text, of which no more than its first 20,000 characters are looked at."""
    return Reading(text)


def _words(text: str, *, german: bool) -> Sequence[Word]:
    found: list[Word] = []
    at, clause, segment, last = 0, 0, 0, 0
    for match in _WORD.finditer(text):
        token = match.group()
        between = text[last : match.start()]
        abbreviated = (
            bool(found) and between.startswith(".") and ("." in found[-1].text or len(found[-1].text) < _SHORT)
        )
        steps = 1 + sum(_GAPS.get(sign, 0) for sign in (between[1:] if abbreviated else between))
        plain = _GENITIVE.sub("", token)
        low = plain.casefold().replace("ß", "ss") if german else plain.lower()
        if low.endswith(("n't", "n’t")):
            low = "not"
        if low in BREAKS:
            steps += _BREAK_STEPS
        elif low in JOINS:
            steps += _JOIN_STEPS
        at += steps
        clause += steps > _BREAK_STEPS
        segment += steps > _JOIN_STEPS
        first = not found or (bool(_STOP.search(between)) and not abbreviated)
        opens = first or (bool(between.strip()) and between.strip()[-1] in _OPEN)
        upper = token[0].isupper() or any(c.isupper() for c in token[1:])
        function = low in FUNCTION and not (token.isupper() and len(token) > 1 and not opens)
        content = not function and (len(low) > 1 or low.isdigit() or upper)
        found.append(
            Word(
                match.start(),
                match.end(),
                token,
                low,
                key_of(low, german=german),
                content,
                upper,
                first,
                at,
                clause,
                segment,
            )
        )
        last = match.end()
    return found


@lru_cache(16384)
def key_of(word: str, *, german: bool) -> str:
    """What the forms of a word have in common, as far as endings tell."""
    if word in PEOPLES:
        return PEOPLES[word]
    if word in IRREGULAR:
        return IRREGULAR[word]
    if german:
        return _german_key(word)
    number = cardinal(word)
    if number is not None:
        return f"{number:g}"
    terms = stems(word)
    return "".join(terms) or word


def _german_key(word: str) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
    for ending in _GERMAN_ENDINGS:
        if plain.endswith(ending) and len(plain) - len(ending) >= _SHORTEST:
            return plain[: -len(ending)]
    return plain


def is_negation(word: Word) -> bool:
    """Whether a word turns what is said into its opposite."""
    return word.low in NEGATIONS
