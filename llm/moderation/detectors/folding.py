"""Text as a reader's eye takes it: look-alike letters, invisible characters and spellings meant to hide are undone.

Every folded character knows where it stood in the original, so that a place found in the one can be shown in the other.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Letters that look like a Latin one and that no Unicode normalisation maps to it, after case has been folded.
_ALPHABETS = (
    ("авекмнорстухѕіјԁԛԝһѵӏьгпцшԍӕ", "abekmhopctyxsijdqwhvlbrnuwgæ"),  # Cyrillic
    ("αβεηικνορτυχγωσϲϳμδλζ", "abenikvoptuxywocjudlz"),  # Greek
    ("ıɩɪłɫøđðħɑɐɡɢɓƅƈɗəɛɠɦʝɟɭʟɯɴɳɔɵɾʀʂꜱʈʉʊʋᴠʍʏʐⱥɇɨɉꞁꝑꝗɍꞩŧƶ", "iiilloddhaaggbbcdeeghjjllwnnoorrsstuuvvwyzaeijlpqrstz"),
    ("ᴀʙᴄᴅᴇꜰʜᴊᴋᴍᴏᴘǫᴛᴜᴡᴢ", "abcdefhjkmopqtuwz"),  # small capitals
    ("‐‑‒–—―−⁃﹣", "-" * 9),
    ("‘’‚‛′`´“”„‟″", "'" * 7 + '"' * 5),
)
_LIGATURES = {"ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "ꜳ": "aa"}
_LOOKALIKES = {letter: latin for letters, latins in _ALPHABETS for letter, latin in zip(letters, latins, strict=True)}
# Ranges of letters in boxes, circles and flags: the first one, and how many alphabets' worth of 26 letters follow.
_BOXED = (0x1F130, 0x1F150, 0x1F170, 0x1F1E6)
# Shown as nothing or as a gap of no width, though Unicode files them under letters, marks and symbols.
_BLANK = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\u180b\u180c\u180d\u180e\u034f")
# Format characters (zero-width, bidirectional, tags), controls, private use and lone surrogates.
_INVISIBLE = frozenset({"Cf", "Cc", "Co", "Cs", "Cn"})
_MARKS = frozenset({"Mn", "Me"})
_SEVERAL = re.compile(r"[ \t-\r][ \t-\r]")
_OTHER = re.compile(r"[\t-\r]")
_LEET = str.maketrans("013457@$!|", "oieastasii")
# Each begins with the rare character, so that the search can skip; what comes before is looked at afterwards.
_LEET_INSIDE = re.compile(r"[013457@$!|](?<=[a-z].)[013457@$!|]{0,2}(?=[a-z])")
_LEET_FIRST = re.compile(r"[@$!](?<![\w@$!|.].)(?=[a-z]{2})")
# Letters one by one, parted by always the same character: `b.o.m.b`. Three are initials.
_SPACED = re.compile(r"([ .\-_*,/])[a-z]\1(?<=[a-z]...)(?<![a-z0-9]....)[a-z](?:\1[a-z]){1,38}(?![a-z0-9])")


@dataclass(frozen=True, slots=True)
class Folded:
    """A text for matching. `places` has the original place of each character; None where they are the same."""

    text: str
    original_length: int
    places: NDArray[np.int32] | None = None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The original characters that became `start:end`, as first and one after the last."""
        if self.places is None:
            return start, end
        if start >= end:
            place = int(self.places[start]) if start < len(self.places) else self.original_length
            return place, place
        return int(self.places[start]), int(self.places[end - 1]) + 1


class _Table(dict[int, str]):
    """What each character becomes, worked out when it first occurs: a text has few different ones.

    Threads may work out the same character twice, to the same result.
    """

    def __init__(self, become: Callable[[str], str]) -> None:
        super().__init__()
        self._become = become

    def __missing__(self, code: int) -> str:
        self[code] = found = self._become(chr(code))
        return found


