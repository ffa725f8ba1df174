"""How long the rest of reading a document takes, judged by its own pace and by how fast earlier ones were embedded."""

import time
from collections.abc import Callable
from dataclasses import replace

from core.storage.paces import Paces
from core.values import Progress

_READING, _RECOGNISING, _EMBEDDING = "reading", "recognising", "embedding"
# Sooner, a pace says nothing; what takes less is not worth remembering.
_LEAST_SECONDS = 1.0
_WORTH_SECONDS = 5.0
# Among the paces of those who write summaries, which bear names of models.
_NAME = "embedding of documents"


class ReadingTime:
    """Told how far the reading is, adds how long it still takes; None as long as nobody can know. For one thread."""

    def __init__(self, pace: float | None, clock: Callable[[], float] = time.monotonic) -> None:
        """`pace` at which earlier documents were embedded, in pages a second."""
        self._pace = pace
        self._clock = clock
        self._stage = ""
        self._began = clock()
        self._first = 0
        self._pages = 0

    def told(self, progress: Progress) -> Progress:
        """The same progress with what is left of the time."""
        if progress.stage != self._stage:
            self._stage, self._began, self._first = progress.stage, self._clock(), progress.done
        if progress.stage == _READING:
            self._pages = progress.total
        here, after = self._rest(progress), self._after(progress.stage)
        return replace(progress, seconds_left=None if here is None or after is None else round(here + after, 1))

    def embedded(self) -> tuple[int, float] | None:
        """Pages and the seconds of their embedding, told when that has just ended; None where they say nothing."""
        taken = self._clock() - self._began
        worth = self._stage == _EMBEDDING and self._pages > 1 and taken >= _WORTH_SECONDS
        return (self._pages, taken) if worth else None

    def _rest(self, progress: Progress) -> float | None:
        """What is left of this stage."""
        left, done, taken = progress.total - progress.done, progress.done - self._first, self._clock() - self._began
        if progress.total and not left:
            return 0.0
        return left * taken / done if done > 0 and taken >= _LEAST_SECONDS else None

    def _after(self, stage: str) -> float | None:
        """What the embedding takes that follows. How many scans there are is not known before they are read."""
        if stage not in {_READING, _RECOGNISING}:
            return 0.0
        if self._pace:
            return self._pages / self._pace
        # Reading scans takes so much longer than embedding their words that this is left out.
        return 0.0 if stage == _RECOGNISING else None


def embedding_pace(paces: Paces) -> float | None:
    """How fast documents were embedded so far, in pages a second; None where nothing is known."""
    return paces.of(_NAME)


def remember(paces: Paces, pages: int, seconds: float) -> None:
    """Keep how fast a document was embedded."""
    paces.note(_NAME, pages, seconds)
