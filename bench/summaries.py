"""Summaries without a Llama against lead and TextRank, over libraries that were read before; and how long they take.

    python -m bench.summaries --data FOLDER [--data FOLDER ...] [--length medium]

Nobody has written summaries of these documents for us, but many documents bring their own: a section that is called
exactly abstract, summary, overview, executive summary or the like (German too). It is the reference, and is taken out
of what is summarised, as is every sentence that stands in it word for word. An overview is not written as a summary of
all the rest, so the figures are low for everybody; they only compare. ROUGE-1, -2 and -L are F1 of words without
stemming, with as many sentences for everybody but `lead_3`. `coverage` is the mean over all passages with sentences of
the largest cosine to a sentence of the summary; `tenths` the share of the document's tenths that something is from.
`textrank` (Mihalcea and Tarau 2004) sees every sentence, and likes long ones, so that `textrank_same_words` stops at as
many words as ours; `textrank_filtered` and `lead_filtered` see only what ours might quote.
"""

import argparse
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench import report
from core.filters import EVERYTHING
from core.settings import load_settings
from core.summaries import Length, SummaryOptions
from core.values import OPERATOR, Passage
from llm.services import Services
from llm.summaries.extracting import Material, chosen
from llm.summaries.quoting import material_of
from llm.summaries.sentences import Quotable, folded, quotable
from llm.summaries.summariser import STATEMENTS
from llm.summaries.templates import EXECUTIVE
from llm.units import units
from retrieval.embedders.protocol import Embedder

_REFERENCE = re.compile(
    r"(?:(?:item )?\d+[a-z.]*\s+)?(?:abstract|(?:executive |management |firmwide )?(?:overview|summary)|highlights|"
    r"zusammenfassung|überblick|kurzfassung)",
    re.IGNORECASE,
)
_FEWEST_WORDS, _MOST_WORDS = 60, 400
_FEWEST_LEFT = 20
_DAMPING, _STEPS = 0.85, 50


@dataclass(frozen=True)
class Case:
    """A document without its own summary, and that."""

    filename: str
    material: Material
    reference: str


def main() -> None:
    """Measure and publish."""
    wanted = _wanted()
    count = STATEMENTS[Length(wanted.length)]
    found: list[Mapping[str, Mapping[str, float]]] = []
    pages, seconds, processor, documents, repeats = 0, 0.0, 0.0, 0, 0
    for data in wanted.data:
        services = Services(load_settings(data=data))
        services.summariser  # noqa: B018 - opened before it is measured
        services.warm()
        embedder = services.retriever.embedder
        for document_id in sorted(services.store.documents.answering(EVERYTHING)):
            began, worked = time.perf_counter(), time.process_time()
            summary = services.summariser.document(OPERATOR, document_id, SummaryOptions(length=Length(wanted.length)))
            seconds += time.perf_counter() - began
            processor += time.process_time() - worked
            pages += services.store.documents.get(document_id).pages
            documents += 1
            texts = [folded(statement.text) for statement in summary.statements]
            repeats += len(texts) - len(set(texts))
            case = _case(services, document_id, embedder)
            if case is not None:
                found.append(_compared(case, embedder, count))
                print(case.filename, {name: row["rouge_1"] for name, row in found[-1].items()}, file=sys.stderr)
    methods = found[0].keys() if found else ()
    told = {method: _mean([one[method] for one in found]) for method in methods}
    report.publish(
        "summaries",
        {
            "documents": documents,
            "pages": pages,
            "seconds_per_100_pages": round(100 * seconds / max(1, pages), 3),
            "processor_seconds_per_100_pages": round(100 * processor / max(1, pages), 3),
            "load_average": round(os.getloadavg()[2], 1),
            "statements_said_twice": repeats,
            "references": len(found),
            "sentences": count,
            **told,
            "rouge_1_better_than_textrank": _wins(found, "rouge_1", "textrank"),
            "rouge_1_better_than_lead_3": _wins(found, "rouge_1", "lead_3"),
        },
    )
    sys.stdout.flush()
    os._exit(0)  # threads inside native code are not waited for


def _case(services: Services, document_id: str, embedder: Embedder) -> Case | None:
    """The document if it brings its own summary."""
    version = services.store.documents.current_version(document_id)
    if version is None:
        return None
    passages = services.store.passages.of_version(version.id)
    material = material_of(passages, services.store.passages.vectors(version.id, embedder.name) or b"")
    own = [place for place, passage in enumerate(passages) if _sums_up(passage)]
    if material is None or not own:
        return None
    sentences = [one.text for one in quotable([passages[place] for place in own])]
    reference = " ".join(" ".join(sentences).split()[:_MOST_WORDS])
    if len(reference.split()) < _FEWEST_WORDS:
        return None
    same = {folded(text) for text in sentences}
    left = [
        place
        for place, passage in enumerate(passages)
        if place not in own and not any(one in folded(passage.text) for one in same)
    ]
    if len(left) < _FEWEST_LEFT:
        return None
    rest = Material([passages[place] for place in left], material.vectors[left])
    return Case(version.filename, rest, reference)


