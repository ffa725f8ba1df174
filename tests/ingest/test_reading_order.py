"""Pieces of text in the order in which people read them."""

import random

from core.values import Box
from ingest.layout import Fragment
from ingest.reading_order import in_order


def piece(text: str, left: float, top: float, width: float | None = None) -> Fragment:
    """A piece of text ten points high."""
    return Fragment(text, Box(left, top, left + (width or 5.0 * len(text)), top + 10), size=10)


def read(pieces: list[Fragment]) -> list[str]:
    """Their texts in order, however they come."""
    random.Random(7).shuffle(pieces)
    return [one.text for one in in_order(pieces)]


def column(name: str, left: float, top: float = 100.0, count: int = 6) -> list[Fragment]:
    """Lines of running text below each other."""
    return [piece(f"{name}{n} and more of its running text", left, top + 14 * n, 200) for n in range(count)]


def names(texts: list[str]) -> list[str]:
    """The first words."""
    return [text.split()[0] for text in texts]


def test_rows_of_a_table_stay_rows() -> None:
    rows = [("Net sales of the whole group", "32,765", "31,657"), ("Cost", "16,682", "16,055"), ("Tax", "1,637", "9")]
    pieces = [
        piece(cell, left, 100 + 14 * n + left / 300)
        for n, row in enumerate(rows * 3)
        for cell, left in zip(row, (50.0, 300.0, 400.0), strict=True)
    ]

    assert read(pieces) == [cell for row in rows * 3 for cell in row]


def test_columns_of_running_text_are_read_one_after_the_other() -> None:
    pieces = column("left", 50) + column("right", 300)

    assert names(read(pieces)) == [f"left{n}" for n in range(6)] + [f"right{n}" for n in range(6)]


def test_three_columns() -> None:
    pieces = column("a", 20) + column("b", 240) + column("c", 460)

    assert [name[0] for name in names(read(pieces))] == ["a"] * 6 + ["b"] * 6 + ["c"] * 6


def test_a_title_over_both_columns_comes_first_and_a_line_below_them_last() -> None:
    title, foot = piece("Title over all of the page", 50, 60, 450), piece("Foot under all of the page", 50, 300, 450)
    pieces = [*column("left", 50), title, foot, *column("right", 300)]

    order = names(read(pieces))

    assert (order[0], order[-1]) == ("Title", "Foot")
    assert order[1:7] == [f"left{n}" for n in range(6)]


def test_one_column_and_nothing_at_all() -> None:
    assert names(read(column("line", 50))) == [f"line{n}" for n in range(6)]
    assert read([]) == []
    assert read([piece("alone", 1, 1)]) == ["alone"]
