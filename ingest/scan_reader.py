"""Scanned pages on their way through scan children, one page a request: who waits, what is kept, what failed."""

import logging
import re
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from dataclasses import replace
from itertools import islice

from core.errors import NoPageImage, Unavailable, UnreadableDocument
from core.places import page_runs
from core.scans import POOR_SCAN, is_poor
from core.settings import Settings
from core.values import Page, ParsedDocument, Progress
from ingest.child_process import ChildKind
from ingest.child_threads import ChildThreads
from ingest.messages import NONSENSE, Message, page_from
from ingest.parsers import Limits
from ingest.portions import STOPPING, Budget

_log = logging.getLogger(__name__)

_LOOK_SECONDS = 0.1
_WORD = re.compile(r"[^\W\d_]{2,}|\d+")
# One thread besides those that read: libraries would start one for each core, and memory for each of them.
_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}


class ScanReader:
    """Reads what is written in pictures of pages. Thread-safe; documents that are read at the same time take turns."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        kind = ChildKind(
            settings.ocr_memory_mb,
            f"Reading a scanned page took longer than {settings.ocr_seconds} seconds. "
            "Ask the operator to raise ARCHIVAR_OCR_SECONDS.",
            _ENVIRONMENT,
        )
        self._threads = ChildThreads(kind, settings.ocr_children, "scans")

    def read(self, base: Message, document: ParsedDocument, on_progress: Callable[[Progress], None]) -> ParsedDocument:
        """The document with the words of its scanned pages, and warnings for those that failed or are hard to read.

        `base` says to a child which file it is and which limits it has. Raises `Unavailable` when closed meanwhile,
        `ParserLimit` when there is too much text, and what `on_progress` raises.
        """
        wanted = [page.number for page in document.pages if page.scanned]
        if not wanted or not self._settings.ocr:
            return document
        read = self._pages(base, wanted, on_progress)
        pages = tuple(_better(page, read.get(page.number)) for page in document.pages)
        Limits(**base["limits"]).check_text(sum(len(page.text) for page in pages))
        failed = [number for number in wanted if number not in read]
        poor = [page.number for page in pages if is_poor(page.confidence)]
        named = {"ocr_failed": failed, POOR_SCAN: poor}
        noticed = [f"{code}:{page_runs(numbers)}" for code, numbers in named.items() if numbers]
        return replace(document, pages=pages, warnings=(*document.warnings, *noticed))

    def close(self) -> None:
        """End all children and threads. What is being read ends with `Unavailable`."""
        self._threads.close()

    def _pages(self, base: Message, wanted: Sequence[int], on_progress: Callable[[Progress], None]) -> dict[int, Page]:
        """The pages that could be read. No more are handed on than are read at once, so that documents take turns."""
        waiting = iter(wanted)
        read: dict[int, Page | None] = {}
        running: dict[int, Future[Page | None]] = {}
        abandoned: list[bool] = []
        on_progress(Progress("recognising", 0, len(wanted)))
        try:
            while len(read) < len(wanted):
                for number in islice(waiting, self._threads.count - len(running)):
                    running[number] = self._threads.submit(self._task(base, number, abandoned))
                wait(running.values(), _LOOK_SECONDS, FIRST_COMPLETED)
                # What is cancelled is done, but `wait` does not count it.
                ended = {number: _result(task) for number, task in running.items() if task.done()}
                if ended:
                    running = {number: task for number, task in running.items() if number not in ended}
                    read |= ended
                    on_progress(Progress("recognising", len(read), len(wanted)))
            return {number: page for number, page in read.items() if page is not None}
        finally:
            abandoned.append(True)

    def _task(self, base: Message, number: int, abandoned: Sequence[bool]) -> Callable[[], Page | None]:
        request = {**base, "do": "recognise", "page": number, "dpi": self._settings.ocr_dpi}
        request["threads"] = self._settings.ocr_threads

        def read_page() -> Page | None:
            if abandoned:
                return None
            budget = Budget(float(self._settings.ocr_seconds))
            try:
                answer = self._threads.ask(request, budget, lambda _: not abandoned, self._settings.ocr_threads)
                page = page_from(answer[0])
            except (UnreadableDocument, NoPageImage) as error:
                _log.info("scanned page %d: %s", number, error.message)
                return None
            except NONSENSE:
                _log.warning("scanned page %d: the answer makes no sense", number)
                return None
            return page if page.number == number else None

        return read_page


def _result(task: "Future[Page | None]") -> Page | None:
    try:
        return task.result()
    except CancelledError as error:
        raise Unavailable(STOPPING) from error


def _better(page: Page, read: Page | None) -> Page:
    """The page with more words in it: a scan may have a few of its own, which were read with all others."""
    if read is None or _letters(read.text) < _letters(page.text):
        return page
    return replace(read, name=page.name, hidden=page.hidden)


def _letters(text: str) -> int:
    return sum(map(len, _WORD.findall(text)))