def _sums_up(passage: Passage) -> bool:
    return any(_REFERENCE.fullmatch(part.strip(" :.")) for part in passage.heading.split(" › "))


def _compared(case: Case, embedder: Embedder, count: int) -> dict[str, dict[str, float]]:
    passages = case.material.passages
    ours = chosen(case.material, EXECUTIVE, count, embedder, focus="", see=lambda some: some)
    plain, fitting = _plain(passages), [one for one in quotable(passages) if not one.loose]
    ranked = _textrank(plain)
    methods: dict[str, Sequence[Quotable]] = {
        "archivar": ours,
        "lead_3": plain[:3],
        "lead_same_length": plain[:count],
        "lead_filtered": fitting[:count],
        "textrank": _in_order(ranked[:count]),
        "textrank_same_words": _in_order(_up_to(ranked, sum(one.words for one in ours))),
        "textrank_filtered": _in_order(_textrank(fitting)[:count]),
    }
    return {name: _scored(case, picked, embedder) for name, picked in methods.items()}


def _plain(passages: Sequence[Passage]) -> list[Quotable]:
    """Every sentence of every passage, as a splitter gives them."""
    found = []
    for place, passage in enumerate(passages):
        for unit in units(passage.text, passage.heading):
            text = passage.text[unit.start : unit.end]
            if not unit.row and len(text.split()) > 3:
                found.append(Quotable(passage, place, len(found), " ".join(text.split()), text))
    return found


def _scored(case: Case, picked: Sequence[Quotable], embedder: Embedder) -> dict[str, float]:
    text = " ".join(one.text for one in picked)
    one, other = folded(text).split(), folded(case.reference).split()
    prose = sorted({sentence.place for sentence in quotable(case.material.passages)})
    said = embedder.embed_passages([sentence.text for sentence in picked]) if picked else np.zeros((1, 1))
    near = (case.material.vectors[prose] @ said.T).max(axis=1) if picked and prose else np.zeros(1)
    tenths = {10 * sentence.place // len(case.material.passages) for sentence in picked}
    return {
        "rouge_1": _rouge(one, other, 1),
        "rouge_2": _rouge(one, other, 2),
        "rouge_l": _f1(_common(one, other), len(one), len(other)),
        "coverage": float(near.mean()),
        "tenths": len(tenths) / 10,
        "words": len(one),
    }


def _rouge(one: Sequence[str], other: Sequence[str], n: int) -> float:
    mine, theirs = (Counter(zip(*(words[k:] for k in range(n)), strict=False)) for words in (one, other))
    return _f1(sum((mine & theirs).values()), sum(mine.values()), sum(theirs.values()))


def _f1(shared: float, mine: float, theirs: float) -> float:
    return 2 * shared / (mine + theirs) if mine + theirs else 0.0


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """The length of the longest common subsequence."""
    row = [0] * (len(other) + 1)
    for word in one:
        above = 0
        for place, theirs in enumerate(other, 1):
            above, row[place] = row[place], above + 1 if word == theirs else max(row[place], row[place - 1])
    return row[-1]


def _in_order(sentences: Sequence[Quotable]) -> list[Quotable]:
    return sorted(sentences, key=lambda one: one.order)


def _up_to(sentences: Sequence[Quotable], words: int) -> Sequence[Quotable]:
    """The first sentences, as many as have so many words together."""
    so_far = np.cumsum([one.words for one in sentences])
    return sentences[: int(np.searchsorted(so_far, words, side="right"))]


def _textrank(sentences: Sequence[Quotable]) -> list[Quotable]:
    """All, the best first, by PageRank over shared words."""
    if not sentences:
        return []
    words = [set(folded(one.text).split()) for one in sentences]
    known = {word: place for place, word in enumerate(sorted(set().union(*words)))}
    has = np.zeros((len(sentences), len(known)), np.float32)
    for place, some in enumerate(words):
        has[place, [known[word] for word in some]] = 1
    lengths = np.log(np.maximum(2, has.sum(axis=1)))
    alike = (has @ has.T) / (lengths[:, None] + lengths[None, :])
    np.fill_diagonal(alike, 0)
    alike /= np.maximum(alike.sum(axis=1, keepdims=True), 1e-9)
    rank = np.full(len(sentences), 1 / len(sentences), np.float32)
    for _ in range(_STEPS):
        rank = (1 - _DAMPING) / len(sentences) + _DAMPING * (alike.T @ rank)
    return [sentences[place] for place in np.argsort(-rank, kind="stable").tolist()]


def _mean(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {name: round(sum(row[name] for row in rows) / len(rows), 4) for name in rows[0]}


def _wins(found: Sequence[Mapping[str, Mapping[str, float]]], measure: str, other: str) -> str:
    won = sum(one["archivar"][measure] > one[other][measure] for one in found)
    return f"{won} of {len(found)}"


def _wanted() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, action="append", required=True)
    parser.add_argument("--length", choices=[one.value for one in Length], default=Length.MEDIUM.value)
    return parser.parse_args()


if __name__ == "__main__":
    main()
