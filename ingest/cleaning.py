"""Characters made fit for storing, searching and showing. Runs before any span is computed."""

import re
import unicodedata

_DROPPED = [
    *range(0x00, 0x09), 0x0B, *range(0x0E, 0x20), *range(0x7F, 0x85), *range(0x86, 0xA0),  # controls
    0xAD, 0x200B, 0x2060, 0xFEFF, 0xFFFE, 0xFFFF,  # soft hyphen and what has no width
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
_LEADERS = re.compile(r"([.·_…])(?: ?\1){4,}")  # rows of dots from an entry to its page


def clean_text(raw: str) -> str:
    """The text without control, invisible and half characters, ligatures unfolded, NFC; line ends stay."""
    text = raw.translate(_TABLE)
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def clean_line(raw: str) -> str:
    """One line of a page: as `clean_text`, white space single, rows of leader dots cut to three."""
    # Most lines need nothing, and looking up each character takes longer than all the rest.
    plain = raw if raw.isascii() and raw.isprintable() else clean_text(raw)
    text = " ".join(plain.split())
    return _LEADERS.sub(lambda leader: leader.group(1) * 3, text)
