"""Personal data with a structure of its own: e-mail, card, IBAN, US social security number, IP address, phone number.

Names, addresses and dates of birth have none and are not found. What only looks alike - order numbers, versions,
dates, ISBN, tracking numbers - is told apart by check digits, by how it is grouped and by the words before it.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from socket import AF_INET6, inet_pton
from string import ascii_uppercase, digits
from typing import NamedTuple

import numpy as np

from llm.moderation.detectors.folding import clean
from llm.moderation.detectors.labels import Label, Words
from llm.moderation.detectors.phones import phones

# Lengths of IBANs by country, from the SWIFT registry.
_IBAN_LENGTHS = {
    country: int(length)
    for country, length in re.findall(
        r"([A-Z]{2})([0-9]{2})",
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 "
        "ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 "
        "LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 "
        "PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 "
        "YE30",
    )
}
# What characters stand for when the check digits are reckoned (ISO 13616): A is 10, Z is 35.
_IBAN_VALUES = {character: str(int(character, 36)) for character in digits + ascii_uppercase}
_CAPITALS = bytes(range(256)).upper()
# How card numbers begin, and how long they then are (ISO/IEC 7812 issuers in use).
_ISSUERS = (
    (re.compile(r"4"), {13, 16, 19}),
    (re.compile(r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"), {16}),
    (re.compile(r"3[47]"), {15}),
    (re.compile(r"6011|64[4-9]|65"), {16, 19}),
    (re.compile(r"3(?:0[0-5]|095|6|[89])"), {14, 16}),
    (re.compile(r"35(?:2[89]|[3-8])"), {16, 19}),
    (re.compile(r"62"), {16, 17, 18, 19}),
    (re.compile(r"50(?:18|20|38)|5893|6304|6759|676[1-3]"), {13, 14, 15, 16, 18, 19}),
)
_ISSUED = re.compile("|".join(first.pattern for first, _ in _ISSUERS))
_VALUES = bytes.maketrans(digits.encode(), bytes(range(10)))
_DOUBLED = bytes.maketrans(bytes(range(10)), bytes((0, 2, 4, 6, 8, 1, 3, 5, 7, 9)))
_TLD = r"(?:[^\W\d_]{2,24}|xn--[a-z0-9-]{2,30})"
_DOMAIN = re.compile(rf"@(?:[^\W_](?:[\w-]{{0,61}}[^\W_])?\.){{1,8}}{_TLD}(?![\w-]|@|\.\w+@)")
_LONGEST_LOCAL = 64
# What stands before the sign, in a text that is read backwards.
_LOCAL_BACKWARDS = re.compile(rf"[\w.%+'/=!#$&*?^{{}}|~-]{{1,{_LONGEST_LOCAL}}}")
_AT = re.compile(r"[(\[{]\s?(?:at|ät|@)\s?[)\]}]\s?", re.IGNORECASE)
_SPELT_DOT = r"(?:\s?[(\[{]\s?(?:dot|punkt|\.)\s?[)\]}]\s?|\.)"
_SPELT_DOMAIN = re.compile(rf"[\w-]{{1,63}}(?:{_SPELT_DOT}[\w-]{{1,63}}){{0,4}}{_SPELT_DOT}{_TLD}(?!\w)", re.IGNORECASE)
_SPELT_LOCAL = re.compile(r"[\w.+-]+(?=\s{0,2}\Z)")
# UUIDs, hexadecimal digests, MAC addresses, timestamps, ISBN, web addresses, DOI. Most numbers are none of these by
# what comes behind their first digits.
_IDENTIFIER = re.compile(
    r"[0-9a-fhi](?<!\w.)(?:(?<![0-9])|(?=\d*+(?:[a-f:-]|(?<=10)\.)))(?:"
    r"(?<=[0-9a-f])(?:[0-9a-f]{7}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b|"
    r"(?:(?<=[a-f])|(?=[0-9]{0,63}[a-f]))[0-9a-f]{15,127}\b|[0-9a-f][:-](?:[0-9a-f]{2}[:-]){4}[0-9a-f]{2}\b)|"
    r"(?:(?<=1)9|(?<=2)0)\d\d-[01]\d-[0-3]\d(?:[T ][0-2]\d:[0-5]\d(?::[0-5]\d(?:[.,]\d{1,9})?)?)?|"
    r"(?<=i)SBN(?:-1[03])?:?\s?(?:97[89][- ]?)?\d{1,5}[- ]?\d{1,7}[- ]?\d{1,7}[- ]?[\dX]\b|"
    r"(?<=9)7[89]-\d{1,5}-\d{1,7}-\d{1,7}-[\dX]\b|"
    r"(?<=h)ttps?://(?!(?:\d{1,3}\.){3}\d|\[)[^\s<>\"@]{1,300}|(?<=1)(?<!-.)0\.\d{4,9}/\S{1,100})",
    re.IGNORECASE,
)
# Of a number of at most three digits that has many decimals.
_DECIMALS = re.compile(r"\.(?<=\d.)(?=\d{4})(?<![.\d]\d\d\d.)(?<!\.\d\d.)(?<!\.\d.)\d++\b")
# Not a part of a longer number or word. Looks back from behind the first digit, which a search can skip to.
_APART = r"(?<![\w#+/].)(?<!\w[-.,/].)"
_FIRST_APART = re.compile(f".{_APART}")
_GLUE_AFTER = re.compile(r"\w|[-.,/]\d")
_IBAN = re.compile(r"[A-Za-z](?<![^\W_].)[A-Za-z][0-9]{2}(?=(?:[ .-]?[A-Za-z0-9]){11})")
# In one group or in those that cards have; the last one may be the date of expiry instead. Looks ahead, to find what
# begins within another one as well.
_CARD = re.compile(
    r"[2-6](?<![0-9].)(?=([0-9]{3}(?:[ -][0-9]{4}){3})(?![0-9])([ -][0-9]{2,3}(?![0-9]))?|"
    r"([0-9]{12,18}|[0-9]{7}[ -][0-9]{8}|[0-9]{3}[ -][0-9]{6}[ -][0-9]{4,5}|[0-9]{5}[ -][0-9]{13}|"
    r"[0-9]{3}(?:[ -][0-9]{3}){3})(?![0-9]))"
)
# Without numbers that are never issued.
_SSN = re.compile(
    rf"[0-8]{_APART}(?!(?<=0)00|(?<=6)66)[0-9]{{2}}([- ]?)(?!00)[0-9]{{2}}\1(?!0000)[0-9]{{4}}(?!\w|[-.,/]\d)"
)
_IPV4 = re.compile(
    r"[0-9](?<![\w.].)(?<!\d[-/,].)[0-9]{0,2}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}(?![0-9]|\.[0-9]|[A-Za-z_])"
)
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_OCTETS = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}")
# All below 32, as in the number of a version.
_SMALL_OCTET = r"(?:[12]?[0-9]|3[01])"
_SMALL_OCTETS = re.compile(rf"{_SMALL_OCTET}(?:\.{_SMALL_OCTET}){{3}}")
_IPV6 = re.compile(r"[0-9A-Fa-f]{0,4}:(?:[0-9A-Fa-f]{0,4}:){1,7}(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9A-Fa-f]{0,4})")
_JOINED_BEFORE, _JOINED_AFTER = re.compile(r"[\w:.]"), re.compile(r"[\w:]")
# How far from an address a word speaks of networks, which may otherwise be the number of a version or a chapter.
_BESIDE = 40
_RIGHT_BEFORE, _RIGHT_AFTER = 20, 15


class Span(NamedTuple):
    """The characters `start:end` are personal data of a kind: email, card, iban, ssn, ip or phone."""

    kind: str
    start: int
    end: int


# From where to where, and the kind; without one, what only looks alike.
_Place = tuple[int, int, str]
# Of a text and its words.
Finder = Callable[[str, Words], Iterator[tuple[int, int]]]


def find(text: str) -> list[Span]:
    """Personal data in the text, by place, never overlapping."""
    folded = clean(text)
    plain = folded.text
    taken = _Taken(plain)
    found = [place for place in _sure(plain) if taken.take(place) and place[2]]
    words = Words(plain)
    likely = [(start, end, kind) for kind, finder in _LIKELY for start, end in finder(plain, words)]
    if likely:
        taken.take_identifiers()
    found += [place for place in likely if taken.take(place)]
    # A phone number is what nothing else claims.
    identified = bool(likely)
    for start, end in phones(_without(plain, found), words, taken.claimed):
        if not identified:
            taken.take_identifiers()
            identified = True
        if taken.take((start, end, "phone")):
            found.append((start, end, "phone"))
    return [Span(kind, *folded.original(start, end)) for start, end, kind in sorted(found)]


class _Taken:
    """Which characters of a text have been claimed: `claimed` has a 1 for each of them."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.claimed = bytearray(len(text))

    def take(self, place: _Place) -> bool:
        """Claim them; false, and nothing claimed, where some are."""
        start, end, _kind = place
        if self.claimed.find(1, start, end) >= 0:
            return False
        self.claimed[start:end] = b"\1" * (end - start)
        return True

    def take_identifiers(self) -> None:
        """Claim what has been claimed by nothing else and is no personal data, however much it looks like that."""
        for pattern in (_IDENTIFIER, _DECIMALS):
            for match in pattern.finditer(self._text):
                self.take((*match.span(), ""))


