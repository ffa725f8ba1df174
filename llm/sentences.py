"""A stream of text becomes sentences with the numbers of the passages that they cite, each as soon as it is complete.

A sentence is complete at its end, at the end of its line, or after 40 words, and once it is clear that no citation
follows: in `… months. [3]` it belongs to the sentence before it. The text comes out plain, without markdown. What a
citation points at is decided elsewhere.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from llm.units import ends_sentence

_MOST_WORDS = 40
_LONGEST_WORD = 200
# Numbers up to here in brackets are meant as citations and vanish when there is no such passage; `[2018]` is text.
_LARGEST_CITATION = 99
_LONGEST_RANGE = 20
_LONGEST_BRACKET = 60
_CITING = rf"[\d,;–\- \u00a0]{{1,{_LONGEST_BRACKET}}}+"
_CITATION = rf"[\[【]{_CITING}(?:†[^\[\]【】\s]{{0,{_LONGEST_BRACKET}}}+)?[\]】]"
# Possessive and bounded, so that rows of brackets and figures take no longer than other text.
_PART = re.compile(
    rf"(?P<citation>{_CITATION})|(?P<line>[^\S\n]*+\n\s*+)|(?P<space>[^\S\n]+)|(?P<stop>[。？！]+[\"'”’»)\]]*)"
    rf"|(?P<text>(?:[^\s\[【。？！]|(?!{_CITATION})[\[【])+)"
)
# What may be the beginning of a citation.
_UNFINISHED = re.compile(rf"[\[【](?:{_CITING}(?:†[^\[\]【】\s]{{0,{_LONGEST_BRACKET}}}+)?)?")
_NUMBERS = re.compile(r"(\d{1,9})(?:\s*[-–]\s*(\d{1,9}))?")
_MARKS = "*_`"
_STOPS = ".!?。？！"
# What the last word of a sentence can end with.
_LAST = frozenset(_STOPS + "\"'”’»)]" + _MARKS)
_GLUED = frozenset(".,;:!?)…")
# What acts on a screen without being seen; joiners of letters stay.
_OBEYED = frozenset({"Cc", "Cs", "Co"})
_HIDDEN = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e0fff]")
_LINE_START = re.compile(r"(?:#{1,6}\s+|[-*+•]\s+|>\s*)+")
_EMPHASIS = re.compile(r"\*{1,3}(?=\S)|(?<=\S)\*{1,3}|(?<![\w\\])_{1,3}(?=\w)|(?<=[\w.!?])_{1,3}(?!\w)|`+")
_LINK = re.compile(r"!?\[([^\[\]]{0,300})\]\([^()\s]{0,1000}\)")


@dataclass(frozen=True, slots=True)
class Written:
    """A sentence as plain text, and the passages that it cites: numbers from 1, in the order of their first mention.

    One that is not `whole` goes on in the next; what it cites may only come there.
    """

    text: str
    cited: tuple[int, ...]
    whole: bool = True


def sentences(pieces: Iterable[str], passages: int) -> Iterator[Written]:
    """The sentences of a text that comes in pieces. Citations of anything but the `passages` first numbers vanish."""
    reading = _Reading(passages)
    for piece in pieces:
        yield from reading.feed(piece)
    yield from reading.finish()


class _Reading:
    """The words and citations of the sentence that is being read, and the beginning of its next word."""

    def __init__(self, passages: int) -> None:
        self._passages = passages
        self._held = ""
        self._word: list[str] = []
        self._word_length = 0
        self._words: list[str] = []
        self._cited: list[int] = []
        self._ended = False
        self._after_citation = False

    def feed(self, piece: str) -> Iterator[Written]:
        text = self._held + piece
        # A citation that is not complete yet waits for the next piece.
        last = max(text.rfind("["), text.rfind("【"))
        stop = last if last >= 0 and _UNFINISHED.fullmatch(text, last) else len(text)
        self._held = text[stop:]
        yield from self._read(text[:stop])

    def finish(self) -> Iterator[Written]:
        yield from self._read(self._held)
        yield from self._end_word()
        yield from self._release()

    def _read(self, text: str) -> Iterator[Written]:
        for part in _PART.finditer(text):
            kind = part.lastgroup
            if kind == "text":
                yield from self._add(part.group())
            elif kind == "stop":
                yield from self._add(part.group())
                yield from self._end_word()
            else:
                yield from self._end_word()
            if kind == "citation":
                self._cite(part.group())
            elif kind in {"line", "space"}:
                self._after_citation = False
                self._ended = self._ended or (kind == "line" and bool(self._words))

    def _add(self, text: str) -> Iterator[Written]:
        for start in range(0, len(text), _LONGEST_WORD):
            part = text[start : start + _LONGEST_WORD]
            if self._word_length + len(part) > _LONGEST_WORD:
                yield from self._end_word()
            self._word.append(part)
            self._word_length += len(part)

    def _end_word(self) -> Iterator[Written]:
        word = "".join(self._word)
        self._word.clear()
        self._word_length = 0
        if not word:
            return
        glued = self._after_citation and self._words and word[0] in _GLUED
        self._after_citation = False
        if glued:
            self._words[-1] += word
            return
        if self._words and (self._ended or self._ends_before(word)):
            yield from self._release()
        elif len(self._words) >= _MOST_WORDS:
            yield from self._release(whole=False)
        self._words.append(word)

    def _ends_before(self, word: str) -> bool:
        last = self._words[-1]
        if last[-1] not in _LAST:
            return False
        # Emphasis around a sentence stands between its full stop and the next word.
        return ends_sentence(last.rstrip(_MARKS), word.lstrip(_MARKS))

    def _cite(self, bracket: str) -> None:
        numbers = _numbers(bracket)
        if numbers is None:
            self._word.append(bracket)
            self._word_length += len(bracket)
            return
        self._after_citation = True
        # A citation after a full stop leaves no doubt that it was one.
        self._ended = self._ended or (bool(self._words) and self._words[-1][-1] in _STOPS)
        self._cited += [n for n in numbers if 1 <= n <= self._passages and n not in self._cited]

    def _release(self, *, whole: bool = True) -> Iterator[Written]:
        text = _plain(" ".join(self._words))
        self._words.clear()
        self._ended = False
        if any(c.isalnum() for c in text):
            cited = tuple(self._cited)
            self._cited.clear()
            yield Written(text, cited, whole)


def _numbers(bracket: str) -> list[int] | None:
    """The numbers in a bracket, ranges written out; None when they are not meant as citations."""
    if bracket[1:].lstrip()[:1] in {"-", "–"}:
        return None
    numbers: list[int] = []
    for first, last in _NUMBERS.findall(bracket.partition("†")[0]):
        start, stop = int(first), int(last or first)
        if max(start, stop) > _LARGEST_CITATION:
            return None
        numbers += range(start, min(stop, start + _LONGEST_RANGE) + 1)
    return numbers or None


def _plain(text: str) -> str:
    """Text without the signs of markdown for headings, lists, quotations, emphasis, code and links, all of it seen."""
    if not text.isascii() or not text.isprintable():
        # Halves of a character may come in two pieces.
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        text = _HIDDEN.sub("", "".join(c for c in text if unicodedata.category(c) not in _OBEYED))
    text = _LINK.sub(r"\1", text)
    return _EMPHASIS.sub("", text[_start(text) :]).replace("\\_", "_").strip()


def _start(text: str) -> int:
    found = _LINE_START.match(text)
    return found.end() if found else 0
