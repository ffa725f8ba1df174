"""The parser child, `python -m ingest.child PARENT MEMORY_MB`: reads and draws documents, one request at a time.

The scan child, which reads words in pictures of pages, is the same program with more memory and other requests.

Requests come as lines on stdin, replies go as lines to stdout (`messages`); it ends with its stdin or its parent.
It imports neither settings nor storage, so that it starts fast and finds as little as possible to misuse.
"""

import base64
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from core.errors import ArchivarError, CorruptDocument, ParserLimit
from ingest.cleaning import Noticed, noticing
from ingest.confinement import allow_cpu, confine
from ingest.media import choose_parser
from ingest.messages import (
    MAX_REQUEST_BYTES,
    Message,
    box_from,
    failure_message,
    from_line,
    page_message,
    to_line,
)
from ingest.parsers import Limits, OpenDocument, all_parsers

if TYPE_CHECKING:
    from ingest.recognition import Recogniser

_PROGRESS_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class _Opened:
    """The document that was asked for last; its pages are asked for in several portions."""

    identity: tuple[object, ...]
    media_type: str
    warnings: tuple[str, ...]
    document: OpenDocument
    noticed: Noticed

    @property
    def all_warnings(self) -> list[str]:
        """What the choice of the parser, the parser and the cleaning of its text noticed so far."""
        invisible = ["invisible_characters"] if self.noticed.invisible else []
        return [*self.warnings, *self.document.warnings, *invisible]


class Child:
    """Answers requests; keeps the last document open."""

    def __init__(self, replies: BinaryIO) -> None:
        self._replies = replies
        self._opened: _Opened | None = None
        self._recogniser: Recogniser | None = None

    def answer(self, request: Message) -> None:
        """Do what the request asks and send the reply. Raises what keeps it from doing so."""
        allow_cpu(int(request["seconds"]))
        operations = {"open": self._open, "read": self._read, "render": self._render}
        operations |= {"recognise": self._recognise, "unlock": self._unlock}
        for message in operations[request["do"]](request):
            self._send(message)
        self._replies.flush()

    def fail(self, error: ArchivarError) -> None:
        """Send the reason why there is no answer."""
        self._send(failure_message(error))
        self._replies.flush()

    def ready(self, missing: list[str]) -> None:
        """Say that requests may come, and what confinement this machine does not allow."""
        self._send({"ready": {"missing": missing}})
        self._replies.flush()

    def _send(self, message: Message) -> None:
        self._replies.write(to_line(message))

    def _open(self, request: Message) -> Iterator[Message]:
        self._forget()
        opened = self._document(request)
        yield {
            "opened": {
                "media_type": opened.media_type,
                "title": opened.document.title,
                "pages": opened.document.page_count,
                "warnings": opened.all_warnings,
            }
        }

    def _read(self, request: Message) -> Iterator[Message]:
        opened = self._document(request)
        with noticing(opened.noticed):
            pages = opened.document.read(int(request["first"]), int(request["last"]), self._progress())
        yield from map(page_message, pages)
        yield {"done": {"warnings": opened.all_warnings}}

    def _render(self, request: Message) -> Iterator[Message]:
        # Pillow is only needed here, and a child that reads has no use for it.
        from ingest.rendering import Marks, render_page  # noqa: PLC0415

        boxes, lines = ([box_from(sides) for sides in request[name]] for name in ("boxes", "lines"))
        pixels = int(request["limits"]["max_image_pixels"])
        marks = Marks(boxes, str(request["quote"]), lines)
        png = render_page(Path(request["path"]), int(request["page"]), pixels, marks)
        yield {"png": base64.b64encode(png).decode()}

    def _recognise(self, request: Message) -> Iterator[Message]:
        # Loading the models takes seconds and memory; most children never see a scan.
        from ingest.recognition import Recogniser  # noqa: PLC0415
        from ingest.scans import read_scan  # noqa: PLC0415

        self._recogniser = self._recogniser or Recogniser(int(request["threads"]))
        pixels = int(request["limits"]["max_image_pixels"])
        page = read_scan(Path(request["path"]), int(request["page"]), int(request["dpi"]), pixels, self._recogniser)
        yield page_message(page)
        yield {"done": {"warnings": []}}

    def _unlock(self, request: Message) -> Iterator[Message]:
        # Ciphers are only needed here; most children never see a lock.
        from ingest.unlocking import unlocked  # noqa: PLC0415

        for part in unlocked(Path(request["path"]), str(request["password"])):
            yield {"part": base64.b64encode(part).decode()}
        yield {"done": {}}

    def _document(self, request: Message) -> _Opened:
        path, filename = Path(request["path"]), str(request["filename"])
        state = path.stat()
        identity = path, filename, state.st_ino, state.st_size, state.st_mtime_ns
        if self._opened is None or self._opened.identity != identity:
            self._forget()
            parser, warnings = choose_parser(path, filename)
            noticed = Noticed()
            with noticing(noticed):
                document = parser.open(path, Limits(**request["limits"]))
            self._opened = _Opened(identity, parser.media_type, warnings, document, noticed)
        return self._opened

    def _forget(self) -> None:
        if self._opened is not None:
            self._opened.document.close()
            self._opened = None

    def _progress(self) -> "_Progress":
        return _Progress(self)

    def tell(self, pages: int) -> None:
        """Send how many pages of this portion are read."""
        self._send({"read": pages})
        self._replies.flush()


class _Progress:
    """Tells how many pages are read, but not more often than anyone can see."""

    def __init__(self, child: Child) -> None:
        self._child = child
        self._told = time.monotonic()

    def __call__(self, pages: int) -> None:
        now = time.monotonic()
        if now - self._told >= _PROGRESS_SECONDS:
            self._told = now
            self._child.tell(pages)


def main() -> None:
    """Confine this process, then answer requests until stdin ends."""
    all_parsers()  # while files may still be written: Python keeps what it compiled
    missing = confine(parent=int(sys.argv[1]), memory_mb=int(sys.argv[2]))
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not get between the replies
    child = Child(replies)
    child.ready(missing)
    while line := sys.stdin.buffer.readline(MAX_REQUEST_BYTES):
        try:
            child.answer(from_line(line))
        except ArchivarError as error:
            child.fail(error)
        except MemoryError:
            child.fail(ParserLimit("Reading the document takes more memory than is allowed. Split it into parts."))
            return  # what is left of the memory is in pieces
        except Exception as error:  # noqa: BLE001 - entry point: what hostile files make of parsers cannot be listed
            reason = type(error).__name__
            child.fail(CorruptDocument(f"The document is damaged in a way that no parser can handle ({reason})."))


if __name__ == "__main__":
    main()
