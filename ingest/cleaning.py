"""Characters made fit for storing, searching and showing. Runs before any span is computed."""

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

_DROPPED = [
    *range(0x00, 0x09), 0x0B, *range(0x0E, 0x20), *range(0x7F, 0x85), *range(0x86, 0xA0),  # controls
    0xAD, 0x180E, 0x200B, *range(0x2060, 0x2065), 0xFEFF, 0xFFFE, 0xFFFF,  # soft hyphen and what has no width
    *range(0x202A, 0x202F), *range(0x2066, 0x206A),  # direction overrides can make text read otherwise than it is
    *range(0xD800, 0xE000),  # halves of characters
    *range(0xE0000, 0xE0080),  # tags: text that nobody sees
]  # fmt: skip
_SPACES = [0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000]
_FOLDED = {
    0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st",
    0xF0B7: "•", 0xF0A7: "•",  # the bullets of the font Symbol
    0x85: "\n", 0x2028: "\n", 0x2029: "\n",
}  # fmt: skip
_TABLE: dict[int, str | None] = {
    **dict.fromkeys(_DROPPED, None),
    **dict.fromkeys(_SPACES, " "),
    **_FOLDED,
}
# What nobody sees and no language needs: text in tags (apart from the names of flags), overrides of the direction, and
# more than two characters without width in a row.
_SMUGGLED = re.compile(
    "\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{2,6}\U000e007f"
    "|(?P<invisible>[\U000e0001\U000e0020-\U000e007f]+|[\u202d\u202e]"
    "|[\u00ad\u180e\u200b-\u200d\u2060-\u2064\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef]{3,})"
)
_WIDTHLESS = re.compile("[\u200c\u200d\ufe00-\ufe0f\U000e0100-\U000e01ef]{3,}")
_LEADERS = re.compile(r"([.·_…])(?: ?\1){4,}")  # rows of dots from an entry to its page


@dataclass(slots=True)
class Noticed:
    """How many characters were taken away that hide text or change how it reads."""

    invisible: int = 0


_noticed: ContextVar[Noticed | None] = ContextVar("noticed", default=None)


@contextmanager
def noticing(noticed: Noticed) -> Iterator[None]:
    """Count in `noticed` what is taken away meanwhile."""
    before = _noticed.set(noticed)
    try:
        yield
    finally:
        _noticed.reset(before)


def clean_text(raw: str) -> str:
    """The text without control, invisible and half characters, ligatures unfolded, NFC; line ends stay."""
    if raw.isascii():
        return raw.translate(_TABLE)
    noticed = _noticed.get()
    if noticed is not None:
        noticed.invisible += sum(len(found["invisible"] or "") for found in _SMUGGLED.finditer(raw))
    return unicodedata.normalize("NFC", _WIDTHLESS.sub("", raw.translate(_TABLE)))


def clean_line(raw: str) -> str:
    """One line of a page: as `clean_text`, white space single, rows of leader dots cut to three."""
    # Most lines need nothing, and looking up each character takes longer than all the rest.
    plain = raw if raw.isascii() and raw.isprintable() else clean_text(raw)
    text = " ".join(plain.split())
    return _LEADERS.sub(lambda leader: leader.group(1) * 3, text)
