"""Follow-up questions without a language model: what a question leaves out is taken from the one before it.

English and German; of other languages only questions that name another year. A question that stands by itself is left
alone. How the parts of questions are found is in `llm.phrases`.
"""

import re
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass

from llm import phrases
from llm.phrases import Span

# What is longer says enough by itself.
MOST_CHARS = 400
_MOST_WORDS = 12
_SHORT_FRAGMENT = 4
# A question with more words of its own can be searched for as it is.
_ENOUGH_WORDS = 7

_CONNECTIVE = re.compile(
    r"^[¿¡\s]*(?:(?:ok(?:ay)?|and|but|so|then|also|well|und|aber|dann|also|et|mais|y|e|ed|ma)\b[\s,]+)+", re.IGNORECASE
)
_ABOUT = re.compile(
    r"^(?:(?:what|how)\s+about|what\s+of|(?:the\s+)?same\s+(?:question\s+)?for|was\s+ist\s+(?:denn\s+)?mit"
    r"|wie\s+(?:sieht|sah|steht|stand|ist|war)\s+(?:es|das)\s+(?=(?:mit|bei|in|im|für|um)\b))\s*",
    re.IGNORECASE,
)
_ASPECT_END = re.compile(r"\s+aus(?=\s*[?.!]*$)", re.IGNORECASE)
_WITH = re.compile(r"^(?:mit|um)\s+", re.IGNORECASE)
# `It` and `there` that stand for nothing.
_EXPLETIVE = re.compile(
    r"\b(?:is|was|are|were|be)\s+there\b|\bthere\s+(?:is|are|was|were|will|has|have)\b"
    r"|\bit\b(?=[^?.;]*\b(?:to|that|for|when|if|whether)\b)|\bit\s+takes?\b|\bdoes\s+it\s+take\b|\btime\s+is\s+it\b"
    r"|\b(?:gibt|gab|geht|ging|kam|kommt|handelt|handelte)\s+es\b|\bes\s+(?:gibt|gab|geht|kam|handelt)\b"
    r"|\bes\b(?=[^?.;]*\b(?:wenn|dass|ob|zu)\b)",
    re.IGNORECASE,
)
_PERSON = re.compile(r"\b[Hh]e\b|\b[Ss]he\b")
_THING = re.compile(r"\b(?:[Ii]t|[Tt]hey)\b")
_OBJECT = re.compile(r"\b(?:them|him)\b|\bher\b(?=\s*(?:[?.,!]|$))")
_OWNED = re.compile(r"\b(?:its|their|his|her)\b(?=\s+\w)", re.IGNORECASE)
_NOMINATIVE = re.compile(r"\b(?:er|sie|es)\b")
_OBLIQUE = re.compile(r"\b(?:ihn|ihm|ihnen|ihre?[nmrs]?|seine?[nmrs]?|deren|dessen)\b", re.IGNORECASE)
_ADVERB = re.compile(r"\bda(?:bei|von|für|mit|rin|rauf|zu|raus|gegen|rüber|ran)\b", re.IGNORECASE)
_PLACE = re.compile(r"\b(?:there|dort)\b", re.IGNORECASE)
_POINTING = re.compile(
    r"\b(?:this|these)\b(?=\s*(?:[?.,!]|$|(?:is|are|was|were|so|too|mean|apply|also)\b))"
    r"|\b(?:that|those)\b(?=\s*(?:[?!]|$|(?:so|too)\b))"
    r"|^(?:is|are|was|were|do|does|did|can|could|will|would|may|must|has|have)\s+th(?:is|at|ose|ese)\b",
    re.IGNORECASE,
)
_POINTED = re.compile(
    r"\b(?:this|these|those|diese[rnms]?)\s+(?!(?:years?|quarter|month|week|season|day|time|Jahr|Saison|Monat)\b)\w",
    re.IGNORECASE,
)
_POINTING_GERMAN = re.compile(r"\bdas\b(?=\s*(?:[?.,!]|$))|\bdas\s+(?:so|auch|genau|denn)\b", re.IGNORECASE)
# Pronouns that can stand for a noun of their own clause.
_BOUND = (_OWNED, _OBJECT, _OBLIQUE)
_CHOICE = re.compile(
    r"\b(?:the\s+)?(?:(?:first|second|third|last|other|next|same|former|latter)(?:\s+ones?)?\s*(?=[?.!]|$|is\b|was\b))"
    r"|\b(?:that|this|which|the\s+\w+)\s+ones?\b"
    r"|\bd(?:er|ie|as|em|en)(?:selben?|jenigen?|\s+(?:erste|zweite|dritte|letzte|andere|nächste|gleiche)n?)\s*(?=[?.!]|$)",
    re.IGNORECASE,
)
_GENERIC = re.compile(
    r"\b(?:the|this|that)\s+(?:company|firm|business|corporation|organi[sz]ation|group|bank|manufacturer)\b"
    r"|\b(?:das|dem|des|dieses)\s+Unternehmens?\b|\b(?:die|der|dieser?)\s+(?:Firma|Gesellschaft|Bank|Gruppe)\b"
    r"|\b(?:der|dem|des|den)\s+Konzerns?\b",
)
_BEFORE = re.compile(
    r"\b(?:the\s+)?(?:year\s+before(?:\s+(?:that|then))?|(?:previous|prior|preceding)\s+year)\b"
    r"|\b(?:im\s+)?(?:Vorjahr|Jahr\s+(?:davor|zuvor|vorher))\b",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"\b(?:the\s+)?(?:year\s+after(?:\s+(?:that|then))?|(?:next|following|subsequent)\s+year)\b"
    r"|\b(?:im\s+)?(?:Folgejahr|Jahr\s+(?:danach|darauf)|(?:nächsten|folgenden)\s+Jahr)\b",
    re.IGNORECASE,
)
_YEAR_WORDS = re.compile(r"(?:the\s+)?(?:fiscal\s+)?years?\b|(?:Geschäfts)?jahr|FY|CY", re.IGNORECASE)
_CLAUSE = re.compile(r"[,;.:]|\b(?:and|if|when|because|that|und|dass|wenn|weil|nachdem|bevor)\b", re.IGNORECASE)
_COPULA = re.compile(
    r"^(?P<frame>(?:\w+\s+){1,3}?(?:is|are|was|were|ist|sind|war|waren|beträgt|betrug|liegt|lag|lautet)\s+)"
    r"(?P<rest>.+)$",
    re.IGNORECASE | re.DOTALL,
)
# Prepositions that can stand in each other's place when the same thing is asked of another one.
_ALIKE: tuple[tuple[str, ...], ...] = (
    ("of", "for", "at", "by", "von", "vom", "bei", "beim", "für"),
    ("in", "im"),
    ("to", "nach"),
    ("with", "mit"),
    ("on", "am", "an", "auf"),
    ("from", "aus"),
)
_WHERE = ("in", "im", "at", "bei", "beim", "to", "nach", "auf")
_GENDER = {"er": ("der", "ein"), "sie": ("die", "eine"), "es": ("das", "ein")}


