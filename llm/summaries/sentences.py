"""What of a document can be quoted: its whole sentences that say something by themselves.

Left out are lines that stand on many pages, tables of contents, rows, headings, sentences that begin or end elsewhere,
and those that only point at other places.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.values import Passage
from llm.units import units

_FEWEST_WORDS, _MOST_WORDS = 6, 60
_FEWEST_LOOSE_WORDS = 3
# What stands on so many pages is a header or a footer.
_RUNNING_PAGES = 3
_DIGITS = re.compile(r"\d+")
_BULLET = re.compile(r"^(?:[•●○▪■◦‣∙·*–—-]|\(?(?:[a-z]|[ivx]{1,4}|\d{1,2})[.)])\s+(?=\S)")
_ITEM = re.compile(r"(?<=[.;:])\s+(?=\([a-z]\)\s)|\n\s*(?=[•●○▪■◦‣∙·]\s)|\s(?=[•●▪■◦]\s)")
# A short line that nothing ends, before one that begins anew: a heading that nobody recognised.
_TITLE_LINE = re.compile(r"\s*[^\W\d_][^\n.!?:;,]{1,45}(?<!\bthe)(?<!\bof)(?<!\band)(?<!\bin)\n\s*(?=[A-ZÄÖÜ])")
_ENDS = re.compile(r"[.!?。？！][\"'”’»)\]]*$")
_STARTS = re.compile(r"[\"“„«(]?(?:[^\W\d_a-zß-ÿ]|\d|[$€£])")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_LEADERS = re.compile(r"(?:\.\s?){4,}|…{2,}|_{3,}")
# A finite verb of English or German, by the words and endings that most have.
_VERB = re.compile(
    r"\b(?:is|are|was|were|be|been|has|have|had|do|does|did|will|would|shall|should|can|could|may|might|must|"
    r"ist|sind|war|waren|wird|werden|wurde|wurden|hat|haben|hatte|hatten|kann|können|konnte|muss|müssen|soll|sollen|"
    r"darf|dürfen|gilt|gelten|liegt|liegen|beträgt|betrug|stieg|sank|steht|stehen|bleibt|"
    r"we|it|they|grew|rose|fell|led|made|paid|sold|began|became|held|took|said|says|shows?|includes?|provides?|"
    r"continues?|remains?|expects?|believes?|offers?|operates?|sells?|pays?|uses?|keeps?|makes?|allows?|needs?|means?|"
    r"\w{2,}(?:ed|ied|ated|ize[sd]?|ise[sd]))\b|\b\w{3,}(?:iert|te|ten|et)\b",
    re.IGNORECASE,
)
# What it says rests on a sentence that is not quoted with it.
_DANGLING = re.compile(
    r"(?:this|these|those|that|such|it|its|they|their|he|she|his|her|however|also|moreover|furthermore|therefore|thus|"
    r"accordingly|consequently|additionally|similarly|conversely|nevertheless|for example|for instance|in addition|"
    r"as a result|as such|in contrast|on the other hand|instead|then|but|and|or|so|hence|likewise|both|the latter|"
    r"dies\w*|solche\w*|diese\w*|es|sie|er|ihr\w*|jedoch|außerdem|ferner|zudem|daher|deshalb|somit|folglich|dadurch|"
    r"further|previously|among other things|includes?|excludes?|represents?|reflects?|consists?|included in|net of|"
    r"primarily|based on|the (?:increase|decrease|change|decline|amounts?|same|remaining|other|increases|decreases)|"
    r"dabei|darüber|hierzu|auch|aber|und|oder|zum beispiel|im gegensatz)\b",
    re.IGNORECASE,
)
_PLACES = r"[\"“]?(?:note|item|part|section|page|information|exhibit|figure|table|appendix|our|risk|management)\w*"
_POINTING = re.compile(
    r"\b(?:(?:the |in )?(?:following|accompanying|above|preceding) (?:table|chart|discussion|section|notes?|graph)s?|"
    r"table (?:below|above)|tables? (?:present|show|summari[sz]e|set)s?|"
    rf"see (?:also |the |additional |further |more )?{_PLACES}|refer to|referred to (?:as|in)|"
    r"as (?:described|discussed|set forth|defined) (?:in|under|below|above)|"
    r"(?:described|discussed|included|contained|presented|found|set forth) (?:in|under|on|below|above) "
    r"(?:more detail|[\"“]?(?:note|item|part|section|page|exhibit|our|the)\b)|"
    r"incorporated (?:herein )?by reference|hereby incorporated|forward[- ]looking statements?|"
    r"check ?mark|undersigned|in witness whereof|duly authori[sz]ed|all rights reserved|copyright|filed herewith|"
    r"table of contents|read in conjunction|should be read|siehe|vgl\.?|wie (?:oben|unten) |nachfolgende tabelle|"
    r"folgende tabelle|inhaltsverzeichnis|alle rechte vorbehalten)",
    re.IGNORECASE,
)
_LETTERS_SHARE, _FIGURES_SHARE = 0.6, 0.35


@dataclass(frozen=True, slots=True)
class Quotable:
    """A sentence of a document: `place` is its passage among the document's, `order` its place in the document.

    A `loose` one lacks something of a sentence, such as its full stop. `first` opens a passage's section.
    """

    passage: Passage
    place: int
    order: int
    text: str
    quote: str
    loose: bool = False
    first: bool = False

    @property
    def words(self) -> int:
        """How many words it has."""
        return len(self.text.split())

    @property
    def dangling(self) -> bool:
        """Whether it rests on a sentence before it."""
        return _DANGLING.match(self.text) is not None


def quotable(passages: Sequence[Passage]) -> list[Quotable]:
    """The sentences of a document's passages, in its order. Each text once, where it stands first."""
    running = _running(passages)
    found: dict[str, Quotable] = {}
    unfinished = False
    for place, passage in enumerate(passages):
        began_before, unfinished = unfinished, not _ends_whole(passage.text)
        skipped = began_before and not _begins_block(passage)
        for number, quote in _quotes(passage, skipped=skipped):
            text, loose = _said(quote, passage.heading, running)
            if text:
                one = Quotable(passage, place, len(found), text, quote, loose, number <= 1)
                found.setdefault(folded(text), one)
    return list(found.values())


