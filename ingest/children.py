"""The pool of children that read documents: portions of pages go to parser children, scanned pages to scan children."""

import base64
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from dataclasses import replace
from pathlib import Path

from core.errors import NotFound, Unavailable
from core.places import page_runs
from core.settings import Settings
from core.values import Box, ParsedDocument, Progress
from ingest.child_process import ChildKind
from ingest.child_threads import ChildThreads
from ingest.messages import Message, box_sides
from ingest.portions import STOPPING, Budget, Portions
from ingest.scan_reader import ScanReader

_LOOK_SECONDS = 0.1
_MAX_BOXES = 500


class ParserPool:
    """Reads and draws documents in confined child processes. Thread-safe; children start when first needed."""

    def __init__(self, settings: Settings, children: int | None = None) -> None:
        self._settings = settings
        kind = ChildKind(
            settings.parser_memory_mb,
            f"Reading the document took longer than {settings.parser_seconds} seconds. "
            "Split it, or ask the operator to raise ARCHIVAR_PARSER_SECONDS.",
        )
        self._parsers = ChildThreads(kind, children or settings.parser_children, "parser")
        self._scans = ScanReader(settings)

    def parse(self, path: Path, filename: str, on_progress: Callable[[Progress], None]) -> tuple[str, ParsedDocument]:
        """Media type and pages of the file at `path` that people call `filename`.

        `on_progress` is called in this thread with the stages `reading` and, where there are any, `recognising`
        scanned pages, counting pages. Raises a kind of `UnreadableDocument`, `Unavailable` when the pool is closed
        meanwhile, `NotFound` when there is no such file.
        """
        portions = Portions(_present(path), filename, self._settings)
        media_type, document = self._parsed(portions, on_progress)
        document = self._scans.read(portions.base, document, on_progress)
        return media_type, replace(document, warnings=tuple(_warnings(document)))

    def _parsed(self, portions: Portions, on_progress: Callable[[Progress], None]) -> tuple[str, ParsedDocument]:
        portions.watch(self._parsers.submit(lambda: self._lead(portions)))
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

    def render(
        self, path: Path, page: int, boxes: Sequence[Box] = (), quote: str = "", lines: Sequence[Box] = ()
    ) -> bytes:
        """A PNG of the page (from 1) of the PDF or picture at `path`, with the boxes marked.

        `quote` is marked more strongly, or `lines` where it is known that it stands in these. Raises `NoPageImage`.
        """
        request: Message = {
            "do": "render",
            "path": str(_present(path)),
            "page": page,
            "boxes": [box_sides(box) for box in boxes[:_MAX_BOXES]],
            "lines": [box_sides(box) for box in lines[:_MAX_BOXES]],
            "quote": quote,
            "limits": {"max_image_pixels": self._settings.max_image_pixels},
        }
        (message,) = self._asked(request)
        return base64.b64decode(message["png"])

    def unlock(self, path: Path, password: str) -> list[bytes]:
        """The encrypted file at `path` without its lock, in parts.

        Raises `WrongPassword`, another kind of `UnreadableDocument`, `NotFound`, `Unavailable`.
        """
        request: Message = {"do": "unlock", "path": str(_present(path)), "password": password}
        *parts, _ = self._asked(request)
        return [base64.b64decode(message["part"]) for message in parts]

    def _asked(self, request: Message) -> list[Message]:
        budget = Budget(float(self._settings.parser_seconds))
        answer = self._parsers.submit(lambda: self._parsers.ask(request, budget, lambda _: True))
        try:
            return answer.result()
        except CancelledError as error:
            raise Unavailable(STOPPING) from error

    def close(self) -> None:
        """End all children and threads. What is being read ends with `Unavailable`."""
        self._scans.close()
        self._parsers.close()

    def _lead(self, portions: Portions) -> None:
        """Open the document, then read it together with whichever threads are or become idle meanwhile."""
        count = portions.begin(self._parsers.ask(portions.opening, portions.budget, portions.wanted))
        for _ in range(min(count, self._parsers.count) - 1):
            portions.watch(self._parsers.submit(lambda: self._read(portions)))
        self._read(portions)

    def _read(self, portions: Portions) -> None:
        while (portion := portions.take()) is not None:
            portions.store(portion, self._parsers.ask(portion.request, portions.budget, portion.on_pages))


def _warnings(document: ParsedDocument) -> Iterator[str]:
    """The warnings of the reading, and `hidden_text:WORDS:PAGES` and `no_text` by what the pages are like."""
    hidden = [page for page in document.pages if page.hidden]
    yield from (code for code in document.warnings if not (hidden and code == "hidden_text"))
    if hidden:
        yield f"hidden_text:{sum(page.hidden for page in hidden)}:{page_runs([page.number for page in hidden])}"
    if any(not page.text.strip() for page in document.pages):
        yield "no_text"


def _present(path: Path) -> Path:
    if not path.is_file():
        raise NotFound("The file of this document is not there any more.")
    return path.absolute()  # the children work in another folder
