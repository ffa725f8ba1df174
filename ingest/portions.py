"""One document on its way through the pool: which portions of pages are to be read, are being read and have been read.

Portions are of a fixed size, so that what is read does not depend on how many children happen to be idle.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

from core.errors import Unavailable, UnreadableDocument
from core.settings import Settings
from core.values import Page, ParsedDocument
from ingest.messages import NONSENSE, Message, page_from
from ingest.parsers import Limits

PAGES_PER_PORTION = 20
_OPENED = ("media_type", "title", "pages", "warnings")
STOPPING = "Reading was interrupted because the service is stopping. It will be repeated."
_NO_SENSE = "The process that read the document gave an answer that makes no sense. The document may be harmful."
_NO_TITLES = frozenset({"untitled", "powerpoint presentation", "word document", "document", "unknown", "none", "title"})


class Budget:
    """The time that may be spent on one document, added up over all children that read it."""

    def __init__(self, seconds: float) -> None:
        self._left = seconds
        self._lock = threading.Lock()

    def left(self) -> float:
        """Seconds left."""
        return max(self._left, 0.0)

    def spend(self, seconds: float) -> None:
        """Take seconds off."""
        with self._lock:
            self._left -= seconds


@dataclass(frozen=True, slots=True)
class Portion:
    """Some pages to be read: what to ask, and whom to tell how far it is."""

    first: int
    last: int
    request: Message
    on_pages: Callable[[int], bool]


@dataclass(frozen=True, slots=True)
class _Opened:
    media_type: str
    title: str
    warnings: tuple[str, ...]


class Portions:
    """A document that one or several threads read while another waits for the result."""

    def __init__(self, path: Path, filename: str, settings: Settings) -> None:
        self._filename = filename
        self._limits = Limits(settings.max_pages, settings.max_text_chars, settings.max_image_pixels)
        self.base: Message = {"path": str(path), "filename": filename, "limits": asdict(self._limits)}
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._abandoned = False
        self._tasks: list[Future[None]] = []
        self._waiting: list[int] = []
        self._counts: dict[int, int] = {}
        self._read: dict[int, tuple[list[Page], list[str]]] = {}
        self._opened = _Opened("", "", ())
        self.budget = Budget(float(settings.parser_seconds))
        self.total = 0

    @property
    def opening(self) -> Message:
        """What to ask first."""
        return {**self.base, "do": "open"}

    def begin(self, answer: list[Message]) -> int:
        """Take the answer to `opening`; returns the number of portions to be read."""
        try:
            media_type, title, pages, warnings = (answer[0]["opened"][key] for key in _OPENED)
            self._opened = _Opened(str(media_type), str(title), tuple(map(str, warnings)))
            pages = int(pages)
        except NONSENSE as error:
            raise UnreadableDocument(_NO_SENSE) from error
        if not 1 <= pages <= self._limits.max_pages:
            raise UnreadableDocument(_NO_SENSE)
        self._waiting = [*range(1, pages + 1, PAGES_PER_PORTION)][::-1]
        self.total = pages
        return len(self._waiting)

    def watch(self, task: "Future[None]") -> None:
        """Count `task` among those that read this document: its failure is the failure of the whole."""
        with self._lock:
            self._tasks.append(task)
        task.add_done_callback(self._task_ended)

    def take(self) -> Portion | None:
        """The next portion to read, or None when there is nothing left to do."""
        with self._lock:
            if self._abandoned or not self._waiting:
                return None
            first = self._waiting.pop()
        last = min(first + PAGES_PER_PORTION - 1, self.total)
        request = {**self.base, "do": "read", "first": first, "last": last}
        return Portion(first, last, request, lambda pages: self._count(first, pages))

    def wanted(self, _: int = -1) -> bool:
        """Whether anyone still waits for the result."""
        return not self._abandoned

    def store(self, portion: Portion, answer: list[Message]) -> None:
        """Take the pages of a portion. Raises `ParserLimit` when all together are too much."""
        try:
            pages = [page_from(message) for message in answer[:-1]]
            warnings = [str(code) for code in answer[-1]["done"]["warnings"]]
        except NONSENSE as error:
            raise UnreadableDocument(_NO_SENSE) from error
        if [page.number for page in pages] != list(range(portion.first, portion.last + 1)):
            raise UnreadableDocument(_NO_SENSE)
        with self._lock:
            self._counts[portion.first] = len(pages)
            self._read[portion.first] = pages, warnings
            characters = sum(len(page.text) for read, _ in self._read.values() for page in read)
            complete = sum(len(read) for read, _ in self._read.values()) == self.total
        self._limits.check_text(characters)
        if complete:
            self._ended.set()

    def wait(self, seconds: float) -> bool:
        """Whether the document is read, or its reading failed, within `seconds`."""
        return self._ended.wait(seconds)

    def progress(self) -> int:
        """How many pages are read."""
        with self._lock:
            return min(sum(self._counts.values()), self.total)

    def abandon(self) -> None:
        """Nobody waits any more: what is being read may be thrown away."""
        self._abandoned = True

    def result(self) -> tuple[str, ParsedDocument]:
        """Media type and document. Raises what kept it from being read."""
        with self._lock:
            failed = [task for task in self._tasks if task.done() and (task.cancelled() or task.exception())]
        for task in failed:
            if task.cancelled():
                raise Unavailable(STOPPING)
            task.result()
        pages = tuple(page for first in sorted(self._read) for page in self._read[first][0])
        found = [*self._opened.warnings, *(code for first in sorted(self._read) for code in self._read[first][1])]
        title = _title(self._opened.title, self._filename)
        return self._opened.media_type, ParsedDocument(title, pages, tuple(dict.fromkeys(found)))

    def _count(self, first: int, pages: int) -> bool:
        if pages >= 0:
            with self._lock:
                self._counts[first] = pages
        return not self._abandoned

    def _task_ended(self, task: "Future[None]") -> None:
        if task.cancelled() or task.exception():
            self._ended.set()


def _title(given: str, filename: str) -> str:
    """The title that the file gives, unless a program made it up; then the file's name without its extension."""
    title = given.removeprefix("Microsoft Word - ").removeprefix("Microsoft PowerPoint - ").strip()
    if len(title) > 1 and title.casefold() not in _NO_TITLES:
        return title[:300]
    return PurePosixPath(filename).stem or filename