@dataclass(frozen=True, slots=True)
class _Pair:
    """A question, without what only ties it to the one before, and that one."""

    question: str
    before: str
    german: bool
    tied: bool


def understood(question: str, before: str) -> str | None:
    """The question as it stands by itself, given the one asked before it (as that one was understood).

    None where it says all there is to say, or where nothing can be told to be missing.
    """
    question, before = " ".join(question.split()), " ".join(before.split())
    if not question or not before or max(len(question), len(before)) > MOST_CHARS:
        return None
    pair = _paired(question, before)
    for way in (_other_year, _fragment, _pronouns):
        whole = way(pair)
        if whole is not None:
            whole = " ".join(whole.split())
            return whole if whole != question and len(whole) <= MOST_CHARS else None
    return None


def _paired(question: str, before: str) -> _Pair:
    bare = _CONNECTIVE.sub("", question)
    plain = _ASPECT_END.sub("", _WITH.sub("", _ABOUT.sub("", bare))) if _ABOUT.match(bare) else bare
    german = phrases.is_german(question, before)
    return _Pair(plain or question, before, german, tied=plain != question)


def _other_year(pair: _Pair) -> str | None:
    """`And in 2019?`, `The year before?`: the question before, for another period."""
    question = pair.question
    for pattern, step in ((_BEFORE, -1), (_AFTER, 1)):
        years = phrases.YEAR.findall(pair.before)
        if pattern.search(question) and len(set(years)) == 1:
            if _says_nothing(pattern.sub(" ", question)):
                return phrases.YEAR.sub(str(int(years[0]) + step), pair.before)
            return None
    if phrases.periods(question) and _says_nothing(phrases.PERIOD.sub(" ", question)):
        return _with_periods(pair, phrases.periods(question))
    return None


