"""Text documents of LibreOffice and others (OpenDocument); one page."""

from collections.abc import Callable
from pathlib import Path

from core.errors import EmptyDocument
from core.filters import SHORT_TYPES
from core.values import Page
from ingest.flow import Flow
from ingest.open_document import OFFICE, OpenText, content_of, title_of
from ingest.packages import Package
from ingest.parsers import Limits, Sample


class OdtDocument:
    """A text document, read."""

    page_count = 1

    def __init__(self, path: Path, limits: Limits) -> None:
        package = Package(path)
        flow = Flow(limits)
        try:
            content = content_of(package)
            text = OpenText(content)
            for body in content.iter(f"{OFFICE}text"):
                text.tell(body, flow)
            self.title = title_of(package) or flow.first_heading
            if flow.is_empty and not any(name.startswith("pictures/") for name in package.names()):
                raise EmptyDocument("The document holds no text. Check the original and save it again.")
        finally:
            package.close()
        self.warnings = ("hidden_text",) if text.has_hidden else ()
        self._page = flow.page()

    def read(self, first: int, last: int, on_page: Callable[[int], None]) -> list[Page]:
        """The one page."""
        on_page(last - first + 1)
        return [self._page]

    def close(self) -> None:
        """Nothing is held."""


class OdtParser:
    """Opens text documents."""

    media_type = SHORT_TYPES["odt"]
    title = "OpenDocument text (.odt)"
    rank = 22
    extensions = frozenset({".odt", ".ott"})

    def recognises(self, sample: Sample) -> bool:
        """The package says what it is, a document or a template."""
        return sample.package.removesuffix("-template") == self.media_type

    def may_be_called(self, guessed: str) -> bool:
        """A text document is called .odt."""
        return guessed == self.media_type

    def open(self, path: Path, limits: Limits) -> OdtDocument:
        """Open the file. Raises a kind of `UnreadableDocument`."""
        return OdtDocument(path, limits)


PARSER = OdtParser()
