"""Summaries by a Llama: notes on every part of a document, as much as its window holds, then the summary of these.

What does not fit into one window is first turned into notes, part by part; each note keeps the passages that it rests
on, so that what is written from notes is still cited from, and checked against, the document.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Protocol

from core.errors import Stopped
from core.summaries import SummaryOptions
from core.values import Hit, Passage, Verdict
from llm import prompts
from llm.checking import Checker
from llm.line import Priority
from llm.llama import draft_of, says_not_found
from llm.sentences import Written, sentences
from llm.summaries.asking import Task, messages, windows
from llm.summaries.repeats import without_repeats
from llm.summaries.templates import Template
from llm.writers import Draft, Source

# What is written takes at most this share of the window.
_ANSWER_SHARE = 4
_FEWEST_NOTES, _MOST_NOTES = 3, 12
# Notes on notes are made at most so often; then some are left out instead.
_ROUNDS = 4
_TOGETHER = "what several files have in common and where they differ, with the numbers of passages of each file"


class Model(Protocol):
    """What is needed of a language model; `llm.client.ModelClient` is one."""

    @property
    def name(self) -> str:
        """The name shown as the summary's model."""
        ...

    @property
    def window(self) -> int:
        """Tokens of prompt and answer together."""
        ...

    @property
    def answer_tokens(self) -> int:
        """The longest answer that may be asked for, in tokens."""
        ...

    @property
    def places(self) -> int:
        """How many requests it is best asked at the same time, right now."""
        ...

    @property
    def away(self) -> bool:
        """Whether it answers nobody right now."""
        ...

    def count(self, messages: Sequence[prompts.Message]) -> int:
        """The tokens of a prompt."""
        ...

    def stream(
        self, messages: Sequence[prompts.Message], max_tokens: int, *, priority: Priority
    ) -> Generator[str, None, None]:
        """The answer in pieces, when it is its turn."""
        ...


@dataclass(frozen=True, slots=True)
class Under:
    """A draft, and the heading that it stands under."""

    heading: str
    draft: Draft


