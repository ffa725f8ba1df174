"""The moderator of one exchange: what is judged at which point, and what is recorded of it."""

import hashlib
import math
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from core.access import Action as Right
from core.access import permits
from core.storage.chain import Entry
from core.storage.decisions import SOURCES
from core.values import Hit, Passage
from llm.moderation.categories import ANY, CATEGORIES, PII_KINDS, Action, Point
from llm.moderation.deciding import ASKED, UNCHECKED, decide, stronger
from llm.moderation.detectors import instructions
from llm.moderation.findings import Findings
from llm.moderation.guarding import Silence
from llm.moderation.journal import Later
from llm.moderation.judging import Blot, Ruling, judge, judge_harm, judge_marks, judge_opinion, judge_personal_data
from llm.moderation.means import Means
from llm.moderation.policy import Rule
from llm.moderation.protocol import ALLOWED, Decision, Exchange
from llm.moderation.redaction import Redactor

# The category of a passage that the reader may not read.
RIGHTS = "rights"
_GUARDED = frozenset({Point.QUESTION, Point.RETRIEVAL, Point.ANSWER})
# Of one question; more do not fit a row.
_MOST_COLLECTIONS = 50
_ID_CHARS, _REASON_CHARS = 36, 200


class Watch:
    """A `Moderator` of one exchange, under the policy that was in force when it began. For one thread at a time."""

    def __init__(self, means: Means, exchange: Exchange) -> None:
        self._means = means
        self._exchange = exchange
        self._policy = means.file.policy
        self._redactor = Redactor(self._policy.redaction.style)
        self._collections = exchange.collections
        # What is written may hold words of these.
        self._documents = set(exchange.documents)
        self._question: str | None = None
        self._told = ""
        self._answered = False
        self._recorded: set[tuple[object, ...]] = set()
        # What to point out beside a passage, by its id.
        self.marks: dict[int, tuple[str, ...]] = {}
        self._kept_out: set[int] = set()

    def of(self, exchange: Exchange) -> "Watch":
        """Of another exchange."""
        return Watch(self._means, exchange)

    def question(self, text: str) -> Decision:
        """Judge what is asked, or what is searched for in its place."""
        point = Point.QUESTION if self._question is None else Point.RETRIEVAL
        self._question = self._question or text
        return self._judged(point, text)

    def query(self, text: str) -> Decision:
        """Judge what is searched for where nobody asks for an answer."""
        self._question = text
        return self._judged(Point.RETRIEVAL, text)

    def context(self, hits: Sequence[Hit]) -> Sequence[Hit]:
        """As `found`, without the passages that no writer is to see: those that talk to a model, by default."""
        return [hit for hit in self.found(hits) if hit.passage.id not in self._kept_out]

    @property
    def kept_out(self) -> int:
        """How many passages that the reader may see were kept from the writer so far."""
        return len(self._kept_out)

    def found(self, hits: Sequence[Hit]) -> Sequence[Hit]:
        """The passages within the reader's rights, marked and blackened by policy, never withheld for what they say."""
        allowed = [hit for hit in hits if permits(self._exchange.reader, Right.READ, hit.passage.collection_id)]
        if len(allowed) < len(hits):
            self._refuse_foreign(hits)
        self._documents |= {hit.passage.document_id for hit in allowed}
        self._collections = tuple(sorted({hit.passage.collection_id for hit in allowed})) or self._collections
        return [self._passage(hit) for hit in allowed]

    def answer(self, text: str) -> Decision:
        """Judge the newest sentence by itself, then with everything before it."""
        before = len(self._told) if text.startswith(self._told) else 0
        self._answered = True
        alone = self._judged(Point.GENERATION, text[before:])
        if alone.blocks:
            return alone
        # The embedder sees the beginning of a text only, and that has been judged before.
        whole = self._judged(Point.ANSWER, text[:before] + alone.text, embedded=not before, shown=before)
        self._told = f"{whole.text} "
        return whole if stronger(whole, alone) else Decision(alone.action, whole.text)

    def rendering(self, text: str) -> Decision:
        """Judge the answer as it is recorded."""
        quiet = not any(key[0] in {Point.GENERATION, Point.ANSWER} for key in self._recorded)
        if self._answered and quiet and self._policy.record.allowed:
            self._write(Point.ANSWER, text, [], 0.0, self._means.findings(text, embedded=False).score)
        return self._judged(Point.RENDERING, text, embedded=False)

    def _judged(self, point: Point, text: str, *, embedded: bool = True, shown: int = 0) -> Decision:
        """Judge and record; `shown` characters at the beginning can no longer be changed."""
        began = time.perf_counter()
        rules = self._means.rules(self._policy, self._collections, self._exchange.reader)
        findings = self._means.findings(text, embedded=embedded)
        rulings = self._rulings(rules, point, findings) + self._guarded(rules, point, text)
        decision = decide(self._policy, point, text, rulings, self._redactor, shown)
        new = [ruling for ruling in rulings if self._is_news(point, ruling)]
        if new or (point is Point.QUESTION and not rulings and self._policy.record.allowed):
            self._write(point, text, new, (time.perf_counter() - began) * 1000, findings.score)
        return decision

    def _rulings(self, rules: Mapping[str, Rule], point: Point, findings: Findings) -> list[Ruling]:
        detector = self._means.detector
        return judge(rules, point, findings, detector.thresholds, detector.name)

    def _guarded(self, rules: Mapping[str, Rule], point: Point, text: str) -> list[Ruling]:
        guard = self._means.guard
        if guard is None or point not in _GUARDED:
            return []
        asked = point in ASKED
        said = guard.ask(text if asked else self._question or "", None if asked else text, self._policy.guard)
        if not isinstance(said, Silence):
            return judge_opinion(rules, point, said, guard.name)
        mode = self._policy.guard.question if asked else self._policy.guard.answer
        action = Action.LOG if mode == "open" else Action.BLOCK
        return [Ruling(UNCHECKED, action, 0.0, 0.0, guard.name, detail={"reason": _clean(said.reason[:_REASON_CHARS])})]

    def _passage(self, hit: Hit) -> Hit:
        passage = hit.passage
        rules = self._means.rules(self._policy, (passage.collection_id,))
        self._put(self._judge_marks(passage, rules))
        harm = [rules[name].at(Point.PASSAGE) for name in (*CATEGORIES, ANY)]
        if Action.WARN in harm:
            self._put(self._judge_passage(passage, rules))
        elif Action.LOG in harm:
            # Nothing becomes of it but a record, so that nobody has to wait.
            self._put([lambda: self._judge_passage(passage, rules)])
        blots = self._personal_data(passage, rules)
        return replace(hit, passage=replace(passage, text=self._redactor.redact(passage.text, blots))) if blots else hit

    def _personal_data(self, passage: Passage, rules: Mapping[str, Rule]) -> list[Blot]:
        """Record the personal data in a passage; what of it a writer must not see."""
        if all(rules[kind].at(Point.PASSAGE) in {None, Action.OFF} for kind in PII_KINDS):
            return []
        began = time.perf_counter()
        spans = self._means.personal(passage.text)
        found = list(judge_personal_data(rules, Point.PASSAGE, spans, self._means.detector.name))
        self._put(self._of_passage(passage, found, began))
        return [blot for ruling in found if ruling.action is Action.REDACT for blot in ruling.blots]

    def _judge_passage(self, passage: Passage, rules: Mapping[str, Rule]) -> list[Entry]:
        """Mark a passage for the harm in it; what is to be recorded of that."""
        began = time.perf_counter()
        # Not embedded: that would cost more than the whole search.
        findings = self._means.findings(passage.text, embedded=False)
        detector = self._means.detector
        found = judge_harm(rules, Point.PASSAGE, findings, detector.thresholds, detector.name)
        self._point_out(passage, found)
        return self._of_passage(passage, found, began)

    def _judge_marks(self, passage: Passage, rules: Mapping[str, Rule]) -> list[Entry]:
        """Decide on what was pointed out when the passage was read, or is now; what is to be recorded of that."""
        began = time.perf_counter()
        marks = self._means.marks_of(passage)
        found = judge_marks(rules, Point.PASSAGE, marks, instructions.NAME) if marks else []
        self._point_out(passage, found)
        if any(ruling.action is Action.KEEP_OUT for ruling in found):
            self._kept_out.add(passage.id)
        return self._of_passage(passage, found, began)

    def _point_out(self, passage: Passage, found: Sequence[Ruling]) -> None:
        marks = {one.category for one in found if one.action.strength >= Action.WARN.strength}
        if marks:
            self.marks[passage.id] = tuple(sorted(marks.union(self.marks.get(passage.id, ()))))

    def _of_passage(self, passage: Passage, found: Sequence[Ruling], began: float) -> list[Entry]:
        named = [replace(ruling, detail={**ruling.detail, "passage": passage.id}) for ruling in found]
        latency_ms = (time.perf_counter() - began) * 1000
        entries = self._entries(Point.PASSAGE, passage.text, named, latency_ms, 0.0) if named else []
        return _with_sources(entries, [passage.document_id])

    def _refuse_foreign(self, hits: Sequence[Hit]) -> None:
        reader = self._exchange.reader
        foreign = [hit.passage for hit in hits if not permits(reader, Right.READ, hit.passage.collection_id)]
        detail = {"passages": [passage.id for passage in foreign]}
        ruling = Ruling(RIGHTS, Action.BLOCK, 1.0, 1.0, RIGHTS, detail=detail)
        entries = self._entries(Point.RETRIEVAL, "".join(passage.text for passage in foreign), [ruling], 0.0, 0.0)
        self._put(_with_sources(entries, {passage.document_id for passage in foreign}))

    def _is_news(self, point: Point, ruling: Ruling) -> bool:
        """Whether the exchange has no such record yet: an answer is judged again with each of its sentences."""
        key = (point, ruling.category, ruling.action, ruling.detector, ruling.detail.get("kind"))
        known = key in self._recorded
        self._recorded.add(key)
        return not known

    def _write(self, point: Point, text: str, rulings: Sequence[Ruling], latency_ms: float, score: float) -> None:
        entries = self._entries(point, text, rulings, latency_ms, score)
        self._put(entries if point in ASKED else _with_sources(entries, self._documents))

    def _put(self, entries: Sequence[Entry | Later]) -> None:
        if self._means.journal is not None:
            self._means.journal.put(entries)

    def _entries(
        self, point: Point, text: str, rulings: Sequence[Ruling], latency_ms: float, score: float
    ) -> list[Entry]:
        """A row for each ruling; where there is none, one that says so."""
        policy, exchange = self._policy, self._exchange
        allowed = Entry(
            at=round(time.time(), 3),
            request_id=exchange.id[:_ID_CHARS],
            point=point.value,
            action=ALLOWED,
            detector=self._means.detector.name,
            policy_version=policy.label,
            text_sha256=hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest(),
            score=_rounded(score),
            latency_ms=round(latency_ms, 3),
            user_id=exchange.reader.user_id,
            collections=tuple(_clean(one)[:_ID_CHARS] for one in (self._collections or ())[:_MOST_COLLECTIONS]),
            excerpt=self._excerpt(text) if policy.record.excerpt else "",
        )
        found = [
            replace(
                allowed,
                action=ruling.action.value,
                detector=ruling.detector,
                category=ruling.category,
                score=_rounded(ruling.score),
                threshold=_rounded(ruling.threshold),
                detail=ruling.detail,
            )
            for ruling in rulings
        ]
        entries = found or [allowed]
        self._means.tally.add(entries)
        return entries

    def _excerpt(self, text: str) -> str:
        most = self._policy.record.excerpt_chars
        # Twice as much, so that personal data at the cut is still recognised as such.
        some = text[: 2 * most]
        pii = self._means.personal(some)
        return _clean(Redactor("mask").redact(some, [Blot(s.start, s.end, s.kind) for s in pii])[:most])


def _with_sources(entries: Sequence[Entry], documents: Collection[str]) -> list[Entry]:
    """Where an excerpt is kept, of which documents its words may be: it goes with them."""
    named = {SOURCES: sorted(documents)} if documents else {}
    return [replace(one, detail={**one.detail, **named}) if one.excerpt else one for one in entries]


def _rounded(score: float) -> float:
    return round(float(score), 6) if math.isfinite(score) else 0.0


def _clean(text: str) -> str:
    """Without what no database takes."""
    return text.replace("\0", "").encode(errors="replace").decode()
