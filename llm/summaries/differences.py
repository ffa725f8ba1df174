"""What two runs of the same summaries say differently: documents, and statements before and after."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.summaries import Difference, Statement, Summary
from core.values import Citation
from llm.summaries.sentences import folded

# The share of words from which on two statements are about the same.
_SAME = 0.55
_FIGURE = re.compile(r"\d[\d.,]*")


@dataclass(frozen=True, slots=True)
class Told:
    """What a run says of a document: its name, the version it is about, and its summary, None where it failed."""

    filename: str
    version_id: str | None
    summary: Summary | None


def differences(before: Mapping[str, Told], after: Mapping[str, Told]) -> list[Difference]:
    """Both runs by document id. Empty where nothing is otherwise; where a version is the same, nothing is compared."""
    found: list[Difference] = []
    for document_id, told in after.items():
        known = before.get(document_id)
        if known is None:
            found.append(Difference("new", document_id, told.filename))
        elif known.version_id != told.version_id and known.summary is not None and told.summary is not None:
            found += _of_statements(document_id, told.filename, known.summary, told.summary)
    found += [Difference("gone", one, told.filename) for one, told in before.items() if one not in after]
    return found


def _of_statements(document_id: str, filename: str, before: Summary, after: Summary) -> list[Difference]:
    pairs = _aligned([one.text for one in before.statements], [one.text for one in after.statements])
    found = []
    for old, new in pairs:
        was = before.statements[old] if old is not None else None
        now = after.statements[new] if new is not None else None
        if was is not None and now is not None and folded(was.text) == folded(now.text):
            continue
        kind = "new" if was is None else "gone" if now is None else "changed"
        found.append(
            Difference(
                kind,
                document_id,
                filename,
                now.text if now is not None else "",
                was.text if was is not None else "",
                _cited(after, now),
                _cited(before, was),
            )
        )
    return found


def _aligned(before: Sequence[str], after: Sequence[str]) -> list[tuple[int | None, int | None]]:
    """Pairs of the statements that are about the same, the most alike first taken; each stands in one pair."""
    words = [[_words(text) for text in texts] for texts in (before, after)]
    alike = sorted(
        (
            (-_share(one, other), old, new)
            for old, one in enumerate(words[0])
            for new, other in enumerate(words[1])
            if _share(one, other) >= _SAME
        )
    )
    paired: dict[int, int] = {}
    for _, old, new in alike:
        if new not in paired and old not in paired.values():
            paired[new] = old
    kept = set(paired.values())
    return [
        *((paired.get(new), new) for new in range(len(after))),
        *((old, None) for old in range(len(before)) if old not in kept),
    ]


def _words(text: str) -> frozenset[str]:
    """The words of a statement; figures may differ."""
    return frozenset(folded(_FIGURE.sub(" ", text)).split()) or frozenset({text})


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other)


def _cited(summary: Summary, statement: Statement | None) -> tuple[Citation, ...]:
    if statement is None:
        return ()
    return tuple(one for one in summary.citations if one.n in statement.citations)
