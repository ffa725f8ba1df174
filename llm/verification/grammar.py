"""Parts of speech, and who does what to whom: a shallow reading of English and German sentences.

The parts of speech are those of the Hanover Tagger (Wartena, KONVENS 2019). Roles are read from the order of phrases,
from `by` and from German articles: right for plain sentences, and silent about many others.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, lru_cache
from threading import Lock

from HanTa import HanoverTagger

from llm.verification.lexicon import word_set
from llm.verification.readings import Reading, Word

_MODELS = {False: "morphmodel_en.pgz", True: "morphmodel_ger.pgz"}
_STOP = re.compile(r"[.!?;:\n•]")
_MARK = re.compile(r"[^\w\s]|\n")
_TAGGING = Lock()
_LONGEST = 80


class Kind(StrEnum):
    """Parts of speech of both languages."""

    NOUN = "noun"
    NAME = "name"
    VERB = "verb"
    PARTICIPLE = "participle"
    AUXILIARY = "auxiliary"
    ADJECTIVE = "adjective"
    ADVERB = "adverb"
    PREPOSITION = "preposition"
    DETERMINER = "determiner"
    PRONOUN = "pronoun"
    RELATIVE = "relative"
    JOINING = "joining"
    SUBORDINATE = "subordinate"
    NUMBER = "number"
    NEGATION = "negation"
    PARTICLE = "particle"
    OTHER = "other"


# The first of these with which a tag begins tells its kind: C5 of the British National Corpus, STTS for German.
_C5 = {
    "NP0": Kind.NAME, "NN": Kind.NOUN, "VVN": Kind.PARTICIPLE, "VV": Kind.VERB, "VB": Kind.AUXILIARY,
    "VH": Kind.AUXILIARY, "VD": Kind.AUXILIARY, "VM": Kind.AUXILIARY, "AJ": Kind.ADJECTIVE, "AV": Kind.ADVERB,
    "PRF": Kind.PREPOSITION, "PRP": Kind.PREPOSITION, "AT0": Kind.DETERMINER, "DPS": Kind.DETERMINER,
    "DT0": Kind.DETERMINER, "DTQ": Kind.RELATIVE, "PNQ": Kind.RELATIVE, "CJT": Kind.RELATIVE, "PN": Kind.PRONOUN,
    "CJC": Kind.JOINING, "CJS": Kind.SUBORDINATE, "CRD": Kind.NUMBER, "ORD": Kind.ADJECTIVE, "XX0": Kind.NEGATION,
    "TO0": Kind.PARTICLE, "EX0": Kind.PRONOUN, "POS": Kind.PARTICLE,
}  # fmt: skip
_STTS = {
    "NE": Kind.NAME, "NN": Kind.NOUN, "VV(PP)": Kind.PARTICIPLE, "VV": Kind.VERB, "VA": Kind.AUXILIARY,
    "VM": Kind.AUXILIARY, "ADJ": Kind.ADJECTIVE, "ADV": Kind.ADVERB, "PROAV": Kind.ADVERB, "APPR": Kind.PREPOSITION,
    "ART": Kind.DETERMINER, "PPOSAT": Kind.DETERMINER, "PIAT": Kind.DETERMINER, "PDAT": Kind.DETERMINER,
    "PRELS": Kind.RELATIVE, "PRELAT": Kind.RELATIVE, "PW": Kind.RELATIVE, "PTKNEG": Kind.NEGATION,
    "PTKVZ": Kind.PARTICLE, "PTKZU": Kind.PARTICLE, "KON": Kind.JOINING, "KOKOM": Kind.PREPOSITION,
    "KO": Kind.SUBORDINATE, "CARD": Kind.NUMBER, "P": Kind.PRONOUN,
}  # fmt: skip
_NOMINAL = {Kind.NOUN, Kind.NAME}
VERBAL = {Kind.VERB, Kind.PARTICIPLE, Kind.AUXILIARY}
_IN_GROUP = {*VERBAL, Kind.ADVERB, Kind.NEGATION}
_OF = word_set("of von")
_TIMES = word_set("after before since until as when while once")
_PERIODS = word_set("year month week day quarter decade century time jahr monat woche tag quartal jahrzehnt zeit")
_GENITIVE = word_set("des der eines einer ihrer seiner dieser deren dessen")
_INSIDE = {Kind.NOUN, Kind.NAME, Kind.DETERMINER, Kind.ADJECTIVE, Kind.NUMBER}
_OBLIQUE = word_set("den dem des einen einem eines ihn ihm ihnen mich mir dich dir uns")
_AGENT = word_set("by von durch")
_BE = word_set("be werden")
_DENYING = word_set(
    "not no never neither nor nobody nothing none "
    "nicht nie niemals kein keine keinen keiner keinem niemand nichts weder"
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word with its part of speech and its lemma in lower case; without a word it is a mark between words."""

    word: Word | None
    text: str
    kind: Kind
    lemma: str


