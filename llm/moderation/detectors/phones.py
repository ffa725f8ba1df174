"""Phone numbers, as they are written in German, American and international texts."""

import re
from collections.abc import Callable, Iterable, Iterator

from llm.moderation.detectors.labels import Label, Words

# Digits after the country code, by country; elsewhere the ITU's bounds.
_NATIONAL_LENGTHS = {
    "1": (10, 10), "7": (10, 10), "20": (8, 10), "27": (9, 9), "30": (10, 10), "31": (9, 9), "32": (8, 9),
    "33": (9, 9), "34": (9, 9), "36": (8, 9), "39": (8, 11), "40": (9, 9), "41": (9, 9), "43": (6, 13),
    "44": (9, 10), "45": (8, 8), "46": (7, 10), "47": (8, 8), "48": (9, 9), "49": (6, 13), "61": (9, 9),
    "81": (9, 10), "86": (10, 11), "90": (10, 10), "91": (10, 10), "51": (8, 9), "52": (10, 10), "54": (10, 11),
    "55": (10, 11), "56": (9, 9), "57": (10, 10), "58": (10, 10), "60": (8, 10), "62": (8, 12), "63": (10, 10),
    "64": (8, 10), "65": (8, 8), "66": (8, 9), "82": (8, 11), "84": (9, 10), "92": (10, 10), "93": (9, 9),
    "94": (9, 9), "98": (10, 10), "351": (9, 9), "352": (6, 11), "353": (8, 9), "358": (6, 11), "420": (9, 9),
    "421": (9, 9),
}  # fmt: skip
_ANY_LENGTH = (7, 12)
# Country codes in use, by their first digits: one digit, two, or else three.
_ONE = frozenset("17")
_TWO = frozenset(
    re.findall(
        r"\d\d",
        "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 "
        "86 90 91 92 93 94 95 98",
    )
)
_THREE = re.compile(
    r"2[1-6]\d|29[01789]|3[578]\d|42[013]|50\d|59\d|67\d|68\d|69[0-2]|80[08]|85[0235]|88\d|9[67]\d|99[2-68]"
)
_SEPARATOR = r"(?: ?[-./–] ?| )"
_GAP = f"{_SEPARATOR}?"
_END = r"(?![^\W_]|[-./]\w|[,:]\d)"
# Seen at once: that what comes is neither the end nor an extension.
_EXTENSION = r"(?![0-9]|[-./]\w)(?:,?\s?(?:ext\.?|extension|x|Durchwahl|DW|App\.|Apparat)\s?\d{1,5})?"
_INTERNATIONAL = re.compile(
    rf"((?:\+|00)[1-9]\d{{0,2}}{_GAP}(?:\(0?\d{{0,5}}\){_GAP})?\d(?:\d|{_SEPARATOR}\d){{4,13}}){_EXTENSION}{_END}"
)
# Neither area nor exchange ends in 11, and one sign parts all three. Like the next one it begins with what a search can
# skip to.
_AMERICAN = re.compile(
    rf"[(1-9](?<![^\W_].)(?:(?<=1){_GAP}[(2-9])?(?:(?<=\()[2-9](?!11)\d\d\) ?\d(?!11)\d\d[-. ]|"
    rf"(?<=[2-9])(?!11)\d\d([-. ])(\d)(?!11)\d\d\1)\d{{4}}{_EXTENSION}{_END}"
)
# The area with what encloses it, what parts it from the rest, and the rest.
_NATIONAL = re.compile(
    r"([(0](?<![-./#=&_%@].)(?:(?<=\()0\d{1,5}\)|(?<=0)\d{1,5}))"
    rf"( ?[-/–] ?| )(\d(?:\d|(?: ?[-/–] ?| )\d){{3,10}}){_EXTENSION}{_END}"
)
_PAIRS = re.compile(rf"0[1-9](?:([ .])\d\d)(?:\1\d\d){{3}}{_END}")
_UNPARTED = re.compile(rf"\d(?<!\d\d)\d{{6,12}}+{_EXTENSION}{_END}")
_LOCAL = re.compile(rf"[+(]{{0,2}}+\d(?<!\d\d)(?:[-. /()]{{0,3}}+\d){{5,13}}+{_EXTENSION}{_END}")
# Of what is only a phone number because a word says so: the least there must be, and about the most there can be.
_SHORTEST = re.compile(r"\d(?:[-. /()]{0,3}\d){5}")
_LONGEST = 90
_NO_DIGITS = bytes(sorted(set(range(256)) - set(b"0123456789")))
_DATE_LIKE = re.compile(r"(?:19|20)\d\d[-/. ]|\d{1,2}[-/.]\d{1,2}[-/.]")
_DATE = re.compile(r"0?\d[-/. ]\d{1,2}[-/. ](?:19|20)?\d\d|\d{1,2} (?:19|20)\d\d")
# An amount with its sign.
_THOUSANDS = re.compile(r"\+\d{1,3}(?:[ .]\d{3}){1,2}")
# Numbers of German, Austrian, British and Swiss mobile phones, and of services.
_MOBILE = re.compile(r"01[567]\d|06[5-9]\d|07[4-9]\d|0[89]00|0180|0137|0700")
# What a number that counts or measures something stands beside.
_UNIT_AFTER = re.compile(
    r"\s?(?=[%‰°€$£EUCDKMSPBTGH])(?:%|‰|°|€|\$|£|EUR\b|USD\b|CHF\b|Euro\b|Dollar|kg\b|km\b|mm?\b|cm\b|kWh?\b|MW\b|"
    r"Stück|Stk|pieces|units|Mio|Mrd|"
    r"million|billion|bytes?\b|[KMG]B\b|Uhr\b|hours?\b|Tonnen|tons?\b|Einheiten|Seiten|pages)",
    re.IGNORECASE,
)
# What it does not stand behind: a unit, or what it would be a part of; but `tel:` and `Tel.:` are no such part.
_UNITS_BEFORE = "".join(rf"(?<!{unit})(?<!{unit}\s)" for unit in ("[€$£§]", "EUR", "USD", "CHF")) + r"(?<!Art\.)"
_APART = re.compile(rf"(?:(?<![^\W_])(?<![^\W_][-./:,#=&_])(?<![-./#=&_%@])|(?<=tel:)|(?<=[lnx]\.:)){_UNITS_BEFORE}")


