"""Filters as they come from outside: one meaning for each part, and a remedy for what has none."""

from datetime import date
from uuid import uuid4

import pytest

from core.errors import InvalidRequest
from core.filters import EVERYTHING, NAMES, SHORT_TYPES, Filter, parsed_filter, short_type

ONE, OTHER = str(uuid4()), str(uuid4())


@pytest.mark.parametrize("told", [{}, dict.fromkeys(NAMES), dict.fromkeys(NAMES, ""), {"tags": " , "}])
def test_what_is_empty_says_nothing(told: dict[str, object]) -> None:
    assert parsed_filter(told) == EVERYTHING
    assert not EVERYTHING.describes


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ({"documents": [ONE, OTHER, ONE]}, Filter(documents=(ONE, OTHER))),
        ({"documents": f"{ONE}, {OTHER}"}, Filter(documents=(ONE, OTHER))),
        ({"collections": (ONE,)}, Filter(collections=(ONE,))),
        ({"documents": []}, Filter(documents=())),
        ({"types": "PDF, .txt"}, Filter(types=("application/pdf", "text/plain"))),
        ({"types": ["jpg", "image/jpeg"]}, Filter(types=("image/jpeg",))),
        ({"types": ["Application/X-Own"]}, Filter(types=("application/x-own",))),
        ({"tags": ["  Q3   REPORTS ", "q3 reports"]}, Filter(tags=("q3 reports",))),
        ({"tags": ["Straße", "cafe\u0301"]}, Filter(tags=("straße", "café"))),
        ({"languages": ["DE", "en"]}, Filter(languages=("de", "en"))),
        ({"from": "2026-01-31", "to": " 2026-01-31 "}, Filter(since=date(2026, 1, 31), until=date(2026, 1, 31))),
    ],
)
def test_a_filter_means(told: dict[str, object], meant: Filter) -> None:
    assert parsed_filter(told) == meant
    assert meant.describes is not ({"documents", "collections"} >= set(told))


@pytest.mark.parametrize(
    ("told", "remedy"),
    [
        ({"colour": "red"}, "Known are: collections, documents"),
        ({"since": "2026-01-31"}, "Known are"),
        ({"types": ["piano"]}, "one of: pdf"),
        ({"types": [""]}, "one of: pdf"),
        ({"types": "a/b/c"}, "media type"),
        ({"languages": ["german"]}, "ISO 639-1"),
        ({"languages": [""]}, "ISO 639-1"),
        ({"from": "yesterday"}, "year-month-day"),
        ({"from": "2026-02-30"}, "year-month-day"),
        ({"from": "20260131"}, "year-month-day"),
        ({"to": "2026-W05-6"}, "year-month-day"),
        ({"to": "٢٠٢٦-٠١-٣١"}, "year-month-day"),
        ({"to": "2026-01-31,2026-02-01"}, "year-month-day"),
        ({"to": "0000-00-00"}, "year-month-day"),
        ({"from": "2026-02-01", "to": "2026-01-31"}, "Exchange"),
        ({"tags": ["x" * 65]}, "1 to 64"),
        ({"tags": ["a\0b"]}, "printable"),
        ({"tags": ["a\u202eb"]}, "printable"),
        ({"tags": ["a,b"]}, "no comma"),
        ({"documents": ["' OR 1=1"]}, "no id"),
        ({"collections": [f"{ONE}x"]}, "no id"),
        ({"documents": [ONE] * 1001}, "at most 1,000"),
        ({"tags": {"a": 1}}, "list of texts"),
        ({"types": [7]}, "list of texts"),
        ({"from": 20260131}, "list of texts"),
    ],
)
def test_what_means_nothing_is_refused_with_a_remedy(told: dict[str, object], remedy: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        parsed_filter(told)
    assert remedy in caught.value.message


def test_every_kind_has_one_short_name() -> None:
    assert len(set(SHORT_TYPES.values())) == len(SHORT_TYPES)
    assert {short_type(media_type): media_type for media_type in SHORT_TYPES.values()} == SHORT_TYPES
    assert short_type("application/x-own") == "application/x-own"
