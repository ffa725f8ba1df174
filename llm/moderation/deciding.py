"""From rulings to what becomes of a text: allowed, blackened, or replaced by words that a person can use."""

from collections.abc import Sequence

from ingest.language import language_of
from llm.moderation.categories import SELF_HARM, Action, Point
from llm.moderation.judging import Blot, Ruling, strongest
from llm.moderation.policy import LANGUAGE, Policy
from llm.moderation.protocol import ALLOWED, Decision
from llm.moderation.redaction import REMOVED, Redactor

# Where the text is the person's own.
ASKED = frozenset({Point.QUESTION, Point.RETRIEVAL})
# The category of a ruling about a guard that gave no opinion.
UNCHECKED = "unchecked"
# Enough to tell these two apart, in texts of any length; recognising any language takes a model and its time.
_WORDS = {
    "de": frozenset(
        {"wie", "was", "wer", "wo", "ich", "du", "wir", "und", "oder", "der", "die", "das", "den", "dem", "ein", "eine"}
        | {"ist", "nicht", "kann", "man", "mich", "mir", "mein", "meine", "zu", "auf", "für", "warum", "soll", "will"}
    ),
    "en": frozenset(
        {"how", "what", "who", "where", "i", "you", "we", "he", "she", "it", "and", "or", "the", "a", "an", "to", "of"}
        | {
            "is",
            "are",
            "not",
            "can",
            "do",
            "me",
            "my",
            "in",
            "on",
            "for",
            "why",
            "should",
            "want",
            "they",
            "that",
            "this",
        }
    ),
}
_LOOKED_AT_CHARS = 2000


def decide(
    policy: Policy, point: Point, text: str, rulings: Sequence[Ruling], redactor: Redactor, shown: int = 0
) -> Decision:
    """What rulings mean for a text, of which the first `shown` characters can no longer be changed."""
    first = strongest(rulings)
    if first is None:
        return Decision(ALLOWED, text)
    if first.action is Action.BLOCK:
        return Decision(Action.BLOCK, told(policy, point, text, rulings))
    if first.action is not Action.REDACT:
        return Decision(first.action, text)
    blots: list[Blot] = []
    for ruling in (ruling for ruling in rulings if ruling.action is Action.REDACT):
        own = [blot if blot.start >= shown else blot._replace(start=shown) for blot in ruling.blots if blot.end > shown]
        blots += own if ruling.blots else [Blot(shown, len(text))]
    redacted = redactor.redact(text, blots)
    if point in ASKED and not redacted.replace(REMOVED, "").strip():
        return Decision(Action.BLOCK, told(policy, point, text, rulings))
    return Decision(Action.REDACT, redacted)


def told(policy: Policy, point: Point, text: str, rulings: Sequence[Ruling]) -> str:
    """What a person reads in place of a text: why, and where there is help; in the language of the text."""
    deciding = [ruling for ruling in rulings if ruling.action in {Action.BLOCK, Action.REDACT}]
    words = policy.words(_language(text, policy))
    named = strongest([ruling for ruling in deciding if ruling.category != UNCHECKED])
    if any(ruling.category == SELF_HARM for ruling in deciding):
        parts = [words.self_harm, words.help]
    elif named is None:
        parts = [words.unchecked, words.contact]
    else:
        sentence = words.question if point in ASKED else words.answer
        parts = [sentence.replace("{category}", words.name(named.category)), words.contact]
    return " ".join(filter(None, parts))


def flagged(decision: Decision) -> bool:
    """Whether somebody notices the decision: it warns, blackens or blocks."""
    return decision.action not in {ALLOWED, Action.OFF, Action.LOG}


def stronger(one: Decision, other: Decision) -> bool:
    """Whether one does at least as much as the other."""
    order = (ALLOWED, *Action)
    return order.index(one.action) >= order.index(other.action)


def _language(text: str, policy: Policy) -> str:
    if not policy.texts.keys() <= _WORDS.keys():
        language = language_of([text])
        if language in policy.texts:
            return language
    words = [word.strip("?!.,") for word in text[:_LOOKED_AT_CHARS].casefold().split()]
    counts = {language: sum(word in some for word in words) for language, some in _WORDS.items()}
    return "de" if "de" in policy.texts and counts["de"] > counts["en"] else LANGUAGE
