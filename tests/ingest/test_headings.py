"""Which wording can be a heading."""

import pytest

from ingest.headings import could_title, folded, is_capitals, is_numbered


@pytest.mark.parametrize(
    "text", ["Risk factors", "3.2 Results of 2018 in detail", "Item 7", "NOTE 5. Goodwill", "Was ist neu?", "Kapitel 4"]
)
def test_titles(text: str) -> None:
    assert could_title(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "60",
        "* * *",
        "It rained all day.",
        "and so on,",
        "Net sales $ 32,765 $ 31,657",
        "(Millions) 2018 2017 2016",
        "Total assets 36,500",
        "word " * 20,
    ],
)
def test_what_titles_nothing(text: str) -> None:
    assert not could_title(text.strip())


def test_numbers_and_capitals() -> None:
    assert is_numbered("Item 1A. Risk factors")
    assert is_numbered("2.1 Scope")
    assert not is_numbered("2 eggs")
    assert is_capitals("RISK FACTORS")
    assert not is_capitals("USA")
    assert folded("1. Risk  Factors") == folded("1 risk factors.")