@dataclass(frozen=True)
class Frame:
    """A verb with those who do and those to whom it is done, a passive turned round."""

    verb: Token
    agents: tuple[Token, ...]
    patients: tuple[Token, ...]
    passive: bool
    negated: bool


@cache
def _tagger(german: bool) -> HanoverTagger.HanoverTagger:
    return HanoverTagger.HanoverTagger(_MODELS[german])


@lru_cache(2048)
def tokens(reading: Reading) -> tuple[tuple[Token, ...], ...]:
    """The words and marks of each sentence of a text."""
    found: list[tuple[Token, ...]] = []
    sentence: list[tuple[Word | None, str]] = []
    last = 0
    for word in reading.words:
        for mark in _MARK.findall(reading.text[last : word.start]):
            sentence.append((None, mark))
        ends = word.first and sentence and any(piece is not None for piece, _ in sentence)
        if ends or len(sentence) > _LONGEST:
            found.append(_tagged(sentence, german=reading.german))
            sentence = []
        plain = re.sub(r"['’]s?$", "", word.text)
        sentence.append((word, "not" if plain.lower().endswith(("n't", "n’t")) else plain))
        last = word.end
    if sentence:
        found.append(_tagged(sentence, german=reading.german))
    return tuple(found)


def _tagged(sentence: Sequence[tuple[Word | None, str]], *, german: bool) -> tuple[Token, ...]:
    texts = [text for _, text in sentence]
    with _TAGGING:
        tagged = _tagger(german).tag_sent(texts)
    kinds = _STTS if german else _C5
    found = []
    for (word, text), (_, lemma, tag) in zip(sentence, tagged, strict=True):
        kind = next((kind for prefix, kind in kinds.items() if tag.startswith(prefix)), Kind.OTHER)
        if word is None:
            kind = Kind.OTHER
        elif not german and word.capital and not word.first and kind in {Kind.VERB, Kind.PARTICIPLE, Kind.OTHER}:
            kind = Kind.NAME
        found.append(Token(word, text, kind, lemma.lower()))
    return tuple(found)


@lru_cache(2048)
def kinds(reading: Reading) -> dict[int, Token]:
    """For the start of each word its token."""
    return {token.word.start: token for sentence in tokens(reading) for token in sentence if token.word is not None}


@lru_cache(2048)
def frames(reading: Reading) -> tuple[Frame, ...]:
    """The verbs of a text with their roles, in their order."""
    return tuple(
        frame
        for sentence in tokens(reading)
        for frame in _frames(sentence, german=reading.german, figures=reading.figures)
    )


@dataclass
class _Phrase:
    """A noun phrase with its heads; `after` is the preposition before it, and a `marked` one is no subject."""

    heads: list[Token]
    after: str = ""
    marked: bool = False
    denied: bool = False


@dataclass
class _Clause:
    """What stands between two joining words: its phrases before and after its verb, and its verbs.

    A `loose` one has a verb of which the subject cannot be told.
    """

    before: list[_Phrase] = field(default_factory=list)
    behind: list[_Phrase] = field(default_factory=list)
    verbs: list[Token] = field(default_factory=list)
    relative: bool = False
    loose: bool = False
    denied: bool = False


