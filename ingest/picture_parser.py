"""The parser of picture files, one for each format: a page for each frame, its words left to be recognised."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.errors import CorruptDocument
from core.values import Page
from ingest.parsers import Limits, Sample


class PictureDocument:
    """An open picture file."""

    title = ""

    def __init__(self, path: Path, limits: Limits) -> None:
        # Pillow is only needed for pictures, and most children never see one.
        from ingest.pictures import PictureFile  # noqa: PLC0415

        self._file = PictureFile(path, limits.max_image_pixels)
        self._warnings: tuple[str, ...] = ()
        self.page_count = self._file.frames(limits.max_pages)
        limits.check_pages(self.page_count)

    @property
    def warnings(self) -> tuple[str, ...]:
        """`damaged` where a frame cannot be unpacked."""
        return self._warnings

    def read(self, first: int, last: int, on_page: Callable[[int], None]) -> list[Page]:
        """Pages `first` to `last`, without their words. Raises `CorruptDocument` where the only one is damaged."""
        pages = []
        for number in range(first, last + 1):
            pages.append(self._page(number))
            on_page(number - first + 1)
        return pages

    def _page(self, number: int) -> Page:
        try:
            self._file.unpack(number)
        except CorruptDocument:
            if self.page_count == 1:
                raise
            self._warnings = ("damaged",)
            return Page(number, "")
        width, height = self._file.size(number)
        return Page(number, "", width=round(width, 2), height=round(height, 2), scanned=True)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


@dataclass(frozen=True, slots=True)
class PictureParser:
    """Opens picture files of one format."""

    media_type: str
    title: str
    signatures: tuple[bytes, ...]
    extensions: frozenset[str]
    mark: bytes = b""  # stands at the ninth byte
    rank: int = 20

    def recognises(self, sample: Sample) -> bool:
        """By its first bytes."""
        return sample.head.startswith(self.signatures) and sample.head[8:].startswith(self.mark)

    def may_be_called(self, guessed: str) -> bool:
        """Only its own name."""
        return guessed == self.media_type

    def open(self, path: Path, limits: Limits) -> PictureDocument:
        """Open the file. Raises a kind of `UnreadableDocument`."""
        return PictureDocument(path, limits)
