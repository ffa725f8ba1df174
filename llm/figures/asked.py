"""What figure a question asks for: a measure in the words of formulas, for which years, compared how, printed how.

A question that says more than that, about a part of a company, an adjustment or a reason, asks for no figure that can
be computed with confidence; so what is left over of its words is kept, and has to be the name of who is asked about.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from llm.figures.concepts import Concept, Mention, Ratio, mentions
from llm.figures.formulas import Terms
from llm.figures.periods import asked_years, asks_parts_of_years


class Comparison(StrEnum):
    """What is made of the values of several years."""

    NONE = "none"
    CHANGE = "change"
    AVERAGE = "average"
    SUM = "sum"
    YEARLY_GROWTH = "yearly growth"


@dataclass(frozen=True, slots=True)
class Asked:
    """A figure that is asked for.

    `measure` is a formula in words for each of the `years`, none where the newest are meant; it is empty where the
    question names no figure of general knowledge. `names` are what is left of the question. `unit` multiplies, None
    where any will do; `decimals` likewise.
    """

    name: str
    measure: str
    years: tuple[int, ...]
    comparison: Comparison
    names: tuple[str, ...]
    percent: bool
    decimals: int | None
    unit: int | None
    german: bool
    terms: Terms = field(default_factory=lambda: Terms({}))

    @property
    def plain(self) -> bool:
        """Whether one row by itself answers."""
        return self.comparison is Comparison.NONE and len(mentions(self.measure, self.terms.own)) == 1


_CLAUSE_END = re.compile(r"(?<=[?!;])\s+|(?<!\bas:)(?<=:)\s+|(?<=\.)\s+(?=[A-ZÄÖÜ])")
# What is longer asks for no one figure, and the patterns below would take too long over it.
_LONGEST = 2_000
_DEFINED = re.compile(
    r"(?P<term>[\w%&,()' -]{2,90}?)\s+(?:is|are)\s+(?:defined|calculated"
    r"|computed)\s+as\s*:?\s*(?P<formula>[^:?]{3,400})$"
    r"|^(?:please\s+)?(?:define|calculate"
    r"|compute)\s+(?P<term2>[\w%&,()' -]{2,90}?)\s+as\s*:?\s*(?P<formula2>[^:?]{3,400})$",
    re.IGNORECASE,
)
# Where the question begins that something else introduces: `Based on the balance sheet, what is …`
_BEGINS = re.compile(
    r"(?:^|[,:]\s*)(?=(?:and\s+|then\s+)?(?:what|how|by\s+(?:how|what)|calculate|compute|give|tell|did"
    r"|does|has|have|was|were|is|are"
    r"|wie|um\s+wie|was|welche[rs]?|berechne)\b)",
    re.IGNORECASE,
)
_STATEMENT = re.compile(
    r"\b(?:the\s+)?(?:(?:consolidated\s+)?(?:(?:cash\s+flow|income|p&l|earnings"
    r"|profit\s+and\s+loss)s?\s+statements?|balance\s+sheets?"
    r"|statements?\s+of\s+(?:consolidated\s+)?(?:cash\s+flows?|income|operations|earnings"
    r"|financial\s+(?:position|condition))|p&l)"
    r"|bilanz|gewinn-\s+und\s+verlustrechnung)(?:\s+statements?)?",
    re.IGNORECASE,
)
_YEARS_LONG = re.compile(r"\b(?:\d+|two|three|four|five)[\s-]*years?\b", re.IGNORECASE)
_CAGR = re.compile(r"\bcagr\b|\bcompound(?:ed)?\s+annual\s+(?:growth(?:\s+rate)?|rate\s+of\s+growth)", re.IGNORECASE)
_AVERAGE = re.compile(r"\b(?:average|mean|durchschnitt\w*|im\s+mittel)\b", re.IGNORECASE)
_CHANGE = re.compile(
    r"\b(?:year[\s-]+over[\s-]+year|yoy|y/y)\b"
    r"|\b(?:change[ds]?|changing|growth|grow|grew|grown|increase[ds]?|increasing|decrease[ds]?"
    r"|decline[ds]?|drop(?:ped|s)?|rise[sn]?|rose"
    r"|fall(?:en|s)?|fell|shrink|shrank|shrunk|reduc(?:ed?|tion)|verändert\w*|veränderung|gestiegen"
    r"|gewachsen|gesunken|wachstum|anstieg"
    r"|rückgang|zugenommen|abgenommen|stieg|sank|wuchs|compare[ds]?|versus|vs|vergleiche?|verglichen)\b(?:\s+rate)?",
    re.IGNORECASE,
)
_DIFFERENCE = re.compile(r"\bdifference\b|\bunterschied\b|\bdifferenz\b", re.IGNORECASE)
_SUM = re.compile(r"\b(?:sum|combined|together|altogether|summe|zusammen)\b", re.IGNORECASE)
_SHARE = re.compile(
    r"\b(?:as|in)\s+(?:an?\s+)?(?:%|percent(?:age)?|share|proportion|fraction)\s+of\b"
    r"|\bin\s+prozent\s+de[rs]\b|\bim\s+verhältnis\s+zu[rm]?\b",
    re.IGNORECASE,
)
_WHAT_SHARE = re.compile(
    r"\b(?:%|percent(?:age)?|share|proportion|fraction)\s+of\s+(?:\w+['’]s?\s+)?(?:the\s+|total\s+)?$|\banteil\b",
    re.IGNORECASE,
)
_RATIO = re.compile(r"\b(?:ratio\s+of|verhältnis\s+von)\b", re.IGNORECASE)
_RATIO_AFTER = re.compile(r"\s*ratio\b", re.IGNORECASE)
_DIVIDED = re.compile(r"\s*/\s*|\b(?:divided\s+by|geteilt\s+durch)\b", re.IGNORECASE)
_TO = re.compile(r"(?:\s+|-)(?:to|zu[rm]?)(?:\s+|-)", re.IGNORECASE)
_PERCENT = re.compile(r"%|\bpercent|\bprozent|\bgrowth\s+rate", re.IGNORECASE)
_DECIMALS = re.compile(
    r"\b(?P<count>one|two|three|four|1|2|3|4|eine|zwei|drei)\s+(?:decimal|digit|nachkomma)", re.IGNORECASE
)
_WHOLE = re.compile(r"\bnearest\s+(?:whole|integer|percent|million|dollar)|\bwhole\s+number", re.IGNORECASE)
_COUNTS = {"one": 1, "1": 1, "eine": 1, "two": 2, "2": 2, "zwei": 2, "three": 3, "3": 3, "drei": 3, "four": 4, "4": 4}
_UNIT = re.compile(
    r"(?:\b(?:in|usd|eur|dollars?|euros?)|\$|€)\s*(?P<unit>thousands?|millions?|billions?|tausend|mio"
    r"|millionen|mrd|milliarden?)\b",
    re.IGNORECASE,
)
_UNITS = {"th": 10**3, "ta": 10**3, "mi": 10**6, "bi": 10**9, "mr": 10**9}
_GERMAN = re.compile(r"\b(?:wie|der|das|dem|ist|von|für|und|beträgt|betrug|welche[rs]?)\b", re.IGNORECASE)
_MARKED = re.compile(r"\b(?:FY|CY|GJ)\s?['’]?\d{2,4}|(?<!\d)(?:19|20)\d\d(?!\d)", re.IGNORECASE)
_PER_SHARE = re.compile(r"\bper\s+(?:\w+\s+)?share\b|\bje\s+aktie\b|\beps\b", re.IGNORECASE)
_SIDES = 2
_MOST_OWN_WORDS = 6
_BRACKETS = re.compile(r"\([^()]*\)")
_WORD = re.compile(r"[^\W_](?:[\w&.'’-]*[^\W_])?")
# What questions for figures are made of, beside the names of figures and of whom they are about.
_ORDINARY_WORDS = (
    "a about above according across against all also amount amounts an and annual annually answer any are "
    "as asked at average based basis be been between billion billions both by calculate calculated "
    "calculation calculating change changed co come company company's compare compared comparing compute "
    "computed consolidated corp corporation could data decimal decline decrease decreased did difference "
    "do does dollar dollars during each end ended ending expressed figure figures financial firm firm's "
    "fiscal following for form from full fy give given grew group grow growth had has have how in inc "
    "increase increased information into is it its itself level levels long ltd many mean metric million "
    "millions much name nearest negative number of on or our over overall own per percent percentage "
    "percents period periods place places please plc points positive prior previous primarily provide "
    "quantity question rate ratio relative report reported reporting reports respect round rounded share "
    "shown size so sum tell term terms than that the their them there these this those thousand thousands "
    "through to together total two three unadjusted under unit units up us usd using value values versus "
    "vs was we were what when which will with within year year's years yearly year-over-year yoy y/y "
    "combined compound compounded cagr reduction fell fall rose rise drop dropped absolut anteil auf "
    "beträgt betrug bis dem den der des die das durch durchschnitt durchschnittlich durchschnittliche ein "
    "eine einer eines entwickelt gegenüber gestiegen gewachsen gesunken geschäftsjahr groß hat hatte hoch "
    "höhe ihr im in ist jahr jahre jahren jahres mit millionen milliarden mio mrd nach prozent prozentual "
    "prozentuale sich sie sind summe um und unternehmen veränderung verändert verhältnis viel von vom war "
    "waren was welche welcher welches wie wieviel wuchs zu zum zur zusammen zwischen zwei drei für euro "
    "eur "
)
_ORDINARY = frozenset(_ORDINARY_WORDS.split())


def understood(question: str) -> Asked | None:
    """The figure that a question asks for; None where it asks for none that can be told with confidence."""
    question = " ".join(question.split())
    if len(question) > _LONGEST:
        return None
    clauses = [clause.strip() for clause in _CLAUSE_END.split(question) if clause.strip()]
    said = dict(_definitions(clauses))
    asks = [_STATEMENT.sub(" ", _without_preamble(clause)) for clause in clauses if not _DEFINED.search(clause)]
    each = (_understood(question, ask, said) for ask in asks)
    return next((asked for asked in each if asked is not None), None)


def _understood(question: str, ask: str, said: Mapping[str, str]) -> Asked | None:
    bare = _BRACKETS.sub(" ", ask)
    years = asked_years(ask)
    found = mentions(bare)
    comparison = _comparison(bare, found, years)
    measure, name = _measure(bare, found, said)
    if (
        asks_parts_of_years(ask)
        or _reads_otherwise(bare, found)
        or not (measure or (not found and comparison is not Comparison.NONE))
    ):
        return None
    names = tuple(_left_over(bare, found, name))
    if not measure and not 0 < len(names) <= _MOST_OWN_WORDS:
        return None
    share = bool(_SHARE.search(bare) or (_WHAT_SHARE.search(bare[: found[0].start]) if found else None)) or any(
        _is_percent(mention.what, said) for mention in found
    )
    compared = comparison is not Comparison.NONE and bool(_PERCENT.search(question))
    return Asked(
        name=name,
        measure=measure,
        years=years,
        comparison=comparison,
        names=names,
        percent=share or compared or bool(_PERCENT.search(ask)),
        decimals=_decimals(question),
        unit=_unit(question),
        german=bool(_GERMAN.search(ask)),
        terms=Terms(said),
    )


def _reads_otherwise(ask: str, found: list[Mention]) -> bool:
    """Whether an amount is asked for as it is for one share."""
    return bool(_PER_SHARE.search(ask)) and not any(isinstance(m.what, Concept) and m.what.per_share for m in found)


def _is_percent(what: Concept | Ratio, said: Mapping[str, str]) -> bool:
    return isinstance(what, Ratio) and what.percent and what.name not in said


def _decimals(question: str) -> int | None:
    found = _DECIMALS.search(question)
    if found is not None:
        return _COUNTS[found["count"].lower()]
    return 0 if _WHOLE.search(question) else None


def _unit(question: str) -> int | None:
    found = _UNIT.search(question)
    return _UNITS[found["unit"][:2].lower()] if found else None


def _definitions(clauses: list[str]) -> Iterator[tuple[str, str]]:
    """What the question says terms are, by the name of their concept or ratio, or by their own words."""
    for clause in clauses:
        found = _DEFINED.search(clause)
        if found:
            term = (found["term"] or found["term2"]).strip()
            yield _known(term) or term, (found["formula"] or found["formula2"]).strip(" .")


def _known(term: str) -> str:
    """The name of the concept or ratio that a term ends with; empty for a term of the question's own."""
    bare = re.sub(r"\s*\([^()]*\)\s*$", "", term)
    named = mentions(bare)
    return named[-1].what.name if named and named[-1].end == len(bare) else ""


