"""The read flow, from a question to a recorded answer. The web, the command line and evaluation all come through here.

How passages are found, how sentences are written and what moderation thinks of them is decided elsewhere.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from uuid import uuid4

from core.errors import ModelUnavailable
from core.exchanges import Earlier, Origin
from core.filters import EVERYTHING, Filter
from core.scans import POOR_SCAN, is_poor
from core.storage.store import Store
from core.values import Answer, AnswerStatus, Citation, Hit, ModerationSummary, Notice, Reader, Sentence, Verdict
from core.wire import Json, answer_json, sentence_line
from llm.checking import Checker
from llm.citing import citation, number_of, numbered
from llm.conflicts import CONFLICTING_SOURCES, conflicts
from llm.events import AnswerEvent, Finished, Replaced, SentenceChecked, Understood, Waiting
from llm.gathering import PASSAGES, Gathering
from llm.moderation import ALLOWED, Decision, Exchange, Moderator
from llm.records import READ, Method, earlier_of, method_json, record_json
from llm.rewriting import MOST_EARLIER, PlainRewriter, Rewriter
from llm.writers import Draft, Source, Writer
from retrieval.retriever import Retriever

# The code of the notice that passages were kept from the writer.
PASSAGES_KEPT_OUT = "passages_kept_out"
NOT_FOUND = "Not found in your documents."


@dataclass
class _Progress:
    """The answer as far as it has come."""

    question: str
    reader: Reader
    conversation_id: str | None
    moderator: Moderator
    id: str
    within: Filter = EVERYTHING
    earlier: Sequence[Earlier] = ()
    asked_at: float | None = None
    understood: str | None = None
    record: Json = field(default_factory=dict)
    began: float = field(default_factory=time.perf_counter)
    status: AnswerStatus = AnswerStatus.ANSWERED
    sentences: list[Sentence] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    read: Sequence[str] = ()
    moderation: ModerationSummary = field(default_factory=ModerationSummary)
    notices: list[Notice] = field(default_factory=list)
    apology: str = ""


class Assistant:
    """Answers questions from the documents that the reader may see. Thread-safe."""

    def __init__(  # noqa: PLR0913 - its collaborators
        self,
        store: Store,
        retriever: Retriever,
        writer: Writer,
        moderator: Moderator,
        *,
        rewriter: Rewriter | None = None,
        method: Callable[[], Method] = Method,
        checker: Checker | None = None,
    ) -> None:
        """`rewriter` makes follow-up questions complete, by rules where none is given; `method` says how is written.

        `checker` judges sentences, without any model's opinion where none is given.
        """
        self._store = store
        self._rewriter = rewriter or PlainRewriter()
        self._method = method
        self._gathering = Gathering(store, retriever)
        self._writer = writer
        self._moderator = moderator
        self._checker = checker or Checker(lambda: retriever.embedder)

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
        earlier: Sequence[Earlier] = (),
    ) -> Answer:
        """The whole answer. Raises as `events` does."""
        told = self.events(reader, question, within=within, conversation_id=conversation_id, earlier=earlier)
        return final(told)

    def events(
        self,
        reader: Reader,
        question: str,
        *,
        within: Filter = EVERYTHING,
        conversation_id: str | None = None,
        earlier: Sequence[Earlier] = (),
    ) -> Iterator[AnswerEvent]:
        """Answer a question, releasing each sentence once it has been checked.

        It is understood after those before it in the reader's conversation, or after `earlier` where there is none.
        Raises `InvalidRequest` for a question over the limits and `NotFound` for a collection that the reader may not
        see, both before the first sentence. An answer that nobody waits for to its end, or whose conversation has been
        deleted meanwhile, is not recorded.
        """
        answer_id = str(uuid4())
        moderator = self._moderator.of(Exchange(answer_id, reader, within.collections))
        so_far = _Progress(question, reader, conversation_id, moderator, answer_id, within, earlier)
        self._remember(so_far)
        yield from self._answered(so_far)
        answer = self._finished(so_far)
        self._record(so_far, answer)
        yield Finished(answer)

    def again(self, reader: Reader, question: str, understood: str | None, within: Filter) -> tuple[Answer, Json]:
        """The answer that a question would get now, and how it would come about; nothing of it is recorded.

        `understood` is the question as it was understood when it was asked. Raises as `events` does.
        """
        answer_id = str(uuid4())
        moderator = self._moderator.of(Exchange(answer_id, reader, within.collections))
        so_far = _Progress(question, reader, None, moderator, answer_id, within, understood=understood)
        for _event in self._answered(so_far):
            pass
        return self._finished(so_far), so_far.record

    def _remember(self, so_far: _Progress) -> None:
        if so_far.conversation_id is None:
            return
        user_id = so_far.reader.user_id
        history = self._store.answers.history(so_far.conversation_id, user_id=user_id, most=MOST_EARLIER)
        so_far.asked_at = history.at
        so_far.earlier = earlier_of(self._store, so_far.reader, history.exchanges)

    def _answered(self, so_far: _Progress) -> Iterator[AnswerEvent]:
        asked = so_far.moderator.question(so_far.question)
        so_far.moderation = ModerationSummary(question=asked.action)
        so_far.question = asked.text  # what was blocked or redacted is not stored either
        if not asked.blocks and so_far.understood is None:
            so_far.understood = yield from self._rewriter.understood(asked.text, so_far.earlier)
        if not asked.blocks and so_far.understood is not None:
            # What comes from the conversation has to pass as well.
            asked = so_far.moderator.question(so_far.understood)
            if asked.action != ALLOWED:
                so_far.moderation = ModerationSummary(question=asked.action)
            so_far.understood = None if asked.blocks else asked.text
        if asked.blocks:
            yield from self._withdraw(so_far, asked)
            return
        index = self._store.changes.latest()
        hits = so_far.moderator.context(self._gathering.hits(so_far.reader, asked.text, so_far.within))
        so_far.read = sorted({hit.passage.document_id for hit in hits})
        so_far.record = record_json(index, hits, so_far.within)
        if so_far.understood is not None:
            yield Understood(so_far.understood)
        try:
            yield from self._write(so_far, asked.text, hits)
            self._point_out_conflicts(so_far, hits)
            self._point_out_poor_scans(so_far)
            self._point_out_passages_kept_out(so_far)
        except ModelUnavailable as error:
            yield self._give_up(so_far, error, hits)

    def _write(self, so_far: _Progress, question: str, hits: Sequence[Hit]) -> Iterator[AnswerEvent]:
        so_far.status = AnswerStatus.NOT_FOUND
        for draft in self._writer.write(question, hits):
            if isinstance(draft, Waiting):
                yield draft
                continue
            told = "".join(f"{sentence.text} " for sentence in so_far.sentences)
            checked = so_far.moderator.answer(told + draft.text)
            so_far.moderation = ModerationSummary(so_far.moderation.question, checked.action)
            if checked.blocks or not checked.text.startswith(told):
                # What was shown already cannot be redacted any more, only withdrawn.
                yield from self._withdraw(so_far, checked)
                return
            sentence, new = self._checked(so_far, replace(draft, text=checked.text.removeprefix(told)), hits)
            if self._checker.leaves_out(sentence.verdict):
                continue
            so_far.status = AnswerStatus.ANSWERED
            so_far.sentences.append(sentence)
            so_far.citations += new
            yield SentenceChecked(sentence, tuple(new))
        shown = so_far.moderator.rendering(self._text(so_far))
        if shown.blocks:
            so_far.moderation = ModerationSummary(so_far.moderation.question, shown.action)
            yield from self._withdraw(so_far, shown)

    def _point_out_conflicts(self, so_far: _Progress, hits: Sequence[Hit]) -> None:
        """Name the citations that other documents contradict, and cite those as well."""
        if so_far.status is not AnswerStatus.ANSWERED:
            return
        passages = {hit.passage.id: hit.passage for hit in hits}
        cited = [Source(passages[one.passage_id], one.quote) for one in so_far.citations if one.passage_id in passages]
        for conflict in conflicts(cited, hits):
            numbers = []
            for source in (conflict.first, conflict.second):
                number = number_of(source, so_far.citations)
                if number is None:
                    number = len(so_far.citations) + 1
                    so_far.citations.append(citation(number, source))
                numbers.append(number)
            so_far.notices.append(Notice(CONFLICTING_SOURCES, tuple(numbers)))

    def _give_up(self, so_far: _Progress, error: ModelUnavailable, hits: Sequence[Hit]) -> AnswerEvent:
        """No half answer stands: in its place go the reason and the passages that it would have been made from."""
        so_far.status = AnswerStatus.UNAVAILABLE
        so_far.apology = error.message
        so_far.sentences = []
        so_far.citations = [
            citation(n, Source(hit.passage, hit.passage.text)) for n, hit in enumerate(hits[:PASSAGES], 1)
        ]
        return Replaced(error.message)

    def _checked(self, so_far: _Progress, draft: Draft, hits: Sequence[Hit]) -> tuple[Sentence, list[Citation]]:
        """The sentence with its verdict and the numbers of its citations; and the citations it is the first to use."""
        checked = self._checker.checked(draft, hits)
        numbers, new = numbered(checked, so_far.citations)
        reasons = tuple(reason.value for reason in checked.reasons)
        return Sentence(draft.text, checked.verdict, numbers, reasons), new

    def _withdraw(self, so_far: _Progress, decision: Decision) -> Iterator[AnswerEvent]:
        so_far.status = AnswerStatus.BLOCKED
        so_far.sentences = [Sentence(decision.text, Verdict.UNSUPPORTED, ())]
        so_far.citations = []
        yield Replaced(decision.text)

    @staticmethod
    def _point_out_poor_scans(so_far: _Progress) -> None:
        """Name the citations whose words were hard to read."""
        poor = tuple(one.n for one in so_far.citations if is_poor(one.scan_confidence))
        if poor and so_far.status is AnswerStatus.ANSWERED:
            so_far.notices.append(Notice(POOR_SCAN, poor))

    @staticmethod
    def _point_out_passages_kept_out(so_far: _Progress) -> None:
        if so_far.moderator.kept_out and so_far.status in {AnswerStatus.ANSWERED, AnswerStatus.NOT_FOUND}:
            so_far.notices.append(Notice(PASSAGES_KEPT_OUT, ()))

    def _finished(self, so_far: _Progress) -> Answer:
        if so_far.record:
            so_far.record.update(method_json(self._method()))
        return Answer(
            id=so_far.id,
            answer=self._text(so_far),
            status=so_far.status,
            sentences=tuple(so_far.sentences),
            citations=tuple(so_far.citations),
            moderation=so_far.moderation,
            model=self._writer.model,
            took_ms=(time.perf_counter() - so_far.began) * 1000,
            question_understood=so_far.understood,
            notices=tuple(so_far.notices),
        )

    def _record(self, so_far: _Progress, answer: Answer) -> None:
        # A sentence without a citation may rest on anything that was found.
        uncited = so_far.status is AnswerStatus.ANSWERED and not all(s.citations for s in so_far.sentences)
        self._store.answers.record(
            answer.id,
            so_far.question,
            {**answer_json(answer), READ: so_far.read} if uncited else answer_json(answer),
            user_id=so_far.reader.user_id,
            conversation_id=so_far.conversation_id,
            origin=Origin(so_far.record or None, so_far.asked_at),
        )

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
