"""Trains the moderation scorer and says how good it is on texts that did not train it.

    python -m bench.train_moderation --data FOLDER [--write] [--json]

FOLDER has `openai.jsonl` (the OpenAI moderation set, MIT) and `xstest.jsonl` (XSTest, CC BY 4.0); harmless questions
of `bench/business_questions.py`, half `dev`, join them. All figures are cross-validated: five folds, near-duplicates
in the same one, repeated with other folds. `--write` trains on everything and writes
`llm/moderation/detectors/weights/scorer.json` and its card beside it.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_curve
from threadpoolctl import threadpool_limits

from bench import business_questions
from bench.moderation_training import HEADS, NAMES, UNKNOWN, Floats, Rows, Seen, Weights, fit, see
from core.settings import load_settings
from llm.moderation.detectors import features, rules, scorer
from retrieval.embedders.openvino_minilm import OpenVinoMiniLM

FOLDS, REPEATS = 5, 3
_XSTEST_WEIGHT, _BUSINESS_WEIGHT, _BUSINESS = 0.5, 0.3, 300
# Texts whose vectors are nearer than this, or that share so many words in a row, stay in the same fold.
_NEAR, _SHARED_WORDS = 0.85, 8
# What the shipped thresholds may flag: of XSTest's safe prompts, and of OpenAI's harmless texts by all and by each one.
_MOST_SAFE, _MOST_HARMLESS, _MOST_OF_EACH = 0.03, 0.04, 0.01
_VERSION = "2"
_CARD = scorer.WEIGHTS.with_name("CARD.md")


@dataclass(frozen=True)
class Sets:
    """All rows, and which of them belong to what."""

    rows: Rows
    openai: NDArray[np.int64]
    safe: NDArray[np.int64]
    unsafe: NDArray[np.int64]


def load(folder: Path) -> Sets:
    """The sets with vectors, labels and groups."""
    openai = _lines(folder / "openai.jsonl")
    xstest = _lines(folder / "xstest.jsonl")
    business = business_questions.questions("dev", _BUSINESS)
    texts = [str(row["prompt"]) for row in (*openai, *xstest)] + business
    vectors = OpenVinoMiniLM(load_settings().cache.expanduser()).embed_passages(texts)
    # An unsafe prompt of XSTest has no label of a category.
    labels = [_labels(row) for row in openai]
    labels += [[1, *[UNKNOWN] * (len(NAMES) - 1)] if row["label"] == "unsafe" else [0] * len(NAMES) for row in xstest]
    labels += [[0] * len(NAMES) for _ in business]
    weights = [1.0] * len(openai) + [_XSTEST_WEIGHT] * len(xstest) + [_BUSINESS_WEIGHT] * len(business)
    # XSTest's pairs share the word that they turn on; the templates of business questions come round in order.
    keys = [str(row.get("focus") or row["id"]) for row in xstest]
    keys += [f"template {number % len(business_questions.HALVES['dev'])}" for number in range(len(business))]
    groups = _groups(texts, vectors, len(openai), keys)
    rows = Rows(texts, vectors, np.array(labels), np.array(weights), groups)
    prompts = np.arange(len(openai), len(openai) + len(xstest))
    is_safe = np.array([row["label"] == "safe" for row in xstest])
    return Sets(rows, np.arange(len(openai)), prompts[is_safe], prompts[~is_safe])


def _lines(path: Path) -> list[Mapping[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines() if line.strip()]


def _labels(row: Mapping[str, Any]) -> list[int]:
    known = [[int(row[label]) for label in labels if label in row] for labels in HEADS.values()]
    # Where no label of `any` is set, the text counts as harmless, as in the published figures.
    return [max(values) if values else UNKNOWN for values in known]


def _groups(
    texts: Sequence[str], vectors: NDArray[np.float32], compared: int, keys: Sequence[str]
) -> NDArray[np.int64]:
    parents = list(range(len(texts)))

    def root(place: int) -> int:
        while parents[place] != place:
            place = parents[place]
        return place

    first: dict[object, int] = {}
    for place, text in enumerate(texts):
        words = text.lower().split()
        runs: list[object] = [tuple(words[i : i + _SHARED_WORDS]) for i in range(len(words) - _SHARED_WORDS + 1)]
        for run in runs if place < compared else [keys[place - compared]]:
            parents[root(place)] = root(first.setdefault(run, place))
    for one, other in np.argwhere(np.triu(vectors[:compared] @ vectors[:compared].T, 1) > _NEAR):
        parents[root(one)] = root(other)
    return np.array([root(place) for place in range(len(texts))])


def cross_validated(sets: Sets, seen: Seen, seed: int, *, with_vectors: bool) -> Floats:
    """Raw scores of all rows, each from a fit without its fold; the first head is the combined one."""
    rng = np.random.default_rng(seed)
    groups, members = np.unique(sets.rows.groups, return_inverse=True)
    fold = rng.permutation(len(groups))[members] % FOLDS
    raw = np.zeros((len(sets.rows.texts), len(NAMES)))
    for held_out in range(FOLDS):
        train, rest = np.flatnonzero(fold != held_out), np.flatnonzero(fold == held_out)
        weights = fit(sets.rows.take(train), seen.take(train), with_vectors=with_vectors)
        raw[rest] = weights.decisions(seen.take(rest))
    raw[:, 0] = scorer.combined(raw)
    return raw


def quality(sets: Sets, raw: Floats) -> dict[str, float]:
    """Of one cross-validation."""
    truth, scores = sets.rows.labels[sets.openai, 0], raw[sets.openai, 0]
    false, true, _ = roc_curve(truth, scores)
    bar = float(np.quantile(scores[truth == 0], 0.95))
    found = {"auprc": float(average_precision_score(truth, scores))}
    found |= {f"recall_at_{share}": float(true[false <= share].max()) for share in (0.01, 0.05, 0.10)}
    found |= {"xstest_safe_above_that": float((raw[sets.safe, 0] > bar).mean())}
    for place, name in enumerate(NAMES[1:], start=1):
        labels = sets.rows.labels[sets.openai, place]
        known = labels != UNKNOWN
        found[f"auprc_{name}"] = float(average_precision_score(labels[known], raw[sets.openai, place][known]))
    return found


def calibration(sets: Sets, raw: Sequence[Floats]) -> tuple[list[float], list[float]]:
    """Slope and offset of each head, from raw scores to log odds (Platt), on OpenAI's and XSTest's texts."""
    rows = np.concatenate([sets.openai, sets.safe, sets.unsafe])
    slopes, offsets = [], []
    for head in range(len(NAMES)):
        labels = sets.rows.labels[rows, head]
        known = labels != UNKNOWN
        scores = np.concatenate([repeat[rows, head][known] for repeat in raw])[:, None]
        model = LogisticRegression(C=1e6).fit(scores, np.tile(labels[known], len(raw)))
        slopes.append(float(model.coef_[0, 0]))
        offsets.append(float(model.intercept_[0]))
    return slopes, offsets


def thresholds(sets: Sets, chances: Sequence[Floats]) -> dict[str, float]:
    """The lowest ones that keep to the shares of harmless texts that may be flagged, over all repeats."""
    kept: dict[str, float] = {}
    for head, name in enumerate(NAMES):
        if name == "log":
            continue
        labels = sets.rows.labels[sets.openai, head]
        harmless = np.concatenate([repeat[sets.openai, head][labels == 0] for repeat in chances])
        safe = np.concatenate([repeat[sets.safe, head] for repeat in chances])
        share = _MOST_HARMLESS if name == "any" else _MOST_OF_EACH
        bar = max(
            np.quantile(harmless, 1 - share), np.quantile(safe, 1 - (_MOST_SAFE if name == "any" else _MOST_OF_EACH))
        )
        kept[name] = float(np.ceil(bar * 1000) / 1000)
    return kept


def flagged(sets: Sets, chances: Floats, bars: Mapping[str, float]) -> NDArray[np.bool_]:
    """Whether a rule or a score flags each row."""
    by_score = np.array([chances[:, NAMES.index(name)] >= bar for name, bar in bars.items()]).any(0)
    by_rule = np.array([bool(rules.find(text)) for text in sets.rows.texts])
    return np.asarray(by_score | by_rule)


def shares(sets: Sets, repeats: Sequence[NDArray[np.bool_]]) -> dict[str, float]:
    """What is flagged, of what should be and of what should not."""
    truth = sets.rows.labels[sets.openai, 0] == 1
    mean = np.mean(repeats, axis=0)
    return {
        "openai_harmful": float(mean[sets.openai][truth].mean()),
        "openai_harmless": float(mean[sets.openai][~truth].mean()),
        "xstest_unsafe": float(mean[sets.unsafe].mean()),
        "xstest_safe": float(mean[sets.safe].mean()),
    }


def stored(weights: Weights, slopes: Sequence[float], offsets: Sequence[float]) -> dict[str, Any]:
    """A part of the file."""
    return {
        "rarity": scorer.packed(weights.rarity[:, None]),
        "landmarks": scorer.packed(weights.landmarks),
        "of_pieces": scorer.packed(weights.of_pieces),
        "of_themes": scorer.packed(weights.of_themes),
        "of_nearness": scorer.packed(weights.of_nearness),
        "constant": [round(float(value), 5) for value in weights.constant],
        "slopes": [round(value, 5) for value in slopes],
        "offsets": [round(value, 5) for value in offsets],
    }


def main() -> None:
    """Cross-validate, and write when wanted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    # The matrices are small: threads that wait for each other cost more than they gain.
    with threadpool_limits(1):
        figures, model, card_text = trained(load(wanted.data))
    print(json.dumps(figures, indent=None if wanted.json else 2))
    if wanted.write:
        scorer.WEIGHTS.parent.mkdir(exist_ok=True)
        scorer.WEIGHTS.write_text(json.dumps(model, separators=(",", ":")) + "\n")
        _CARD.write_text(card_text)