def _frames(sentence: Sequence[Token], *, german: bool, figures: Sequence[tuple[int, int]]) -> Iterator[Frame]:
    subject: list[Token] = []
    previous: _Clause | None = None
    for clause in _clauses(sentence, figures, german=german):
        main = [verb for verb in clause.verbs if verb.kind is not Kind.AUXILIARY]
        verb = main[-1] if main else clause.verbs[-1]
        helpers = [one.lemma for one in clause.verbs if one is not verb]
        passive = verb.kind is Kind.PARTICIPLE and any(lemma in _BE for lemma in helpers)
        # `a committee headed by A`
        passive = passive or (verb.kind is Kind.PARTICIPLE and not helpers and not german)
        doers, done = _roles(clause, german=german)
        if not doers:
            doers = _antecedent(previous) if clause.relative else [] if clause.loose else subject
        if not clause.loose:
            subject = doers
        if passive:
            by = [h for phrase in (*clause.before, *clause.behind) if phrase.after in _AGENT for h in phrase.heads]
            yield Frame(verb, tuple(by), (*doers, *(done if german else [])), True, clause.denied)
        else:
            yield Frame(verb, tuple(doers), tuple(done), False, clause.denied)
        previous = clause


def _roles(clause: _Clause, *, german: bool) -> tuple[list[Token], list[Token]]:
    before = [phrase for phrase in clause.before if phrase.heads and not phrase.after]
    behind = [phrase for phrase in clause.behind if phrase.heads and not phrase.after]
    if not german:
        return [h for p in before for h in p.heads], [h for p in behind for h in p.heads]
    every = before + behind
    subject = next((phrase for phrase in every if not phrase.marked), None)
    others = [phrase for phrase in every if phrase is not subject]
    return (list(subject.heads) if subject else []), [h for p in others for h in p.heads]


def _antecedent(clause: _Clause | None) -> list[Token]:
    if clause is None:
        return []
    phrases = clause.behind or clause.before
    return list(phrases[-1].heads) if phrases else []


def _clauses(sentence: Sequence[Token], figures: Sequence[tuple[int, int]], *, german: bool) -> Iterator[_Clause]:
    """The clauses of a sentence that have a verb; what has none belongs to the one before it, else to the next."""
    waiting: list[Token] = []
    made: list[list[Token]] = []
    for piece in _pieces(sentence):
        if any(token.kind in VERBAL for token in piece):
            made.append(waiting + piece)
            waiting = []
        elif made:
            made[-1] = made[-1] + piece
        else:
            waiting = waiting + piece
    for piece in made:
        yield from (_Builder(figures).german(piece) if german else _Builder(figures).english(piece))


def _pieces(sentence: Sequence[Token]) -> list[list[Token]]:
    found: list[list[Token]] = [[]]
    for place, token in enumerate(sentence):
        splits = token.kind in {Kind.SUBORDINATE, Kind.RELATIVE} or (token.word is None and token.text in ",;:–—()")
        joins = token.kind is Kind.JOINING and _has_verb(found[-1]) and _verb_follows(sentence[place + 1 :])
        if (splits or joins) and found[-1]:
            found.append([])
        found[-1].append(token)
    return [piece for piece in found if piece]


def _has_verb(piece: Sequence[Token]) -> bool:
    return any(token.kind in VERBAL for token in piece)


def _verb_follows(rest: Sequence[Token]) -> bool:
    for token in rest:
        if token.word is None or token.kind in {Kind.SUBORDINATE, Kind.RELATIVE, Kind.JOINING}:
            return False
        if token.kind in VERBAL:
            return True
    return False


