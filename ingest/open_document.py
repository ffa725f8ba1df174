"""Text of OpenDocument files: headings, paragraphs, lists, tables, notes and text boxes, told to a flow.

Deleted and hidden text is left out. XML that is nested too deeply was refused before, so recursion ends.
"""

from collections.abc import Iterator

from core.errors import CorruptDocument, PasswordRequired
from ingest.cleaning import clean_line
from ingest.flow import Flow
from ingest.packages import Element, Package
from ingest.tables import Cell

_NAMES = "urn:oasis:names:tc:opendocument:xmlns:"
OFFICE, TEXT, TABLE, DRAW, STYLE = (
    f"{{{_NAMES}{name}:1.0}}" for name in ("office", "text", "table", "drawing", "style")
)
_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_SKIPPED = frozenset(
    {f"{TEXT}tracked-changes", f"{OFFICE}annotation", f"{OFFICE}forms", f"{TEXT}table-of-content", f"{DRAW}object"}
)
_NO_TEXT = frozenset({f"{TEXT}note", f"{TEXT}hidden-text", f"{DRAW}frame", *_SKIPPED})
_MOST_REPEATED = 100  # empty cells and rows are repeated up to the edge of a sheet
_HEADING = 1


def content_of(package: Package) -> Element:
    """The content of a document. Raises `PasswordRequired` where it is encrypted."""
    manifest = "META-INF/manifest.xml"
    if package.has(manifest) and b"encryption-data" in package.read(manifest):
        raise PasswordRequired("The document is protected by a password. Save a copy without one and upload that.")
    return package.tree("content.xml")


def title_of(package: Package) -> str:
    """The title among the properties; empty where there is none."""
    try:
        found = next(package.tree("meta.xml").iter(_TITLE), None) if package.has("meta.xml") else None
    except CorruptDocument:  # the text may still be sound
        return ""
    return clean_line(found.text or "") if found is not None else ""


class OpenText:
    """Tells what stands in a content file; `has_hidden` says whether some was left out."""

    def __init__(self, content: Element) -> None:
        self._hidden = frozenset(
            style.get(f"{STYLE}name", "")
            for style in content.iter(f"{STYLE}style")
            for properties in style.findall(f"{STYLE}text-properties")
            if properties.get(f"{TEXT}display") == "none"
        )
        self.has_hidden = False
        self._notes = 0

    def tell(self, holder: Element, flow: Flow, prefix: str = "") -> None:
        """All blocks of an element in their order; the first line begins with `prefix`."""
        for one in holder:
            if one.tag == f"{TEXT}list":
                self._list(one, flow)
            elif one.tag in {f"{TEXT}h", f"{TEXT}p"}:
                self._paragraph(one, flow, prefix)
                prefix = ""
            elif one.tag == f"{TABLE}table":
                self._table(one, flow)
            elif one.get(f"{TEXT}display") == "none":
                self.has_hidden = True
            elif isinstance(one.tag, str) and one.tag not in _SKIPPED:
                self.tell(one, flow)

    def text(self, holder: Element) -> str:
        """The text of a paragraph as a reader sees it."""
        return "".join(self._parts(holder))

    def _parts(self, holder: Element) -> Iterator[str]:
        if holder.get(f"{TEXT}style-name") in self._hidden:
            self.has_hidden = self.has_hidden or any(part.strip() for part in holder.itertext())
            return
        yield holder.text or ""
        for one in holder:
            if one.tag in {f"{TEXT}s", f"{TEXT}tab"}:
                yield " "
            elif one.tag == f"{TEXT}line-break":
                yield "\n"
            elif isinstance(one.tag, str) and one.tag not in _NO_TEXT:
                yield from self._parts(one)
            yield one.tail or ""

    def _paragraph(self, paragraph: Element, flow: Flow, prefix: str) -> None:
        text = self.text(paragraph)
        level = paragraph.get(f"{TEXT}outline-level", "")
        if paragraph.tag == f"{TEXT}h":
            flow.heading(text, int(level) if level.isdecimal() else _HEADING)
        elif prefix and text.strip():
            flow.item(f"{prefix}{text}")
        else:
            flow.paragraph(text)
        for note in paragraph.iter(f"{TEXT}note"):
            self._note(note, flow)
        for box in paragraph.iter(f"{DRAW}text-box"):
            self.tell(box, flow)

    def _note(self, note: Element, flow: Flow) -> None:
        self._notes += 1
        kind = "Endnote" if note.get(f"{TEXT}note-class") == "endnote" else "Footnote"
        texts = [self.text(one) for body in note.iter(f"{TEXT}note-body") for one in body.iter(f"{TEXT}p")]
        flow.note(f"({self._notes}) {' '.join(texts)}", f"{kind} {self._notes}")

    def _list(self, items: Element, flow: Flow) -> None:
        for item in items:
            self.tell(item, flow, "• ")

    def _table(self, table: Element, flow: Flow) -> None:
        rows = list(_rows(table))
        if all(len(list(_cells(row))) <= 1 for row in rows):
            for row in rows:  # a frame around text
                for cell in _cells(row):
                    self.tell(cell, flow)
            return
        headers = [row for head in table.iter(f"{TABLE}table-header-rows") for row in head]
        flow.grid([list(self._row(row)) for row in rows], len(headers) or None)

    def _row(self, row: Element) -> Iterator[Cell]:
        covered = 0
        for cell in _cells(row):
            repeated = min(number_of(cell, "columns-repeated"), _MOST_REPEATED)
            spanned = number_of(cell, "columns-spanned")
            if cell.tag == f"{TABLE}covered-table-cell" and covered:
                covered = max(covered - repeated, 0)
                continue
            text = " ".join(self.text(one) for one in cell.iter(f"{TEXT}p", f"{TEXT}h"))
            covered = spanned - 1
            yield from [Cell(text, spanned)] * repeated


def _rows(table: Element) -> Iterator[Element]:
    """The rows of a table, not of those within it."""
    for one in table:
        if one.tag == f"{TABLE}table-row":
            is_empty = not "".join(map(str, one.itertext())).strip()
            yield from [one] * (1 if is_empty else min(number_of(one, "rows-repeated"), _MOST_REPEATED))
        elif one.tag in {f"{TABLE}table-header-rows", f"{TABLE}table-rows", f"{TABLE}table-row-group"}:
            yield from _rows(one)


def _cells(row: Element) -> Iterator[Element]:
    return row.iterchildren(f"{TABLE}table-cell", f"{TABLE}covered-table-cell")


def number_of(element: Element, name: str) -> int:
    """How often an element of a table stands there, or over how many it stretches; 1 where it does not say."""
    value = element.get(f"{TABLE}number-{name}", "1")
    return max(1, int(value)) if value.isdecimal() and len(value) < 8 else 1
