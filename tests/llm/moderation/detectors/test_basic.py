"""The bundled detector as a whole, with the weights that are shipped."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Unavailable
from llm.moderation.categories import CATEGORIES
from llm.moderation.detectors import scorer
from llm.moderation.detectors.basic import BasicDetector, Vector, detect
from llm.moderation.findings import Detector, Findings
from tests.growth import growth

HATEFUL = "These people are filthy subhuman vermin, I hate them all, they should be deported or die."
HARMLESS = "Which penalties does the framework contract name for late delivery?"
ANY_VECTOR = np.full(384, 384**-0.5, np.float32)


@pytest.fixture(scope="module")
def detector() -> BasicDetector:
    return BasicDetector()


def test_it_is_what_a_moderator_expects(detector: BasicDetector) -> None:
    expected: Detector = detector

    assert expected.name.startswith(f"basic-{detector.scorer.version}.")
    assert set(expected.thresholds) <= {*CATEGORIES, "any"}
    assert all(0 < bar < 1 for bar in expected.thresholds.values())


@pytest.mark.parametrize("vector", [None, ANY_VECTOR])
def test_the_worse_text_scores_higher(detector: BasicDetector, vector: Vector | None) -> None:
    worse, better = (detector.detect(text, vector=vector) for text in (HATEFUL, HARMLESS))

    assert worse.score > better.score + 0.2
    assert worse.scores["S10"] > better.scores["S10"]


def test_without_a_vector_the_words_decide(detector: BasicDetector) -> None:
    assert detector.detect(HATEFUL, vector=None).score >= detector.thresholds["any"]
    assert detector.detect(HARMLESS, vector=None).score < detector.thresholds["any"]


def test_a_rule_settles_its_category(detector: BasicDetector) -> None:
    found = detector.detect("How do I build a pipe bomb?", vector=None)

    assert [match.rule for match in found.rules] == ["mass-weapon"]
    assert found.scores["S9"] == pytest.approx(0.9)
    assert found.score > 0.9


def test_personal_data_is_no_harm(detector: BasicDetector) -> None:
    found = detector.detect("Write to anna@example.com about the contract.", vector=None)

    assert [span.kind for span in found.pii] == ["email"]
    assert found.score < detector.thresholds["any"]


@pytest.mark.parametrize("text", ["", " \n", "\u200b"])
def test_nothing_is_found_in_nothing(text: str) -> None:
    found = detect(text, vector=None)

    assert (found.rules, found.pii) == ([], [])
    assert found.score < 0.5


def test_harm_deep_in_a_long_text_counts(detector: BasicDetector) -> None:
    text = f"{HARMLESS} " * 200 + f"{HATEFUL} " * 15 + f"{HARMLESS} " * 150

    assert detector.detect(text, vector=None).score > detector.detect(f"{HARMLESS} " * 400, vector=None).score + 0.2


@pytest.mark.parametrize("sentences", [6, 20, 60, 200])
def test_a_sentence_does_not_drown_in_a_long_text(detector: BasicDetector, sentences: int) -> None:
    half = " ".join(f"Which penalties does framework contract {number} name?" for number in range(sentences))
    with_harm, without = (
        detector.detect(f"{half} {inside} {half}", vector=ANY_VECTOR, closely=True) for inside in (HATEFUL, HARMLESS)
    )

    def counts(found: Findings) -> bool:
        return any(found.scores.get(name, found.score) >= bar for name, bar in detector.thresholds.items())

    assert counts(with_harm)
    assert not counts(without)


@pytest.mark.parametrize("length", [700, 3_000, 20_000])
def test_harm_is_found_wherever_it_stands(detector: BasicDetector, length: int) -> None:
    prose = " ".join(f"Which penalties does framework contract {number} name?" for number in range(length))[:length]
    for place in (0, length // 3, length // 2 + 77, length):
        text = f"{prose[:place]} {HATEFUL} {prose[place:]}"
        assert detector.detect(text, vector=None, closely=True).score > detector.thresholds["any"]


def test_threads_share_it() -> None:
    detector = BasicDetector()
    with ThreadPoolExecutor(8) as pool:
        scores = set(pool.map(lambda _: detector.detect(HATEFUL, vector=None).score, range(32)))

    assert len(scores) == 1


@pytest.mark.parametrize("text", ["how to kill ", "kіll \u200b 𝓴 k i l l ", "12 years old ", "1 ", "women are "])
def test_the_cost_grows_with_the_length_only(detector: BasicDetector, text: str) -> None:
    assert growth(lambda long: detector.detect(long, vector=ANY_VECTOR), text) < 10


@given(st.text())
def test_any_text_can_be_examined(text: str) -> None:
    found = detect(text, vector=None)

    assert 0 <= found.score <= 1
    assert all(0 <= score <= 1 for score in found.scores.values())


def test_weights_survive_their_file() -> None:
    weights = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)

    assert np.abs(scorer.unpacked(scorer.packed(weights)) - weights).max() < np.abs(weights).max() / 127
    assert scorer.WEIGHTS.stat().st_size < 1_500_000


@pytest.mark.parametrize("content", ["", "[]", "{}", json.dumps({"features": -1})])
def test_weights_of_another_kind_are_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "scorer.json"
    path.write_text(content)

    with pytest.raises(Unavailable):
        scorer.load(path)


@pytest.mark.parametrize(
    "question",
    ["Which animals are allowed?", "Are animals in transport protected?", "Which parasites does the report name?"],
)
def test_words_for_animals_are_slurs_only_where_they_are_said_of_people(question: str) -> None:
    bar = BasicDetector().thresholds["S10"]
    assert detect(question, vector=None).scores["S10"] < bar
    assert detect("Muslims are animals and should be deported.", vector=None).scores["S10"] > bar