class _Builder:
    """Puts the phrases and verbs of a piece together."""

    def __init__(self, figures: Sequence[tuple[int, int]]) -> None:
        self._figures = figures
        self._phrase: _Phrase | None = None
        self._after = ""
        self._last: Token | None = None

    def german(self, piece: Sequence[Token]) -> Iterator[_Clause]:
        """One clause, however far its verbs are apart."""
        clause = _Clause(relative=any(token.kind is Kind.RELATIVE for token in piece[:2]))
        for token in piece:
            self._take(clause, token)
        yield clause

    def english(self, piece: Sequence[Token]) -> Iterator[_Clause]:
        """A clause for each group of verbs; what stands between two groups is the object of the first."""
        clause = _Clause(relative=any(token.kind is Kind.RELATIVE for token in piece[:2]))
        for token in piece:
            if token.kind in VERBAL and clause.verbs and self._last is not None and self._last.kind not in _IN_GROUP:
                yield clause
                # `a plan made by A to do B by doing C`: of the last two nothing tells who does it.
                loose = self._to or token.text.lower().endswith("ing")
                clause = _Clause(before=[] if loose else list(clause.behind[-1:]), loose=loose)
            elif token.kind in VERBAL and not clause.verbs:
                clause.loose = self._to
                self._begin(clause)
            self._take(clause, token)
        if clause.verbs:
            yield clause

    def _begin(self, clause: _Clause) -> None:
        """`a year after A won`: what stands between such a word and the verb is the subject."""
        if clause.before and clause.before[-1] is self._phrase and clause.before[-1].after in _TIMES:
            clause.before[-1].after = ""
            clause.before = clause.before[-1:]

    @property
    def _to(self) -> bool:
        return self._last is not None and self._last.text.lower() == "to"

    def _take(self, clause: _Clause, token: Token) -> None:
        clause.denied = clause.denied or token.lemma in _DENYING or token.text.lower() in _DENYING
        into = clause.behind if clause.verbs else clause.before
        if token.kind in VERBAL:
            clause.verbs.append(token)
            self._phrase, self._after = None, ""
        elif token.kind is Kind.PREPOSITION:
            if not (token.text.lower() in _OF and self._phrase is not None and not self._phrase.heads):
                self._phrase, self._after = None, token.text.lower()
        elif token.kind in _INSIDE or token.kind is Kind.PRONOUN:
            self._extend(into, token)
        elif token.word is None:
            # `In Paris, A …`: a comma ends what a preposition governs; else it may be a list.
            if token.text in ",;:()" and self._phrase is not None and self._phrase.after:
                self._phrase, self._after = None, ""
            return
        elif token.kind is not Kind.JOINING:
            self._phrase, self._after = None, ""
        self._last = token

    def _extend(self, into: list[_Phrase], token: Token) -> None:
        determines = token.kind in {Kind.DETERMINER, Kind.PRONOUN}
        if determines and self._phrase is not None and self._phrase.heads:
            joined = self._last is not None and (self._last.kind is Kind.JOINING or self._last.word is None)
            owns = self._last is not None and self._last.kind in _NOMINAL and token.text.lower() in _GENITIVE
            if not joined:
                self._phrase, self._after = None, "of" if owns else ""
        if self._phrase is None:
            self._phrase = _Phrase([], self._after)
            self._after = ""
            into.append(self._phrase)
            # German adjectives without an article have this ending where nothing is done by what they stand before.
            self._phrase.marked = token.kind is Kind.ADJECTIVE and token.text.endswith(("en", "em"))
        if determines and not self._phrase.heads:
            self._phrase.marked = token.text.lower() in _OBLIQUE
        figure = token.word is not None and any(s < token.word.end and token.word.start < e for s, e in self._figures)
        timed = token.kind is Kind.NOUN and token.lemma in _PERIODS
        if (token.kind in _NOMINAL or token.kind is Kind.PRONOUN) and not figure and not timed:
            heads = self._phrase.heads
            # Of nouns side by side the last is the head; names keep all their words.
            if heads and token.kind is Kind.NOUN and self._last is heads[-1] and heads[-1].kind is Kind.NOUN:
                heads[-1] = token
            else:
                heads.append(token)