def phones(text: str, words: Words, claimed: bytearray) -> Iterator[tuple[int, int]]:
    """Places of phone numbers; `words` are those of the text. What is surer comes first.

    `claimed` has a mark for each character that is a part of something else. None starts there, so that whoever marks
    what it takes is spared what lies within it; a place may still reach into what is claimed.
    """
    called = words.parts_called(Label.PHONE, _LONGEST) if _SHORTEST.search(text) else []
    for pattern, belongs in _FORMS:
        matches = _starting_in(called, pattern, text) if belongs is _is_called_phone else pattern.finditer(text)
        for match in matches:
            if not claimed[match.start()] and belongs(words, match) and _stands_alone(text, match):
                yield match.span()


def _starting_in(parts: Iterable[tuple[int, int]], pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    for start, end in parts:
        for match in pattern.finditer(text, start, end + _LONGEST):
            if match.start() >= end:
                break
            yield match


def _stands_alone(text: str, match: re.Match[str]) -> bool:
    return _APART.match(text, match.start()) is not None and _UNIT_AFTER.match(text, match.end()) is None


def _digits(written: str) -> str:
    return written.encode().translate(None, _NO_DIGITS).decode()


def _is_international(words: Words, match: re.Match[str]) -> bool:
    written = match[1]
    # `+49 (0)30`: the zero is dialled only within the country.
    digits = _digits(written.replace("(0)", "").replace("(0", "(") if "(" in written else written)
    has_sign = written[0] == "+"
    digits = digits if has_sign else digits[2:]
    code = digits[:1] if digits[0] in _ONE else digits[:2] if digits[:2] in _TWO else digits[:3]
    if len(code) == 3 and not _THREE.fullmatch(code):
        return False
    least, most = _NATIONAL_LENGTHS.get(code, _ANY_LENGTH)
    if not least <= len(digits) - len(code) <= most:
        return False
    label = words.label_before(match.start())
    if _THOUSANDS.fullmatch(written):
        return label is Label.PHONE
    if not has_sign and written.isdigit():
        return label is Label.PHONE or (label is Label.NONE and code in _NATIONAL_LENGTHS and len(digits) >= 11)
    return has_sign or label is not Label.OTHER


def _is_american(words: Words, match: re.Match[str]) -> bool:
    gap, first_of_exchange = match.groups()
    label = words.label_before(match.start())
    return label is Label.PHONE or (label is Label.NONE and (gap != " " or first_of_exchange not in "01"))


def _is_national(words: Words, match: re.Match[str]) -> bool:
    area = match[1].strip("()")
    digits = area + _digits(match[3])
    label = words.label_before(match.start())
    if label is Label.PHONE:
        return 7 <= len(digits) <= 13 and not _DATE.fullmatch(match[0])
    if label is not Label.NONE or not 9 <= len(digits) <= 13 or _DATE.match(match[0]):
        return False
    if _MOBILE.match(digits) and len(digits) >= 10:
        return True
    # Areas begin with 02 to 09 and have at least one more digit.
    return len(area) >= 3 and area[1] not in "01" and match[0][0] in "(0"


def _has_no_other_label(words: Words, match: re.Match[str]) -> bool:
    return words.label_before(match.start()) in {Label.NONE, Label.PHONE}


def _is_called_phone(words: Words, match: re.Match[str]) -> bool:
    written = match[0]
    if not 6 <= len(_digits(written)) <= 13 or words.label_before(match.start()) is not Label.PHONE:
        return False
    return written.isdigit() or not (_DATE.fullmatch(written) or _DATE_LIKE.match(written))


# What is surer comes first.
_FORMS: tuple[tuple[re.Pattern[str], Callable[[Words, re.Match[str]], bool]], ...] = (
    (_INTERNATIONAL, _is_international),
    (_AMERICAN, _is_american),
    (_NATIONAL, _is_national),
    (_PAIRS, _has_no_other_label),
    (_UNPARTED, _is_called_phone),
    (_LOCAL, _is_called_phone),
)
