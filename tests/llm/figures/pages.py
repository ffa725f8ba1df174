"""Pages of made-up reports as passages, for tests that read tables."""

from core.values import Hit, Passage

INCOME = """Northwind Tools plc
Consolidated Statement of Income
(in millions, except per share amounts)
Year ended December 31, 2021 2020 2019
Net sales $ 1,577 $ 1,420 $ 1,300
Cost of goods sold (950) (880) (820)
Gross profit 627 540 480
Operating income 210 160 150
Income before income taxes 196 148 140
Provision for income taxes (41) (37) (35)
Net income $ 155 $ 111 $ 105
Diluted earnings per share $ 1.55 $ 1.11 $ 1.05"""

BALANCE = """Northwind Tools plc
Consolidated Balance Sheet
(in millions)
December 31, 2021 2020
Cash and cash equivalents $ 300 $ 250
Accounts receivable, net of allowances of $12 and $14 200 180
Inventories (Note 4) 150 170
Total current assets 650 600
Total assets $ 1,400 $ 1,300
Accounts payable 120 110
Total current liabilities 400 380"""

CASH = """Northwind Tools plc
Consolidated Statement of Cash Flows
(in millions)
Years ended December 31, 2021 2020 2019
Net income $ 155 $ 111 $ 105
Depreciation and amortization 60 58 55
Inventories 20 (15) 5
Net cash provided by operating activities 240 200 190
Purchases of property, plant and equipment (90) (80) (70)"""

SITES = """Staff and sites
Item 2022 2021 2020
Employees 1,250 1,100 1,000
Employees in Spain 250 240 200"""

GERMAN = """Gewinn- und Verlustrechnung der Muster GmbH
in Tausend Euro 2021 2020
Umsatzerlöse 1.577,5 1.420,0
Jahresüberschuss 155,0 111,5"""


def passage(
    text: str, *, number: int = 1, page: int = 1, start: int = 0, name: str = "report", language: str = "en"
) -> Passage:
    """One passage of a document called `name`."""
    return Passage(
        id=number,
        document_id=name,
        version_id=name,
        collection_id="c",
        filename=f"{name}.pdf",
        title="",
        page=page,
        start=start,
        end=start + len(text),
        text=text,
        heading="",
        language=language,
    )


def found(*texts: str, name: str = "northwind_2021", language: str = "en") -> list[Hit]:
    """Hits in one document, each text on a page of its own."""
    return [
        Hit(rank, 1.0, passage(text, number=rank, page=rank, name=name, language=language))
        for rank, text in enumerate(texts, 1)
    ]
