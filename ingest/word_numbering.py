"""Numbers that Word gives to entries of lists and to headings, such as `3.2` or `(b)`: they stand nowhere as text."""

import re
from collections import defaultdict
from dataclasses import dataclass

from ingest.packages import Element
from ingest.word_styles import VALUE, W

BULLET = "•"
_PLACE = re.compile(r"%([1-9])")
_LEVELS = 9
_MOST_LETTERS = 100
_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
    (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_MOST_ROMAN = 4000


@dataclass(frozen=True, slots=True)
class _Level:
    start: int
    kind: str
    text: str
    legal: bool  # all numbers in it are written in figures


class Numbering:
    """Counts the paragraphs of each list; has to be asked in the order in which they stand."""

    def __init__(self, root: Element | None) -> None:
        self._lists: dict[str, tuple[str, dict[int, _Level]]] = {}
        self._counts: defaultdict[str, dict[int, int]] = defaultdict(dict)
        if root is not None:
            self._read(root)

    def label(self, list_id: str | None, level: int | None) -> str:
        """What Word writes before the next paragraph of this list at this level; empty where it writes nothing."""
        counted, levels = self._lists.get(list_id or "", ("", {}))
        depth = level or 0
        own = levels.get(depth)
        if own is None or own.kind == "none":
            return ""
        if own.kind == "bullet":
            return BULLET
        counts = self._counts[counted]
        counts[depth] = counts.get(depth, own.start - 1) + 1
        for deeper in range(depth + 1, _LEVELS):
            counts.pop(deeper, None)
        return _PLACE.sub(lambda found: self._one(counts, levels, int(found[1]) - 1, legal=own.legal), own.text).strip()

    def _one(self, counts: dict[int, int], levels: dict[int, _Level], depth: int, *, legal: bool) -> str:
        level = levels.get(depth)
        if level is None:
            return ""
        return _written(counts.get(depth, level.start), "decimal" if legal else level.kind)

    def _read(self, root: Element) -> None:
        abstract = {one.get(f"{W}abstractNumId", ""): one for one in root.iter(f"{W}abstractNum")}
        for one in root.iter(f"{W}num"):
            list_id = one.get(f"{W}numId", "")
            found = one.find(f"{W}abstractNumId")
            shared = found.get(VALUE, "") if found is not None else ""
            levels = _levels(abstract.get(shared))
            anew = False
            for override in one.iter(f"{W}lvlOverride"):
                depth = _number(override.get(f"{W}ilvl"), 0)
                start = override.find(f"{W}startOverride")
                own = override.find(f"{W}lvl")
                if own is not None:
                    levels[depth] = _level(own)
                if start is not None and depth in levels:
                    anew = True
                    level = levels[depth]
                    levels[depth] = _Level(_number(start.get(VALUE), 1), level.kind, level.text, level.legal)
            # A list that starts anew counts for itself; the others go on with what they share.
            self._lists[list_id] = (f"own {list_id}" if anew else shared, levels)


def _levels(abstract: Element | None) -> dict[int, _Level]:
    if abstract is None:
        return {}
    return {_number(one.get(f"{W}ilvl"), 0): _level(one) for one in abstract.iter(f"{W}lvl")}


def _level(element: Element) -> _Level:
    values = {one.tag.removeprefix(W): one.get(VALUE, "") for one in element if isinstance(one.tag, str)}
    return _Level(
        _number(values.get("start"), 1), values.get("numFmt", "decimal"), values.get("lvlText", ""), "isLgl" in values
    )


def _written(number: int, kind: str) -> str:
    if kind in {"lowerLetter", "upperLetter"} and 0 < number <= _MOST_LETTERS:
        letters = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letters.upper() if kind == "upperLetter" else letters
    if kind in {"lowerRoman", "upperRoman"} and 0 < number < _MOST_ROMAN:
        roman = ""
        for value, letters in _ROMAN:
            roman += letters * (number // value)
            number %= value
        return roman.upper() if kind == "upperRoman" else roman
    return f"{number:02}" if kind == "decimalZero" else str(number)


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text is not None and re.fullmatch(r"\d{1,6}", text) else otherwise
