"""Which sentences of a document stand for it: central passages, all parts of it covered, nothing said twice.

Centrality is a passage's cosine to the mean of the document and of its part (the continuous LexRank of Erkan and Radev
2004 with one step); sentences are then chosen by maximal marginal relevance (Carbonell and Goldstein 1998), and by the
words of titles and beginnings that speak for a sentence (Edmundson 1969).
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.values import Passage
from llm.summaries.repeats import Said
from llm.summaries.sentences import Quotable, quotable
from llm.summaries.templates import Template
from retrieval.embedders.protocol import Embedder, Vectors

Scores = NDArray[np.float64]
# Passages as whoever quotes them may see them; those that are withheld are missing.
See = Callable[[Sequence[Passage]], Sequence[Passage]]
# So many sentences are embedded for each one that is wanted.
_TRIED = 8
_FEWEST_TRIED = 40
# Where there are fewer sentences, what lacks something of one may be quoted too.
_FEWEST_WHOLE = 3
# A part of the document for so many statements.
_PER_PART = 2
# What redundancy costs, and each statement that a part has already.
_REDUNDANT, _SERVED = 0.35, 0.06
# A part whose sentences are all among the worst, as those of annexes are, need not have any.
_WORST = 0.35
# What it is worth to say what passages say that nothing said so far is near to (the coverage of Lin and Bilmes 2011).
# Less where something is asked for, and not all of the document.
_COVERS, _COVERS_FOCUSED = 18.0, 8.0
_USUAL_WORDS = (11, 38)
# The share of a document that is its beginning.
_OPENING = 0.03
_FIGURE = re.compile(
    r"(?<![\w.])[$€£]?\d[\d.,]*(?:\s?(?:%|percent|prozent|million|billion|mio|mrd|days|months|years|tage))",
    re.IGNORECASE,
)
_CHANGE = re.compile(
    r"\b(?:increas|decreas|declin|grew|gr[oe]w|rose|fell|compared (?:to|with)|up|down|expect|announc|complet|decid|"
    r"agree|approv|plan|launch|acquir|st[ie]+g|gestiegen|sank|gesunken|gegenüber|erwart|beschl|vereinbar|genehmig|plant)\w*",
    re.IGNORECASE,
)
# What could be, and how things are counted, rather than what is.
_IN_THEORY = re.compile(
    r"\b(?:may|might|could|would|if|unless|whether|considers?|measured at|is recorded|are recorded|recorded in|"
    r"recogni[sz]ed|estimates?|assumptions?|non-gaap|disclos\w+|believes?|useful|these measures?|"
    r"this information|könnten?|würden?|falls|sofern)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d")
_SUMMING_UP = re.compile(
    r"\b(?:overview|summary|highlights?|abstract|introduction|conclusions?|results of operations|outlook|guidance|"
    r"(?:financial|quarter|annual|year) results|purpose|findings|recommendations?|decisions?|strategy|announces?|"
    r"überblick|zusammenfassung|ergebnisse?|einleitung|fazit|schluss\w*|ausblick|zweck|ziele?|beschluss|beschlüsse|"
    r"gegenstand|allgemeines|empfehlung(?:en)?)\b",
    re.IGNORECASE,
)
_SIDE_MATTER = re.compile(
    r"\b(?:about (?!this\b|the\b)|exhibits?|signatures?|certifications?|index|glossary|references|bibliography|"
    r"appendix|annex|notes? to|acknowledge?ments?|report of independent|recent accounting|legal notice|"
    r"disclaimer|safe harbor|terms and conditions|non-gaap|"
    r"anlagen?|anhang|glossar|literatur\w*|impressum|unterschrift\w*|haftungsausschluss)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Material:
    """The passages of a document in their order, and their stored vectors, one row for each."""

    passages: Sequence[Passage]
    vectors: Vectors


def chosen(
    material: Material, template: Template, count: int, embedder: Embedder, *, focus: str, see: See
) -> list[Quotable]:
    """Up to `count` sentences in the document's order; none of which `see` does not show every word."""
    sentences = _fitting(quotable(material.passages), template, count)
    if not sentences or count < 1:
        return []
    asked = embedder.embed_queries([focus])[0] if focus else None
    before = _by_passage(sentences, material, template, asked)
    tried = _shortlist(sentences, before, max(_FEWEST_TRIED, _TRIED * count), max(1, count // _PER_PART))
    shown = {one.id: one for one in see(list({sentences[n].place: sentences[n].passage for n in tried}.values()))}
    tried = [n for n in tried if _stands(sentences[n], shown.get(sentences[n].passage.id))]
    if not tried:
        return []
    vectors = embedder.embed_passages([sentences[n].text for n in tried])
    scores = before[tried] + _by_sentence(sentences, vectors, material, asked)
    prose = sorted({one.place for one in sentences})
    near = vectors @ material.vectors[prose].T
    near *= _COVERS if asked is None else _COVERS_FOCUSED
    picked = _picked([sentences[n] for n in tried], scores, vectors, near, count)
    return [replace(sentences[tried[n]], passage=shown[sentences[tried[n]].passage.id]) for n in picked]


def _stands(one: Quotable, shown: Passage | None) -> bool:
    return shown is not None and one.quote in shown.text


def _fitting(sentences: Sequence[Quotable], template: Template, count: int) -> list[Quotable]:
    """Those that the template asks for; all where hardly any does, and loose ones where there is little else."""
    whole = [one for one in sentences if not one.loose]
    usable = whole if len(whole) >= min(count, _FEWEST_WHOLE) else list(sentences)
    if template.words:
        cued = [one for one in usable if template.cues(one.text)]
    elif template.figures:
        cued = [one for one in sentences if _NUMBER.search(one.text) and _FIGURE.search(one.text)]
    else:
        cued = usable
    return cued or usable


def _by_passage(sentences: Sequence[Quotable], material: Material, template: Template, asked: Vectors | None) -> Scores:
    """What speaks for each sentence before it is embedded: its passage, its heading, its words."""
    central = _centrality(sentences, material, asked)
    return np.array([central[one.place] + _worth(one, template, len(material.passages)) for one in sentences])


def _centrality(sentences: Sequence[Quotable], material: Material, asked: Vectors | None) -> Scores:
    """Of each passage, from about 0 to 1: nearness to the document, or to what is asked for."""
    central: Scores = material.vectors.astype(np.float64) @ _middle(sentences, material)
    return central if asked is None else 0.3 * central + 1.2 * (material.vectors @ asked)


def _middle(sentences: Sequence[Quotable], material: Material) -> Vectors:
    """The direction of what the document says, half of it by its beginning and the parts that sum it up."""
    prose = np.zeros(len(material.passages), np.float32)
    for one in sentences:
        prose[one.place] += one.words
    sums_up = [bool(_SUMMING_UP.search(passage.heading)) for passage in material.passages]
    opens = np.arange(len(prose)) < max(2, _OPENING * len(prose))
    middles = [_unit(prose @ material.vectors), _unit((prose * (opens | np.array(sums_up))) @ material.vectors)]
    return _unit(middles[0] + middles[1])


def _unit(vector: Vectors) -> Vectors:
    length = float(np.linalg.norm(vector))
    return vector / length if length else vector


def _worth(one: Quotable, template: Template, passages: int) -> float:
    """What speaks for a sentence apart from its meaning."""
    fewest, most = _USUAL_WORDS
    worth = -0.02 * max(0, fewest - one.words) - 0.008 * max(0, one.words - most)
    worth += 0.03 * one.first - 0.25 * one.dangling - 0.1 * one.loose
    heading = one.passage.heading
    worth += 0.12 * bool(_SUMMING_UP.search(heading)) - 0.15 * bool(_SIDE_MATTER.search(heading))
    # What comes first is mostly what it is about, and annexes come last.
    worth += 0.12 * (1 - one.place / max(1, passages)) + 0.05 * (one.place < _OPENING * passages)
    figures = min(2, len(_FIGURE.findall(one.text)))
    if template.words:
        return worth + 0.1 * min(template.cues(one.text), 3) + 0.01 * figures
    worth += 0.06 * min(2, len(_CHANGE.findall(one.text))) - 0.08 * min(2, len(_IN_THEORY.findall(one.text)))
    return worth + (0.1 if template.figures else 0.05) * figures


def _by_sentence(sentences: Sequence[Quotable], vectors: Vectors, material: Material, asked: Vectors | None) -> Scores:
    central: Scores = vectors.astype(np.float64) @ _middle(sentences, material)
    return 0.6 * central if asked is None else 0.2 * central + 1.2 * (vectors @ asked)


def _shortlist(sentences: Sequence[Quotable], scores: Scores, most: int, parts: int) -> list[int]:
    """The best sentences of each part of the document, in its order."""
    share = max(1, most // parts)
    found: list[int] = []
    for part in np.array_split(np.arange(len(sentences)), parts):
        best = part[np.argsort(-scores[part], kind="stable")][:share]
        found += sorted(int(n) for n in best)
    return found


def _picked(sentences: Sequence[Quotable], scores: Scores, vectors: Vectors, near: Vectors, count: int) -> list[int]:
    """The numbers of the sentences that are taken, in order: every part has one before any has many.

    `near` has a row for each sentence: its cosines to the passages of the document, times what that is worth.
    """
    parts = max(1, count // _PER_PART)
    part_of = np.array([min(parts - 1, number * parts // len(sentences)) for number in range(len(sentences))])
    served = np.zeros(parts)
    said = Said()
    taken: list[int] = []
    left = set(range(len(sentences)))
    floor = float(np.quantile(scores, _WORST))
    nearest = np.zeros(len(sentences))
    covered = np.full(near.shape[1], near.mean())
    while left and len(taken) < count:
        worth = scores - _REDUNDANT * nearest - _SERVED * served[part_of]
        worth += np.maximum(near - covered, 0).mean(axis=1)
        if len(taken) >= count - int((served == 0).sum()):
            waiting = {n for n in left if served[part_of[n]] == 0 and scores[n] >= floor}
        else:
            waiting = set()
        best = max(waiting or left, key=lambda n: (worth[n], -n))
        left.discard(best)
        if said.repeats(sentences[best].text, vectors[best]) is not None:
            continue
        said.add(sentences[best].text, vectors[best])
        nearest = np.maximum(nearest, vectors @ vectors[best])
        covered = np.maximum(covered, near[best])
        served[part_of[best]] += 1
        taken.append(best)
    return sorted(taken)
