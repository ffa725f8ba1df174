"""What a reader of an HTML page sees, as text that flows. Nothing is run or fetched; hidden elements are left out."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from core.errors import ParserLimit
from ingest.flow import Flow
from ingest.html_rules import UNSEEN, HidingRules
from ingest.tables import MOST_SPAN, Cell, span_of

_SKIPPED = frozenset(
    {
        "head", "script", "style", "noscript", "template", "svg", "math", "canvas", "iframe", "object", "embed",
        "audio", "video", "select", "option", "datalist", "button", "input", "textarea", "nav", "-comment",
        "dialog", "map",
    }
)  # fmt: skip
_SKIPPED_ROLES = frozenset({"navigation", "search", "menu", "menubar"})
_BLOCKS = frozenset(
    {
        "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "div", "dl", "dt", "fieldset",
        "figcaption", "figure", "footer", "form", "header", "hr", "html", "legend", "li", "main", "ol", "p", "pre",
        "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "caption",
    }
)  # fmt: skip
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_GROUPS = frozenset({"thead", "tbody", "tfoot"})
_WHITE = re.compile(
    r"(?:^|[;\s])color\s*:\s*(?:white|transparent|#fff(?:fff)?|rgb\(\s*255\s*,\s*255\s*,\s*255\s*\))\s*(?:;|!|$)",
    re.IGNORECASE,
)
# A tag with its attributes, or what holds no tags: comments, scripts and the like.
_TAG = re.compile(
    r"<!--.*?(?:-->|\Z)|<(?P<raw>script|style|title|textarea|xmp)\b.*?(?:</(?P=raw)\b|\Z)"
    r"|<(?P<end>/?)(?P<name>[A-Za-z][A-Za-z0-9]*+)(?P<rest>(?:[^>=]++|=\s*+(?:\"[^\"]*+\"|'[^']*+')?)*+)",
    re.IGNORECASE | re.DOTALL,
)
# Elements that need no end tag: nobody can tell from the tags alone how deep they are nested.
_ENDED_BY_OTHERS = frozenset(
    {
        "p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "colgroup", "col", "option", "optgroup",
        "rp", "rt", "html", "head", "body", "area", "base", "br", "embed", "hr", "img", "input", "link", "meta",
        "source", "track", "wbr", "path", "circle", "rect", "line", "polygon", "polyline", "ellipse", "use", "stop",
    }
)  # fmt: skip
_ATTRIBUTE = re.compile(r"[^\s/=][^\s/=]*+\s*+(?:=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s\"'>][^\s>]*+)?)?")
_DEEPEST = 10_000
_LONG_TAG = 2_000  # characters: attributes of shorter ones need not be counted
# The parser compares each attribute of a tag with all before it: so many comparisons, about a second, in a page.
_MOST_COMPARISONS = 100_000_000
_SPACE = re.compile(r"\s+")
# Of cells that reach into rows below, each told again in every one of them: so many characters of a page.
_MOST_REPEATED = 1_000_000


@dataclass(frozen=True, slots=True)
class HtmlText:
    """What stands in the head of a page, and whether hidden text was left out."""

    title: str
    has_hidden: bool


def tell_html(html: str, flow: Flow) -> HtmlText:
    """Tell a page to `flow`: its main part where it names one. Raises `ParserLimit`, also through `flow`."""
    _check(html)
    page = LexborHTMLParser(html)
    title = page.css_first("title")
    body = page.body or page.root
    if body is None:
        return HtmlText("", has_hidden=False)
    styles = "".join(one.text() for one in page.css("style"))
    # No rule, here or elsewhere, gives the page another ground.
    is_white = "background" not in styles and page.css_first("link[rel=stylesheet]") is None
    walk = _Walk(flow, HidingRules.of(styles), is_white=is_white)
    walk.through(_main(body))
    return HtmlText(title.text() if title is not None else "", walk.has_hidden)


class _Walk:
    """Walks through elements without recursion: pages may be nested as deep as they like."""

    def __init__(self, flow: Flow, hiding: HidingRules, *, is_white: bool) -> None:
        self._flow = flow
        self._is_white = is_white
        self._hiding = hiding
        self._grounds: dict[int, bool] = {}
        self._text: list[str] = []
        self._bullets: list[str] = []
        self._counts: list[int] = []
        self._prefix = ""
        self._in_pre = 0
        self._repeatable = _MOST_REPEATED
        self.has_hidden = False

    def through(self, top: LexborNode) -> None:
        """From the start of `top` to its end."""
        node = top
        while True:
            if self._enter(node) and node.first_child is not None:
                node = node.first_child
                continue
            while True:
                self._leave(node)
                if node.mem_id == top.mem_id:
                    self._flush()
                    return
                if node.next is not None:
                    node = node.next
                    break
                parent = node.parent
                if parent is None:
                    self._flush()
                    return
                node = parent

    def _enter(self, node: LexborNode) -> bool:
        """Begin an element; whether what is in it is to be told."""
        tag = node.tag or ""
        if node.is_text_node:
            text = node.text_content or ""
            self._text.append(text if self._in_pre else _SPACE.sub(" ", text))
            return False
        if tag in _SKIPPED or self._is_hidden(node):
            return False
        if tag == "br":
            self._text.append("\n")
        if tag in _BLOCKS or tag in _HEADINGS:
            self._flush()
        if tag == "table":
            return not self._table(node)
        if tag in {"ul", "ol"}:
            self._bullets.append(tag)
            self._counts.append(0)
        elif tag == "li":
            self._prefix = self._bullet()
        elif tag == "pre":
            self._in_pre += 1
        return True

    def _leave(self, node: LexborNode) -> None:
        tag = node.tag or ""
        if tag in _SKIPPED or node.is_text_node or self._is_unseen(node):
            return
        if tag in _HEADINGS:
            text, self._text = "".join(self._text), []
            self._flow.heading(text, _HEADINGS[tag])
        elif tag in _BLOCKS:
            self._flush()
        if tag in {"ul", "ol"} and self._bullets:
            self._bullets.pop()
            self._counts.pop()
        elif tag == "li":
            self._prefix = ""
        elif tag == "pre":
            self._in_pre -= 1

    def _flush(self) -> None:
        text, self._text = "".join(self._text), []
        if not text.strip():
            return
        prefix, self._prefix = self._prefix, ""
        if prefix:
            self._flow.item(f"{prefix} {text.strip()}")
        else:
            self._flow.paragraph(text)

    def _bullet(self) -> str:
        if not self._bullets:
            return "•"
        self._counts[-1] += 1
        return f"{self._counts[-1]}." if self._bullets[-1] == "ol" else "•"

    def _table(self, table: LexborNode) -> bool:
        """Tell a table of data by its rows; false for one that only arranges what is in it."""
        rows = list(_rows(table))
        arranged = table.attributes.get("role") == "presentation" or all(len(cells) <= 1 for _, cells in rows)
        if arranged or any(_holds_table(cell) for _, cells in rows for cell in cells):
            return False
        caption = next((one for one in table.iter() if one.tag == "caption"), None)
        if caption is not None:
            self._flow.title(self._inner(caption))
        heading_rows = 0
        for in_head, cells in rows:
            if not (in_head or all(cell.tag == "th" for cell in cells)):
                break
            heading_rows += 1
        self._flow.grid(self._cells([cells for _, cells in rows]), heading_rows or None)
        return True

    def _cells(self, rows: list[list[LexborNode]]) -> list[list[Cell]]:
        told = []
        below: dict[int, tuple[int, str, int]] = {}
        for cells in rows:
            row: list[Cell] = []
            column = 0
            if self._repeatable < 0:
                below.clear()
            for cell in cells:
                column = self._continued(below, row, column)
                columns, deep = (span_of(cell.attributes.get(name) or "") for name in ("colspan", "rowspan"))
                text = self._inner(cell)
                row.append(Cell(text, columns))
                if deep > 1 and len(below) < MOST_SPAN:
                    below[column] = (deep - 1, text, columns)
                column += columns
            self._continued(below, row, column)
            told.append(row)
        return told

    def _continued(self, below: dict[int, tuple[int, str, int]], row: list[Cell], column: int) -> int:
        """Cells of rows above that reach into this one, from `column` on; the next free column."""
        while column in below:
            left, text, columns = below.pop(column)
            row.append(Cell(text, columns))
            self._repeatable -= len(text) + 1
            if left > 1:
                below[column] = (left - 1, text, columns)
            column += columns
        return column

    def _inner(self, top: LexborNode) -> str:
        """All text of an element that is seen."""
        parts: list[str] = []
        waiting = [top]
        while waiting:
            node = waiting.pop()
            if node.is_text_node:
                parts.append(node.text_content or "")
            elif node.tag not in _SKIPPED and not self._is_hidden(node):
                parts.append(" " if node.tag in _BLOCKS or node.tag == "br" else "")
                waiting += reversed(list(node.iter(include_text=True)))
        return _SPACE.sub(" ", "".join(parts)).strip()

    def _is_hidden(self, node: LexborNode) -> bool:
        unseen = self._is_unseen(node)
        if unseen and not self.has_hidden and node.attributes.get("role") not in _SKIPPED_ROLES:
            self.has_hidden = any(map(str.isalpha, node.text()))
        return unseen

    def _is_unseen(self, node: LexborNode) -> bool:
        given = node.attributes
        if self._hiding.hide(node.tag or "", given):
            return True
        return bool(given) and (
            "hidden" in given
            or given.get("role") in _SKIPPED_ROLES
            or UNSEEN.search(given.get("style") or "") is not None
            or (self._is_white and _WHITE.search(given.get("style") or "") is not None and self._is_on_white(node))
        )

    def _is_on_white(self, node: LexborNode) -> bool:
        """Whether neither the element nor one around it has a ground of its own."""
        passed: list[int] = []
        around: LexborNode | None = node
        is_white = True
        while around is not None:
            known = self._grounds.get(around.mem_id)
            if known is not None or _has_ground(around.attributes):
                is_white = known is True
                passed.append(around.mem_id)
                break
            passed.append(around.mem_id)
            around = around.parent
        self._grounds.update(dict.fromkeys(passed, is_white))
        return is_white


def _check(html: str) -> None:
    """Refuse what takes the parser time that grows with the square of its size."""
    depth = comparisons = 0
    for tag in _TAG.finditer(html):
        if tag["name"] is None:
            continue
        if tag["name"].lower() not in _ENDED_BY_OTHERS:
            depth = max(depth - 1, 0) if tag["end"] else depth + 1
        if len(tag["rest"]) > _LONG_TAG:
            comparisons += sum(1 for _ in _ATTRIBUTE.finditer(tag["rest"])) ** 2 // 2
        if depth > _DEEPEST or comparisons > _MOST_COMPARISONS:
            raise ParserLimit("The page is built in a way that takes too long to read. It may be harmful.")


def _main(body: LexborNode) -> LexborNode:
    """The one main part of a page where it has one with text in it, else all of it."""
    found = body.css("main, [role=main]") or body.css("article")
    return found[0] if len(found) == 1 and found[0].text().strip() else body


def _rows(table: LexborNode) -> Iterator[tuple[bool, list[LexborNode]]]:
    """The rows of a table, not of those within it, and whether they stand in its head."""
    for part in table.iter():
        rows = part.iter() if part.tag in _GROUPS else iter([part])
        for row in rows:
            if row.tag == "tr":
                yield part.tag == "thead", [cell for cell in row.iter() if cell.tag in {"td", "th"}]


def _holds_table(cell: LexborNode) -> bool:
    return cell.css_first("table") is not None


def _has_ground(given: Mapping[str, str | None]) -> bool:
    return "bgcolor" in given or "background" in given or "background" in (given.get("style") or "")
