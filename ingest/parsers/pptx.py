"""PowerPoint presentations: a page for each slide with its title, text, tables, charts' values and notes.

Hidden shapes are left out; hidden slides are read and named so. Pictures, sounds and embedded files are not opened.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from core.errors import ArchivarError, CorruptDocument, EmptyDocument
from core.values import Page
from ingest.drawings import A, C, chart_rows, chart_title, paragraphs, table_rows
from ingest.flow import Flow
from ingest.packages import CHOICE, SLIDES, Element, Package
from ingest.parsers import Limits, Sample

_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}relIds"
_TITLES = frozenset({"title", "ctrTitle"})
_SAME_ON_ALL = frozenset({"sldNum", "dt", "ftr", "hdr", "sldImg"})
_GROUPS = frozenset({f"{_P}spTree", f"{_P}grpSp", CHOICE})


class PptxDocument:
    """An open presentation."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._limits = limits
        self._package = Package(path)
        self._warnings: list[str] = []
        try:
            self._slides = self._in_order()
            self.title = self._package.title() or self._first_title()
            limits.check_pages(len(self._slides))
            if not self._slides:
                raise EmptyDocument("The presentation has no slides. Check the original and save it again.")
        except ArchivarError:
            self._package.close()
            raise
        self.page_count = len(self._slides)

    @property
    def warnings(self) -> tuple[str, ...]:
        """`damaged` and `hidden_text`, each once."""
        return tuple(dict.fromkeys(self._warnings))

    def read(self, first: int, last: int, on_page: Callable[[int], None]) -> list[Page]:
        """Slides `first` to `last`."""
        pages = []
        for number in range(first, last + 1):
            pages.append(self._page(number))
            on_page(number - first + 1)
        return pages

    def close(self) -> None:
        """Close the file."""
        self._package.close()

    def _in_order(self) -> list[str]:
        main = next(iter(self._package.related("", "officeDocument")), "ppt/presentation.xml")
        relations = self._package.relations(main)
        ids = [one.get(f"{_R}id", "") for one in self._package.tree(main).iter(f"{_P}sldId")]
        return [relations[one].target for one in ids if one in relations]

    def _first_title(self) -> str:
        try:
            shapes = list(self._shapes(self._package.tree(self._slides[0]))) if self._slides else []
        except CorruptDocument:
            return ""
        return next((" ".join(paragraphs(shape)) for shape in shapes if _placeholder(shape) in _TITLES), "")

    def _page(self, number: int) -> Page:
        part = self._slides[number - 1]
        try:
            slide = self._package.tree(part)
        except CorruptDocument:
            self._warnings.append("damaged")
            return Page(number, "", name=f"Slide {number}")
        hidden = slide.get("show") in {"0", "false"}
        flow = Flow(self._limits, number=number, name=f"Slide {number} (hidden)" if hidden else f"Slide {number}")
        shapes = list(self._shapes(slide))
        for shape in sorted(shapes, key=lambda shape: _placeholder(shape) not in _TITLES):
            self._tell(flow, part, shape)
        for notes in self._package.related(part, "notesSlide"):
            self._notes(flow, notes)
        return flow.page()

    def _notes(self, flow: Flow, part: str) -> None:
        texts = [
            text
            for shape in self._shapes(self._package.tree(part))
            if _placeholder(shape) not in _SAME_ON_ALL
            for text in paragraphs(shape)
        ]
        if texts:
            flow.aside("Notes")
            flow.paragraph("\n".join(texts))

    def _shapes(self, slide: Element) -> Iterator[Element]:
        """The shapes of a slide in their order, those within groups too; of alternatives the first."""
        tree = slide.find(f"{_P}cSld/{_P}spTree")
        waiting = [tree] if tree is not None else []
        while waiting:
            one = waiting.pop()
            if _is_hidden(one):
                if next(paragraphs(one), ""):
                    self._warnings.append("hidden_text")
            elif one.tag in _GROUPS:
                waiting += reversed(one)
            elif (choice := one.find(CHOICE)) is not None:
                waiting.append(choice)
            elif one.tag in {f"{_P}sp", f"{_P}graphicFrame"}:
                yield one

    def _tell(self, flow: Flow, part: str, shape: Element) -> None:
        kind = _placeholder(shape)
        if kind in _SAME_ON_ALL:
            return
        if kind in _TITLES:
            flow.heading(" ".join(paragraphs(shape)), 1)
            return
        for table in shape.iter(f"{A}tbl"):
            flow.grid(*table_rows(table))
        for chart in shape.iter(f"{C}chart"):
            self._chart(flow, part, chart.get(f"{_R}id", ""))
        for diagram in shape.iter(_DIAGRAM):
            self._diagram(flow, part, diagram.get(f"{_R}dm", ""))
        if shape.tag == f"{_P}sp":
            flow.paragraph("\n".join(paragraphs(shape)))

    def _chart(self, flow: Flow, part: str, relation: str) -> None:
        chart = self._related(part, relation)
        if chart is not None:
            flow.title(chart_title(chart))
            rows = chart_rows(chart)
            if rows:
                flow.grid(rows, 1, "Chart")

    def _diagram(self, flow: Flow, part: str, relation: str) -> None:
        diagram = self._related(part, relation)
        if diagram is not None:
            flow.paragraph("\n".join(paragraphs(diagram)))

    def _related(self, part: str, relation: str) -> Element | None:
        found = self._package.relations(part).get(relation)
        if found is None or not self._package.has(found.target):
            return None
        try:
            return self._package.tree(found.target)
        except CorruptDocument:
            self._warnings.append("damaged")
            return None


def _placeholder(shape: Element) -> str:
    found = shape.find(f"{_P}nvSpPr/{_P}nvPr/{_P}ph")
    return found.get("type", "body") if found is not None else ""


def _is_hidden(shape: Element) -> bool:
    properties = next(iter(shape), None)
    told = properties.find(f"{_P}cNvPr") if properties is not None else None
    return told is not None and told.get("hidden") in {"1", "true"}


class PptxParser:
    """Opens presentations."""

    media_type = SLIDES
    title = "PowerPoint (.pptx)"
    rank = 21
    extensions = frozenset({".pptx", ".pptm", ".ppsx"})

    def recognises(self, sample: Sample) -> bool:
        """The package says what it is."""
        return sample.package == SLIDES

    def may_be_called(self, guessed: str) -> bool:
        """A presentation is called .pptx."""
        return guessed == self.media_type

    def open(self, path: Path, limits: Limits) -> PptxDocument:
        """Open the file. Raises a kind of `UnreadableDocument`."""
        return PptxDocument(path, limits)


PARSER = PptxParser()
