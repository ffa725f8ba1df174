"""Finds every text that pages say, in templates and in Python. What translations must be like is decided elsewhere."""

import io
from collections.abc import Iterator

from babel.messages.extract import extract
from jinja2.ext import babel_extract

from core.settings import ROOT

# `forms` of `web.words` marks a text and its plural, as `ngettext` does.
_KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "forms": (1, 2)}
_OPTIONS = {"trimmed": "true", "silent": "false", "newstyle_gettext": "true"}
Phrase = str | tuple[str, str]


def extracted() -> set[Phrase]:
    """Each text once; a text with a plural is a pair."""
    return set(_all())


def _all() -> Iterator[Phrase]:
    for path in [*sorted((ROOT / "web").rglob("*.py")), ROOT / "llm" / "plan_words.py"]:
        yield from _of(path.read_bytes(), "python")
    for path in sorted((ROOT / "web" / "templates").glob("*.html")):
        yield from _of(path.read_bytes(), babel_extract)


def _of(source: bytes, method: object) -> Iterator[Phrase]:
    found = extract(method, io.BytesIO(source), _KEYWORDS, options=_OPTIONS)  # type: ignore[arg-type]
    for _line, message, _comments, _context in found:
        yield message if isinstance(message, str) else (message[0], message[1])