def _says_nothing(text: str) -> bool:
    """Whether nothing is left to ask: short small words of any language at most."""
    left = [word.text for word in phrases.words(text)]
    return all(word.lower() in phrases.FUNCTION or (len(word) <= 3 and word.islower()) for word in left) and not any(
        pattern.search(text) for pattern in (_PERSON, _THING, _OWNED, _NOMINATIVE, _CHOICE, _PLACE)
    )


def _with_periods(pair: _Pair, wanted: Sequence[Span]) -> str:
    """The question before with other periods: one for one, else the new ones in place of the last."""
    old = phrases.periods(pair.before)
    if not old:
        lead = phrases.PERIOD.search(pair.question)
        assert lead is not None
        phrase = pair.question[lead.start() : wanted[-1].end]
        return _added(pair.before, f"{phrase[0].lower()}{phrase[1:]}" if lead["lead"] else phrase)
    if len(old) == len(wanted):
        return _replaced(pair.before, [(one, _in_place_of(one, new)) for one, new in zip(old, wanted, strict=True)])
    told = pair.question[wanted[0].start : wanted[-1].end]
    if len(old) == 1:
        return _replaced(pair.before, [(old[0], told)])
    # From 2017 to 2018: the whole range goes.
    return _replaced(pair.before, [(Span(old[0].start, old[-1].end, ""), told)])


def _in_place_of(old: Span, new: Span) -> str:
    """A period in the words of another: `fiscal year 2019` of `2019`, `Q2 2018` of `Q2`."""
    years = phrases.YEAR.findall(old.text)
    if phrases.YEAR.fullmatch(new.text) and len(years) == 1 and _YEAR_WORDS.match(old.text):
        return phrases.YEAR.sub(new.text, old.text)
    return new.text if phrases.YEAR.search(new.text) or not years else f"{new.text} {years[-1]}"


def _fragment(pair: _Pair) -> str | None:
    """`And for Beta?`, `What about the deposit?`: the question before, with this part in place of its own."""
    told = phrases.words(pair.question)
    if not _is_fragment(pair, told):
        return None
    core = pair.question.rstrip("?!. ")
    wanted = phrases.periods(core)
    before = _with_periods(pair, wanted) if wanted else pair.before
    if wanted:
        core = " ".join(phrases.PERIOD.sub(" ", core).split())
    if not phrases.content(core) or _CHOICE.search(core):
        return _added(before, core, apart=True)
    return _put(core, before, german=pair.german)


def _is_fragment(pair: _Pair, told: Sequence[Span]) -> bool:
    low = [word.text.lower() for word in told]
    if not low:
        return False
    if low[0] in phrases.ASKING:
        rest = [word for word in low[1:] if word not in {"much", "many", "viel", "viele"}]
        counts = rest != low[1:] and bool(rest) and rest[0] in phrases.PREPOSITIONS
        return len(low) <= 2 or (counts and phrases.AUXILIARIES.isdisjoint(low[1:]))
    if any(word in phrases.AUXILIARIES for word in low) or len(low) > 2 * _SHORT_FRAGMENT:
        return False
    begins = len(low) == 1 or low[0] in phrases.PREPOSITIONS | phrases.ARTICLES
    return pair.tied or (begins and pair.question.endswith("?") and len(low) <= _SHORT_FRAGMENT)


def _put(core: str, before: str, *, german: bool) -> str:
    """The question before with a phrase in place of the one that it answers to."""
    first, _, rest = core.partition(" ")
    if first.lower() in phrases.ASKING and rest.partition(" ")[2]:
        # How many in France? What counts is where.
        core = " ".join(w for w in core.split()[1:] if w.lower() not in {"much", "many", "viel", "viele"})
        first, _, rest = core.partition(" ")
    if first.lower() in phrases.PREPOSITIONS and rest:
        return _put_place(first, rest, before, german=german)
    own = phrases.names(f". {core}", german=german)
    if own and not phrases.noun_phrases(core, german=german):
        known = phrases.names(before, german=german)
        if known:
            return _replaced(before, [(known[-1], core)])
        return _added(before, core, apart=True)
    return _put_topic(core, before, german=german)


def _put_place(preposition: str, rest: str, before: str, *, german: bool) -> str:
    alike = next((some for some in _ALIKE if preposition.lower() in some), (preposition.lower(),))
    found = phrases.prepositional(before, alike)
    if found is not None:
        return _replaced(before, [(found, f"{preposition} {rest}")])
    known = phrases.names(before, german=german)
    if known and phrases.names(f". {rest}", german=german) and preposition.lower() in _ALIKE[0]:
        return _replaced(before, [(known[0], rest)])
    return _added(before, f"{preposition} {rest}")


