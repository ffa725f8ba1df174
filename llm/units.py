"""Where sentences end, and what of a passage can be quoted: whole sentences of prose and single rows of tables."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.table_rows import BETWEEN

_LINE = re.compile(r"[^\n]*\n?")
_NUMBER = re.compile(r"(?<![\w.,])[($€£-]{0,4}\d[\d.,]*%?\)?(?!\w)")
# A full stop ends a sentence when a space and something like a beginning follow, and no abbreviation precedes.
_STOP = r"[.!?。？！][\"'”’»)\]]*"
_BEGINNING = r"[\"'“‘«(\[]*[^\W_a-zß-ÿ]"
_END = re.compile(rf"{_STOP}(?=\s+{_BEGINNING})")
_STOPPED = re.compile(rf"{_STOP}$")
_BEGUN = re.compile(_BEGINNING)
_ABBREVIATION = re.compile(
    r"(?:\b(?:[A-Za-z]|[Mm]r|[Mm]rs|[Dd]r|[Pp]rof|[Ss]t|[Nn]o|[Vv]s|[Ff]ig|[Ii]nc|[Ll]td|[Cc]o|[Cc]orp|[Jj]r|[Ss]r|approx|ca|bzw|usw|Nr|Abs|Art"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)|\b[a-zA-Z]\.[a-zA-Z]|\b\d{1,2})\.$"
)


@dataclass(frozen=True, slots=True)
class Unit:
    """A quotable part of a text, `start:end`; `row` where it is a row of a table."""

    start: int
    end: int
    row: bool


def units(text: str, heading: str = "") -> list[Unit]:
    """The sentences and table rows of a text in their order; together they cover everything but space.

    A line that is part of `heading` is a unit of its own, as is what empty lines set apart.
    """
    found: list[Unit] = []
    prose: list[re.Match[str]] = []
    for line in _LINE.finditer(text):
        content = line.group().strip()
        row = _is_row(content)
        apart = row or not content or (content.lstrip("# ") in heading)
        if apart:
            found += _sentences(text, prose)
            prose = []
        if apart and content:
            found.append(_trimmed(text, line.start(), line.end(), row=row))
        elif content:
            prose.append(line)
    found += _sentences(text, prose)
    return found


def ends_sentence(before: str, after: str) -> bool:
    """Whether a sentence ends between two parts of a text that white space stands between."""
    tail = before[-20:]
    stop = _STOPPED.search(tail)
    if stop is None or not _BEGUN.match(after):
        return False
    return stop.group()[0] != "." or not _ABBREVIATION.search(tail[: stop.start() + 1])


def _is_row(line: str) -> bool:
    if BETWEEN in line:
        return True
    numbers = _NUMBER.findall(line)
    if not numbers:
        return False
    words = len(line.split())
    label = _NUMBER.sub(" ", line).strip(" .$%()—–-")
    ends_with_number = bool(re.search(r"[\d)%—–-]\s*$", line))
    return ends_with_number and (len(numbers) >= 2 or len(label) < 60) and len(numbers) * 2 >= words - 10


def _sentences(text: str, lines: list[re.Match[str]]) -> Iterator[Unit]:
    if not lines:
        return
    start, stop = lines[0].start(), lines[-1].end()
    for end in _END.finditer(text, start, stop):
        if end.group()[0] == "." and _ABBREVIATION.search(text, max(start, end.start() - 12), end.start() + 1):
            continue
        if text[start : end.end()].strip():
            yield _trimmed(text, start, end.end(), row=False)
        start = end.end()
    if text[start:stop].strip():
        yield _trimmed(text, start, stop, row=False)


def _trimmed(text: str, start: int, end: int, *, row: bool) -> Unit:
    part = text[start:end]
    return Unit(start + len(part) - len(part.lstrip()), start + len(part.rstrip()), row)
