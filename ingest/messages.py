"""What parent and parser child say to each other: JSON, one message a line, of limited length.

Pages travel as plain lists. What comes from the child is checked as anything from outside is: it reads hostile files.
"""

import json
from typing import Any

from core.errors import (
    ArchivarError,
    CorruptDocument,
    EmptyDocument,
    NoPageImage,
    ParserLimit,
    PasswordRequired,
    UnreadableDocument,
    UnsupportedDocument,
    WrongPassword,
)
from core.places import shortened
from core.values import Box, Line, Page

Message = dict[str, Any]
NONSENSE = (IndexError, KeyError, TypeError, ValueError)  # what comes of taking apart a message that makes none

MAX_REQUEST_BYTES = 64 * 1024  # what a pipe holds
MAX_REPLY_BYTES = 256 * 1024 * 1024  # for all of a reply; a book of 1,000 pages takes 5 MiB

_FAILURES: dict[str, type[ArchivarError]] = {
    kind.code: kind
    for kind in (
        CorruptDocument,
        EmptyDocument,
        NoPageImage,
        ParserLimit,
        PasswordRequired,
        UnsupportedDocument,
        WrongPassword,
    )
}


def to_line(message: Message) -> bytes:
    """The message as one line."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"


def from_line(line: bytes) -> Message:
    """The message on the line. Raises `ValueError` when there is none."""
    message = json.loads(line)
    if not isinstance(message, dict):
        raise ValueError("a message has to be an object")
    return message


def failure_message(error: ArchivarError) -> Message:
    """How the child says that it could not do what was asked."""
    return {"failed": {"code": error.code, "message": error.message}}


def failure_from(message: Message) -> ArchivarError:
    """The error that the child reported."""
    failed = message["failed"] if isinstance(message["failed"], dict) else {}
    kind = _FAILURES.get(str(failed.get("code")), UnreadableDocument)
    return kind(str(failed.get("message", "The document cannot be read."))[:1000])


def page_message(page: Page) -> Message:
    """A page; each line as start, end, heading, place and the four sides of its box where it has one."""
    lines = [[line.start, line.end, int(line.heading), line.place, *_sides(line.box)] for line in page.lines]
    about = [page.number, page.text, page.width, page.height, page.name, int(page.scanned), page.confidence]
    return {"page": [*about, page.hidden, lines]}


def page_from(message: Message) -> Page:
    """The page in the message. Raises `ValueError` or `TypeError` when it does not make sense."""
    number, text, width, height, name, scanned, confidence, hidden, lines = message["page"]
    if not isinstance(text, str):
        raise TypeError("a page's text has to be a string")
    read = tuple(_line(line, len(text)) for line in lines)
    sure = None if confidence is None else min(max(float(confidence), 0.0), 1.0)
    return Page(
        int(number),
        text,
        read,
        float(width),
        float(height),
        shortened(str(name)),
        bool(scanned),
        sure,
        max(int(hidden), 0),
    )


def box_from(sides: Any) -> Box:
    """The rectangle with the four sides left, top, right, bottom."""
    left, top, right, bottom = map(float, sides)
    return Box(left, top, right, bottom)


def box_sides(box: Box) -> list[float]:
    """Left, top, right and bottom."""
    return [box.left, box.top, box.right, box.bottom]


def _sides(box: Box | None) -> list[float]:
    return box_sides(box) if box is not None else []


def _line(values: Any, length: int) -> Line:
    start, end, heading, place, *sides = values
    if not 0 <= start <= end <= length:
        raise ValueError("a line has to lie within its page")
    box = box_from(sides) if sides else None
    return Line(int(start), int(end), box, bool(heading), shortened(str(place)) if place else "")