def _put_topic(core: str, before: str, *, german: bool) -> str:
    """The matter itself is another one: what is asked of it, and of whom and when, stays."""
    head = phrases.content(core)[-1].lower()
    for word in phrases.words(before):
        if word.text.lower() == head:
            # Part-time employees for full-time employees: the words before the same noun give way too.
            return _replaced(before, [(_with_modifiers(before, word), core)])
    known = phrases.noun_phrases(before, german=german)
    if known:
        return _replaced(before, [(known[0], core)])
    if (copula := _COPULA.match(before)) is not None:
        subject = _subject(copula["rest"], german=german)
        owner = re.match(r"[^\W\d_][\w&.-]*(?:\s[^\W\d_][\w&.-]*)*['’]s?\s", copula["rest"])
        bare = re.sub(r"^(?:the|a|an)\s+", "", core) if owner else core
        kept = owner.group() if owner else ""
        return f"{copula['frame']}{kept}{bare}{copula['rest'][subject:]}"
    return _added(before, core, apart=True)


def _with_modifiers(text: str, head: Span) -> Span:
    start = head.start
    for word in reversed([one for one in phrases.words(text) if one.end <= head.start]):
        if word.text.lower() in phrases.FUNCTION - phrases.ARTICLES or text[word.end : start].strip():
            break
        start = word.start
        if word.text.lower() in phrases.ARTICLES:
            break
    return Span(start, head.end, text[start : head.end])


def _subject(rest: str, *, german: bool) -> int:
    """Where the subject after `What was` ends: before a preposition, a period or the end."""
    told = phrases.words(rest)
    taken = phrases.periods(rest)
    end = len(rest.rstrip("?!. "))
    for place, word in enumerate(told):
        if place and (word.text.lower() in phrases.PREPOSITIONS or any(p.start == word.start for p in taken)):
            return told[place - 1].end
    if german and told and told[-1].text.islower():
        return told[-2].end if len(told) > 1 else end
    return end


def _pronouns(pair: _Pair) -> str | None:
    """`How old is he?`: what the pronoun stands for is in the question before."""
    question = pair.question
    if len(phrases.content(question)) > _ENOUGH_WORDS:
        return None
    marked = _EXPLETIVE.sub(lambda found: "\x00" * len(found.group()), question)
    patterns = [_PLACE, _CHOICE]
    patterns += (
        [_NOMINATIVE, _OBLIQUE, _ADVERB, _POINTING_GERMAN] if pair.german else [_PERSON, _THING, _OBJECT, _OWNED]
    )
    patterns += [_POINTING]
    if len(phrases.content(question)) <= _SHORT_FRAGMENT:
        patterns += [_POINTED]
    found = [(pattern, one) for pattern in patterns if (one := pattern.search(marked))]
    # `Es` often stands for nothing: it counts where there is something that it can stand for.
    found = [(p, one) for p, one in found if one.group() != "es" or _of_gender("es", pair.before)]
    names = phrases.names(question, german=pair.german)
    found = [(p, one) for p, one in found if not _has_own(question, one.start(), names, far=p not in _BOUND)]
    generic = _GENERIC.search(question) if not names else None
    if not found and (generic is None or not phrases.names(pair.before, german=pair.german)):
        if phrases.content(question) or not _asks_nothing(question):
            return None
        return _added(pair.before, question.rstrip("?!. "), apart=True)
    whole = question
    for pattern, one in sorted(found, key=lambda each: -each[1].start()):
        stand_in = _stand_in(pattern, one.group(), pair)
        if stand_in is not None:
            whole = whole[: one.start()] + stand_in + whole[one.end() :]
    return _completed(whole, pair)


def _asks_nothing(question: str) -> bool:
    return len(phrases.words(question)) <= _SHORT_FRAGMENT and question.endswith("?")


def _has_own(question: str, at: int, names: Sequence[Span], *, far: bool) -> bool:
    """Whether what a pronoun stands for can be in the question itself: a name, or a noun; if `far`, a clause before."""
    if any(name.end <= at for name in names):
        return True
    if not far:
        return bool(phrases.content(question[:at]))
    breaks = [one.start() for one in _CLAUSE.finditer(question[:at])]
    return bool(breaks) and bool(phrases.content(question[: breaks[-1]]))


