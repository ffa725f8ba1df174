"""The read flow, from a question to a recorded answer. The web, the command line and evaluation all come through here.

How passages are found, how sentences are written and what moderation thinks of them is decided elsewhere.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from uuid import uuid4

from core.errors import ModelUnavailable
from core.filters import EVERYTHING, Filter
from core.storage.store import Store
from core.values import Answer, AnswerStatus, Citation, Hit, ModerationSummary, Reader, Sentence, Verdict
from core.wire import answer_json, sentence_line
from llm.events import AnswerEvent, Finished, Replaced, SentenceChecked
from llm.moderation import Decision, Exchange, Moderator
from llm.verification import verdict
from llm.writers import Draft, Source, Writer
from retrieval.retriever import Retriever

_PASSAGES = 10
NOT_FOUND = "Not found in your documents."
# The member of a recorded answer that holds the documents it may rest on where its citations do not say.
READ = "read"


@dataclass
class _Progress:
    """The answer as far as it has come."""

    question: str
    reader: Reader
    conversation_id: str | None
    moderator: Moderator
    id: str
    began: float = field(default_factory=time.perf_counter)
    status: AnswerStatus = AnswerStatus.ANSWERED
    sentences: list[Sentence] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    read: Sequence[str] = ()
    moderation: ModerationSummary = field(default_factory=ModerationSummary)
    apology: str = ""


class Assistant:
    """Answers questions from the documents that the reader may see. Thread-safe."""

    def __init__(self, store: Store, retriever: Retriever, writer: Writer, moderator: Moderator) -> None:
        self._store = store
        self._retriever = retriever
        self._writer = writer
        self._moderator = moderator

    @property
    def introduction(self) -> str:
        """What stands before the sentences of an answer's text; empty for none."""
        return self._writer.introduction

    def answer(
        self,
        reader: Reader,
        question: str,
        *,
        within: Filter = EVERYTHING,
        conversation_id: str | None = None,
    ) -> Answer:
        """The whole answer. Raises as `events` does."""
        return final(self.events(reader, question, within=within, conversation_id=conversation_id))

    def events(
        self,
        reader: Reader,
        question: str,
        *,
        within: Filter = EVERYTHING,
        conversation_id: str | None = None,
    ) -> Iterator[AnswerEvent]:
        """Answer a question, releasing each sentence once it has been checked.

        Raises `InvalidRequest` for a question over the limits and `NotFound` for a collection that the reader may not
        see, both before the first event. An answer that nobody waits for to its end is not recorded.
        """
        answer_id = str(uuid4())
        moderator = self._moderator.of(Exchange(answer_id, reader, within.collections))
        so_far = _Progress(question, reader, conversation_id, moderator, answer_id)
        asked = moderator.question(question)
        so_far.moderation = ModerationSummary(question=asked.action)
        so_far.question = asked.text  # what was blocked or redacted is not stored either
        if asked.blocks:
            yield from self._withdraw(so_far, asked)
        else:
            found = self._retriever.search(reader, asked.text, within=within, k=_PASSAGES)
            hits = moderator.context(found.hits)
            so_far.read = sorted({hit.passage.document_id for hit in hits})
            try:
                yield from self._write(so_far, asked.text, hits)
            except ModelUnavailable as error:
                yield self._give_up(so_far, error, hits)
        yield Finished(self._record(so_far))

    def _write(self, so_far: _Progress, question: str, hits: Sequence[Hit]) -> Iterator[AnswerEvent]:
        so_far.status = AnswerStatus.NOT_FOUND
        for draft in self._writer.write(question, hits):
            told = "".join(f"{sentence.text} " for sentence in so_far.sentences)
            checked = so_far.moderator.answer(told + draft.text)
            so_far.moderation = ModerationSummary(so_far.moderation.question, checked.action)
            if checked.blocks or not checked.text.startswith(told):
                # What was shown already cannot be redacted any more, only withdrawn.
                yield from self._withdraw(so_far, checked)
                return
            sentence, new = self._checked(so_far, replace(draft, text=checked.text.removeprefix(told)))
            so_far.status = AnswerStatus.ANSWERED
            so_far.sentences.append(sentence)
            so_far.citations += new
            yield SentenceChecked(sentence, tuple(new))
        shown = so_far.moderator.rendering(self._text(so_far))
        if shown.blocks:
            so_far.moderation = ModerationSummary(so_far.moderation.question, shown.action)
            yield from self._withdraw(so_far, shown)

    def _give_up(self, so_far: _Progress, error: ModelUnavailable, hits: Sequence[Hit]) -> AnswerEvent:
        """No half answer stands: in its place go the reason and the passages that it would have been made from."""
        so_far.status = AnswerStatus.UNAVAILABLE
        so_far.apology = error.message
        so_far.sentences = []
        so_far.citations = [_citation(n, Source(hit.passage, hit.passage.text)) for n, hit in enumerate(hits, 1)]
        return Replaced(error.message)

    def _checked(self, so_far: _Progress, draft: Draft) -> tuple[Sentence, list[Citation]]:
        """The sentence with its verdict and the numbers of its citations; and the citations it is the first to use."""
        numbers: list[int] = []
        new: list[Citation] = []
        for source in draft.sources:
            number = _number_of(source, so_far.citations + new)
            if number is None:
                number = len(so_far.citations) + len(new) + 1
                new.append(_citation(number, source))
            if number not in numbers:
                numbers.append(number)
        judged = verdict(draft.text, [source.passage.text for source in draft.sources])
        return Sentence(draft.text, judged, tuple(numbers)), new

    def _withdraw(self, so_far: _Progress, decision: Decision) -> Iterator[AnswerEvent]:
        so_far.status = AnswerStatus.BLOCKED
        so_far.sentences = [Sentence(decision.text, Verdict.UNSUPPORTED, ())]
        so_far.citations = []
        yield Replaced(decision.text)

    def _record(self, so_far: _Progress) -> Answer:
        answer = Answer(
            id=so_far.id,
            answer=self._text(so_far),
            status=so_far.status,
            sentences=tuple(so_far.sentences),
            citations=tuple(so_far.citations),
            moderation=so_far.moderation,
            model=self._writer.model,
            took_ms=(time.perf_counter() - so_far.began) * 1000,
        )
        # A sentence without a citation may rest on anything that was found.
        uncited = so_far.status is AnswerStatus.ANSWERED and not all(s.citations for s in so_far.sentences)
        self._store.answers.record(
            answer.id,
            so_far.question,
            {**answer_json(answer), READ: so_far.read} if uncited else answer_json(answer),
            user_id=so_far.reader.user_id,
            conversation_id=so_far.conversation_id,
        )
        return answer

    def _text(self, so_far: _Progress) -> str:
        if so_far.status is AnswerStatus.NOT_FOUND:
            return NOT_FOUND
        if so_far.status is AnswerStatus.UNAVAILABLE:
            return so_far.apology
        lines = map(sentence_line, so_far.sentences)
        introduction = [self._writer.introduction] if so_far.status is AnswerStatus.ANSWERED else []
        return "\n".join([*filter(None, introduction), *lines])


def final(events: Iterable[AnswerEvent]) -> Answer:
    """The finished answer that a run of events ends with."""
    (answer,) = [event.answer for event in events if isinstance(event, Finished)]
    return answer


def _number_of(source: Source, citations: Sequence[Citation]) -> int | None:
    for citation in citations:
        if citation.passage_id == source.passage.id and citation.quote == source.quote:
            return citation.n
    return None


def _citation(number: int, source: Source) -> Citation:
    passage = source.passage
    return Citation(number, passage.document_id, passage.filename, passage.page, passage.id, source.quote)
