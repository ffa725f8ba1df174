"""The parts of a question, in English and German: its words, periods, names and noun phrases, without a grammar.

What is done with them is decided in `llm.followups`. Words that only hold a sentence together are listed here; what
else there is counts as content.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

WORD = re.compile(r"[^\W_](?:[\w.&/’'-]*[^\W_])?")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ASKING = _words(
    "what which who whom whose when where why how was wer wen wem wessen wann wo woher wohin wieso weshalb warum wie "
    "welche welcher welches welchen welchem wieviel wieviele worin wofür wodurch womit "
    "wogegen worum woran worauf woraus wobei wonach worüber wovon wovor wozu"
)
AUXILIARIES = _words(
    "is are was were be been am do does did has have had can could will would shall should may might must "
    "ist sind war waren sei bin wird werden wurde wurden hat haben hatte hatten kann können konnte konnten darf dürfen "
    "durfte muss müssen musste soll sollen sollte will wollen gibt gab beträgt betrug betrugen lautet liegt lag"
)
ARTICLES = _words(
    "the a an this that these those my our your der die das den dem des ein eine einen einem eines einer "
    "dieser diese dieses diesen diesem kein keine mein meine unser unsere"
)
PREPOSITIONS = _words(
    "in of for at by from to on with under over about between during since until before after within without per "
    "against into through among im am an auf aus bei beim für gegen mit nach seit über um unter von vom vor zu zum zur "
    "zwischen während wegen laut pro durch innerhalb ohne bis ab"
)
_OTHERS = _words(
    "and or but not no yes so then also only just still too very more most less least much many few all any each every "
    "some other another same such one ones i me you we us he him his she her hers it its they them their theirs there "
    "here if as than because while though please tell show give me mean means long old high get got "
    "former latter first second third last next und oder aber nicht nein ja dann auch nur noch sehr mehr meist "
    "viel viele alle jede jeder jedes andere anderen anderer selbe gleiche ich mich mir du wir uns er ihn ihm sie es "
    "ihr ihre ihren ihrem ihrer ihnen sein seine seinen seinem seiner dort da hier wenn als weil ob bitte zeige nenne "
    "lange hoch alt zweite zweiten zweiter dritte dritten letzte letzten erste ersten erster s t "
    "davon dabei dafür damit darin darauf dazu daraus dagegen danach davor daran darüber zuvor year years jahr jahre "
    "jahres quarter quartal month monat et en y e ed nel nella au aux el la le les los del de du des"
)
FUNCTION = ASKING | AUXILIARIES | ARTICLES | PREPOSITIONS | _OTHERS

# These words and letters are of German and not of English.
_GERMAN = re.compile(
    r"\b(?:und|der|das|dem|den|ein|eine[mnrs]?|ist|sind|war(?:en)?|wie|wer|wann|wo|welche[mnrs]?|warum|für|von|bei|im|"
    r"mit|nach|zum|zur|gibt|dort|es|er|sie|nicht|auch|dafür|davon|dabei)\b|[äöüß]",
    re.IGNORECASE,
)
_ENGLISH = re.compile(
    r"\b(?:the|and|what|which|how|who|when|where|why|of|is|are|were|did|does|do|about|for|it|he|she|they)\b",
    re.IGNORECASE,
)

_MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december|"
    "januar|februar|märz|mai|juni|juli|oktober|dezember"
)
_YEAR = r"(?:19|20)\d\d(?:\s?[/–-]\s?(?:(?:19|20)\d\d|\d\d(?!\d)))?"
_NAMED_YEAR = rf"(?:(?:the\s+)?(?:fiscal\s+)?years?\s+|(?:Geschäfts)?jahr(?:e|es)?\s+|(?:FY|CY)\s?['’]?)?{_YEAR}(?!\w)"
_SHORT_YEAR = r"(?:FY|CY)\s?['’]?\d\d(?!\d)"
_QUARTER = (
    r"(?:the\s+|dem\s+|das\s+)?"
    r"(?:Q[1-4]|H[12]|(?:first|second|third|fourth)\s+(?:fiscal\s+)?(?:quarter|half)"
    r"|(?:erste|zweite|dritte|vierte)[nrs]?\s+(?:Quartal|Halbjahr)s?)(?!\w)"
)
_MONTH = rf"(?:\d{{1,2}}\.?\s+)?(?:{_MONTHS})(?:\s+\d{{1,2}}(?!\d),?)?"
# A month without a year is one only after a preposition: `may` is also a verb.
PERIOD = re.compile(
    rf"(?<![\w$€£.,])(?:(?P<lead>in|for|during|since|until|by|from|im|für|seit|bis|to|of|on|am|vom|zum)\s+)?"
    rf"(?P<body>(?:{_QUARTER}|{_MONTH})\s*,?\s*(?:of\s+|von\s+|des\s+)?(?:{_NAMED_YEAR}|{_SHORT_YEAR})"
    rf"|{_NAMED_YEAR}|{_SHORT_YEAR}|{_QUARTER}"
    rf"|(?<=in\s)(?:{_MONTHS})\b|(?<=im\s)(?:{_MONTHS})\b)",
    re.IGNORECASE,
)
YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_TAKES_VERB = _words("do does did can could will would shall should may might must has have had")
_CAPITAL = re.compile(r"[^\W\d_]")
_JOINS = _words("of and & de la le von van der du für and")


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a text: its characters `start:end`, and these characters."""

    start: int
    end: int
    text: str