def _stand_in(pattern: re.Pattern[str], said: str, pair: _Pair) -> str | None:
    if pattern is _PLACE:
        found = phrases.prepositional(pair.before, _WHERE)
        return re.sub(r"^(?:to|nach)\b", "in", found.text) if found is not None else None
    if pattern is _NOMINATIVE:
        return _of_gender(said, pair.before)
    if pattern in (_PERSON, _THING, _OBJECT):
        return _antecedent(pair, person=pattern is _PERSON or said in {"him", "her"})
    if pattern is _OWNED:
        owner = _owner(pair, person=said.lower() in {"his", "her"})
        return f"{owner}'s" if owner is not None else None
    return None


def _antecedent(pair: _Pair, *, person: bool) -> str | None:
    """What `it` or `she` stands for: what the question before is about, with what belongs to it."""
    before, names = pair.before, phrases.names(pair.before, german=pair.german)
    alone = [name for name in names if not _after_preposition(before, name)]
    copula = _COPULA.match(before)
    if copula is not None and not (alone and before[alone[0].end : alone[0].end + 1] not in {"'", "’"}):
        return _subject_with_parts(copula)
    if alone:
        return alone[0].text
    known = phrases.noun_phrases(before, german=pair.german)
    if known and not (person and names):
        return known[0].text
    return names[0].text if names else None


def _subject_with_parts(copula: re.Match[str]) -> str:
    """`the CEO of Acme` of `Who was the CEO of Acme in 2018?`"""
    rest = " ".join(phrases.PERIOD.sub(" ", copula["rest"].rstrip("?!. ")).split())
    told = phrases.words(rest)
    last = told[-1].text if told else ""
    return rest[: told[-2].end] if len(told) > 2 and last.islower() and last.endswith("ed") else rest


def _owner(pair: _Pair, *, person: bool) -> str | None:
    names = phrases.names(pair.before, german=pair.german)
    if names and not person:
        return names[0].text
    found = _antecedent(pair, person=person)
    return found if found is not None and not found.lower().endswith(("s", "'s", "’s")) else None


def _after_preposition(text: str, name: Span) -> bool:
    told = phrases.words(text[: name.start])
    return bool(told) and told[-1].text.lower() in phrases.PREPOSITIONS


def _of_gender(said: str, before: str) -> str | None:
    """The German noun phrase, or name, of the question before that the pronoun can stand for."""
    for phrase in phrases.noun_phrases(before, german=True):
        article = phrase.text.partition(" ")[0].lower()
        if article in _GENDER[said.lower()]:
            return phrase.text
    names = phrases.names(before, german=True)
    alone = [name for name in names if not _after_preposition(before, name)]
    return alone[0].text if alone else None


def _completed(whole: str, pair: _Pair) -> str | None:
    """The question with the names and periods of the one before that it does not have yet, or else its topic."""
    had = {word.lower() for word in phrases.content(whole)}
    names = [n.text for n in phrases.names(pair.before, german=pair.german)]
    missing = [name for name in names if not had.intersection(word.lower() for word in name.split())]
    changed = whole != pair.question
    periods = [] if phrases.periods(whole) else [one.text for one in phrases.periods(pair.before)]
    added = [] if changed or phrases.names(pair.question, german=pair.german) else missing
    if not changed and not added:
        # Nothing else can be told, so all that the question before is about.
        added = [_topic(pair, had)]
    told = ", ".join(filter(None, [*added, *periods]))
    if not told:
        return whole if changed else None
    return f"{whole.rstrip('?!. ')} ({told})?"


def _topic(pair: _Pair, had: Set[str]) -> str:
    copula = _COPULA.match(pair.before)
    subject = _subject_with_parts(copula) if copula is not None else ""
    if subject and len(subject.split()) <= _MOST_WORDS:
        return subject
    return " ".join(word for word in phrases.content(pair.before)[:_MOST_WORDS] if word.lower() not in had)


def _added(before: str, phrase: str, *, apart: bool = False) -> str:
    """The question before with a phrase at its end."""
    return f"{before.rstrip('?!. ')}{' – ' if apart else ' '}{phrase}?"


def _replaced(text: str, changes: Sequence[tuple[Span, str]]) -> str:
    last: Callable[[tuple[Span, str]], int] = lambda change: -change[0].start  # noqa: E731 - a key
    for span, new in sorted(changes, key=last):
        text = text[: span.start] + new + text[span.end :]
    return text