class Writing:
    """Writes one summary. `stopped` is asked before each request, `progress` told after it."""

    def __init__(
        self,
        model: Model,
        checker: Checker,
        template: Template,
        options: SummaryOptions,
        *,
        stopped: Callable[[], bool],
        progress: Callable[[int, int], None],
    ) -> None:
        self._model = model
        self._checker = checker
        self._task = Task(template, 1, options)
        self._stopped = stopped
        self._progress = progress
        self._answer_tokens = min(model.answer_tokens, model.window // _ANSWER_SHARE)
        self._room = model.window - self._answer_tokens
        self._done, self._total = 0, 0

    def written(self, hits: Sequence[Hit], count: int) -> list[Under]:
        """About `count` sentences on a whole document, under the headings of the template.

        Raises `ModelUnavailable`, and `Stopped` once nobody wants it any more.
        """
        headings = self._task.template.headings or ("",)
        parts = list(self._windows(hits))
        self._total = len(headings) + (len(parts) if len(parts) > 1 else 0)
        self._progress(0, self._total)
        notes = self._notes(parts, count) if len(parts) > 1 else ()
        if len(parts) > 1 and not notes:
            return []
        share = -(-count // len(headings))
        found = []
        for heading in headings:
            task = replace(self._task, sentences=share, heading=heading)
            drafts = self._asked(task, _as_hits(notes), notes) if notes else self._asked(task, hits)
            found += [Under(heading, draft) for draft in drafts]
        if notes and not any(one.draft.sources for one in found):
            # The model made nothing of its notes, which are checked and stand for the whole document.
            found = [Under("", note) for note in _spread(notes, count)]
        kept = without_repeats([one.draft.text for one in found], figures=True)
        return [found[number] for number in kept][:count]

    def together(self, notes: Sequence[Draft], count: int) -> list[Draft]:
        """At most `count` sentences on what documents say together; each rests on two of them at least, and holds.

        Raises as `written`.
        """
        self._total = 1
        fitting = self._fitting(list(notes), count)
        task = replace(self._task, sentences=count, heading=_TOGETHER)
        drafts = [
            draft
            for draft in self._asked(task, _as_hits(fitting), fitting)
            if len({source.passage.document_id for source in draft.sources}) > 1 and self._holds(draft, ())
        ]
        return [drafts[number] for number in without_repeats([draft.text for draft in drafts], figures=True)][:count]

    def _notes(self, parts: Sequence[Sequence[Hit]], count: int) -> list[Draft]:
        """What every part says that is supported, as few sentences as one window holds."""
        task = replace(self._task, sentences=_share(count, len(parts)))
        notes: list[Draft] = []
        for part in parts:
            notes += [draft for draft in self._asked(task, part) if self._holds(draft, part)]
        return self._fitting([notes[n] for n in without_repeats([note.text for note in notes], figures=True)], count)

    def _fitting(self, notes: list[Draft], count: int) -> list[Draft]:
        """Notes that one window holds, made of these."""
        for _ in range(_ROUNDS):
            if self._tokens(_as_hits(notes)) <= self._room:
                return notes
            notes = self._fewer(notes, count)
        while self._tokens(_as_hits(notes)) > self._room:
            notes = _spread(notes, len(notes) * 2 // 3)
        return notes

    def _fewer(self, notes: Sequence[Draft], count: int) -> list[Draft]:
        """Notes on notes."""
        fewer: list[Draft] = []
        start = 0
        for part in list(self._windows(_as_hits(notes))):
            some = notes[start : start + len(part)]
            start += len(part)
            self._total += 1
            task = replace(self._task, sentences=_share(count, max(1, len(notes) // len(part))))
            drafts = [draft for draft in self._asked(task, part, some) if self._holds(draft, part)]
            fewer += drafts or _spread(some, task.sentences)
        return fewer

    def _windows(self, hits: Sequence[Hit]) -> Iterator[Sequence[Hit]]:
        return windows(hits, self._tokens, self._room)

    def _tokens(self, hits: Sequence[Hit]) -> int:
        # The longest task that will be asked: with a heading and two figures.
        longest = max(self._task.template.headings, key=len, default="")
        return self._model.count(messages(replace(self._task, sentences=99, heading=longest), hits))

    def _holds(self, draft: Draft, hits: Sequence[Hit]) -> bool:
        return bool(draft.sources) and self._checker.checked(draft, hits).verdict is not Verdict.UNSUPPORTED

    def _asked(self, task: Task, hits: Sequence[Hit], notes: Sequence[Draft] = ()) -> list[Draft]:
        """What the model writes; of `notes`, which the hits show, each sentence rests on what those rest on."""
        if self._stopped():
            raise Stopped("The summary was stopped before it was complete.")
        shown = [hit.passage for hit in hits]
        stream = self._model.stream(messages(task, hits), self._answer_tokens, priority=Priority.BATCH)
        drafts: list[Draft] = []
        with closing(stream) as pieces:
            for written in sentences(pieces, len(shown)):
                # Who writes on and on is not heard to the end.
                if says_not_found(written) or len(drafts) >= 2 * task.sentences:
                    break
                drafts.append(_of_notes(written, notes) if notes else draft_of(written, shown))
        self._done += 1
        self._progress(self._done, max(self._done, self._total))
        return drafts


def _share(count: int, parts: int) -> int:
    """How many notes are asked for of each part: some more than are wanted in the end."""
    return max(_FEWEST_NOTES, min(_MOST_NOTES, -(-3 * count // (2 * parts))))


def _of_notes(written: Written, notes: Sequence[Draft]) -> Draft:
    """A sentence that cites notes cites what those rest on: each passage once, with the quote of the first note."""
    sources: dict[int, Source] = {}
    for number in written.cited:
        for source in notes[number - 1].sources:
            sources.setdefault(source.passage.id, source)
    return Draft(written.text, tuple(sources.values()))


def _as_hits(notes: Sequence[Draft]) -> list[Hit]:
    """Notes as a prompt shows them, each with the place of its first passage."""
    return [Hit(number, 1.0, _as_passage(note)) for number, note in enumerate(notes, 1)]


def _as_passage(note: Draft) -> Passage:
    return replace(note.sources[0].passage, text=note.text)


def _spread(drafts: Sequence[Draft], count: int) -> list[Draft]:
    """As many, evenly from the whole."""
    if len(drafts) <= count:
        return list(drafts)
    return [drafts[number * len(drafts) // count] for number in range(count)]
