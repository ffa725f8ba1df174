"""Presentations of LibreOffice and others (OpenDocument): a page for each slide."""

from collections.abc import Callable, Iterator
from pathlib import Path

from core.errors import EmptyDocument
from core.filters import SHORT_TYPES
from core.values import Page
from ingest.flow import Flow
from ingest.open_document import DRAW, TABLE, TEXT, OpenText, content_of, title_of
from ingest.packages import Element, Package
from ingest.parsers import Limits, Sample

_CLASS = "{urn:oasis:names:tc:opendocument:xmlns:presentation:1.0}class"
_NOTES = "{urn:oasis:names:tc:opendocument:xmlns:presentation:1.0}notes"
_SAME_ON_ALL = frozenset({"header", "footer", "date-time", "page-number", "page"})


class OdpDocument:
    """A presentation, read."""

    def __init__(self, path: Path, limits: Limits) -> None:
        package = Package(path)
        try:
            content = content_of(package)
            self.title = title_of(package)
        finally:
            package.close()
        self._limits = limits
        self._text = OpenText(content)
        self._slides = list(content.iter(f"{DRAW}page"))
        self.page_count = len(self._slides)
        limits.check_pages(self.page_count)
        if not self._slides:
            raise EmptyDocument("The presentation has no slides. Check the original and save it again.")

    @property
    def warnings(self) -> tuple[str, ...]:
        """`hidden_text` where some was left out."""
        return ("hidden_text",) if self._text.has_hidden else ()

    def read(self, first: int, last: int, on_page: Callable[[int], None]) -> list[Page]:
        """Slides `first` to `last`."""
        pages = []
        for number in range(first, last + 1):
            pages.append(self._page(number))
            on_page(number - first + 1)
        return pages

    def close(self) -> None:
        """Nothing is held."""

    def _page(self, number: int) -> Page:
        slide = self._slides[number - 1]
        flow = Flow(self._limits, number=number, name=f"Slide {number}")
        frames = [one for one in _frames(slide) if one.get(_CLASS) not in _SAME_ON_ALL]
        for frame in sorted(frames, key=lambda frame: frame.get(_CLASS) != "title"):
            if frame.get(_CLASS) == "title":
                flow.heading(" ".join(self._text.text(one) for one in frame.iter(f"{TEXT}p")), 1)
            else:
                self._text.tell(frame, flow)
        for notes in slide.iterchildren(_NOTES):
            frames = [one for one in _frames(notes) if one.get(_CLASS) == "notes"]
            if any(self._text.text(one).strip() for frame in frames for one in frame.iter(f"{TEXT}p")):
                flow.aside("Notes")
                for frame in frames:
                    self._text.tell(frame, flow)
        return flow.page()


def _frames(slide: Element) -> Iterator[Element]:
    """What is drawn on a slide, within groups too, without its notes."""
    for one in slide:
        if one.tag == f"{DRAW}g":
            yield from _frames(one)
        elif (isinstance(one.tag, str) and one.tag.startswith(DRAW)) or one.tag == f"{TABLE}table":
            yield one


class OdpParser:
    """Opens presentations."""

    media_type = SHORT_TYPES["odp"]
    title = "OpenDocument slides (.odp)"
    rank = 23
    extensions = frozenset({".odp", ".otp"})

    def recognises(self, sample: Sample) -> bool:
        """The package says what it is, a presentation or a template."""
        return sample.package.removesuffix("-template") == self.media_type

    def may_be_called(self, guessed: str) -> bool:
        """A presentation is called .odp."""
        return guessed == self.media_type

    def open(self, path: Path, limits: Limits) -> OdpDocument:
        """Open the file. Raises a kind of `UnreadableDocument`."""
        return OdpDocument(path, limits)


PARSER = OdpParser()