def is_german(question: str, before: str = "") -> bool:
    """Whether a question is German rather than English; where it has too few words, whether the one before is."""
    german, english = len(_GERMAN.findall(question)), len(_ENGLISH.findall(question))
    if german == english and before:
        return is_german(before)
    return german > english


def words(text: str) -> list[Span]:
    """The words of a text in their order."""
    return [Span(found.start(), found.end(), found.group()) for found in WORD.finditer(text)]


def content(text: str) -> list[str]:
    """The words that say what a text is about, without periods, in their order."""
    plain = PERIOD.sub(" ", text)
    return [w.text for w in words(plain) if w.text.lower() not in FUNCTION and not w.text.lower().endswith("n't")]


def periods(text: str) -> list[Span]:
    """The years, quarters, halves and dates of a text, without the prepositions before them."""
    return [Span(found.start("body"), found.end("body"), found["body"]) for found in PERIOD.finditer(text)]


def names(text: str, *, german: bool) -> list[Span]:
    """Runs of words that begin with capitals inside the text, each one name; of German only those without an article.

    The first word of the text is none, unless the whole text is one.
    """
    told = words(text)
    runs: list[list[Span]] = []
    for place, word in enumerate(told):
        before = told[place - 1] if place else None
        if not _may_name(word, before, told, german=german):
            continue
        if runs and before is not None and runs[-1][-1].end == before.end and _gap(text, before, word):
            runs[-1].append(word)
        elif runs and place > 1 and _joined(text, runs[-1][-1], told[place - 2], before):
            runs[-1] += [told[place - 1], word]
        else:
            runs.append([word])
    taken = periods(text)
    spans = [_without_genitive(_span(text, run[0].start, run[-1].end)) for run in runs]
    return [one for one in spans if not any(one.start <= period.start < one.end for period in taken)]


def noun_phrases(text: str, *, german: bool) -> list[Span]:
    """Phrases from an article up to what ends them: a preposition, an auxiliary, another article or the end."""
    told = words(text)
    found = []
    for place, word in enumerate(told):
        if word.text.lower() not in ARTICLES:
            continue
        end = place
        for nxt in told[place + 1 :]:
            if _ends_phrase(text, told[end], nxt):
                break
            end += 1
        end = _trimmed(told, place, end, german=german)
        if end > place and any(one.text.lower() not in FUNCTION for one in told[place : end + 1]):
            found.append(_span(text, word.start, told[end].end))
    return found


def prepositional(text: str, preposition: Sequence[str]) -> Span | None:
    """The last phrase of a text that begins with one of these prepositions and is no period."""
    told = words(text)
    taken = periods(text)
    for place in range(len(told) - 1, -1, -1):
        if told[place].text.lower() not in preposition or place + 1 == len(told):
            continue
        start = told[place + 1].start
        if any(one.start <= start < one.end for one in taken):
            continue
        end = place + 1
        for nxt in told[place + 2 :]:
            article = told[end].text.lower() in ARTICLES
            in_period = any(one.start <= nxt.start < one.end for one in taken)
            if in_period or (_ends_phrase(text, told[end], nxt) and not article):
                break
            end += 1
        return _span(text, told[place].start, told[end].end)
    return None


def _span(text: str, start: int, end: int) -> Span:
    return Span(start, end, text[start:end])


def _may_name(word: Span, before: Span | None, told: Sequence[Span], *, german: bool) -> bool:
    letters = word.text
    if not (_CAPITAL.match(letters) and letters[0].isupper()) or letters.lower() in FUNCTION:
        return False
    if before is None:
        mixed = any(c.isupper() or c.isdigit() for c in letters[1:])
        return mixed or len(told) == 1 or told[1].text[0].isupper()
    if letters.isupper() and before.text.lower() in ARTICLES:
        return False  # the CEO, the VAT
    return not (german and before.text.lower() in ARTICLES)


def _gap(text: str, before: Span, word: Span) -> bool:
    """Whether nothing but space stands between two words; after a genitive something new begins."""
    return text[before.end : word.start].strip() == "" and not before.text.endswith(("'s", "’s"))


def _joined(text: str, last: Span, candidate: Span, join: Span | None) -> bool:
    return join is not None and last.end == candidate.end and join.text.lower() in _JOINS - PREPOSITIONS


def _without_genitive(span: Span) -> Span:
    plain = re.sub(r"['’]s?$", "", span.text)
    return Span(span.start, span.start + len(plain), plain)


def _ends_phrase(text: str, last: Span, nxt: Span) -> bool:
    low = nxt.text.lower()
    between = text[last.end : nxt.start]
    if between.strip() or low in PREPOSITIONS or low in AUXILIARIES or low in ARTICLES or low in {"and", "und", "or"}:
        return True
    return low in ASKING or YEAR.fullmatch(nxt.text) is not None


def _trimmed(told: Sequence[Span], start: int, end: int, *, german: bool) -> int:
    """Without the verb at the end: nouns of German have capitals; English ones have it after `did the tenant`."""
    if german:
        while end > start and told[end].text[0].islower():
            end -= 1
        return end
    verb_follows = start > 0 and told[start - 1].text.lower() in _TAKES_VERB
    if end - start > 1 and told[end].text.islower() and (verb_follows or told[end].text.endswith("ed")):
        return end - 1
    return end
