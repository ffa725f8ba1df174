"""Words of business for one and the same thing: what people ask for, and what reports print.

General vocabulary of accounting and offices; the names of organisations or documents do not belong here.
"""

import re

# What is asked for, and how documents may put it. A phrase may stand in several groups.
_GROUPS: tuple[tuple[str, ...], ...] = (
    ("capital expenditures", "capital expenditure", "capex", "purchases of property, plant and equipment"),
    ("property, plant and equipment", "property and equipment", "PP&E", "PPE", "PPNE"),
    ("cost of goods sold", "cost of sales", "cost of revenue", "COGS"),
    ("revenue", "revenues", "net sales", "sales", "turnover"),
    ("net income", "net earnings", "net profit"),
    ("operating income", "operating profit", "income from operations", "EBIT"),
    ("income statement", "statement of income", "statement of operations", "statement of earnings", "P&L"),
    ("balance sheet", "statement of financial position"),
    ("cash flow statement", "statement of cash flows"),
    ("accounts receivable", "trade receivables"),
    ("accounts payable", "trade payables"),
    ("inventory", "inventories"),
    ("selling, general and administrative", "SG&A"),
    ("research and development", "R&D"),
    ("earnings per share", "EPS"),
    ("depreciation and amortization", "D&A"),
    ("mergers and acquisitions", "M&A"),
    ("share buyback", "repurchases of common stock", "purchases of treasury stock"),
    ("paid time off", "PTO", "annual leave", "vacation"),
    ("human resources", "HR"),
    ("working from home", "remote work", "home office"),
    ("Umsatz", "Umsatzerlöse", "Erlöse"),
    ("Jahresüberschuss", "Jahresgewinn", "Konzernergebnis"),
    ("Sachanlagen", "Investitionen in Sachanlagen"),
)
_MOST = 3


def _pattern(phrase: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w&]){re.escape(phrase)}(?![\w&])", re.IGNORECASE)


_PATTERNS = tuple(
    tuple((phrase, _pattern(phrase)) for phrase in sorted(group, key=len, reverse=True)) for group in _GROUPS
)


def rephrased(question: str) -> list[str]:
    """The question in other words: for each group that it touches, with the group's most different phrase instead."""
    found = []
    folded = question.casefold()
    for group in _PATTERNS:
        for phrase, pattern in group:
            # Most phrases are not there, which is seen sooner than searched.
            if phrase.casefold() in folded and pattern.search(question):
                others = [other for other, _ in group if not _shares_words(other, phrase)]
                found += [pattern.sub(other, question) for other in others[:1]]
                break
    return found[:_MOST]


def _shares_words(one: str, other: str) -> bool:
    return one.casefold()[:6] == other.casefold()[:6]