def _without_preamble(clause: str) -> str:
    begins = list(_BEGINS.finditer(clause))
    return clause[begins[-1].end() :] if begins else clause


def _measure(ask: str, found: list[Mention], said: Mapping[str, str]) -> tuple[str, str]:
    """The formula in words, and what it is called; empty where the figures named are none or too many."""
    for term, formula in said.items():
        if not _known(term) and term.lower() in ask.lower():
            return formula, term
    names = list(dict.fromkeys(mention.what.name for mention in found))
    words = [ask[mention.start : mention.end] for mention in found]
    if len(names) == 1:
        return names[0], words[0]
    if len(found) == _SIDES == len(names):
        before = ask[: found[0].start]
        sign = _joined(before, ask[found[0].end : found[1].start], ask[found[1].end :])
        if _WHAT_SHARE.search(before):
            sign, names, words = "/", names[::-1], words[::-1]
        if sign:
            return f" {sign} ".join(names), f" {'−' if sign == '-' else sign} ".join(words)
    return "", ""


def _joined(before: str, between: str, after: str) -> str:
    """The sign that joins two figures, by the words around them; empty for none."""
    to = _TO.search(between) is not None
    if (
        _SHARE.search(between)
        or _DIVIDED.search(between)
        or (to and (_RATIO.search(before) or _RATIO_AFTER.match(after)))
    ):
        return "/"
    if _DIFFERENCE.search(before):
        return "-"
    return "+" if _SUM.search(f"{before} {between} {after}") else ""


