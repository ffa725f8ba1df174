"""Words for numbers in English and German: what `twenty-eight and a half` or `siebenunddreißig` comes to.

Only words are known here; digits, units and what agrees with what are decided elsewhere.
"""

import re
from functools import lru_cache

_SMALL = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19, "dozen": 12, "null": 0, "eins": 1, "zwei": 2, "zwo": 2, "drei": 3,
    "vier": 4, "fünf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9, "zehn": 10, "elf": 11, "zwölf": 12,
    "dreizehn": 13, "vierzehn": 14, "fünfzehn": 15, "sechzehn": 16, "siebzehn": 17, "achtzehn": 18, "neunzehn": 19,
    "dutzend": 12,
}  # fmt: skip
_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
    "zwanzig": 20, "dreißig": 30, "dreissig": 30, "vierzig": 40, "fünfzig": 50, "sechzig": 60, "siebzig": 70,
    "achtzig": 80, "neunzig": 90,
}  # fmt: skip
# What multiplies what stands before it.
SCALES = {
    "hundred": 100, "hundert": 100, "thousand": 10**3, "thousands": 10**3, "tausend": 10**3, "k": 10**3,
    "million": 10**6, "millions": 10**6, "millionen": 10**6, "mio": 10**6, "mn": 10**6, "m": 10**6,
    "billion": 10**9, "billions": 10**9, "bn": 10**9, "b": 10**9, "mrd": 10**9, "milliarde": 10**9,
    "milliarden": 10**9, "trillion": 10**12, "trillions": 10**12, "billionen": 10**12, "billiarden": 10**15,
}  # fmt: skip
# Scales that stand for one of themselves: a hundred, hundert.
ALONE = frozenset({"hundred", "hundert", "thousand", "tausend", "million", "billion", "milliarde"})
_ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14, "fifteenth": 15, "sixteenth": 16,
    "seventeenth": 17, "eighteenth": 18, "nineteenth": 19, "twentieth": 20,
}  # fmt: skip
_GERMAN_ORDINALS = {"erst": 1, "zweit": 2, "dritt": 3, "viert": 4, "fünft": 5, "sechst": 6, "siebt": 7, "acht": 8}
_PARTS = {
    "half": 2, "halves": 2, "halb": 2, "halbe": 2, "halben": 2, "halber": 2, "halbes": 2, "hälfte": 2, "third": 3,
    "thirds": 3, "drittel": 3, "quarter": 4, "quarters": 4, "viertel": 4, "fünftel": 5, "sechstel": 6, "siebtel": 7,
    "achtel": 8, "neuntel": 9, "zehntel": 10, "hundertstel": 100, "zwanzigstel": 20, "zwölftel": 12,
}  # fmt: skip
# How many times as much.
TIMES = {
    "doubled": 2, "doubling": 2, "double": 2, "doubles": 2, "twice": 2, "twofold": 2, "tripled": 3, "triple": 3,
    "trebled": 3, "threefold": 3, "quadrupled": 4, "fourfold": 4, "halved": 0.5, "halving": 0.5,
    "verdoppelt": 2, "verdoppelte": 2, "verdoppelten": 2, "verdoppeln": 2, "doppelt": 2, "doppelte": 2,
    "verdreifacht": 3, "verdreifachte": 3, "dreifache": 3, "vervierfacht": 4, "halbiert": 0.5, "halbierte": 0.5,
}  # fmt: skip
_GERMAN_HALF = re.compile(r"(?P<whole>\w+?)einhalb")
_GERMAN_DIGITS = re.compile(
    r"(?P<ones>ein|zwei|drei|vier|fünf|sechs|sieben|acht|neun)und(?P<tens>\w+zig|drei(?:ß|ss)ig)"
)
_GERMAN_ORDINAL = re.compile(r"(?P<stem>\w+t)e[nrsm]?")


@lru_cache(4096)
def cardinal(word: str) -> float | None:
    """The number below a hundred, or a whole German number, that one word in lower case stands for."""
    if word in _SMALL:
        return _SMALL[word]
    if word in _TENS:
        return _TENS[word]
    if word in {"anderthalb", "eineinhalb"}:
        return 1.5
    if half := _GERMAN_HALF.fullmatch(word):
        whole = cardinal(half["whole"])
        return None if whole is None else whole + 0.5
    return _german(word)


def _german(word: str) -> float | None:
    """Of a compound such as zweitausenddreihundert; None where a part is no number."""
    for name, scale in (("tausend", 1000), ("hundert", 100)):
        before, found, after = word.partition(name)
        if found and (before or after):
            first = 1.0 if before in {"", "ein"} else cardinal(before)
            rest = 0.0 if after == "" else cardinal(after.removeprefix("und"))
            return None if first is None or rest is None else first * scale + rest
    if digits := _GERMAN_DIGITS.fullmatch(word):
        tens = _TENS.get(digits["tens"])
        ones = 1 if digits["ones"] == "ein" else _SMALL[digits["ones"]]
        return None if tens is None else tens + ones
    return None


@lru_cache(4096)
def ordinal(word: str) -> int | None:
    """The place that a word in lower case stands for: third, 12th, zweite."""
    if word in _ORDINALS:
        return _ORDINALS[word]
    if found := re.fullmatch(r"(\d{1,3})(?:st|nd|rd|th|te[nrs]?)", word):
        return int(found[1])
    if (found := _GERMAN_ORDINAL.fullmatch(word)) and word != "achten":
        stem = found["stem"]
        known = _GERMAN_ORDINALS.get(stem) or cardinal(stem.removesuffix("st")) or cardinal(stem.removesuffix("t"))
        return int(known) if known and stem.endswith("t") else None
    return None


def part(word: str) -> int | None:
    """Of a word for a fraction in lower case its denominator: thirds, Zehntel."""
    if word in _PARTS:
        return _PARTS[word]
    single = word.removesuffix("s")
    place = _ORDINALS.get(single)
    return place if place is not None and place > 2 else None  # first and second are no parts
