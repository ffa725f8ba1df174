"""Markdown: its text without marks, under its headings, with lists, code and rows of tables; one page."""

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from core.errors import EmptyDocument
from core.values import Page
from ingest.cleaning import clean_line
from ingest.flow import Flow
from ingest.html import tell_html
from ingest.parsers import Limits, Sample
from ingest.parsers.text import TextDocument, decoded, is_text

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(?P<fields>(?:.*\n){0,200}?)(?:---|\.\.\.)[ \t]*(?:\n|\Z)")
_TITLE = re.compile(r"^title:[ \t]*[\"']?(?P<title>.*?)[\"']?[ \t]*$", re.MULTILINE)
_MOST_BYTES = 3_000_000  # every word of it takes a hundred times its size
_BREAK = re.compile(r"<br\b", re.IGNORECASE)


class MarkdownDocument:
    """A Markdown file, read."""

    page_count = 1

    def __init__(self, path: Path, limits: Limits) -> None:
        limits.check_text(path.stat().st_size // 4)  # no encoding takes more than four bytes for a character
        text = decoded(path.read_bytes()).replace("\r\n", "\n").replace("\r", "\n")
        limits.check_text(len(text))
        self.title = ""
        if front := _FRONT_MATTER.match(text):
            named = _TITLE.search(front["fields"])
            self.title = clean_line(named["title"]) if named else ""
            text = text[front.end() :]
        teller = _Teller(Flow(limits))
        teller.tell(MarkdownIt("commonmark").enable("table").parse(text))
        if teller.flow.is_empty:
            raise EmptyDocument("The file holds no text. Check the original and upload it again.")
        self.title = self.title or teller.flow.first_heading
        self.warnings = ("hidden_text",) if teller.has_hidden else ()
        self._page = teller.flow.page()

    def read(self, first: int, last: int, on_page: Callable[[int], None]) -> list[Page]:
        """The one page."""
        on_page(last - first + 1)
        return [self._page]

    def close(self) -> None:
        """Nothing is held."""


class _Teller:
    """Tells the blocks of a file to a flow."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.has_hidden = False
        self._lists: list[int] = []  # the next number of each open list, 0 for bullets
        self._prefix = ""

    def tell(self, tokens: Sequence[Token]) -> None:
        """All blocks in their order."""
        place = 0
        while place < len(tokens):
            token = tokens[place]
            if token.type == "table_open":
                end = next(n for n in range(place, len(tokens)) if tokens[n].type == "table_close")
                rows = list(_rows(tokens[place:end]))
                self.flow.table(rows, 1)
                place = end
            elif token.type == "heading_open":
                self.flow.heading(_inline(tokens[place + 1]), int(token.tag[1:]))
                place += 1
            else:
                self._block(token)
            place += 1

    def _block(self, token: Token) -> None:
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            self._lists.append(int(token.attrGet("start") or 1) if token.type.startswith("ordered") else 0)
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            self._lists.pop()
        elif token.type == "list_item_open":
            number = self._lists[-1]
            self._prefix = f"{number}. " if number else "• "
            self._lists[-1] += bool(number)
        elif token.type == "inline":
            self._text(_inline(token))
        elif token.type in {"fence", "code_block"}:
            self.flow.paragraph(token.content)
        elif token.type == "html_block":
            self.has_hidden = tell_html(token.content, self.flow).has_hidden or self.has_hidden

    def _text(self, text: str) -> None:
        prefix, self._prefix = self._prefix, ""
        if prefix:
            self.flow.item(prefix + text)
        else:
            self.flow.paragraph(text)


def _rows(tokens: Sequence[Token]) -> Iterator[list[str]]:
    row: list[str] = []
    for token in tokens:
        if token.type == "tr_open":
            row = []
        elif token.type == "inline":
            row.append(_inline(token))
        elif token.type == "tr_close":
            yield row


def _inline(token: Token) -> str:
    """The text of a line without marks; of pictures what stands for them."""
    parts = []
    for one in token.children or ():
        if one.type in {"text", "code_inline", "image"}:
            parts.append(one.content)
        elif one.type == "softbreak":
            parts.append(" ")
        elif one.type == "hardbreak" or (one.type == "html_inline" and _BREAK.match(one.content)):
            parts.append("\n")
    return "".join(parts)


class MarkdownParser:
    """Opens Markdown."""

    media_type = "text/markdown"
    title = "Markdown (.md)"
    rank = 900
    extensions: frozenset[str] = frozenset()

    def recognises(self, sample: Sample) -> bool:
        """Text that is called so: nothing else tells it from plain text."""
        return sample.extension in {".md", ".markdown"} and is_text(sample.head)

    def may_be_called(self, guessed: str) -> bool:
        """Markdown is called .md."""
        return guessed == self.media_type

    def open(self, path: Path, limits: Limits) -> MarkdownDocument | TextDocument:
        """Open the file, one that is too long for this as plain text. Raises a kind of `UnreadableDocument`."""
        is_long = path.stat().st_size > _MOST_BYTES
        return TextDocument(path, limits) if is_long else MarkdownDocument(path, limits)


PARSER = MarkdownParser()
