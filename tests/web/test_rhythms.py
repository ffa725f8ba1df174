"""Cron expressions in words, and as the form of a schedule has them."""

import pytest
from flask import Flask, g

from web.rhythms import Rhythm, in_words, rhythm


@pytest.mark.parametrize(
    ("cron", "found"),
    [
        ("5 * * * *", Rhythm("hourly", 5)),
        ("30 6 * * *", Rhythm("daily", 30, 6)),
        ("0 6 * * 1", Rhythm("weekly", 0, 6, (0,))),
        ("0 6 * * 1-5", Rhythm("weekly", 0, 6, (0, 1, 2, 3, 4))),
        ("0 6 * * 0,3", Rhythm("weekly", 0, 6, (2, 6))),
        ("0 6 * * 7", Rhythm("weekly", 0, 6, (6,))),
        ("15 22 31 * *", Rhythm("monthly", 15, 22, day=31)),
        ("*/5 * * * *", Rhythm("cron")),
        ("0 6 * 1 1", Rhythm("cron")),
        ("0 6 1 * 1", Rhythm("cron")),
        ("0 6 * * 1#2", Rhythm("cron")),
    ],
)
def test_what_is_simple_is_recognised(cron: str, found: Rhythm) -> None:
    assert rhythm(cron) == found


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Every day at 06:30", "Monday, Friday at 06:00", "On day 1 of every month at 06:00"]),
        ("de", ["Jeden Tag um 06:30", "Montag, Freitag um 06:00", "Am 1. jedes Monats um 06:00"]),
    ],
)
def test_it_is_said_in_the_language_of_the_page(language: str, words: list[str]) -> None:
    with Flask(__name__).test_request_context("/"):
        g.language = language
        assert [in_words(one) for one in ("30 6 * * *", "0 6 * * 1,5", "0 6 1 * *")] == words
        assert "*/7" in in_words("*/7 1 * * *") or language == "en"