def _without(text: str, found: Sequence[_Place]) -> str:
    """The text with NUL for each character of what was found."""
    if not found:
        return text
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).copy()
    for start, end, _kind in found:
        codes[start:end] = 0
    return codes.tobytes().decode("utf-32-le", "surrogatepass")


def _emails(text: str) -> Iterator[tuple[int, int]]:
    backwards = text[::-1]
    for match in _DOMAIN.finditer(text):
        at, end = match.span()
        local_part = _LOCAL_BACKWARDS.match(backwards, len(text) - at)
        if local_part is None:
            continue
        start = at - len(local_part[0])
        # `https://user:password@host` names no mailbox.
        if text[start - 1 : start] in {"@", ":"} and "//" in text[max(0, start - 40) : start].rpartition(" ")[2]:
            continue
        name = text[start:at].lstrip(".'*=/&?|{~^-#$!").removeprefix("mailto=")
        is_repository = name == "git" and text[end : end + 1] in {":", "/"}
        if name and name[-1] != "." and not is_repository:
            yield at - len(name), end


def _spelt_out_emails(text: str) -> Iterator[tuple[int, int]]:
    for match in _AT.finditer(text):
        domain = _SPELT_DOMAIN.match(text, match.end())
        local = _SPELT_LOCAL.search(text, max(0, match.start() - _LONGEST_LOCAL), match.start()) if domain else None
        if domain and local:
            yield local.start(), domain.end()


