"""Rows of tables: labels, columns, units."""

from llm.figures.checking import rests
from llm.figures.row_words import in_words
from llm.figures.tables import Row, rows
from tests.llm.figures.pages import BALANCE, INCOME, passage


def row(text: str, label: str) -> Row:
    (one,) = [row for row in rows([passage(text)]) if row.label == label]
    return one


def test_cells_belong_to_the_years_above_them() -> None:
    sales = row(INCOME, "Net sales")

    assert [(column.year, str(cell.value)) for column, cell in zip(sales.columns, sales.cells, strict=True)] == [
        (2021, "1577"),
        (2020, "1420"),
        (2019, "1300"),
    ]
    assert (sales.unit, sales.statement) == (10**6, "income")


def test_notes_and_figures_of_a_label_are_no_cells() -> None:
    assert [cell.text for cell in row(BALANCE, "Inventories").cells] == ["150", "170"]
    assert [cell.text for cell in row(BALANCE, "Accounts receivable, net of allowances of $12 and").cells] == [
        "200",
        "180",
    ]


def test_a_heading_in_the_passage_before_counts() -> None:
    head, body = BALANCE.split("Total assets")
    before, after = passage(head, number=1), passage(f"Total assets{body}", number=2, start=len(head))
    (assets,) = [row for row in rows([after, before]) if row.label == "Total assets"]

    assert in_words(assets) == "Total assets: 1,400 in 2021, 1,300 in 2020 (in millions)"
    assert assets.heading is not None
    assert assets.heading.passage.id == before.id


def test_a_label_goes_on_in_the_next_line() -> None:
    label = "Property, plant and equipment, net of accumulated depreciation -\n$13 and $12 (Note 9)"
    (one,) = rows([passage(f"As of June 30, 2020 2019\n{label} 157 153")])

    assert one.label.startswith("Property, plant and equipment, net")
    assert [cell.text for cell in one.cells] == ["157", "153"]


def test_quarters_are_told_apart_from_years() -> None:
    text = "Three Months Ended June 30, Six Months Ended June 30,\n2023 2022 2023 2022\nNet sales 10 9 20 18"
    (sales,) = rows([passage(text)])

    told = ["10 in three months to June 2023", "9 in three months to June 2022"]
    told += ["20 in six months to June 2023", "18 in six months to June 2022"]
    assert in_words(sales) == f"Net sales: {', '.join(told)}"
    assert rests(in_words(sales), [text])


def test_columns_that_cannot_be_told_stay_untold() -> None:
    text = "2021 2020 2019\nNet sales 10 9\nWeather 1 2 3 4 5"

    assert [in_words(row) for row in rows([passage(text)])] == ["", ""]


def test_a_sentence_rests_on_its_numbers() -> None:
    assert rests("Net sales: 1,577 in 2021 (in millions)", [INCOME])
    assert not rests("Net sales: 1,578 in 2021 (in millions)", [INCOME])
    assert not rests("1,577 − 1,419 = 158", [INCOME])
    assert not rests("1,577 − 1,420 = 158", [INCOME])


def test_cells_that_say_what_heads_them_need_no_line_above() -> None:
    text = "Results\nItem: Net sales | 2021: 1,577 | Note: 4 | 2020: (20)\nItem: Staff | Plan: 9 | Actual: 8"
    sales, staff = rows([passage(text)])

    assert (sales.label, sales.quote) == ("Net sales", text.split("\n")[1])
    assert in_words(sales) == ""
    assert [(cell.text, str(cell.value)) for cell in staff.cells] == [("9", "9"), ("8", "8")]
    (told,) = rows([passage("(in EUR million)\nItem: Net sales | FY2021: 1,577 | FY2020: (20)")])
    assert in_words(told) == "Net sales: 1,577 in 2021, (20) in 2020 (in millions)"


def test_two_columns_of_one_year_are_not_told_by_it() -> None:
    (staff,) = rows([passage("Item: Staff | Plan 2024: 9 | Actual 2023: 8")])

    assert (staff.columns, in_words(staff)) == ((), "")


def test_a_row_with_more_than_figures_of_periods_is_not_shortened() -> None:
    text = "Cost: Water | 2024: 45 | 2023: 43 | Supplier: Aqua\nCost: Waste | 2024 (EUR): 25 | 2023 (EUR): 22"

    assert [in_words(row) for row in rows([passage(text)])] == ["", ""]
    assert [[column.year for column in row.columns] for row in rows([passage(text)])] == [[2024, 2023]] * 2
