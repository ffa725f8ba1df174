"""The languages of the pages: which one a request asks for, its words, and how it writes numbers and dates.

Translations are read from `translations/*.po` when the program starts. Texts that scripts need are in `web.words`.
"""

import gettext as standard
import io
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from flask import Flask, Request, g

from core.filters import short_type

LANGUAGES = {"en": "English", "de": "Deutsch"}
SOURCE = "en"
COOKIE = "language"
FOLDER = Path(__file__).parent / "translations"
_UNITS = ("kB", "MB", "GB", "TB")
_STEP = 1024
_LEAST = 0.1


def install(app: Flask) -> None:
    """Let templates say things in the language of their request."""
    for language in LANGUAGES:
        _translations(language)
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.filters.update(number=number, size=size, day=day, moment=moment)
    app.jinja_env.filters.update(groupby_run=_runs)
    app.jinja_env.filters.update(figure=figure, language_name=language_name, kind_name=kind_name)


def wanted(request: Request) -> str:
    """The language that was chosen, else the one that the browser prefers."""
    chosen = request.cookies.get(COOKIE)
    if chosen in LANGUAGES:
        return chosen
    return request.accept_languages.best_match(list(LANGUAGES), SOURCE) or SOURCE


def current() -> str:
    """The language of the request."""
    language: str = g.get("language", SOURCE)
    return language


def gettext(text: str) -> str:
    """The text in the language of the request."""
    return _translations(current()).gettext(text)


def ngettext(one: str, other: str, n: int) -> str:
    """The form of the text for this number, in the language of the request."""
    return _translations(current()).ngettext(one, other, n)


def number(value: float) -> str:
    """A number with its thousands grouped."""
    return format_decimal(value, locale=current())


def figure(value: float | None, digits: int) -> str:
    """A measured value with so many decimal places; a dash where there is none."""
    if value is None:
        return "–"
    return format_decimal(value, f"#,##0.{'0' * digits}", locale=current())


def language_name(code: str) -> str:
    """The name of a language by its ISO 639-1 code; the code where it has none."""
    return str(Locale.parse(current()).languages.get(code, code))


def kind_name(media_type: str) -> str:
    """What people call a kind of document; its media type where they call it nothing."""
    short = short_type(media_type)
    return short if "/" in short else short.upper()


def size(count: int) -> str:
    """A file's size; a step is 1,024, as people see it elsewhere."""
    value, unit = max(count / _STEP, _LEAST) if count else 0.0, 0
    while value >= _STEP and unit < len(_UNITS) - 1:
        value, unit = value / _STEP, unit + 1
    pattern = "#,##0.0" if 0 < value < 10 else "#,##0"
    return f"{format_decimal(value, pattern, locale=current())}\N{NO-BREAK SPACE}{_UNITS[unit]}"


def day(at: datetime) -> str:
    """A date; scripts turn it into the reader's own time zone."""
    return format_date(at.astimezone(UTC), "medium", locale=_locale())


def date_of(at: date) -> str:
    """A day of the calendar, the same in every time zone."""
    return format_date(at, "medium", locale=_locale())


def month_name(at: date) -> str:
    """A month with its year."""
    return format_date(at, "LLLL y", locale=_locale())


def moment(at: datetime) -> str:
    """A date with its time, in UTC."""
    return format_datetime(at, "medium", tzinfo=UTC, locale=_locale())


def _runs(items: Iterable[Mapping[str, Any]], name: str) -> list[tuple[Any, list[Mapping[str, Any]]]]:
    """Items that follow each other with the same value of a member, as pairs of it and them."""
    return [(value, list(some)) for value, some in groupby(items, lambda one: one[name])]


def _locale() -> Locale:
    # Without a country, English dates would be American ones.
    return Locale.parse("en_GB" if current() == SOURCE else current())


@cache
def _translations(language: str) -> standard.NullTranslations:
    path = FOLDER / f"{language}.po"
    if language == SOURCE or not path.exists():
        return standard.NullTranslations()
    with path.open("rb") as file:
        catalog = read_po(file, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return standard.GNUTranslations(compiled)
