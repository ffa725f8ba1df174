"""Places in the language of the page: parsers name slides, tables and rows in English, headings stay as they are."""

import re

from core.places import WITHIN
from web.languages import gettext as _

_KNOWN = re.compile(r"(?P<word>[A-Za-z]+)(?P<number> \d+(?:-\d+)?)?(?P<hidden> \(hidden\))?(?P<rest>: .*)?")


def place_words() -> dict[str, str]:
    """What parsers call things, and what the reader calls them; scripts get the same words."""
    return {
        "Slide": _("Slide"),
        "Table": _("Table"),
        "Chart": _("Chart"),
        "Attachment": _("Attachment"),
        "Message": _("Message"),
        "Footnote": _("Footnote"),
        "Endnote": _("Endnote"),
        "Notes": _("Notes"),
        "Header": _("Header"),
        "Footer": _("Footer"),
        "row": _("row"),
        "rows": _("rows"),
        "paragraph": _("paragraph"),
        "paragraphs": _("paragraphs"),
        "hidden": _("hidden"),
    }


def place_name(place: str) -> str:
    """The place, with the words of parsers in the language of the request."""
    words = place_words()
    return WITHIN.join(_named(part, words) for part in place.split(WITHIN))


def _named(part: str, words: dict[str, str]) -> str:
    found = _KNOWN.fullmatch(part)
    if found is None or found["word"] not in words:
        return part
    hidden = f" ({words['hidden']})" if found["hidden"] else ""
    return f"{words[found['word']]}{found['number'] or ''}{hidden}{found['rest'] or ''}"
