"""Mail (.eml): the message with its headers as the first page, then each attachment by the parser of its own format.

Nothing is fetched or run. Pictures are not read, and attachments that cannot be read are told of in a warning.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from email.message import EmailMessage, MIMEPart
from itertools import islice
from pathlib import Path

from core.errors import EmptyDocument, ParserLimit, UnreadableDocument, UnsupportedDocument
from core.filters import SHORT_TYPES
from core.places import joined
from core.values import Page
from ingest.attached import attached
from ingest.cleaning import clean_line
from ingest.flow import Flow
from ingest.html import tell_html
from ingest.media import choose_parser
from ingest.parsers import Limits, OpenDocument, Sample
from ingest.parsers.text import decoded

_SHOWN = ("From", "To", "Cc", "Date")
_MOST_HEADER_CHARACTERS = 10_000
_MOST_ATTACHMENTS = 100
_DEEPEST = 3  # messages within messages
_HEADER = re.compile(r"([A-Za-z][A-Za-z0-9-]{1,60}):")
_TELLING = frozenset({"from", "received", "return-path", "message-id", "mime-version", "subject", "date", "to"})
_SURE = frozenset({"received", "return-path", "message-id", "mime-version"})
_LOCKED = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime", "multipart/encrypted"})
# What the standard library raises at headers and parts that are not as they should be.
_FAILURES = (ValueError, LookupError, AttributeError, TypeError, AssertionError)
_GAP = re.compile(r"\n[^\S\n]*\n")


@dataclass(frozen=True, slots=True)
class _Attachment:
    """An attachment that is open: what it is called, and the number that its first page has in the mail."""

    name: str
    first: int
    document: OpenDocument


class EmlDocument:
    """An open message."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._limits = limits
        self._depth = getattr(path, "depth", 0)
        self._warnings: list[str] = []
        self._attachments: list[_Attachment] = []
        try:
            message = message_from_bytes(path.read_bytes(), policy=policy.default)
            if message.get_content_type() in _LOCKED:
                raise UnsupportedDocument("The message is encrypted. Save it decrypted, or save its text.")
            self.title = _header(message, "Subject")
            self._message = self._page(message)
            self.page_count = 1
            self._open_attachments(message)
        except RecursionError as error:
            raise ParserLimit("The parts of the message lie too deep in each other. It may be harmful.") from error
        if self.page_count == 1 and not self._message.text:
            raise EmptyDocument("The message holds no text. Check the original and save it again.")

    @property
    def warnings(self) -> tuple[str, ...]:
        """Those of the message and of what is attached to it, each once."""
        found = [*self._warnings, *(code for one in self._attachments for code in one.document.warnings)]
        return tuple(dict.fromkeys(found))

    def read(self, first: int, last: int, on_page: Callable[[int], None]) -> list[Page]:
        """The message and the pages of its attachments, `first` to `last`."""
        pages = []
        for number in range(first, last + 1):
            pages.append(self._message if number == 1 else self._attached_page(number))
            on_page(number - first + 1)
        return pages

    def close(self) -> None:
        """Close the attachments."""
        for one in self._attachments:
            one.document.close()

    def _page(self, message: EmailMessage) -> Page:
        flow = Flow(self._limits, name="Message")
        flow.title(self.title)
        for name in _SHOWN:
            if value := _header(message, name):
                flow.item(f"{name}: {value}")
        body = _body(message)
        if body is None:
            return flow.page()
        text = _text(body)
        if body.get_content_subtype() == "html":
            if tell_html(text, flow).has_hidden:
                self._warnings.append("hidden_text")
        else:
            for paragraph in _GAP.split(text.replace("\r\n", "\n").replace("\r", "\n")):
                flow.paragraph(paragraph)
        return flow.page()

    def _open_attachments(self, message: EmailMessage) -> None:
        for number, (name, data) in enumerate(_attachments(message), 1):
            if number > _MOST_ATTACHMENTS or self._depth >= _DEEPEST:
                self._warnings.append("attachment_not_read")
                return
            try:
                file = attached(name, data, self._depth + 1)
                parser, warnings = choose_parser(file, name)
                if parser.media_type.startswith("image/"):
                    raise UnsupportedDocument("Pictures in mail are not read.")
                document = parser.open(file, self._limits)
            except UnreadableDocument:
                self._warnings.append("attachment_not_read")
                continue
            self._warnings += warnings
            self._attachments.append(_Attachment(f"Attachment {number}: {name}", self.page_count + 1, document))
            self.page_count += document.page_count
            self._limits.check_pages(self.page_count)

    def _attached_page(self, number: int) -> Page:
        holder = next(one for one in reversed(self._attachments) if one.first <= number)
        inner = number - holder.first + 1
        try:
            (page,) = holder.document.read(inner, inner, lambda _: None)
        except ParserLimit:
            raise
        except UnreadableDocument:
            self._warnings.append("attachment_not_read")
            page = Page(inner, "")
        own = page.name or (f"page {inner}" if holder.document.page_count > 1 else "")
        lines = tuple(replace(line, box=None) for line in page.lines)  # there is no picture for it to lie on
        return Page(number, page.text, lines, name=joined(holder.name, own))


