"""What a file format has to offer, and which formats there are: every module of this package that has a `PARSER`.

A new format is a new module here. Parsers run in the parser child only and import nothing heavy.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Protocol

from core.errors import ParserLimit
from core.values import Page


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a document is read, and how large a picture of a page may be."""

    max_pages: int
    max_text_chars: int
    max_image_pixels: int

    def check_pages(self, pages: int) -> None:
        """Raise `ParserLimit` when a document has more pages than are read."""
        if pages > self.max_pages:
            raise ParserLimit(
                f"The document has {pages:,} pages and at most {self.max_pages:,} are read. "
                "Split it, or ask the operator to raise ARCHIVAR_MAX_PAGES."
            )

    def check_text(self, characters: int) -> None:
        """Raise `ParserLimit` when a document has more text than is read."""
        if characters > self.max_text_chars:
            raise ParserLimit(
                f"The document has more than {self.max_text_chars:,} characters of text. "
                "Split it, or ask the operator to raise ARCHIVAR_MAX_TEXT_CHARS."
            )


@dataclass(frozen=True, slots=True)
class Sample:
    """What the format of a file is told from: how it starts, what a package says that it is, and what it is called.

    `package` is the media type of the office document in a ZIP file, `extension` in small letters with its dot.
    """

    head: bytes
    package: str = ""
    extension: str = ""


class OpenDocument(Protocol):
    """A document whose pages can be read in portions."""

    @property
    def title(self) -> str:
        """The title that the file itself gives, often empty."""
        ...

    @property
    def page_count(self) -> int:
        """Number of pages, at least 1."""
        ...

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was noticed so far, as codes such as `damaged`."""
        ...

    def read(self, first: int, last: int, on_page: Callable[[int], None]) -> list[Page]:
        """Pages `first` to `last` (from 1, both included); `on_page` is told how many are done."""
        ...

    def close(self) -> None:
        """Give back what the document holds."""
        ...


class Parser(Protocol):
    """Opens files of one format."""

    media_type: str
    title: str  # how people are told that this can be read
    rank: int  # parsers are asked in this order; the one for plain text, which takes nearly anything, comes last
    extensions: frozenset[str]  # files so called are tried even when the content is not recognised: they may be damaged

    def recognises(self, sample: Sample) -> bool:
        """Whether the file is of this format."""
        ...

    def may_be_called(self, guessed: str) -> bool:
        """Whether a file of this format may have a name that suggests the media type `guessed`."""
        ...

    def open(self, path: Path, limits: Limits) -> OpenDocument:
        """Open the file. Raises a kind of `UnreadableDocument`."""
        ...


@cache
def all_parsers() -> tuple[Parser, ...]:
    """Every parser, in the order in which they are asked."""
    modules = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]
    parsers: list[Parser] = [module.PARSER for module in modules]
    return tuple(sorted(parsers, key=lambda parser: parser.rank))
