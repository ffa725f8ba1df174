"""Whom or what a question is about by name, and which of the passages found come from documents that know the name.

Passages about the same matter of somebody else fit such a question as well as any, and answer it wrongly.
"""

import re
from collections.abc import Iterator, Sequence, Set

from core.values import Hit
from retrieval.index.terms import stems
from retrieval.questions import Question

_TOKEN = re.compile(r"[^\W_][\w&.'’-]*")
# Periods and forms of reports look like names: FY2018, Q2, H1, 10-K.
_NO_NAME = re.compile(r"(?:FY|CY|Q|H)\d*|\d+-?[A-Z]{1,2}\d?|\d+(?:st|nd|rd|th|s)", re.IGNORECASE)
# Of a people or a language: `Indian` may be what a text calls `from India`.
_ADJECTIVE = re.compile(r".*(?:ian|ean|can|ish|ese|nch|ic)s?")
# German begins every noun with a capital; these words of it are none of English.
_GERMAN = re.compile(
    r"\b(?:der|das|dem|des|ein|eine[mnrs]?|ist|sind|wie|wer|wo|wann|welche[mnrs]?|wurden?|und|nach|von|für|mit|zu|im|hie(?:ß|ss))\b",
    re.IGNORECASE,
)
_ALIKE = 5  # first letters that two forms of one name share: Amazon, Amazonian
_SHORT_NAME = re.compile(r"\d[A-Z]")  # 3M, but not 10K


def of_named(question: Question, hits: Sequence[Hit]) -> list[Hit]:
    """The hits from documents in which, as far as the hits show, a name of the question stands; all without a name."""
    names = {term[:_ALIKE] for name in _names(question) for term in stems(name)}
    if not names:
        return list(hits)
    known = {hit.passage.document_id for hit in hits if _knows(hit, names)}
    return [hit for hit in hits if hit.passage.document_id in known]


def _names(question: Question) -> Iterator[str]:
    """Words with a capital inside a sentence, or with digits and capitals; not acronyms, which are often matters."""
    capitals_tell = _GERMAN.search(question.text) is None
    for sentence in (*question.asks, *question.frames):
        for place, token in enumerate(_TOKEN.findall(sentence)):
            word = re.sub(r"['’]s$", "", token).rstrip(".'’-")
            mixed = any(c.isdigit() for c in word) and any(c.isupper() for c in word)
            capital = capitals_tell and place > 0 and word[:1].isupper() and not word.isupper()
            if _SHORT_NAME.fullmatch(word) or ((mixed or capital) and not _is_no_name(word)):
                yield word


def _is_no_name(word: str) -> bool:
    return bool(_NO_NAME.fullmatch(word) or _ADJECTIVE.fullmatch(word))


def _knows(hit: Hit, names: Set[str]) -> bool:
    passage = hit.passage
    told = " ".join([passage.text, passage.heading, passage.title, passage.filename.replace("_", " ")])
    return not names.isdisjoint(term[:_ALIKE] for term in stems(told))