def clean(text: str) -> Folded:
    """The text without invisible characters and with compatibility forms, such as full-width digits, made plain.

    Case, accents and foreign letters stay.
    """
    if text.isascii():
        return Folded(text, len(text))
    return _translated(text, _CLEAN)


def skeleton(text: str) -> Folded:
    """The text in small unaccented letters, look-alikes replaced by Latin ones; for matching alone.

    Digits and signs within words become the letters that they stand for, letters one by one become words, and any run
    of white space one blank.
    """
    folded = _single_blanks(Folded(text.lower(), len(text)) if text.isascii() else _translated(text, _SKELETON))
    plain = _LEET_INSIDE.sub(_read_leet, folded.text)
    plain = _LEET_FIRST.sub(_read_leet, plain)
    return _joined(Folded(plain, folded.original_length, folded.places))


def _read_leet(match: re.Match[str]) -> str:
    return match[0].translate(_LEET)


def _translated(text: str, table: "_Table") -> Folded:
    different = {ord(character): len(table[ord(character)]) for character in set(text)}
    translated = text.translate(table)
    if all(length == 1 for length in different.values()):
        return Folded(translated, len(text))
    lengths = np.zeros(max(different) + 1, np.int32)
    lengths[list(different)] = list(different.values())
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    return Folded(translated, len(text), np.repeat(np.arange(len(text), dtype=np.int32), lengths[codes]))


def _single_blanks(folded: Folded) -> Folded:
    if not _SEVERAL.search(folded.text):
        return (
            folded
            if folded.text.isprintable()
            else Folded(_OTHER.sub(" ", folded.text), folded.original_length, folded.places)
        )
    codes = np.frombuffer(folded.text.encode("utf-32-le", "surrogatepass"), np.uint32)
    blank = (codes == ord(" ")) | ((codes >= ord("\t")) & (codes <= ord("\r")))
    kept = np.flatnonzero(~(blank & np.concatenate([[False], blank[:-1]]))).astype(np.int32)
    text = np.where(blank, np.uint32(ord(" ")), codes)[kept].tobytes().decode("utf-32-le", "surrogatepass")
    return Folded(text, folded.original_length, kept if folded.places is None else folded.places[kept])


def _joined(folded: Folded) -> Folded:
    """Without what parts letters that stand one by one."""
    parts: list[str] = []
    kept: list[NDArray[np.int32]] = []
    places = folded.places
    reached = 0
    for match in _SPACED.finditer(folded.text):
        if places is None:
            places = np.arange(len(folded.text), dtype=np.int32)
        parts += [folded.text[reached : match.start()], match[0][1::2]]
        kept += [places[reached : match.start()], places[match.start() + 1 : match.end() : 2]]
        reached = match.end()
    if places is None or not parts:
        return folded
    text = "".join([*parts, folded.text[reached:]])
    return Folded(text, folded.original_length, np.concatenate([*kept, places[reached:]]))


def _cleaned(character: str) -> str:
    if character in "\n\r\t":
        return character
    if character in _BLANK or unicodedata.category(character) in _INVISIBLE or _is_selector(character):
        return ""
    normal = unicodedata.normalize("NFKC", character)
    return " " if normal.isspace() else normal


def _is_selector(character: str) -> bool:
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def _skeletal(character: str) -> str:
    plain = _cleaned(character)
    if not plain or plain.isascii():
        return plain.lower()
    decomposed = unicodedata.normalize("NFKD", plain.lower())
    return "".join(_latin(part) for part in decomposed if unicodedata.category(part) not in _MARKS)


def _latin(character: str) -> str:
    code = ord(character)
    for first in _BOXED:
        if first <= code < first + 26:
            return chr(ord("a") + code - first)
    look = _LOOKALIKES.get(character, character)
    return _LIGATURES.get(look, look)


_CLEAN = _Table(_cleaned)
_SKELETON = _Table(_skeletal)