def _sure(text: str) -> Iterator[_Place]:
    """What has a form of its own, or check digits; without a kind, what only looks like that."""
    for finder in (_emails, _spelt_out_emails):
        for start, end in finder(text):
            yield start, end, "email"
    alike = list(_ibans(text))
    for kind, wanted in (("iban", True), ("", False)):
        yield from ((start, end, kind) for start, end, valid in alike if valid is wanted)
    for start, end in _ipv6(text):
        yield start, end, "ip"


def _ibans(text: str) -> Iterator[tuple[int, int, bool]]:
    """What is written like an IBAN, and whether its check digits are right."""
    for match in _IBAN.finditer(text):
        whole = _iban_of(match[0][:2].upper())
        found = whole.match(text, match.start()) if whole else None
        if found:
            yield *found.span(), _has_iban_checksum(found[0].encode().translate(_CAPITALS, b" .-").decode())


@cache
def _iban_of(country: str) -> re.Pattern[str] | None:
    """IBANs of a country, in groups of any length; None where it has none."""
    length = _IBAN_LENGTHS.get(country)
    return re.compile(rf"[A-Za-z0-9](?:[ .-]?[A-Za-z0-9]){{{length - 1}}}+(?![^\W_])") if length else None


def _has_iban_checksum(iban: str) -> bool:
    return int("".join([_IBAN_VALUES[character] for character in iban[4:] + iban[:4]])) % 97 == 1


def _cards(text: str, words: Words) -> Iterator[tuple[int, int]]:
    for match in _CARD.finditer(text):
        start = match.start()
        if _ISSUED.match(text, start):
            ends = (end for _start, end in match.regs[1:] if end > 0)
            yield from ((start, end) for end in ends if _is_card_at(text, words, start, end))


def _is_card_at(text: str, words: Words, start: int, end: int) -> bool:
    written = text[start:end]
    if not _is_card(written.replace(" ", "").replace("-", "")) or _is_glued(text, start, end):
        return False
    # Grouped as on a card it needs no word for it, and no other word speaks against it.
    return not written.isdigit() or words.label_before(start) is not Label.OTHER


def _is_card(number: str) -> bool:
    # From the right every second digit is doubled, and the digits of that added up (Luhn).
    values = number.encode().translate(_VALUES)
    if (sum(values[-1::-2]) + sum(values[-2::-2].translate(_DOUBLED))) % 10:
        return False
    return any(len(number) in lengths and first.match(number) for first, lengths in _ISSUERS)


def _social_security(text: str, words: Words) -> Iterator[tuple[int, int]]:
    for match in _SSN.finditer(text):
        label = words.label_before(match.start())
        if label is Label.SSN or (label is Label.NONE and match[1] == "-"):
            yield match.span()


def _ipv4(text: str, words: Words) -> Iterator[tuple[int, int]]:
    for match in _IPV4.finditer(text):
        written, (start, end) = match[0], match.span()
        if _SMALL_OCTETS.fullmatch(written):
            if not words.name_networks(start - _BESIDE, start) and not words.name_networks(end, end + _RIGHT_AFTER):
                continue
        elif not _OCTETS.fullmatch(written):
            continue
        if words.label_before(start) is not Label.OTHER or words.name_networks(start - _RIGHT_BEFORE, start):
            yield start, end


def _ipv6(text: str) -> Iterator[tuple[int, int]]:
    for match in _IPV6.finditer(text):
        written = match[0].removesuffix(":") if not match[0].endswith("::") else match[0]
        end = match.start() + len(written)
        if _JOINED_AFTER.match(text, end) or _JOINED_BEFORE.match(text, max(0, match.start() - 1), match.start()):
            continue
        # `a::b` is a name in a program, and eight pairs are the address of a device.
        if written != "::1" and not any(len(group) > 2 for group in written.split(":")):
            continue
        try:
            inet_pton(AF_INET6, written)
        except OSError:
            continue
        yield match.start(), end


def _is_glued(text: str, start: int, end: int) -> bool:
    """Whether the place is only a part of a longer number or word."""
    return not _FIRST_APART.match(text, start) or _GLUE_AFTER.match(text, end) is not None


_LIKELY: tuple[tuple[str, Finder], ...] = (
    ("card", _cards),
    ("ip", _ipv4),
    ("ssn", _social_security),
)
