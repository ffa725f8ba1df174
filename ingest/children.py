"""The pool of parser children: which thread asks which child, how often, and what happens when one fails."""

import base64
import logging
import math
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from core.errors import NotFound, ParserLimit, Unavailable
from core.settings import Settings
from core.values import Box, ParsedDocument, Progress
from ingest.child_process import ChildDied, ChildProcess
from ingest.messages import Message, box_sides
from ingest.portions import Budget, Portions

_log = logging.getLogger(__name__)
_T = TypeVar("_T")

_RECYCLE_AFTER = 200  # documents: what a library leaks goes with the child
_ATTEMPTS = 2
_LOOK_SECONDS = 0.1
_MAX_BOXES = 500
_STOPPING = "Reading was interrupted because the service is stopping. It will be repeated."


class ParserPool:
    """Reads and draws documents in confined child processes. Thread-safe; children start when first needed.

    Each child belongs to a thread of the pool, which starts it, asks it and lives as long as the pool: the signal
    that ends a child at its parent's death comes at the end of the thread that started it.
    """

    def __init__(self, settings: Settings, children: int | None = None) -> None:
        self._settings = settings
        self._count = children or settings.parser_children
        self._threads = ThreadPoolExecutor(self._count, thread_name_prefix="parser")
        self._own = threading.local()
        self._lock = threading.Lock()
        self._running: set[ChildProcess] = set()
        self._closed = False

    def parse(self, path: Path, filename: str, on_progress: Callable[[Progress], None]) -> tuple[str, ParsedDocument]:
        """Media type and pages of the file at `path` that people call `filename`.

        `on_progress` is called in this thread with the stage `reading`, counting pages. Raises a kind of
        `UnreadableDocument`, `Unavailable` when the pool is closed meanwhile, `NotFound` when there is no such file.
        """
        portions = Portions(_present(path), filename, self._settings)
        portions.watch(self._submit(lambda: self._lead(portions)))
        told = -1
        try:
            while not portions.wait(_LOOK_SECONDS):
                if portions.total and portions.progress() > told:
                    told = portions.progress()
                    on_progress(Progress("reading", told, portions.total))
            result = portions.result()
            on_progress(Progress("reading", portions.total, portions.total))
            return result
        finally:
            portions.abandon()

    def render(self, path: Path, page: int, boxes: Sequence[Box] = (), quote: str = "") -> bytes:
        """A PNG of the page (from 1) of the PDF at `path`, with the boxes marked and `quote` in them more strongly.

        Raises `NoPageImage`.
        """
        request: Message = {
            "do": "render",
            "path": str(_present(path)),
            "page": page,
            "boxes": [box_sides(box) for box in boxes[:_MAX_BOXES]],
            "quote": quote,
            "limits": {"max_image_pixels": self._settings.max_image_pixels},
        }
        budget = Budget(float(self._settings.parser_seconds))
        answer = self._submit(lambda: self._ask(request, budget, lambda _: True))
        try:
            (message,) = answer.result()
        except CancelledError as error:
            raise Unavailable(_STOPPING) from error
        return base64.b64decode(message["png"])

    def close(self) -> None:
        """End all children and threads. What is being read ends with `Unavailable`."""
        with self._lock:
            self._closed = True
            for child in self._running:
                child.kill()
        self._threads.shutdown(wait=True, cancel_futures=True)
        for child in list(self._running):
            self._discard(child)

    def _submit(self, task: Callable[[], _T]) -> Future[_T]:
        try:
            return self._threads.submit(task)
        except RuntimeError as error:
            raise Unavailable(_STOPPING) from error

    def _lead(self, portions: Portions) -> None:
        """Open the document, then read it together with whichever threads are or become idle meanwhile."""
        count = portions.begin(self._ask(portions.opening, portions.budget, portions.wanted))
        for _ in range(min(count, self._count) - 1):
            portions.watch(self._submit(lambda: self._read(portions)))
        self._read(portions)

    def _read(self, portions: Portions) -> None:
        while (portion := portions.take()) is not None:
            portions.store(portion, self._ask(portion.request, portions.budget, portion.on_pages))

    def _ask(self, request: Message, budget: Budget, on_pages: Callable[[int], bool]) -> list[Message]:
        """The answer of this thread's child; a child that dies is asked once more, in a fresh process."""
        reason = ""
        for _ in range(_ATTEMPTS):
            child = self._child(may_be_replaced=request["do"] != "read")
            began = time.monotonic()
            try:
                return child.ask({**request, "seconds": math.ceil(budget.left()) + 1}, budget.left(), on_pages)
            except ParserLimit:
                self._discard(child)
                raise
            except ChildDied:
                reason = child.how_it_ended()
                self._discard(child)
                if self._closed or not on_pages(-1):
                    raise Unavailable(_STOPPING) from None
                _log.warning("parser child %d died (%s)", child.pid, reason)
            finally:
                budget.spend(time.monotonic() - began)
        raise ParserLimit(
            f"The process that read the document died twice ({reason}): it is damaged in a way that breaks the parser, "
            "or needs more memory than is allowed."
        )

    def _child(self, *, may_be_replaced: bool) -> ChildProcess:
        child: ChildProcess | None = getattr(self._own, "child", None)
        if child is not None and may_be_replaced and child.documents >= _RECYCLE_AFTER:
            self._discard(child)
            child = None
        if child is None:
            child = self._started()
        return child

    def _started(self) -> ChildProcess:
        with self._lock:
            if self._closed:
                raise Unavailable(_STOPPING)
            child = ChildProcess(self._settings)
            self._running.add(child)
        self._own.child = child
        try:
            child.wait_until_ready()
        except Unavailable:
            self._discard(child)
            raise
        return child

    def _discard(self, child: ChildProcess) -> None:
        child.clean_up()
        self._own.child = None
        with self._lock:
            self._running.discard(child)


def _present(path: Path) -> Path:
    if not path.is_file():
        raise NotFound("The file of this document is not there any more.")
    return path.absolute()  # the children work in another folder