def _comparison(ask: str, found: list[Mention], years: tuple[int, ...]) -> Comparison:
    around = ask
    for mention in reversed(found):
        around = around[: mention.start] + " " + around[mention.end :]
    if _CAGR.search(around):
        return Comparison.YEARLY_GROWTH
    if _AVERAGE.search(around) and (len(years) > 1 or _YEARS_LONG.search(around)):
        return Comparison.AVERAGE
    if _CHANGE.search(around) or (_DIFFERENCE.search(around) and len({mention.what.name for mention in found}) == 1):
        return Comparison.CHANGE
    if _SUM.search(around) and len(years) > 1:
        return Comparison.SUM
    return Comparison.NONE


def _left_over(ask: str, found: list[Mention], name: str) -> Iterator[str]:
    rest = ask
    for mention in reversed(found):
        rest = rest[: mention.start] + " " + rest[mention.end :]
    rest = re.sub(re.escape(name), " ", rest, flags=re.IGNORECASE) if name else rest
    rest = _MARKED.sub(" ", _YEARS_LONG.sub(" ", _UNIT.sub(" ", rest)))
    for word in _WORD.findall(rest):
        bare = re.sub(r"['’]s?$", "", word)
        ordinary = (bare.lower() in _ORDINARY or word.lower() in _ORDINARY) and bare != "US"
        if not ordinary and not bare.isdigit():
            yield bare
