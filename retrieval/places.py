"""Where a report prints what is asked for: the statements of its accounts, by their titles.

A question says so itself ("in the balance sheet"), or asks for figures that every report prints in the same statement.
General vocabulary of accounting in English and German; the names of organisations or documents do not belong here.
"""

import re
from collections.abc import Mapping
from enum import StrEnum


class Place(StrEnum):
    """The statements of an organisation's accounts."""

    INCOME = "income statement"
    BALANCE = "balance sheet"
    CASH_FLOWS = "statement of cash flows"


_TITLES = {
    Place.INCOME: r"income statements?"
    r"|statements? of (?:consolidated )?(?:comprehensive )?(?:income|operations|earnings)"
    r"|profit (?:and|&) loss(?: statement| account)?|P&L|Gewinn- und Verlustrechnung",
    Place.BALANCE: r"balance sheets?|statements? of (?:consolidated )?financial (?:position|condition)|Bilanz",
    Place.CASH_FLOWS: r"cash[- ]flows? statements?|statements? of (?:consolidated )?cash[- ]flows?"
    r"|Kapitalflussrechnung",
}
# Figures that stand in a statement, and what is computed from them.
_FIGURES = {
    Place.INCOME: r"revenues?|net sales|turnover|COGS|costs? of (?:goods sold|sales|revenues?)"
    r"|(?:gross|operating|net|profit) (?:margin|profit)s?|operating income|net (?:income|earnings)|EPS"
    r"|earnings per share|SG&A|interest expense|interest coverage|(?:effective )?tax rate|EBITDA?|return on assets|ROA"
    r"|return on equity|ROE|DPO|DIO|Umsatz(?:erlöse)?|Jahresüberschuss|Betriebsergebnis",
    Place.BALANCE: r"(?:total|current|fixed) (?:assets|liabilities)|inventor(?:y|ies)|receivables?|payables?|PP&E|PPN?E"
    r"|property,? plant,? (?:and|&) equipment|cash (?:and|&) cash equivalents|working capital"
    r"|(?:quick|current|liquidity) ratio|debt|(?:share|stock)holders?['’]? equity|goodwill|book value|retained earnings"
    r"|return on assets|ROA|return on equity|ROE|DPO|DSO|DIO|(?:asset|inventory) turnover|Bilanzsumme|Eigenkapital"
    r"|Vorräte|Verbindlichkeiten|Forderungen",
    Place.CASH_FLOWS: r"capital expenditures?|capex|capital[- ]intensi\w+|D&A"
    r"|depreciation(?: (?:and|&) amortization)?|dividends? paid|dividend payout"
    r"|(?:free|operating|financing|investing) cash flows?"
    r"|cash (?:flows? )?from (?:operations|operating|investing|financing)|EBITDA"
    r"|(?:share|stock) (?:repurchase|buyback)s?|Cashflow|Abschreibungen",
}
_SAID, _IMPLIED = 1.0, 0.6
_WANTS_FIGURE = re.compile(
    r"\b(how (?:much|many)|what (?:is|was|were|are)|amount|average|ratio|margins?|turnover|year[- ]over[- ]year"
    r"|calculate|(?:increas|decreas|improv|declin)\w*|gr[eo]w\w*|wie (?:viel|hoch|groß)|betrug|beträgt)\b",
    re.IGNORECASE,
)
# Reasons stand in prose.
_WANTS_REASON = re.compile(r"\b(why|what (?:drove|caused|explains)|drivers?|reasons?|warum|weshalb)\b", re.IGNORECASE)
_MOST_LINES = 8
_LONGEST_TITLE = 110


def _whole(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w&])(?:{pattern})(?![\w&])", re.IGNORECASE)


_NAMED = {place: _whole(pattern) for place, pattern in _TITLES.items()}
_HELD = {place: _whole(pattern) for place, pattern in _FIGURES.items()}
# A title ends with what the page is: a "balance sheet", but not "balance sheet data".
_TITLED = {
    place: re.compile(
        rf"(?<![\w&])(?:{pattern})[\s—–:-]*(?:\((?:unaudited|continued|concluded|ungeprüft|Fortsetzung)\)\s*){{0,2}}$",
        re.IGNORECASE,
    )
    for place, pattern in _TITLES.items()
}


def places(question: str) -> Mapping[Place, float]:
    """Where to look first, with how sure that is from 0 to 1; nothing for most questions."""
    if said := {place: _SAID for place, pattern in _NAMED.items() if pattern.search(question)}:
        return said
    if _WANTS_REASON.search(question) or not _WANTS_FIGURE.search(question):
        return {}
    return {place: _IMPLIED for place, pattern in _HELD.items() if pattern.search(question)}


def standing(sought: Mapping[Place, float], heading: str, top: str) -> float:
    """How surely a page is one of the places sought, by the headings over a passage and the first lines of its page."""
    titles = [*heading.split("›"), *top.split("\n")[:_MOST_LINES]]
    titles = [title.strip() for title in titles if len(title) <= _LONGEST_TITLE]
    found = (sure for place, sure in sought.items() if any(_TITLED[place].search(title) for title in titles))
    return max(found, default=0.0)