def _header(message: EmailMessage, name: str) -> str:
    """A header as people read it; empty where it is missing or makes no sense."""
    for told, value in message.raw_items():
        if told.lower() == name.lower() and len(value) <= _MOST_HEADER_CHARACTERS:
            try:
                return clean_line(str(policy.default.header_fetch_parse(told, value)))
            except _FAILURES:
                return clean_line(value)
    return ""


def _body(message: EmailMessage) -> MIMEPart | None:
    """The part that people read: plain text where it says anything, else the page."""
    try:
        plain = message.get_body(("plain",))
        if plain is not None and _text(plain).strip():
            return plain
        return message.get_body(("html",)) or plain
    except _FAILURES:
        return None


def _text(part: MIMEPart) -> str:
    data = _data(part)
    try:
        return data.decode(part.get_content_charset() or "utf-8")
    except _FAILURES:  # no such encoding, or another one than it says
        try:
            return decoded(data)
        except UnsupportedDocument:
            return ""


def _data(part: MIMEPart) -> bytes:
    try:
        data = part.get_payload(decode=True)
    except _FAILURES:
        return b""
    return data if isinstance(data, bytes) else b""


def _attachments(message: EmailMessage) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of what is attached, without pictures that are part of the text."""
    try:
        parts = list(islice(message.iter_attachments(), _MOST_ATTACHMENTS + 1))
    except _FAILURES:
        return
    for number, part in enumerate(parts, 1):
        kind = part.get_content_type()
        if kind == "message/rfc822":
            inner = part.get_payload()
            within = inner[0] if isinstance(inner, list) and inner else None
            if isinstance(within, EmailMessage):
                yield f"{_header(within, 'Subject') or f'message {number}'}.eml", within.as_bytes()
        elif not (part.get_content_maintype() == "image" and part.get_content_disposition() != "attachment"):
            yield _name(part, number), _data(part)


def _name(part: MIMEPart, number: int) -> str:
    try:
        told = clean_line(part.get_filename() or "")
    except _FAILURES:
        told = ""
    extension = next((short for short, kind in SHORT_TYPES.items() if kind == part.get_content_type()), "bin")
    return re.split(r"[/\\]", told)[-1][:100] or f"part {number}.{extension}"


def _headers(head: bytes) -> set[str]:
    """The names of the headers that a file begins with, in small letters; none where it begins otherwise."""
    names = set()
    lines = head.decode("latin-1").replace("\r\n", "\n").split("\n")
    for number, line in enumerate(lines):
        if not line.strip():
            break
        found = _HEADER.match(line)
        if found is not None:
            names.add(found[1].lower())
        elif not (line.startswith((" ", "\t")) and number) and not (number == 0 and line.startswith("From ")):
            return names if number == len(lines) - 1 else set()
    return names


class EmlParser:
    """Opens mail."""

    media_type = SHORT_TYPES["eml"]
    title = "mail (.eml)"
    rank = 45
    extensions: frozenset[str] = frozenset()

    def recognises(self, sample: Sample) -> bool:
        """It begins with headers of mail, of which one is written by programs only or it is called .eml."""
        names = _headers(sample.head)
        return len(names & _TELLING) >= 2 and (bool(names & _SURE) or sample.extension == ".eml")

    def may_be_called(self, guessed: str) -> bool:
        """Mail is called .eml, or what a browser calls a page that it saved with its pictures."""
        return guessed in {self.media_type, "message/rfc822", "multipart/related"}

    def open(self, path: Path, limits: Limits) -> EmlDocument:
        """Open the file. Raises a kind of `UnreadableDocument`."""
        return EmlDocument(path, limits)


PARSER = EmlParser()
