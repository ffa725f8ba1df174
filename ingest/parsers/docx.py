"""Word documents: the text as its readers see it, with headings, lists, tables, notes and text boxes; one page.

Insertions are read as text, deletions and hidden text are not. Pictures, macros and embedded files are not opened.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from core.errors import EmptyDocument
from core.values import Page
from ingest.cleaning import clean_line
from ingest.flow import Flow
from ingest.headings import could_title
from ingest.packages import CHOICE, WORD, Element, Package
from ingest.parsers import Limits, Sample
from ingest.tables import Cell, span_of
from ingest.word_numbering import Numbering
from ingest.word_styles import Style, Styles, W, is_hidden

_ALTERNATIVES = "{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent"
_MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_MAIN = "officeDocument"
_HOLDER_NAMES = ("sdt", "sdtContent", "customXml", "smartTag", "ins", "moveTo", "hyperlink", "fldSimple", "dir", "bdo")
_HOLDERS = frozenset(W + name for name in _HOLDER_NAMES)
_BREAKS = {f"{W}br": "\n", f"{W}cr": "\n", f"{W}tab": " ", f"{W}ptab": " ", f"{W}noBreakHyphen": "-"}
_DRAWINGS = (f"{W}drawing", f"{W}pict", f"{W}object")
_NOTES = {f"{W}footnoteReference": "Footnote", f"{W}endnoteReference": "Endnote"}
_DEEPEST_TABLE = 5
_BOLD_HEADING_LEVEL = 1
_FIRST_ROW = 0x20


class DocxDocument:
    """A Word document, read."""

    page_count = 1

    def __init__(self, path: Path, limits: Limits) -> None:
        package = Package(path)
        try:
            reader = _Reader(package, limits)
            self._page = reader.read()
            self.title = package.title() or reader.first_heading
            self.warnings = reader.warnings
            if not self._page.text and not any("/media/" in name for name in package.names()):
                raise EmptyDocument("The document holds no text. Check the original and save it again.")
        finally:
            package.close()

    def read(self, first: int, last: int, on_page: Callable[[int], None]) -> list[Page]:
        """The one page."""
        on_page(last - first + 1)
        return [self._page]

    def close(self) -> None:
        """Nothing is held."""


class _Reader:
    """Walks through the parts of a document in the order in which they are read."""

    def __init__(self, package: Package, limits: Limits) -> None:
        self._package = package
        self._main = next(iter(package.related("", _MAIN)), "word/document.xml")
        self._flow = Flow(limits)
        self._styles = Styles(self._related("styles"))
        self._numbering = Numbering(self._related("numbering"))
        self._notes = {
            "Footnote": _by_id(self._related("footnotes"), "footnote"),
            "Endnote": _by_id(self._related("endnotes"), "endnote"),
        }
        self._told = dict.fromkeys(self._notes, 0)
        self._has_hidden = False
        self._is_paper = True  # white, that is
        self._has_headings = False

    @property
    def warnings(self) -> tuple[str, ...]:
        """`hidden_text` where some was left out."""
        return ("hidden_text",) if self._has_hidden else ()

    @property
    def first_heading(self) -> str:
        """What titles the document where its properties do not."""
        return self._flow.first_heading

    def read(self) -> Page:
        """All text: the body, then headers and footers, each once."""
        root = self._package.tree(self._main)
        body = root.find(f"{W}body")
        self._is_paper = root.find(f"{W}background") is None
        if body is not None:
            self._has_headings = any(self._styles.of_paragraph(one).level for one in body.iter(f"{W}p"))
            self._blocks(body)
        for kind in ("header", "footer"):
            self._aside(kind)
        return self._flow.page()

    def _related(self, kind: str) -> Element | None:
        found = self._package.related(self._main, kind)
        return self._package.tree(found[0]) if found else None

    def _aside(self, kind: str) -> None:
        texts: dict[str, None] = {}
        for part in self._package.related(self._main, kind):
            for paragraph in self._package.tree(part).iter(f"{W}p"):
                text = clean_line(self._text(paragraph, self._styles.of_paragraph(paragraph), []))
                if any(map(str.isalpha, text)):
                    texts[text] = None
        if texts:
            self._flow.aside(kind.capitalize())
            self._flow.paragraph("\n".join(texts))

    def _blocks(self, holder: Element, depth: int = 0) -> None:
        for block in _children(holder):
            if block.tag == f"{W}p":
                self._paragraph(block, depth)
            elif block.tag == f"{W}tbl":
                self._table(block, depth)

    def _paragraph(self, paragraph: Element, depth: int = 0) -> None:
        style = self._styles.of_paragraph(paragraph)
        drawn: list[Element] = []
        text = self._text(paragraph, style, drawn, on_paper=self._is_paper and depth == 0)
        boxes = [box for one in drawn for box in _boxes(one)]
        if text.strip() and not style.contents:
            self._tell(paragraph, style, text)
        for one in drawn:
            if kind := _NOTES.get(str(one.tag)):
                self._note(kind, one.get(f"{W}id", ""))
        for box in boxes:
            if depth < _DEEPEST_TABLE:
                self._blocks(box, depth + 1)

    def _tell(self, paragraph: Element, style: Style, text: str) -> None:
        label = self._numbering.label(style.list_id, style.list_level)
        labelled = f"{label} {text}" if label else text
        level = style.level
        if level is None and not self._has_headings and not label and self._is_bold_heading(paragraph, style, text):
            level = _BOLD_HEADING_LEVEL
        if level is not None:
            self._flow.heading(labelled, level)
        elif label:
            self._flow.item(labelled)
        else:
            self._flow.paragraph(text)

    def _is_bold_heading(self, paragraph: Element, style: Style, text: str) -> bool:
        """Where nobody used headings, short lines in bold stand for them."""
        if not could_title(clean_line(text)):
            return False
        runs = [run for run in paragraph.iter(f"{W}r") if run.find(f"{W}t") is not None]
        return all(self._styles.of_run(run, style).bold for run in runs)

    def _note(self, kind: str, note_id: str) -> None:
        note = self._notes[kind].get(note_id)
        if note is None:
            return
        self._told[kind] += 1
        number = self._told[kind]
        texts = [self._text(one, self._styles.of_paragraph(one), []) for one in note.iter(f"{W}p")]
        if text := clean_line(" ".join(texts)):
            self._flow.note(f"({number}) {text}", f"{kind} {number}")

    def _text(self, holder: Element, style: Style, drawn: list[Element], *, on_paper: bool = False) -> str:
        """The text of a paragraph; drawings and references to notes in it go to `drawn`."""
        parts: list[str] = []
        waiting = [holder]
        while waiting:
            one = waiting.pop()
            if one is holder or one.tag in _HOLDERS:
                waiting += reversed(list(_within(one)))
            elif one.tag == f"{W}r":
                if is_hidden(self._styles.of_run(one, style), on_paper=on_paper):
                    self._has_hidden = self._has_hidden or any(t.text for t in one.iter(f"{W}t"))
                else:
                    parts += _run(one, drawn)
            elif one.tag == _MATH_TEXT:
                parts.append(one.text or "")
            elif isinstance(one.tag, str) and "/math}" in one.tag:
                waiting += reversed(list(one))
        return "".join(parts)

    def _table(self, table: Element, depth: int) -> None:
        rows = [row for row in _children(table) if row.tag == f"{W}tr" and not _is_deleted(row)]
        cells = [[cell for cell in _children(row) if cell.tag == f"{W}tc"] for row in rows]
        if depth >= _DEEPEST_TABLE:
            for paragraph in table.iter(f"{W}p"):
                self._paragraph(paragraph, depth)
            return
        if all(len(row) <= 1 for row in cells):
            for row in cells:  # a frame around text
                for cell in row:
                    self._blocks(cell, depth + 1)
            return
        above: dict[int, str] = {}
        nested: list[Element] = []
        told = [self._row(row, above, nested) for row in cells]
        self._flow.grid(told, self._heading_rows(table, rows) if len(rows) > 1 else None)
        for one in nested:
            self._table(one, depth + 1)

    def _heading_rows(self, table: Element, rows: list[Element]) -> int | None:
        """How many rows head the table: those that are repeated on each page, or the first where it looks different."""
        repeated = sum(1 for row in rows if row.find(f"{W}trPr/{W}tblHeader") is not None)
        style, look = table.find(f"{W}tblPr/{W}tblStyle"), table.find(f"{W}tblPr/{W}tblLook")
        styled = style is not None and self._styles.named(style.get(f"{W}val", "")).heads_table
        different = self._is_bold(rows[0]) and not self._is_bold(rows[1])
        return repeated or (1 if different or (styled and look is not None and _looks_first(look)) else None)

    def _is_bold(self, row: Element) -> bool:
        runs = [
            self._styles.of_run(run, self._styles.of_paragraph(paragraph))
            for paragraph in row.iter(f"{W}p")
            for run in paragraph.iter(f"{W}r")
            if run.find(f"{W}t") is not None
        ]
        return bool(runs) and all(style.bold for style in runs)

    def _row(self, cells: list[Element], above: dict[int, str], nested: list[Element]) -> list[Cell]:
        """The cells of a row; one that goes on from the row above holds the same."""
        row = []
        column = 0
        for cell in cells:
            properties = cell.find(f"{W}tcPr")
            span = _span(properties)
            merged = properties.find(f"{W}vMerge") if properties is not None else None
            if merged is not None and merged.get(f"{W}val", "continue") == "continue":
                text = above.get(column, "")
            else:
                text = self._cell(cell, nested)
            above[column] = text
            row.append(Cell(text, span))
            column += span
        return row

    def _cell(self, cell: Element, nested: list[Element]) -> str:
        texts = []
        for block in _children(cell):
            if block.tag == f"{W}p":
                style = self._styles.of_paragraph(block)
                drawn: list[Element] = []
                label = self._numbering.label(style.list_id, style.list_level) if style.list_id else ""
                texts.append(f"{label} {self._text(block, style, drawn)}".strip())
                boxes = (box for one in drawn for box in _boxes(one))
                inner = [one for box in boxes for one in box.iter(f"{W}p")]
                texts += [self._text(one, self._styles.of_paragraph(one), []) for one in inner]
            elif block.tag == f"{W}tbl":
                nested.append(block)
        return " ".join(filter(None, texts))


def _children(holder: Element) -> Iterator[Element]:
    """Blocks, rows or cells, those within controls and insertions too."""
    for one in holder:
        if one.tag in _HOLDERS:
            yield from _children(one)
        elif one.tag == _ALTERNATIVES:
            choice = one.find(CHOICE)
            if choice is not None:
                yield from _children(choice)
        elif isinstance(one.tag, str):
            yield one


def _within(holder: Element) -> Iterator[Element]:
    """What a paragraph holds, of alternatives the first."""
    for one in holder:
        if one.tag == _ALTERNATIVES:
            choice = one.find(CHOICE)
            if choice is not None:
                yield from choice
        elif isinstance(one.tag, str):
            yield one


def _run(run: Element, drawn: list[Element]) -> Iterator[str]:
    for one in _within(run):
        if one.tag == f"{W}t":
            yield one.text or ""
        elif one.tag in _BREAKS:
            yield _BREAKS[str(one.tag)]
        elif one.tag in _DRAWINGS or one.tag in _NOTES:
            drawn.append(one)


def _boxes(drawing: Element) -> Iterator[Element]:
    """The contents of the text boxes of a drawing, not of those within them; of alternatives the first."""
    waiting = [drawing]
    while waiting:
        one = waiting.pop()
        if one.tag == f"{W}txbxContent":
            yield one
        else:
            waiting += reversed(list(_within(one)))


def _by_id(root: Element | None, name: str) -> dict[str, Element]:
    return {one.get(f"{W}id", ""): one for one in root.iter(f"{W}{name}")} if root is not None else {}


def _looks_first(look: Element) -> bool:
    """Whether a table uses what its style says of the first row; written in two ways, ISO 29500-4, 14.5.2."""
    bits = look.get(f"{W}val", "0")
    return look.get(f"{W}firstRow") in {"1", "true", "on"} or bool(
        re.fullmatch(r"[0-9A-Fa-f]{1,4}", bits) and int(bits, 16) & _FIRST_ROW
    )


def _is_deleted(row: Element) -> bool:
    return row.find(f"{W}trPr/{W}del") is not None


def _span(properties: Element | None) -> int:
    found = properties.find(f"{W}gridSpan") if properties is not None else None
    return span_of(found.get(f"{W}val", "1")) if found is not None else 1


class DocxParser:
    """Opens Word documents."""

    media_type = WORD
    title = "Word (.docx)"
    rank = 20
    extensions = frozenset({".docx", ".docm", ".dotx"})

    def recognises(self, sample: Sample) -> bool:
        """The package says what it is."""
        return sample.package == WORD

    def may_be_called(self, guessed: str) -> bool:
        """A Word document is called .docx."""
        return guessed == self.media_type

    def open(self, path: Path, limits: Limits) -> DocxDocument:
        """Open the file. Raises a kind of `UnreadableDocument`."""
        return DocxDocument(path, limits)


PARSER = DocxParser()