def trained(sets: Sets) -> tuple[dict[str, Any], dict[str, Any], str]:
    """The figures, what is to be stored, and the card."""
    seen = see(sets.rows)
    figures: dict[str, Any] = {}
    parts: dict[str, Any] = {}
    bars: dict[str, float] = {}
    for name, with_vectors in (("with_vector", True), ("without_vector", False)):
        raw = [cross_validated(sets, seen, seed, with_vectors=with_vectors) for seed in range(REPEATS)]
        slopes, offsets = calibration(sets, raw)
        chances = [1 / (1 + np.exp(-(repeat * slopes + offsets))) for repeat in raw]
        # One set of thresholds serves both: probabilities are probabilities.
        bars = bars or thresholds(sets, chances)
        of_repeats = [quality(sets, repeat) for repeat in raw]
        figures[name] = {key: round(float(np.mean([found[key] for found in of_repeats])), 3) for key in of_repeats[0]}
        found = shares(sets, [flagged(sets, repeat, bars) for repeat in chances])
        figures[name]["flagged"] = {key: round(value, 3) for key, value in found.items()}
        parts[name] = stored(fit(sets.rows, seen, with_vectors=with_vectors), slopes, offsets)
    figures["thresholds"] = bars
    model = {"version": _VERSION, "features": features.VERSION, "heads": NAMES, "thresholds": bars, **parts}
    return figures, model, card(sets, figures)


