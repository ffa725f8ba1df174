"""Styles of a Word document: which paragraphs are headings, which text is hidden, which list a paragraph belongs to."""

import re
from dataclasses import dataclass, replace
from typing import Any

from ingest.packages import Element

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
VALUE = f"{W}val"
_HEADING = re.compile(r"heading (\d)", re.IGNORECASE)
_CONTENTS = re.compile(r"toc \d|table of figures", re.IGNORECASE)
_OFF = frozenset({"0", "false", "off", "none"})
_BODY = 9  # the outline level of what is no heading, ISO 29500-1, 17.3.1.20
_UNSEEN_SIZE = 4  # half points: nobody reads text of two points
_WHITE = "FFFFFF"
_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class Style:
    """What a style says, with all that it inherits; None where it says nothing.

    `level` is 0 for the document's title, 1 and more for headings.
    """

    level: int | None = None
    hidden: bool | None = None
    bold: bool | None = None
    size: int | None = None
    white: bool | None = None
    shaded: bool | None = None  # on a ground of its own, which may be dark
    list_id: str | None = None
    list_level: int | None = None
    contents: bool = False
    heads_table: bool = False  # a table of this style looks different in its first row


_PLAIN = Style()


class Styles:
    """The styles of a document by their ids."""

    def __init__(self, root: Element | None) -> None:
        self._elements = {one.get(f"{W}styleId", ""): one for one in root.iter(f"{W}style")} if root is not None else {}
        self._known: dict[str, Style] = {}

    def of_paragraph(self, paragraph: Element) -> Style:
        """The style of a paragraph with what it says of its own."""
        properties = paragraph.find(f"{W}pPr")
        if properties is None:
            return _PLAIN
        return _with_paragraph(self.named(_value(properties, "pStyle") or ""), properties)

    def of_run(self, run: Element, around: Style) -> Style:
        """The style of a run within a paragraph of the style `around`."""
        properties = run.find(f"{W}rPr")
        if properties is None:
            return around
        own = self.named(_value(properties, "rStyle") or "")
        return _with_run(
            Style(
                hidden=own.hidden if own.hidden is not None else around.hidden,
                bold=own.bold if own.bold is not None else around.bold,
                size=own.size if own.size is not None else around.size,
                white=own.white if own.white is not None else around.white,
                shaded=own.shaded or around.shaded,
            ),
            properties,
        )

    def named(self, style_id: str, depth: int = 0) -> Style:
        """The style with this id; a plain one where there is none."""
        element = self._elements.get(style_id)
        if element is None or depth > _DEEPEST:
            return _PLAIN
        if style_id not in self._known:
            based = self.named(_value(element, "basedOn") or "", depth + 1)
            self._known[style_id] = _read(element, based)
        return self._known[style_id]


def is_hidden(style: Style, *, on_paper: bool = False) -> bool:
    """Whether nobody sees text of this style; white is unseen `on_paper`, not on the ground of a table or a shape."""
    if on_paper and style.white and not style.shaded:
        return True
    return bool(style.hidden) or (style.size is not None and style.size <= _UNSEEN_SIZE)


def _read(element: Element, based: Style) -> Style:
    style = based
    name = _value(element, "name") or ""
    if heading := _HEADING.fullmatch(name):
        style = _changed(style, level=int(heading[1]))
    elif name.casefold() == "title":
        style = _changed(style, level=0)
    if any(one.get(f"{W}type") == "firstRow" for one in element.iter(f"{W}tblStylePr")):
        style = _changed(style, heads_table=True)
    if _CONTENTS.fullmatch(name):
        style = _changed(style, contents=True)
    for part, read in (("pPr", _with_paragraph), ("rPr", _with_run)):
        properties = element.find(f"{W}{part}")
        if properties is not None:
            style = read(style, properties)
    return style


def _with_paragraph(style: Style, properties: Element) -> Style:
    outline = _number(_value(properties, "outlineLvl"))
    if outline is not None:
        style = _changed(style, level=None if outline >= _BODY else outline + 1)
    style = _changed(style, shaded=style.shaded or _is_shaded(properties))
    numbering = properties.find(f"{W}numPr")
    if numbering is not None:
        list_id, level = _value(numbering, "numId"), _number(_value(numbering, "ilvl"))
        style = _changed(
            style,
            list_id=list_id if list_id is not None else style.list_id,
            list_level=level if level is not None else style.list_level,
        )
    return style


def _with_run(style: Style, properties: Element) -> Style:
    size = _number(_value(properties, "sz"))
    hidden = _switch(properties, "vanish")
    bold = _switch(properties, "b")
    colour = properties.find(f"{W}color")
    return _changed(
        style,
        white=colour.get(VALUE, "").upper() == _WHITE if colour is not None else style.white,
        shaded=style.shaded or _is_shaded(properties),
        hidden=hidden if hidden is not None else style.hidden,
        bold=bold if bold is not None else style.bold,
        size=size if size is not None else style.size,
    )


def _is_shaded(properties: Element) -> bool:
    return any(properties.find(f"{W}{name}") is not None for name in ("shd", "highlight"))


def _changed(style: Style, **changes: Any) -> Style:
    return replace(style, **changes)


def _value(element: Element, name: str) -> str | None:
    found = element.find(f"{W}{name}")
    return found.get(VALUE) if found is not None else None


def _switch(properties: Element, name: str) -> bool | None:
    found = properties.find(f"{W}{name}")
    return None if found is None else found.get(VALUE, "1").lower() not in _OFF


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and re.fullmatch(r"\d{1,5}", text) else None
