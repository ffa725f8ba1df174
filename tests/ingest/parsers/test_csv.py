"""CSV and TSV."""

import pytest

from core.errors import EmptyDocument
from ingest.media import choose_parser
from ingest.parsers import Limits
from ingest.parsers.csv import PARSER
from tests.ingest.conftest import Written

LIMITS = Limits(100, 1_000_000, 1)


def told(written: Written, data: bytes, name: str = "a.csv") -> list[tuple[str, str]]:
    (page,) = PARSER.open(written(name, data), LIMITS).read(1, 1, lambda _: None)
    return [(page.text[line.start : line.end], line.place) for line in page.lines]


@pytest.mark.parametrize(
    "data",
    [
        b"Item,Cost\nRent,900\n",
        b"Item;Cost\r\nRent;900\r\n",
        b"Item\tCost\rRent\t900\r",
        b"Item|Cost\nRent|900",
        b'"Item";"Cost"\n"Rent";"900"\n',
        b"\xef\xbb\xbfItem,Cost\nRent,900\n",
        "Item;Cost\nRent;900\n".encode("utf-16"),
    ],
)
def test_the_dialect_is_told_from_the_content(written: Written, data: bytes) -> None:
    assert told(written, data) == [("Item: Rent | Cost: 900", "row 2")]


def test_excel_may_name_its_delimiter(written: Written) -> None:
    assert told(written, b"sep=;\nItem;Cost, net\nRent;1,5\n") == [("Item: Rent | Cost, net: 1,5", "row 3")]


def test_fields_may_hold_line_breaks_and_quotes(written: Written) -> None:
    lines = told(written, b'Item,Note\nRent,"first ""line""\nsecond"\nPower,"a, b"\nGas,1\n')

    assert [text for text, _ in lines[:2]] == ['Item: Rent | Note: first "line" second', "Item: Power | Note: a, b"]


def test_umlauts_of_windows_are_read(written: Written) -> None:
    assert told(written, "Straße;Größe\nÄußere;1\n".encode("cp1252")) == [("Straße: Äußere | Größe: 1", "row 2")]


def test_text_with_commas_is_no_table(written: Written) -> None:
    path = written("a.txt", b"First, we went home,\nthen, we slept,\n")

    assert choose_parser(path, "a.txt")[0].media_type == "text/plain"


def test_nothing_but_delimiters_is_empty(written: Written) -> None:
    with pytest.raises(EmptyDocument):
        told(written, b",,,\n,,,\n")


def test_a_quote_that_never_ends_loses_nothing_before_it(written: Written) -> None:
    lines = told(written, b"Item,Cost\nRent,900\nPower,80\n" + b'x,"' + b"y" * 300_000)

    assert ("Item: Rent | Cost: 900", "row 2") in lines
