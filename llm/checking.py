"""A draft of a sentence becomes one that may be shown: with its verdict, why, and the exact words that it rests on.

What a verdict is and how spans are found is decided in `llm.verification`; what becomes of an unsupported sentence by
the assistant.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from core.errors import EmbedderMissing
from core.values import Hit, Passage, Verdict
from llm.figures.checking import rests
from llm.gathering import PASSAGES
from llm.verification import Judgement, Quoted, Reason, judge, verbatim
from llm.writers import Draft, Source
from retrieval.embedders.protocol import Embedder

_LOWER = {Verdict.SUPPORTED: Verdict.PARTLY, Verdict.PARTLY: Verdict.UNSUPPORTED}


@dataclass(frozen=True, slots=True)
class Checked:
    """A draft with its verdict; its sources point at the words that were found to support it."""

    verdict: Verdict
    reasons: tuple[Reason, ...]
    sources: tuple[Source, ...]


class SecondOpinion(Protocol):
    """Says whether a text states what a sentence says; None where it cannot say."""

    def agrees(self, sentence: str, text: str) -> bool | None:
        """Whether the sentence follows from the text."""
        ...


class Checker:
    """Judges drafts against the passages of their sources. Thread-safe.

    `embedder` raises `EmbedderMissing` where there is none: forms of words and facts alone tell then.
    """

    def __init__(
        self, embedder: Callable[[], Embedder], second: SecondOpinion | None = None, *, drops: bool = False
    ) -> None:
        """With `drops`, sentences that nothing supports are to be left out."""
        self._embedder = embedder
        self._second = second
        self._drops = drops

    def leaves_out(self, verdict: Verdict) -> bool:
        """Whether a sentence so judged is not shown at all."""
        return self._drops and verdict is Verdict.UNSUPPORTED

    def checked(self, draft: Draft, hits: Sequence[Hit]) -> Checked:
        """The draft as it may be shown. One that cites nothing is held against `hits`, and cites what supports it."""
        passages = [source.passage for source in draft.sources]
        texts = [passage.text for passage in passages]
        if draft.computed:
            right = rests(draft.text, texts)
            verdict = Verdict.SUPPORTED if right else Verdict.UNSUPPORTED
            return Checked(verdict, (Reason.FACTS_AGREE if right else Reason.NUMBER,), draft.sources)
        if (exact := verbatim(draft.text, texts)) is not None:
            judgement = Judgement(Verdict.SUPPORTED, exact, (Reason.VERBATIM,))
            return Checked(judgement.verdict, judgement.reasons, _sources(draft, passages, judgement))
        if not passages:
            passages = [hit.passage for hit in hits[:PASSAGES]]
        judgement = self._judged(draft.text, passages)
        return Checked(judgement.verdict, judgement.reasons, _sources(draft, passages, judgement))

    def _judged(self, sentence: str, passages: Sequence[Passage]) -> Judgement:
        try:
            embedder: Embedder | None = self._embedder()
        except EmbedderMissing:
            embedder = None
        around = " \n".join(dict.fromkeys(f"{passage.title} {passage.heading}" for passage in passages))
        judgement = judge(sentence, [passage.text for passage in passages], embedder, around=around)
        if self._second is None or judgement.span is None or judgement.verdict not in _LOWER:
            return judgement
        if self._second.agrees(sentence, passages[judgement.span.passage].text) is not False:
            return judgement
        return Judgement(_LOWER[judgement.verdict], judgement.span, (*judgement.reasons, Reason.MODEL), judgement.more)


def _sources(draft: Draft, passages: Sequence[Passage], judgement: Judgement) -> tuple[Source, ...]:
    """The draft's sources with the spans that were found as their quotes; those that were found where it has none."""
    spans = [span for span in (judgement.span, *judgement.more) if span is not None]
    if not draft.sources:
        supported = judgement.verdict is Verdict.SUPPORTED
        return tuple(Source(passages[span.passage], _text(span, passages)) for span in spans) if supported else ()
    exact = {span.passage: _text(span, passages) for span in reversed(spans)}
    return tuple(Source(one.passage, exact.get(place, one.quote)) for place, one in enumerate(draft.sources))


def _text(span: Quoted, passages: Sequence[Passage]) -> str:
    return passages[span.passage].text[span.start : span.end]
