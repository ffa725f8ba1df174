"""What moderation works with, shared by all exchanges of a process: policy, detector, guard, journal, collections."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from core.marks import Mark
from core.values import OPERATOR, Passage, Reader
from llm.moderation.findings import Detector, Findings, Span, Vector
from llm.moderation.guarding import Guarded
from llm.moderation.journal import Journal
from llm.moderation.policy import Policy, Rule
from llm.moderation.policy_file import PolicyFile
from llm.moderation.tally import Tally

# The embedder sees no more of a text.
_EMBEDDED_CHARS = 1500
_REMEMBERED = 4096
# A collection that is given another name has the rules of that name so much later.
_NAMES_SECONDS = 1.0
_REMEMBERED_CHARS = 4000

Personal = Callable[[str], Sequence[Span]]
Marked = Callable[[str], Sequence[Mark]]
Embed = Callable[[str], Vector | None]


@dataclass(frozen=True, slots=True)
class Library:
    """What moderation has to know of the collections: their names by id, and the ids that a reader may read."""

    names: Callable[[], Mapping[str, str]] = dict
    readable: Callable[[Reader], Iterable[str]] = lambda _reader: ()


@dataclass(frozen=True, slots=True)
class _Known:
    """The names of the collections, and the rules that hold in sets of them, for a while."""

    policy: Policy
    names: Mapping[str, str]
    until: float
    rules: dict[frozenset[str], Mapping[str, Rule]] = field(default_factory=dict)


class Means:
    """Thread-safe."""

    def __init__(  # noqa: PLR0913 - one for each part
        self,
        policy: PolicyFile,
        detector: Detector,
        *,
        embed: Embed | None = None,
        personal: Personal | None = None,
        marked: Marked | None = None,
        guard: Guarded | None = None,
        journal: Journal | None = None,
        library: Library | None = None,
    ) -> None:
        """Without a journal nothing is recorded; without `embed` the detector gets no vectors.

        `personal` finds personal data alone, for a fraction of the time; without it the detector does. `marked` finds
        what talks to a language model.
        """
        self.file = policy
        self.detector = detector
        self.guard = guard
        self.journal = journal
        self.tally = Tally()
        self._embed = embed or (lambda _text: None)
        self._personal = personal or (lambda text: detector.detect(text, vector=None).pii)
        self._library = library or Library()
        self._names: _Known | None = None
        # Passages come again and again, and so does each sentence of an answer, at several points.
        self._remembered = lru_cache(_REMEMBERED)(self._found)
        self.personal = lru_cache(_REMEMBERED)(self._personal)
        self.mark: Marked = marked or (lambda _text: ())
        # Of passages that were stored before anybody looked for it.
        self.marked = lru_cache(_REMEMBERED)(self.mark)

    def labelled(self, labels: Iterable[str]) -> tuple[Mark, ...]:
        """Marks of a passage for what a writer is told about it beside its text: headings, place, name of the file."""
        return tuple(replace(mark, start=0, end=0) for label in labels if label for mark in self.marked(label))

    def marks_of(self, passage: Passage) -> tuple[Mark, ...]:
        """What is pointed out in a passage: found when it was read, or now where nobody had looked then."""
        if passage.marks is not None:
            return passage.marks
        return (*self.marked(passage.text), *self.labelled((passage.heading, passage.place, passage.filename)))

    def findings(self, text: str, *, embedded: bool = True) -> Findings:
        """What the detector says of a text; what was seen a moment ago is not looked at again.

        Not `embedded` are passages and growing answers: they are too many to be looked at so closely.
        """
        seen = self._remembered if len(text) <= _REMEMBERED_CHARS else self._found
        return seen(text, embedded)

    def rules(self, policy: Policy, collections: Iterable[str] | None, reader: Reader = OPERATOR) -> Mapping[str, Rule]:
        """The rules that hold in these collections, given by id; None stands for all that the reader may read."""
        if not policy.collections:
            return policy.rules
        ids = frozenset(self._library.readable(reader) if collections is None else collections)
        known = self._known(policy)
        if ids not in known.rules:
            written = {name.casefold(): name for name in policy.collections}
            names = {written.get(one) or written.get(known.names.get(one, one).casefold(), one) for one in ids}
            known.rules[ids] = policy.within(names)
        return known.rules[ids]

    @property
    def trouble(self) -> str:
        """What an operator should know; empty for nothing."""
        parts = (
            self.file.trouble,
            f"Guard: {self.guard.trouble}" if self.guard is not None and self.guard.trouble else "",
            f"Log: {self.journal.trouble}" if self.journal is not None and self.journal.trouble else "",
            self._unknown_collections(),
        )
        return " ".join(filter(None, parts))

    def _known(self, policy: Policy) -> _Known:
        """Names of a moment ago: asking for them with each passage would cost more than judging it."""
        known = self._names
        if known is None or known.policy is not policy or time.monotonic() > known.until:
            known = _Known(policy, self._library.names(), time.monotonic() + _NAMES_SECONDS)
            self._names = known
        return known

    def _found(self, text: str, embedded: bool) -> Findings:
        matters = embedded and len(text) <= self.detector.longest_with_vector and not text.isspace()
        vector = self._embed(text[:_EMBEDDED_CHARS]) if text and matters else None
        return self.detector.detect(text, vector=vector, closely=embedded)

    def _unknown_collections(self) -> str:
        wanted = self.file.policy.collections
        if not wanted:
            return ""
        names = self._library.names()
        known = {name.casefold() for name in (*names, *names.values())}
        unknown = sorted(name for name in wanted if name.casefold() not in known)
        if not unknown:
            return ""
        return f"The moderation policy has rules for collections that are not there: {', '.join(unknown)}."