def card(sets: Sets, figures: Mapping[str, Any]) -> str:
    """What the scorer is, was trained on, and can not do."""
    rows = []
    for key, label in _FIGURES.items():
        with_vector, without = (figures[part].get(key, "") for part in ("with_vector", "without_vector"))
        rows.append(f"| {label} | {with_vector} | {without} |")
    for key, label in _FLAGGED.items():
        with_vector, without = (figures[part]["flagged"][key] for part in ("with_vector", "without_vector"))
        rows.append(f"| {label} | {with_vector} | {without} |")
    bars = ", ".join(f"{name} {bar}" for name, bar in figures["thresholds"].items())
    counts = {
        "openai": len(sets.openai),
        "harmful": int((sets.rows.labels[sets.openai, 0] == 1).sum()),
        "safe": len(sets.safe),
        "unsafe": len(sets.unsafe),
        "business": _BUSINESS,
        "folds": FOLDS,
        "repeats": REPEATS,
    }
    return _TEXT.format(date=datetime.now(UTC).date(), rows="\n".join(rows), bars=bars, version=_VERSION, **counts)


_FIGURES = {
    "auprc": "area under precision and recall, any label",
    "recall_at_0.01": "recall at 1 % false positives",
    "recall_at_0.05": "recall at 5 %",
    "recall_at_0.1": "recall at 10 %",
    "auprc_S12": "area, sexual content (S12)",
    "auprc_S10": "area, hate (S10)",
    "auprc_S1": "area, violence (S1)",
    "auprc_S11": "area, self-harm (S11)",
    "auprc_S4": "area, sexual content with minors (S4)",
    "xstest_safe_above_that": "XSTest's safe prompts above the bar for 5 %",
}
_FLAGGED = {
    "openai_harmful": "flagged with the thresholds: OpenAI's harmful texts",
    "openai_harmless": "... its harmless ones",
    "xstest_unsafe": "... XSTest's unsafe prompts",
    "xstest_safe": "... its safe ones",
}
_TEXT = """# The moderation scorer, version {version}

A set of logistic regressions over hashed pieces of words (3 to 6 characters, folded), counts of words by theme, and
nearness of the text's all-MiniLM-L6-v2 vector to 64 landmarks; a second set does without the vector. Weights are
stored in eight bits. Trained on {date} by `bench/train_moderation.py`.

## Data

{openai} texts of the OpenAI moderation set ({harmful} harmful; MIT), {safe} safe and {unsafe} unsafe prompts of XSTest
(CC BY 4.0), and {business} harmless business questions of our own. An OpenAI text without any label set counts as
harmless; a category that nobody labelled trains nothing. S counts as S12, H and H2 as S10, V and V2 as S1, SH as S11,
S3 as S4; HR counts only as being wrong at all.
Words for animals and dirt count as slurs only where a word for a group of people, or `they`, is close by: since
version 2, before which "which animals are allowed" was hate.

## Figures

Cross-validated in {folds} folds, {repeats} times, near-duplicates together: no text is scored by weights that it
trained. Calibration and thresholds were fitted to these same scores, one or two numbers for each head.

| | with vector | without |
|---|---|---|
{rows}

Thresholds: {bars}

What each idea gave (any label: area, recall at 5 %; three times five folds, before all were put together):

| | area | recall |
|---|---|---|
| vector, linear | 0.794 | 0.49 |
| pieces of 3 to 5 characters | 0.768 | 0.50 |
| both | 0.812 | 0.55 |
| Gaussian kernel of the vector in place of the vector | 0.820 | 0.56 |
| + counts of words by theme | 0.836 | 0.59 |
| + half the likeliest category's score | 0.847 | 0.60 |

Not taken, as each gave 0.004 or less: mean of the sentences' vectors, pieces of 2 or 4 to 6 characters, two words in a
row, a kernel over themes, products of themes, 128 landmarks in place of 64.

## Limits

- Low assurance: it misses much and is wrong at times. It ranks for review; rules, guards and people decide.
- English. Other languages are unsupported: German is caught by its rules and by shared words only.
- Of S1 it knows depictions and threats of violence, not every wish for instructions. Of S2, S3, S5 to S9, S13 and S14
  it knows nothing; some of them have rules.
- Trained on few texts of 2022 and 2023, most of them from social media and stories. No text of an organisation is
  among them, so it may stumble over special fields.
- It can be evaded by rewording. Folding undoes only look-alikes, invisible characters and spelling with signs.
"""


if __name__ == "__main__":
    main()
