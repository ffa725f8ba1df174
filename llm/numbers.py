"""Numbers as they are printed: their exact value, how many decimals they show, and what scale or sign stands with them.

Only digits are read here; words for numbers, and what agrees with what, are decided elsewhere.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

# Words that multiply the number before them; single letters only where they touch it, as in 1.5bn or 20k.
SCALES = {
    "hundred": 100,
    "thousand": 10**3,
    "thousands": 10**3,
    "million": 10**6,
    "millions": 10**6,
    "mn": 10**6,
    "billion": 10**9,
    "billions": 10**9,
    "bn": 10**9,
    "trillion": 10**12,
    "trillions": 10**12,
    "tausend": 10**3,
    "mio": 10**6,
    "millionen": 10**6,
    "mrd": 10**9,
    "milliarde": 10**9,
    "milliarden": 10**9,
    "billionen": 10**12,
}
_TOUCHING = {"k": 10**3, "m": 10**6, "b": 10**9}
_DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+"
_GERMAN_DIGITS = r"\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+(?:,\d+)?"
_PATTERN = (
    r"(?<![\w.,])(?P<open>\(?)\s?(?P<before>[$€£¥]\s?)?(?P<minus>[-−–]?)(?P<after>[$€£¥]\s?)?"
    r"(?P<digits>{digits})(?!\d|{point}\d)"
    r"(?P<percent>\s?(?:%|percent\b|per\s?cent\b|prozent\b))?(?P<close>\)?)"
    r"(?:(?P<touching>[kmb])\b|\s?(?P<scale>" + "|".join(SCALES) + r")\b\.?)?"
)
_ENGLISH = re.compile(_PATTERN.format(digits=_DIGITS, point=r"\."), re.IGNORECASE)
_GERMAN = re.compile(_PATTERN.format(digits=_GERMAN_DIGITS, point=","), re.IGNORECASE)
_LONGEST = 30


@dataclass(frozen=True, slots=True)
class Number:
    """A number at `start:end` of a text. `value` has its sign, and brackets make it negative, but not its scale."""

    start: int
    end: int
    value: Decimal
    decimals: int
    percent: bool = False
    scale: int = 1
    currency: str = ""

    @property
    def scaled(self) -> Decimal:
        """The value with the words million and billion applied; percent stay percent."""
        return self.value * self.scale


def numbers(text: str, *, german: bool = False) -> Iterator[Number]:
    """The numbers of a text in their order; with `german`, points group digits and a comma begins the decimals."""
    for found in (_GERMAN if german else _ENGLISH).finditer(text):
        digits = found["digits"]
        if len(digits) > _LONGEST:
            continue
        plain = digits.replace(".", "").replace(",", ".") if german else digits.replace(",", "")
        value = Decimal(plain)
        bracketed = bool(found["open"]) and bool(found["close"])
        # A bracket that closes elsewhere belongs to the text.
        start = found.start() if bracketed or not found["open"] else found.start() + 1
        scale = SCALES.get((found["scale"] or "").lower()) or _TOUCHING.get((found["touching"] or "").lower(), 1)
        yield Number(
            start,
            found.end(),
            -value if found["minus"] or bracketed else value,
            len(plain.partition(".")[2]),
            bool(found["percent"]),
            scale,
            ((found["before"] or "") + (found["after"] or "")).strip(),
        )


def shown(value: Decimal, decimals: int, *, german: bool = False) -> str:
    """A number as it is printed: digits in groups of three, rounded half up, a real minus sign."""
    rounded = rounded_to(value, decimals)
    text = f"{abs(rounded):,.{decimals}f}"
    if german:
        text = text.translate(str.maketrans(",.", ".,"))
    return f"−{text}" if rounded < 0 else text


def rounded_to(value: Decimal, decimals: int) -> Decimal:
    """Half away from zero, as people round."""
    return value.quantize(Decimal(1).scaleb(-decimals), rounding="ROUND_HALF_UP")
