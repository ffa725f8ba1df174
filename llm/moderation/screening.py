"""What a document says about itself before it answers: passages that talk to a model, hidden text, active content.

Passages are marked whatever the policy says; the policy decides who is told, and whether the document has to wait.
"""

import time
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from core.marks import INSTRUCTIONS, Mark
from core.places import page_runs
from core.storage.chain import Entry
from core.values import PassageDraft, Reading, Version
from llm.moderation.categories import ACTIVE_CONTENT, DOCUMENT_KINDS, HIDDEN_TEXT, Action, Point
from llm.moderation.detectors import instructions
from llm.moderation.means import Means
from llm.moderation.policy import Policy, Rule

# The warnings of reading that say what else is found in documents.
_WARNINGS: Mapping[str, str] = {
    "hidden_text": HIDDEN_TEXT,
    "invisible_characters": HIDDEN_TEXT,
    **dict.fromkeys(("scripts", "launches", "embedded_files"), ACTIVE_CONTENT),
}


@dataclass(frozen=True, slots=True)
class Screened:
    """A reading with its passages marked and its warnings as the policy wants them; `held` are reasons to wait."""

    reading: Reading
    held: tuple[str, ...] = ()


def screen(means: Means, version: Version, reading: Reading, by: str | None) -> Screened:
    """Look at what was read of a version for `by`, and record what is found."""
    began = time.perf_counter()
    passages = marked(reading, version.filename, means)
    found = _found(passages, reading.document.warnings)
    policy = means.file.policy
    rules = means.rules(policy, (version.collection_id,))
    actions = {kind: rules[kind].at(Point.READING) or Action.OFF for kind in DOCUMENT_KINDS}
    weighed = {kind: score for kind, score in found.items() if score >= (rules[kind].threshold or 0.0)}
    warnings = [
        warning
        for warning in reading.document.warnings
        if actions.get(_WARNINGS.get(warning.partition(":")[0], ""), Action.WARN).strength >= Action.WARN.strength
    ]
    if INSTRUCTIONS in weighed and actions[INSTRUCTIONS].strength >= Action.WARN.strength:
        warnings.append(_warning(passages, rules[INSTRUCTIONS]))
    if means.journal is not None:
        took_ms = (time.perf_counter() - began) * 1000
        means.journal.put(list(_entries(policy, version, weighed, actions, by, took_ms)))
    document = replace(reading.document, warnings=tuple(warnings))
    held = tuple(kind for kind in weighed if actions[kind] is Action.QUARANTINE)
    return Screened(replace(reading, document=document, passages=passages), held)


def marked(reading: Reading, filename: str, means: Means) -> tuple[PassageDraft, ...]:
    """The passages with their marks. Pages are looked at as wholes: an order may go on in the next passage."""
    by_page: dict[int, list[int]] = {}
    for place, draft in enumerate(reading.passages):
        by_page.setdefault(draft.page, []).append(place)
    marks = [list(means.labelled((draft.heading, draft.place, filename))) for draft in reading.passages]
    for page in reading.document.pages:
        places = by_page.get(page.number, [])
        for mark in means.mark(page.text) if places else ():
            for place in _touched(mark, reading.passages, places):
                draft = reading.passages[place]
                start, end = max(mark.start - draft.start, 0), min(mark.end, draft.end) - draft.start
                marks[place].append(replace(mark, start=start, end=end))
    return tuple(replace(draft, marks=tuple(own)) for draft, own in zip(reading.passages, marks, strict=True))


def _touched(mark: Mark, drafts: Sequence[PassageDraft], places: Sequence[int]) -> Iterator[int]:
    """The passages of a page, in their order, that have characters of the mark."""
    first = max(bisect_right([drafts[place].start for place in places], mark.start) - 1, 0)
    for place in places[first:]:
        if drafts[place].start >= mark.end:
            return
        if drafts[place].end > mark.start:
            yield place


def _found(passages: Sequence[PassageDraft], warnings: Sequence[str]) -> dict[str, float]:
    """How surely each kind is there."""
    found = dict.fromkeys(
        (_WARNINGS[name] for name in (w.partition(":")[0] for w in warnings) if name in _WARNINGS), 1.0
    )
    scores = [mark.score for draft in passages for mark in draft.marks or ()]
    return {INSTRUCTIONS: max(scores), **found} if scores else found


def _warning(passages: Sequence[PassageDraft], rule: Rule) -> str:
    """`instructions:PAGES`."""
    wanted = rule.threshold or 0.0
    pages = {draft.page for draft in passages if any(mark.score >= wanted for mark in draft.marks or ())}
    return f"{INSTRUCTIONS}:{page_runs(sorted(pages))}"


def _entries(
    policy: Policy,
    version: Version,
    found: Mapping[str, float],
    actions: Mapping[str, Action],
    by: str | None,
    took_ms: float,
) -> Iterator[Entry]:
    for kind, score in found.items():
        if actions[kind] is Action.OFF:
            continue
        yield Entry(
            at=round(time.time(), 3),
            request_id=version.id,
            point=Point.READING.value,
            action=actions[kind].value,
            detector=instructions.NAME if kind == INSTRUCTIONS else "reading",
            policy_version=policy.label,
            text_sha256=version.sha256,
            category=kind,
            score=score,
            latency_ms=round(took_ms, 3),
            user_id=by,
            collections=(version.collection_id,),
            detail={"document": version.document_id, "version": version.number},
        )
