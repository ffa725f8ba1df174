"""Units of measure and currencies: what a unit measures, and how many of the base unit it is."""

import re
from dataclasses import dataclass, replace

PERCENT, MONEY, TIME, RATIO = "percent", "money", "time", "ratio"
_METRES, _KILOGRAMS = "length", "mass"
_DAY = 86400.0
_YEAR = 365.25 * _DAY


@dataclass(frozen=True, slots=True)
class Measure:
    """`size` of base units of `kind`; `offset` is the zero of a scale of temperature; `code` tells a currency.

    `per` names what it is counted for, such as time or area, and `for_each` is how many base units of that: 3600 for
    what is said per hour.
    """

    kind: str
    size: float = 1.0
    offset: float = 0.0
    code: str = ""
    per: str = ""
    for_each: float = 1.0


PLAIN = Measure("")
_PREFIXES = {
    "nano": 1e-9, "mikro": 1e-6, "micro": 1e-6, "milli": 1e-3, "zenti": 1e-2, "centi": 1e-2, "dezi": 0.1, "deci": 0.1,
    "hekto": 100.0, "hecto": 100.0, "kilo": 1e3, "mega": 1e6, "giga": 1e9, "tera": 1e12,
}  # fmt: skip
_LETTERS = {"n": 1e-9, "µ": 1e-6, "μ": 1e-6, "m": 1e-3, "c": 1e-2, "d": 0.1, "h": 100.0, "k": 1e3, "g": 1e9, "t": 1e12}
# What takes prefixes: names that do, letters that do, and the letters of the prefixes that are in use; texts are in
# lower case here, so that of milli and mega the likelier one is meant.
_PREFIXED = (
    (Measure(_METRES), ("metre", "meter"), "m", "nµμmcdk"),
    (Measure(_KILOGRAMS, 0.001), ("gram", "gramme", "gramm"), "g", "nµμmk"),
    (Measure(_KILOGRAMS, 1000.0), ("tonne", "ton"), "t", "k"),
    (Measure("volume", 0.001), ("litre", "liter"), "l", "µμmcdh"),
    (Measure("energy", 3600.0), ("watt hour", "watt-hour", "wattstunde"), "wh", "kgt"),
    (Measure("power"), ("watt",), "w", "kg"),
    (Measure("voltage"), ("volt",), "v", "mk"),
    (Measure("current"), ("ampere", "amp"), "", ""),
    (Measure("frequency"), ("hertz",), "hz", "kg"),
    (Measure("pressure"), ("pascal",), "pa", "hkg"),
    (Measure("pressure", 1e5), ("bar",), "bar", "m"),
    (Measure("energy"), ("joule",), "j", "kg"),
    (Measure("data"), ("byte",), "", ""),
)  # fmt: skip
_DATA = {"kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12}


def _same(measure: Measure, *names: str) -> dict[str, Measure]:
    return dict.fromkeys(names, measure)


def _prefixed() -> dict[str, Measure]:
    found: dict[str, Measure] = {}
    for measure, names, letter, prefixes in _PREFIXED:
        for name in names:
            found[name] = measure
            found |= {
                f"{prefix}{name}": replace(measure, size=measure.size * times) for prefix, times in _PREFIXES.items()
            }
        if letter:
            found[letter] = measure
            found |= {f"{one}{letter}": replace(measure, size=measure.size * _LETTERS[one]) for one in prefixes}
    return found


MEASURES: dict[str, Measure] = {
    **_prefixed(),
    **{name: Measure("data", size) for name, size in _DATA.items()},
    **_same(Measure("power", 1e6), "mw"),
    **_same(Measure("energy", 3.6e9), "mwh"),
    **_same(Measure("pressure", 1e6), "mpa"),
    **_same(Measure("frequency", 1e6), "mhz"),
    **_same(Measure(_METRES, 1e-6), "micron"),
    **_same(Measure(_METRES, 1609.344), "mile", "mi", "meile"),
    **_same(Measure(_METRES, 1852.0), "nautical mile", "seemeile"),
    **_same(Measure(_METRES, 0.9144), "yard", "yd"),
    **_same(Measure(_METRES, 0.3048), "foot", "feet", "ft", "fuß"),
    **_same(Measure(_METRES, 0.0254), "inch", "zoll"),
    **_same(Measure("area"), "m2", "m²", "sqm", "quadratmeter"),
    **_same(Measure("area", 1e-4), "cm2", "cm²", "quadratzentimeter"),
    **_same(Measure("area", 1e6), "km2", "km²", "quadratkilometer"),
    **_same(Measure("area", 1e4), "hectare", "hektar", "ha"),
    **_same(Measure("area", 4046.856), "acre"),
    **_same(Measure("area", 2.589988e6), "quadratmeile"),
    **_same(Measure("volume"), "m3", "m³", "kubikmeter"),
    **_same(Measure("volume", 1e-6), "cm3", "cm³", "kubikzentimeter"),
    **_same(Measure("volume", 0.003785412), "gallon"),
    **_same(Measure("volume", 0.158987), "barrel"),
    **_same(Measure(_KILOGRAMS, 1.0), "kilo"),
    **_same(Measure(_KILOGRAMS, 1e9), "megaton"),
    **_same(Measure(_KILOGRAMS, 1e12), "gigaton"),
    **_same(Measure(_KILOGRAMS, 0.45359237), "lb", "lbs"),
    **_same(Measure(_KILOGRAMS, 0.0283495), "ounce", "oz", "unze"),
    **_same(Measure(TIME), "second", "sekunde", "sec", "s"),
    **_same(Measure(TIME, 60), "minute", "min"),
    **_same(Measure(TIME, 3600), "hour", "stunde", "hr", "h", "std"),
    **_same(Measure(TIME, _DAY), "day", "tag"),
    **_same(Measure(TIME, 7 * _DAY), "week", "woche"),
    **_same(Measure(TIME, 14 * _DAY), "fortnight"),
    **_same(Measure(TIME, _YEAR / 12), "month", "monat"),
    **_same(Measure(TIME, _YEAR / 4), "quartal"),
    **_same(Measure(TIME, _YEAR), "year", "jahr"),
    **_same(Measure(TIME, 10 * _YEAR), "decade", "jahrzehnt", "dekade"),
    **_same(Measure(TIME, 100 * _YEAR), "century", "jahrhundert"),
    **_same(Measure("temperature", 1, 273.15), "°c", "celsius"),
    **_same(Measure("temperature", 5 / 9, 459.67 * 5 / 9), "°f", "fahrenheit"),
    **_same(Measure(_METRES, 1000, per=TIME, for_each=3600), "kmh", "kph"),
    **_same(Measure(_METRES, 1609.344, per=TIME, for_each=3600), "mph"),
    **_same(Measure(_METRES, 1852.0, per=TIME, for_each=3600), "knot", "knoten"),
    **_same(Measure(PERCENT), "%", "percent", "per cent", "prozent", "pct"),
    **_same(Measure(PERCENT), "percentage point", "prozentpunkt"),
    **_same(Measure(PERCENT, 0.01), "basis point", "basispunkt", "bp", "bps"),
    **_same(Measure(MONEY, 1, code="USD"), "$", "usd", "dollar", "us$", "us-dollar"),
    **_same(Measure(MONEY, 1, code="EUR"), "€", "eur", "euro"),
    **_same(Measure(MONEY, 1, code="GBP"), "£", "gbp", "pound", "pfund"),
    **_same(Measure(MONEY, 1, code="JPY"), "¥", "jpy", "yen"),
    **_same(Measure(MONEY, 1, code="CHF"), "chf", "franken", "franc"),
    **_same(Measure(MONEY, 1, code="CNY"), "cny", "rmb", "yuan", "renminbi"),
    **_same(Measure(MONEY, 1, code="AUD"), "aud", "a$"),
    **_same(Measure(MONEY, 1, code="CAD"), "cad", "c$"),
    **_same(Measure(MONEY, 1, code="INR"), "₹", "inr", "rupee", "rupie"),
    **_same(Measure(MONEY, 1, code="NOK"), "nok"),
    **_same(Measure(MONEY, 1, code="SEK"), "sek"),
    **_same(Measure(MONEY, 1), "crown", "krone", "krona", "kronor", "kroner"),
    **_same(Measure(MONEY, 0.01, code="USD"), "¢"),
    **_same(Measure(MONEY, 0.01), "cent"),
    **_same(Measure(MONEY, 0.01, code="GBP"), "penny", "pence"),
}
_UNIT_WORDS = "|".join(sorted((re.escape(name) for name in MEASURES if len(name) > 2), key=len, reverse=True))
_UNIT_LETTERS = "|".join(sorted((re.escape(name) for name in MEASURES if len(name) < 3), key=len, reverse=True))
_PATTERN = re.compile(
    r"\s?-?(?:degrees?\s|grad\s|(?:trading|business|calendar|working|consecutive|full|metric)\s)?"
    r"(?P<power>square\s|sq\.?\s|cubic\s|cu\.?\s)?"
    rf"(?:(?P<word>{_UNIT_WORDS})(?:s|es|n|en|e)?|(?P<letters>{_UNIT_LETTERS}))(?![^\W_]|/[^\W_]{{0,3}}\d)"
)
_PER = re.compile(r"\s?(?:/\s?|(?:per|pro|an?|je|each|every|in der|im|die)\s)(?=[^\W\d_])")
_PER_KINDS = {TIME, "area", "volume", _KILOGRAMS, _METRES, "energy"}
_TOUCHING = frozenset({"m", "t", "g", "w", "k", "v", "j", "l", "s"})


def measured(text: str, end: int) -> tuple[Measure, int] | None:
    """The unit that follows a number ending at `end` of a text in lower case, and where it ends."""
    found = _PATTERN.match(text, end)
    if found is None:
        return None
    name = found["word"] or found["letters"]
    if name in _TOUCHING and found.group()[:1].isspace() and text[found.end() : found.end() + 1] == ".":
        return None
    measure = MEASURES[name]
    if found["power"] and measure.kind == _METRES:
        cubic = found["power"].startswith("c")
        measure = Measure("volume" if cubic else "area", measure.size ** (3 if cubic else 2))
    return _with_divisor(text, found.end(), measure)


def _with_divisor(text: str, end: int, measure: Measure) -> tuple[Measure, int]:
    """`per hour`, `/m²`, `a year` after a unit."""
    per = _PER.match(text, end)
    unit = _PATTERN.match(text, per.end()) if per is not None else None
    if unit is None or measure.per:
        return measure, end
    divisor = MEASURES[unit["word"] or unit["letters"]]
    size = divisor.size
    kind = divisor.kind
    if unit["power"] and kind == _METRES:
        cubic = unit["power"].startswith("c")
        kind, size = ("volume", size**3) if cubic else ("area", size**2)
    if kind not in _PER_KINDS or measure.kind == kind:
        return measure, end
    return replace(measure, per=kind, for_each=size), unit.end()


def currency(sign: str) -> Measure | None:
    """The currency that a sign before a number stands for."""
    return MEASURES.get(sign.strip().lower())
