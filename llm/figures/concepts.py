"""General knowledge of accounting: how figures are asked for, how statements label them, and what ratios are made of.

Nothing here knows any one company, document or question.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Concept:
    """A figure of a financial statement.

    `labels` match whole row labels, the best first. An `outflow` is printed in brackets by some and counts without its
    sign. One that is `made_of` others is computed where no row has it; an `optional` one that no row has is none.
    """

    name: str
    asks: re.Pattern[str]
    statement: str
    labels: tuple[re.Pattern[str], ...]
    outflow: bool = False
    made_of: str = ""
    optional: bool = False
    per_share: bool = False


@dataclass(frozen=True, slots=True)
class Ratio:
    """A named measure: `formula` in the words of concepts; a `percent` one is a share."""

    name: str
    asks: re.Pattern[str]
    formula: str
    percent: bool = False


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w&])(?:{pattern})(?![\w&])", re.IGNORECASE)


def _concept(name: str, asks: str, statement: str, *labels: str, outflow: bool = False, made_of: str = "") -> Concept:
    patterns = tuple(re.compile(label, re.IGNORECASE) for label in labels)
    return Concept(name, _words(asks), statement, patterns, outflow, made_of)


def _per_share(name: str, asks: str, *labels: str) -> Concept:
    return replace(_concept(name, asks, "income", *labels), per_share=True)


_PPE = r"(?:property|plant|land)(?:,? (?:and )?(?:plant|land|buildings?|equipment|software))*"
_BEFORE_TAX = r"(?:before|vor) .*(?:tax|steuern).*"
_OWNERS = r"(?:shareholder|stockholder|shareowner|share owner)'?s'?"
CONCEPTS: tuple[Concept, ...] = (
    _concept(
        "revenue",
        r"(?:total |net |operating )*(?:revenues?|sales|turnover|top line)|umsatz(?:erlöse)?",
        "income",
        r"total (?:net |operating )*(?:sales|revenues?)(?: and other income)?(?:, net)?",
        r"(?:consolidated )?(?:net )?(?:operating )?(?:sales|revenues?)(?:, net| to customers)?"
        r"|sales and revenues|umsatzerlöse",
    ),
    _concept(
        "cost of sales",
        r"(?:total )?costs? of (?:goods sold|sales|revenues?|products sold)|cogs|umsatzkosten|herstellungskosten",
        "income",
        r"total costs? of (?:goods sold|sales|revenues?|products sold|products and services)",
        r"costs? of (?:goods|products?|merchandise)(?: and services)? sold.*|costs? of (?:sales|revenues?"
        r"|merchandise)(?: and .*|, .*)?"
        r"|umsatzkosten",
        outflow=True,
    ),
    _concept(
        "gross profit",
        r"gross (?:profits?|margin amount)|bruttoergebnis|rohertrag",
        "income",
        r"(?:total )?gross (?:profit|margin)|bruttoergebnis(?: vom umsatz)?",
        made_of="revenue - cost of sales",
    ),
    _concept(
        "operating income",
        r"(?:unadjusted )?operating (?:income|profits?|earnings)|income from operations|ebit|betriebsergebnis",
        "income",
        r"(?:total )?operating (?:income|profit|earnings|loss)|(?:income|earnings|profit"
        r"|loss) from operations|betriebsergebnis",
    ),
    _concept(
        "depreciation and amortization",
        r"depreciation (?:and|&) amorti[sz]ation(?: expenses?)?|d&a|abschreibungen",
        "cash",
        r"(?:total )?depreciation(?:,? (?:depletion|amorti[sz]ation|impairments?))*,? (?:and"
        r"|&) (?:amorti[sz]ation|other|accretion)"
        r"(?: and other)?(?: expenses?)?",
        r"depreciation and amorti[sz]ation.*|depreciation, .*|abschreibungen.*",
        outflow=True,
        made_of="depreciation expense + amortization expense",
    ),
    _concept(
        "depreciation expense",
        r"depreciation expenses?",
        "cash",
        rf"depreciation(?: expenses?)?(?: of {_PPE})?",
        outflow=True,
    ),
    _concept(
        "amortization expense",
        r"amorti[sz]ation expenses?|amorti[sz]ation of (?:\w+ )?intangible(?:s| assets)",
        "cash",
        r"amorti[sz]ation(?: expenses?)?(?: of (?:\w+ )?intangible(?:s| assets))?",
        outflow=True,
    ),
    _concept(
        "EBITDA",
        r"(?:unadjusted )?ebitda",
        "none",
        made_of="operating income + depreciation and amortization",
    ),
    _concept(
        "net income",
        rf"(?:consolidated )?net (?:income|earnings|profits?)(?: attributable to (?:common )?(?:{_OWNERS}"
        rf"|the company))?"
        r"|jahresüberschuss|bottom line",
        "income",
        r"(?:consolidated )?net (?:income|earnings|loss) attributable to (?!.*non-?controlling)(?!redeemable).*",
        r"(?:consolidated )?net (?:income|earnings|loss)(?: and comprehensive income)?"
        r"|net income including .*|jahresüberschuss"
        r"|profit for the (?:year|period)",
    ),
    _per_share(
        "diluted earnings per share",
        r"(?:diluted )?(?:earnings|net income|profit) per (?:common )?share(?: \(?diluted\)?)?|(?:diluted )?eps",
        r"diluted(?: (?:net )?(?:earnings|income))?(?: per (?:common )?share.*)?|(?:net )?(?:earnings"
        r"|income) per (?:common )?share.* diluted",
    ),
    _per_share(
        "basic earnings per share",
        r"basic (?:earnings|net income) per (?:common )?share|basic eps",
        r"basic(?: (?:net )?(?:earnings|income))?(?: per (?:common )?share.*)?|(?:net )?(?:earnings"
        r"|income) per (?:common )?share.* basic",
    ),
    _concept(
        "income before taxes",
        r"(?:income|earnings|profit) before (?:income )?tax(?:es)?|pre-?tax (?:income|earnings|profit)"
        r"|ergebnis vor steuern",
        "income",
        rf"(?:income|earnings|profit|loss)(?: from continuing operations)? {_BEFORE_TAX}|ergebnis {_BEFORE_TAX}",
    ),
    _concept(
        "income taxes",
        r"(?:provision for )?income tax(?:es)?(?: expenses?)?|tax expenses?|provision for taxes|ertragsteuern",
        "income",
        r"(?:provision|benefit)?\s*(?:for )?(?:income tax(?:es)?|taxes on income)(?: expenses?| provision"
        r"| from continuing operations)?"
        r"|steuern vom einkommen.*|ertragsteuern",
        outflow=True,
    ),
    _concept(
        "interest expense",
        r"interest expenses?|zinsaufwand",
        "income",
        r"interest expenses?(?:, net.*)?|zinsaufwand|zinsaufwendungen",
        outflow=True,
    ),
    _concept(
        "research and development",
        r"research (?:and|&) development(?: (?:expenses?|costs?|expenditures?))?|r&d(?: (?:expenses?"
        r"|costs?|spending))?",
        "income",
        r"research(?: and|,) development(?:,? and engineering)?(?: expenses?| costs?)?|forschung und entwicklung.*",
        outflow=True,
    ),
    _concept(
        "selling, general and administrative expenses",
        r"selling,? general,? (?:and|&) administrative(?: expenses?| costs?)?|sg&a(?: expenses?| costs?)?",
        "income",
        r"(?:operating, )?(?:selling|marketing)(?:, \w+)*,? (?:and|&) administrative(?: expenses?| costs?)?",
        outflow=True,
    ),
    _concept(
        "cash and cash equivalents",
        r"cash (?:and|&) (?:cash )?equivalents|zahlungsmittel",
        "balance",
        r"(?:total )?cash and (?:cash )?equivalents|zahlungsmittel.*|cash",
    ),
    replace(
        _concept(
            "short-term investments",
            r"(?:short[- ]term|st) (?:investments|marketable securities)|marketable securities|current investments",
            "balance",
            r"short[- ]term (?:investments|marketable securities)|marketable securities(?: ?- ?current|, current)?",
        ),
        optional=True,
    ),
    _concept(
        "receivables",
        r"(?:net )?(?:trade |accounts? )*receivables?(?:, net)?|net ar|forderungen",
        "balance",
        r"(?:total )?(?:trade )?(?:accounts?|trade|customer)(?: and notes)? receivables?.*"
        r"|(?:net )?receivables(?:, (?:net|less).*)?|forderungen.*",
    ),
    _concept(
        "inventories",
        r"(?:total )?(?:merchandise )?(?:inventory|inventories)|vorräte",
        "balance",
        r"total (?:merchandise )?inventor(?:y|ies).*",
        r"(?:net )?(?:merchandise )?inventor(?:y|ies)(?:, .*)?|vorräte",
    ),
    _concept(
        "current assets",
        r"(?:total )?current assets|umlaufvermögen|kurzfristige vermögenswerte",
        "balance",
        r"total current assets|(?:summe )?(?:umlaufvermögen|kurzfristige vermögenswerte)|current assets",
    ),
    _concept(
        "total assets",
        r"(?:total )?assets|bilanzsumme",
        "balance",
        r"total (?:consolidated )?assets|assets, total|bilanzsumme",
    ),
    _concept(
        "property, plant and equipment",
        rf"(?:net )?{_PPE}(?:,? net)?|(?:net )?(?:pp&e|ppe|ppne)(?:,? net)?|(?:net )?fixed assets|sachanlagen",
        "balance",
        rf"(?:total )?(?:net )?{_PPE}(?: and .*)?(?:,| ?-) net.*|net {_PPE}.*|{_PPE}, at cost, net.*|sachanlagen",
        rf"(?:total )?{_PPE}",
    ),
    _concept(
        "accounts payable",
        r"(?:trade )?accounts payable|(?:trade )?payables|verbindlichkeiten aus lieferungen und leistungen",
        "balance",
        r"(?:total )?(?:trade )?accounts payable(?:[,-].*)?|trade (?:and other )?payables"
        r"|verbindlichkeiten aus lieferungen und leistungen",
        r"accounts payable and (?:other )?accrued (?:expenses|liabilities).*",
    ),
    _concept(
        "current liabilities",
        r"(?:total )?current liabilities|kurzfristige (?:schulden|verbindlichkeiten)",
        "balance",
        r"total current liabilities|(?:summe )?kurzfristige (?:schulden|verbindlichkeiten)",
    ),
    _concept("total liabilities", r"total liabilities|gesamtverbindlichkeiten", "balance", r"total liabilities"),
    _concept(
        "long-term debt",
        r"long[- ]term debt",
        "balance",
        r"(?:total )?long[- ]term debt(?:, (?:net|less|excluding|non-?current).*)?",
    ),
    _concept(
        "equity",
        rf"(?:total )?(?:{_OWNERS} )?equity|eigenkapital",
        "balance",
        rf"total .*(?:{_OWNERS}) (?:equity|investment)|{_OWNERS} equity",
        r"total equity|(?:summe )?eigenkapital",
    ),
    _concept("goodwill", r"goodwill", "balance", r"goodwill(?:, net)?"),
    _concept(
        "cash from operating activities",
        r"(?:net )?(?:operating cash flows?|cash flows? from (?:operations|operating activities)"
        r"|cash from (?:operations|operating activities)"
        r"|cash (?:provided|generated) by (?:operations|operating activities))",
        "cash",
        r"(?:total )?(?:net )?cash (?:flows? )?(?:provided|generated|used|from|by"
        r"|in)[\w ]* (?:operating activities|operations)"
        r"(?: - continuing operations)?|net cash from operations",
    ),
    _concept(
        "capital expenditures",
        r"(?:net )?(?:capital (?:expenditures?|spending)|capex)"
        r"|purchases? of property, plant,? and equipment|investitionen in sachanlagen",
        "cash",
        rf"(?:purchases?|additions?|payments?|expenditures?|acquisitions?|investments?|cash paid)(?: of| to| for| in)?"
        rf"(?: acquisition of)? (?:net )?{_PPE}.*"
        r"|capital expenditures?.*|investitionen in sachanlagen.*",
        outflow=True,
    ),
    _concept(
        "dividends paid",
        r"(?:total )?(?:cash )?dividends(?: paid| payments?)?|dividend payments?",
        "cash",
        rf"(?:payments? of )?(?:cash )?dividends(?: paid)?(?: to (?:common )?{_OWNERS}| on common stock| - common)?"
        r"|(?:common stock )?(?:cash )?dividends? paid|dividend payments?",
        outflow=True,
    ),
    _concept(
        "share repurchases",
        r"(?:share|stock) (?:repurchases?|buybacks?)|repurchases? of (?:common )?(?:stock|shares)",
        "cash",
        r"(?:purchases?|repurchases?) of (?:common|treasury|company) (?:stock|shares).*"
        r"|common stock (?:re)?purchase[sd].*"
        r"|(?:common )?(?:share|stock) repurchases",
        outflow=True,
    ),
    _concept(
        "working capital", r"(?:net )?working capital(?! ratio)", "none", made_of="current assets - current liabilities"
    ),
    _concept(
        "free cash flow", r"free cash flows?", "none", made_of="cash from operating activities - capital expenditures"
    ),
)

_MARGIN = r"(?:,? (?:%|percent(?:age)?|pct))?(?: (?:%|percent(?:age)?))? ?margins?(?: (?:%|percent(?:age)?))?"
RATIOS: tuple[Ratio, ...] = (
    Ratio(
        "gross margin",
        _words(rf"gross(?: profit)?{_MARGIN}(?! amount)|bruttomarge"),
        "gross profit / revenue",
        percent=True,
    ),
    Ratio(
        "operating margin",
        _words(rf"(?:unadjusted )?(?:operating(?: income| profit)?|ebit){_MARGIN}|operative marge"),
        "operating income / revenue",
        percent=True,
    ),
    Ratio("EBITDA margin", _words(rf"(?:unadjusted )?ebitda{_MARGIN}|ebitda-marge"), "EBITDA / revenue", percent=True),
    Ratio(
        "net profit margin",
        _words(rf"(?:net )?(?:profit|income|earnings){_MARGIN}|net margins?|nettomarge|umsatzrendite"),
        "net income / revenue",
        percent=True,
    ),
    Ratio(
        "effective tax rate",
        _words(r"effective (?:income )?tax rate|effektiver? steuersatz"),
        "income taxes / income before taxes",
        percent=True,
    ),
    Ratio(
        "return on assets",
        _words(r"return on (?:total )?assets|roa"),
        "net income / average total assets",
        percent=True,
    ),
    Ratio("return on equity", _words(r"return on (?:\w+ )?equity|roe"), "net income / average equity", percent=True),
    Ratio("current ratio", _words(r"(?:current|working capital) ratio"), "current assets / current liabilities"),
    Ratio(
        "quick ratio",
        _words(r"quick ratio|acid[- ]test(?: ratio)?"),
        "(cash and cash equivalents + short-term investments + receivables) / current liabilities",
    ),
    Ratio("cash ratio", _words(r"cash ratio"), "cash and cash equivalents / current liabilities"),
    Ratio(
        "operating cash flow ratio",
        _words(r"operating cash flow ratio"),
        "cash from operating activities / current liabilities",
    ),
    Ratio(
        "days payable outstanding",
        _words(r"days payables? outstanding|dpo"),
        "365 * average accounts payable / cost of sales",
    ),
    Ratio(
        "days inventory outstanding",
        _words(r"days (?:inventory|inventories|sales of inventory) outstanding|days of inventory|dio"),
        "365 * average inventories / cost of sales",
    ),
    Ratio(
        "days sales outstanding",
        _words(r"days (?:sales|receivables?) outstanding|dso"),
        "365 * average receivables / revenue",
    ),
    Ratio(
        "cash conversion cycle",
        _words(r"cash conversion cycle|ccc"),
        "365 * average inventories / cost of sales + 365 * average receivables / revenue"
        " - 365 * average accounts payable / cost of sales",
    ),
    Ratio(
        "inventory turnover",
        _words(r"inventory turn(?:over|s)(?: ratio)?|lagerumschlag"),
        "cost of sales / average inventories",
    ),
    Ratio(
        "fixed asset turnover",
        _words(r"fixed assets? turnover(?: ratio)?"),
        "revenue / average property, plant and equipment",
    ),
    Ratio("asset turnover", _words(r"(?:total )?assets? turnover(?: ratio)?"), "revenue / average total assets"),
    Ratio(
        "interest coverage",
        _words(r"interest coverage(?: ratio)?|times interest earned"),
        "operating income / interest expense",
    ),
    Ratio("dividend payout ratio", _words(r"(?:dividend )?pay-?out ratio"), "dividends paid / net income"),
    Ratio("retention ratio", _words(r"(?:earnings )?retention ratio"), "1 - dividends paid / net income"),
    Ratio("equity ratio", _words(r"equity ratio|eigenkapitalquote"), "equity / total assets", percent=True),
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A concept or ratio at `start:end` of a text."""

    start: int
    end: int
    what: Concept | Ratio