def _quotes(passage: Passage, *, skipped: bool) -> Iterator[tuple[int, str]]:
    """The parts of a passage but rows, each with the number of its unit; without the first unit where it is skipped."""
    for number, unit in enumerate(units(passage.text, passage.heading)):
        if not unit.row and not (skipped and number == 0):
            yield from ((number, part) for part in _parts(passage.text[unit.start : unit.end]))


def folded(text: str) -> str:
    """A text as it is compared with others: small letters and figures, no signs."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def _parts(raw: str) -> Iterator[str]:
    """A unit without the title that its first line may be, cut where the items of a list begin."""
    for item in _ITEM.split(raw):
        title = _TITLE_LINE.match(item)
        if part := item[title.end() if title else 0 :].strip():
            yield part


def _said(quote: str, heading: str, running: frozenset[str]) -> tuple[str, bool]:
    """What a part of a text says, and whether loosely; empty for what is no sentence."""
    lines = [line for line in quote.split("\n") if line.strip()]
    if any(_bare(line) in running for line in lines) or _LEADERS.search(quote):
        return "", False
    text = " ".join(quote.split())
    bulleted = _BULLET.match(text)
    text = text[bulleted.end() :] if bulleted else text
    words = text.split()
    if text.rstrip(".:") in heading or not _STARTS.match(text) or _POINTING.search(text):
        return "", False
    if not _reads_as_prose(text, words):
        return "", False
    if _ENDS.search(text) and len(words) >= _FEWEST_WORDS and _VERB.search(text) is not None:
        return text, False
    apart = len(words) >= _FEWEST_LOOSE_WORDS and (bulleted is not None or len(lines) == 1)
    return (text, True) if apart and text[-1] not in ":,;" else ("", False)


def _reads_as_prose(text: str, words: Sequence[str]) -> bool:
    if not 0 < len(words) <= _MOST_WORDS:
        return False
    named = _WORD.findall(text)
    letters = sum(map(len, named))
    figures = sum(any(c.isdigit() for c in word) for word in words)
    capitals = sum(word.isupper() and len(word) > 1 for word in named)
    return (
        letters >= _LETTERS_SHARE * len(text.replace(" ", ""))
        and figures <= _FIGURES_SHARE * len(words)
        and capitals * 2 <= len(named)
        and text.count("(") == text.count(")")
        and text.count("“") == text.count("”") + text.count("„")
    )


def _ends_whole(text: str) -> bool:
    """Whether no sentence of a passage goes on in the next one."""
    last = text.rstrip().rsplit("\n", 1)[-1].strip()
    return bool(_ENDS.search(last)) or last[-1:] in {":", ";"} or not _WORD.search(last)


def _begins_block(passage: Passage) -> bool:
    """Whether a passage begins with its heading or a bullet."""
    line = passage.text.strip().split("\n", 1)[0].strip()
    return _BULLET.match(line) is not None or (len(line) > 1 and line in passage.heading)


def _running(passages: Sequence[Passage]) -> frozenset[str]:
    """The lines that stand on so many pages that they belong to none."""
    pages = {passage.page for passage in passages}
    counted = Counter(line for _, line in set(_lines(passages)))
    return frozenset(line for line, count in counted.items() if count >= max(_RUNNING_PAGES, len(pages) // 25))


def _lines(passages: Sequence[Passage]) -> Iterator[tuple[int, str]]:
    for passage in passages:
        for line in passage.text.split("\n"):
            if bare := _bare(line):
                yield passage.page, bare


def _bare(line: str) -> str:
    return _DIGITS.sub("#", " ".join(line.casefold().split()))
