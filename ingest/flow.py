"""Text that flows, without pages of its own, gathered into one page: headings, paragraphs, lists and rows of tables.

Each line says its place: the headings it stands under, and its row in a table; before the first heading its paragraph.
"""

from collections import Counter
from collections.abc import Sequence

from core.places import WITHIN, joined
from core.values import Line, Page
from ingest.cleaning import clean_line
from ingest.parsers import Limits
from ingest.tables import Cell, laid_out, table_lines

_MOST_PATH_CHARACTERS = 140  # of a place, so that there is room for the row of a table
_MOST_HEADING_CHARACTERS = 90
_LONGEST_HEADING = 300  # characters: longer ones are paragraphs that somebody made large


class Flow:
    """Takes the parts of a document in their order. Raises `ParserLimit` when they are too much."""

    def __init__(self, limits: Limits, *, number: int = 1, name: str = "") -> None:
        self._limits = limits
        self._number, self._name = number, name
        self._parts: list[str] = []
        self._lines: list[Line] = []
        self._length = 0
        self._above: list[tuple[int, str]] = []
        self._paragraphs = 0
        self._counts: Counter[str] = Counter()
        self._aside = ""
        self._ended = False  # what follows stands apart
        self.first_heading = ""

    def heading(self, text: str, level: int) -> None:
        """A heading; `level` counts from 1, what stands under it has a higher one."""
        text = clean_line(text)
        if not text:
            return
        if len(text) > _LONGEST_HEADING:
            self.paragraph(text)
            return
        self._above = [one for one in self._above if one[0] < level] + [(level, text)]
        self.first_heading = self.first_heading or text
        self._add(text, self._path(), heading=True, apart=True)
        self._ended = True

    def title(self, text: str) -> None:
        """What titles the lines that follow without being part of the outline, such as the caption of a table."""
        if text := clean_line(text):
            self._add(text, self._place(), heading=True, apart=True)

    def paragraph(self, text: str) -> None:
        """A paragraph; its line breaks stay."""
        lines = [line for line in map(clean_line, text.split("\n")) if line]
        if lines:
            self._paragraphs += 1
        for number, line in enumerate(lines):
            self._add(line, self._place(), apart=not number)

    def item(self, text: str) -> None:
        """An entry of a list, or a line of code: close to those around it."""
        self._paragraphs += 1
        for line in filter(None, map(clean_line, text.split("\n"))):
            self._add(line, self._place())

    def table(self, rows: Sequence[Sequence[str]], heading_rows: int | None = None) -> None:
        """A table by its rows; `heading_rows` as in `table_lines`."""
        self.grid([[Cell(cell) for cell in cells] for cells in rows], heading_rows)

    def grid(self, rows: Sequence[Sequence[Cell]], heading_rows: int | None = None, kind: str = "Table") -> None:
        """A table, or another `kind` of thing with rows, whose cells may stretch over columns."""
        cleaned = [[Cell(clean_line(cell.text), cell.columns) for cell in cells] for cells in rows]
        laid = laid_out(cleaned, heading_rows)
        self._counts[kind] += 1
        here = joined(self._aside or self._path(), f"{kind} {self._counts[kind]}")
        if laid.caption:
            self._add(laid.caption, here, heading=True, apart=True)
        for number, line in enumerate(table_lines(laid.rows, laid.heading_rows, laid.first)):
            self._add(line.text, joined(here, f"row {line.row}"), apart=not (number or laid.caption))
        self._ended = True

    def note(self, text: str, place: str) -> None:
        """A note to the paragraph before, such as `Footnote 3`."""
        if text := clean_line(text):
            self._add(text, joined(self._place(), place))

    def aside(self, place: str) -> None:
        """What follows stands outside of the text, such as `Header`."""
        self._aside = place
        self._above = []

    @property
    def is_empty(self) -> bool:
        """Whether nothing was taken yet."""
        return not self._lines

    def page(self) -> Page:
        """All of it as a page."""
        return Page(self._number, "".join(self._parts), tuple(self._lines), name=self._name)

    def _add(self, text: str, place: str, *, heading: bool = False, apart: bool = False) -> None:
        gap = "" if not self._lines else "\n\n" if apart or self._ended else "\n"
        self._ended = False
        start = self._length + len(gap)
        self._parts += (gap, text)
        self._length = start + len(text)
        self._limits.check_text(self._length)
        self._lines.append(Line(start, self._length, None, heading, place))

    def _place(self) -> str:
        if self._aside:
            return self._aside
        return self._path() or ("" if self._name else f"paragraph {max(self._paragraphs, 1)}")

    def _path(self) -> str:
        """The headings above, outermost first; the first ones are left out where they are too long together."""
        names = [name[:_MOST_HEADING_CHARACTERS] for _, name in self._above]
        kept = list(names)
        while len(kept) > 1 and len(WITHIN.join(kept)) > _MOST_PATH_CHARACTERS:
            kept.pop(0)
        return WITHIN.join(kept if len(kept) == len(names) else ["…", *kept])