def mentions(text: str, own: Sequence[Concept] = ()) -> list[Mention]:
    """The concepts and ratios that a text names, without those that stand inside a longer one; `own` ones go first."""
    found = sorted(_all_mentions(text, own), key=lambda mention: (mention.start - mention.end, mention.start))
    kept: list[Mention] = []
    for mention in found:
        if all(mention.end <= other.start or other.end <= mention.start for other in kept):
            kept.append(mention)
    return sorted(kept, key=lambda mention: mention.start)


def _all_mentions(text: str, own: Sequence[Concept]) -> Iterator[Mention]:
    known: tuple[Concept | Ratio, ...] = (*own, *RATIOS, *CONCEPTS)
    for what in known:
        for match in what.asks.finditer(text):
            yield Mention(match.start(), match.end(), what)


def of_words(words: Sequence[str]) -> Concept:
    """A concept of a question's own: rows whose labels have all of these words and few others, the fewest first."""
    named = " ".join(words)
    has_all = "".join(rf"(?=.*\b{re.escape(_stem(word))})" for word in words)
    count = sum(len(_LABEL_WORD.findall(word)) for word in words)
    labels = (rf"{has_all}\W*(?:\w+\W+){{{n - 1}}}\w+\W*" for n in range(count, count + _MOST_OTHER_WORDS + 1))
    patterns = tuple(re.compile(label, re.IGNORECASE) for label in labels)
    return Concept(named, _words(re.escape(named)), "", patterns)


def _stem(word: str) -> str:
    """Enough of a word to know it in singular and plural."""
    return word[:-_ENDING] if len(word) > _LONG_WORD else word.removesuffix("s")


_QUOTES = str.maketrans({"’": "'", "‘": "'", "—": "-", "–": "-"})
_LABEL_WORD = re.compile(r"\w+")
_MOST_OTHER_WORDS = 2
_LONG_WORD, _ENDING = 6, 2
_BRACKETED = re.compile(r"\([^()]*\)")


def plain_label(label: str) -> str:
    """A row's label as the patterns read it: brackets gone, one kind of dash and apostrophe, single spaces."""
    text = _BRACKETED.sub(" ", label.translate(_QUOTES)).replace("/", " ")
    return re.sub(r"\s+([,'])", r"\1", re.sub(r"-+", "-", " ".join(text.split()))).strip(" .:*-")
