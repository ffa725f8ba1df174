"""Takes out what a model thinks aloud before it answers: `<think>…</think>`. The rest passes as it comes."""

import re
from collections.abc import Iterable, Iterator

_OPEN = re.compile(r"<(think|thinking|reasoning)>", re.IGNORECASE)
_CLOSE = re.compile(r"</(?:think|thinking|reasoning)>", re.IGNORECASE)
_BEGUN = re.compile(r"</?[a-z]*$", re.IGNORECASE)
_LONGEST_TAG = len("</reasoning>")


def without_thoughts(pieces: Iterable[str], *, thinking: bool = False) -> Iterator[str]:
    """The pieces without thoughts. With `thinking` the text begins in the middle of one, as some templates have it.

    Tags may come in several pieces. A thought that never ends is no answer, except the one that was only supposed.
    """
    reading = _Reading(thinking)
    for piece in pieces:
        yield from filter(None, reading.feed(piece))
    yield from filter(None, [reading.rest()])


class _Reading:
    """What has been read and may be the beginning of a tag, and whether it is within a thought."""

    def __init__(self, thinking: bool) -> None:
        self._held = ""
        self._thinking = self._supposed = thinking
        self._after_thought = False

    def feed(self, piece: str) -> Iterator[str]:
        self._held += piece
        while found := (_CLOSE if self._thinking else _OPEN).search(self._held):
            before, self._held = self._held[: found.start()], self._held[found.end() :]
            if not self._thinking:
                yield self._shown(before)
            self._after_thought = self._thinking
            self._thinking, self._supposed = not self._thinking, False
        if not self._thinking:
            stop = _maybe_tag(self._held)
            before, self._held = self._held[:stop], self._held[stop:]
            yield self._shown(before)
        elif not self._supposed:
            self._held = self._held[-_LONGEST_TAG:]

    def rest(self) -> str:
        return "" if self._thinking and not self._supposed else self._shown(self._held)

    def _shown(self, text: str) -> str:
        """The blank lines after a thought are no part of the answer."""
        if self._after_thought:
            text = text.lstrip()
            self._after_thought = not text
        return text


def _maybe_tag(text: str) -> int:
    """Where the beginning of a tag that may go on in the next piece stands, or the end of the text."""
    found = _BEGUN.search(text, max(0, len(text) - _LONGEST_TAG))
    return found.start() if found else len(text)
