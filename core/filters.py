"""What narrows a search, a question or a list of documents, and how it is said from outside: REST, pages, commands.

Which documents a filter lets through is asked of the database, in `core.storage`.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from core.errors import InvalidRequest
from core.names import clean_tag

# How the parts of a filter are called from outside, the same everywhere.
NAMES = ("collections", "documents", "types", "tags", "languages", "from", "to", "as_of")
_MOST_VALUES = 1000
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2}")
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,63}/[a-z0-9][a-z0-9.+-]{0,63}")
_OFFICE = "application/vnd.openxmlformats-officedocument"
_OPEN = "application/vnd.oasis.opendocument"
# Short names of kinds of documents, whether they can be read yet or not.
SHORT_TYPES: Mapping[str, str] = {
    "pdf": "application/pdf",
    "txt": "text/plain",
    "md": "text/markdown",
    "html": "text/html",
    "csv": "text/csv",
    "rtf": "application/rtf",
    "epub": "application/epub+zip",
    "docx": f"{_OFFICE}.wordprocessingml.document",
    "xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    "pptx": f"{_OFFICE}.presentationml.presentation",
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "odt": f"{_OPEN}.text",
    "ods": f"{_OPEN}.spreadsheet",
    "odp": f"{_OPEN}.presentation",
    "eml": "message/rfc822",
    "msg": "application/vnd.ms-outlook",
    "png": "image/png",
    "jpeg": "image/jpeg",
    "tiff": "image/tiff",
    "webp": "image/webp",
}
_OTHER_NAMES = {"text": "txt", "htm": "html", "markdown": "md", "jpg": "jpeg", "tif": "tiff"}
_SHORT = {media_type: name for name, media_type in SHORT_TYPES.items()}


@dataclass(frozen=True, slots=True)
class Filter:
    """Every part that is given has to hold; of the values of one part any may, so a part without any excludes all.

    `collections` and `documents` are ids, `types` media types, `languages` ISO 639-1 codes; `since` and `until` are the
    first and the last day, in UTC, on which a document was added. With `as_of`, the versions of documents count that
    answered at the end of that day in UTC, or at that moment.
    """

    collections: tuple[str, ...] | None = None
    documents: tuple[str, ...] | None = None
    types: tuple[str, ...] | None = None
    tags: tuple[str, ...] | None = None
    languages: tuple[str, ...] | None = None
    since: date | None = None
    until: date | None = None
    as_of: date | datetime | None = None

    @property
    def as_of_moment(self) -> float:
        """The moment that `as_of` means, in seconds since 1970; without one the end of time."""
        if self.as_of is None:
            return float("inf")
        if isinstance(self.as_of, datetime):
            return self.as_of.timestamp()
        return datetime.combine(self.as_of, time.max, UTC).timestamp()

    @property
    def describes(self) -> bool:
        """Whether it says what documents are like, rather than only which or where they are."""
        told = (self.types, self.tags, self.languages, self.since, self.until, self.as_of)
        return any(part is not None for part in told)


EVERYTHING = Filter()


@dataclass(frozen=True, slots=True)
class Choices:
    """What there is to narrow down by: media types, tags and languages of documents, each in order."""

    types: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()


def refuse_unknown(names: Iterable[str]) -> None:
    """Raise `InvalidRequest` when one of these is not the name of a filter."""
    for name in names:
        if name not in NAMES:
            raise InvalidRequest(f"There is no filter {name[:64]!r}. Known are: {', '.join(NAMES)}.")


def parsed_filter(told: Mapping[str, object]) -> Filter:
    """A filter from its names and values as they come from outside.

    Several values are a list, or one text with commas between them; what is empty or None says nothing. Raises
    `InvalidRequest` with what to do.
    """
    refuse_unknown(told)
    given = {name: values for name, value in told.items() if (values := _values(name, value)) is not None}
    found = Filter(
        collections=_each(given.get("collections"), _id),
        documents=_each(given.get("documents"), _id),
        types=_each(given.get("types"), _media_type),
        tags=_each(given.get("tags"), clean_tag),
        languages=_each(given.get("languages"), _language),
        since=_day("from", given.get("from")),
        until=_day("to", given.get("to")),
        as_of=_day_or_moment("as_of", given.get("as_of")),
    )
    if found.since is not None and found.until is not None and found.since > found.until:
        raise InvalidRequest("`from` is after `to`. Exchange the two days.")
    return found


def filter_json(within: Filter) -> dict[str, Any]:
    """The parts of a filter that are given, by the names that `parsed_filter` reads."""
    told = {
        "collections": within.collections,
        "documents": within.documents,
        "types": within.types,
        "tags": within.tags,
        "languages": within.languages,
        "from": within.since and within.since.isoformat(),
        "to": within.until and within.until.isoformat(),
        "as_of": within.as_of and within.as_of.isoformat(),
    }
    return {name: list(v) if isinstance(v, tuple) else v for name, v in told.items() if v is not None}


def listed(text: str) -> list[str]:
    """The values of a text with commas between them."""
    return [one.strip() for one in text.split(",") if one.strip()]


def short_type(media_type: str) -> str:
    """The short name of a media type; itself where it has none."""
    return _SHORT.get(media_type, media_type)


def _values(name: str, value: object) -> tuple[str, ...] | None:
    values = (listed(value) or None) if isinstance(value, str) else value
    if values is None:
        return None
    if not isinstance(values, list | tuple) or not all(isinstance(one, str) for one in values):
        raise InvalidRequest(f"The filter `{name}` takes text, or a list of texts.")
    if len(values) > _MOST_VALUES:
        raise InvalidRequest(f"The filter `{name}` takes at most {_MOST_VALUES:,} values.")
    return tuple(dict.fromkeys(one.strip() for one in values))


def _each(values: tuple[str, ...] | None, read: Callable[[str], str]) -> tuple[str, ...] | None:
    return None if values is None else tuple(dict.fromkeys(map(read, values)))


def _id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise InvalidRequest(f"{text[:64]!r} is no id. Ids are given with collections and documents.")
    return text


def _media_type(text: str) -> str:
    name = text.lower().removeprefix(".")
    name = _OTHER_NAMES.get(name, name)
    if name in SHORT_TYPES:
        return SHORT_TYPES[name]
    if not _MEDIA_TYPE.fullmatch(name):
        known = ", ".join(SHORT_TYPES)
        raise InvalidRequest(
            f"There is no type {text[:64]!r}. Give a media type such as text/plain, or one of: {known}."
        )
    return name


def _language(text: str) -> str:
    code = text.lower()
    if not _LANGUAGE.fullmatch(code):
        raise InvalidRequest(f"{text[:64]!r} is no language. Give the two letters of ISO 639-1, such as en or de.")
    return code


def _day(name: str, values: tuple[str, ...] | None) -> date | None:
    if values is None:
        return None
    try:
        if len(values) != 1 or not _DAY.fullmatch(values[0]):
            raise ValueError("not written as a day")
        return date.fromisoformat(values[0])
    except ValueError:
        raise InvalidRequest(f"`{name}` is no day. Write it as year-month-day, such as 2026-01-31.") from None


def _day_or_moment(name: str, values: tuple[str, ...] | None) -> date | datetime | None:
    if values is None or len(values) != 1 or "T" not in values[0]:
        return _day(name, values)
    try:
        moment = datetime.fromisoformat(values[0])
        if moment.tzinfo is None:
            raise ValueError("a moment nowhere")
        moment.timestamp()  # not every moment that can be written can be counted
    except (ValueError, OverflowError):
        raise InvalidRequest(
            f"`{name}` is no moment. Write a day, such as 2026-01-31, or a moment, such as 2026-01-31T12:00:00Z."
        ) from None
    return moment
