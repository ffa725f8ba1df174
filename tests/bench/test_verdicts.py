"""The labelled pairs have the shape they need, their passages are found again, and the shares are counted rightly."""

from dataclasses import replace
from pathlib import Path

import pytest

from bench import verdict_pairs, verdicts
from bench.verdict_pairs import (
    FALSE_KINDS,
    HALVES,
    TRUE_KINDS,
    Pair,
    Reference,
    Texts,
    fingerprint,
    load,
    load_own,
    problems,
)

TEXT = "Otters sleep on their backs.\nThey hold hands, so that none of them drifts away."
SLEEP = "They hold hands"


@pytest.fixture(scope="module")
def pairs() -> list[Pair]:
    """The pairs that verdicts are measured with."""
    return load()


@pytest.fixture
def reference(tmp_path: Path) -> Reference:
    """A passage of a document under `tmp_path`."""
    folder = tmp_path / verdict_pairs.SETS["xquad/en"]
    folder.mkdir(parents=True)
    (folder / "en-99-00.txt").write_text(TEXT)
    start = len("".join(TEXT[: TEXT.index(SLEEP)].split()))
    end = start + len("".join(SLEEP.split()))
    return Reference("xquad/en", "en-99-00.txt", 1, start, end, fingerprint(SLEEP))


def pair(reference: Reference, name: str, *, true: bool, kind: str) -> Pair:
    """A pair of the half for development."""
    return Pair(name, "dev", kind, true, "en", True, f"Sentence {name}.", (reference,))


def test_pairs_can_be_measured_with(pairs: list[Pair]) -> None:
    assert problems(pairs) == []
    assert len(pairs) >= 640
    true = [pair for pair in pairs if pair.true]
    assert min(len(true), len(pairs) - len(true)) >= 300
    assert sum(pair.reworded for pair in true) >= len(true) / 2
    for label in (True, False):
        assert sum(pair.language == "de" for pair in pairs if pair.true == label) >= 90


def test_pairs_rest_on_many_documents(pairs: list[Pair]) -> None:
    passages = {passage for pair in pairs for passage in pair.passages if isinstance(passage, Reference)}
    assert len(passages) >= 100
    assert len({passage.document for passage in passages}) >= 30
    assert {passage.set for passage in passages} == set(verdict_pairs.SETS)


def test_our_own_pairs_can_be_measured_with() -> None:
    own = load_own()
    assert len(own) >= 2500 and len({pair.sentence for pair in own}) == len(own)
    assert all(pair.kind in (TRUE_KINDS if pair.true else FALSE_KINDS) for pair in own)
    for half in HALVES:
        labels = [pair.true for pair in own if pair.half == half]
        assert 0.45 <= sum(labels) / len(labels) <= 0.55
    assert all(isinstance(passage, str) and passage for pair in own for passage in pair.passages)


def test_problems_are_named(pairs: list[Pair]) -> None:
    first, second = (next(pair for pair in pairs if pair.half == half) for half in ("dev", "test"))
    assert any("is there 2 times" in problem for problem in problems([*pairs, replace(first, sentence="Another.")]))
    assert any("no kind" in problem for problem in problems([*pairs[1:], replace(first, true=not first.true)]))
    moved = replace(second, half=first.half)
    assert any("in both halves" in problem for problem in problems([moved if p is second else p for p in pairs]))
    assert any("are true" in problem for problem in problems([pair for pair in pairs if pair.true]))


def test_a_passage_is_found_where_it_is_and_where_it_has_gone(tmp_path: Path, reference: Reference) -> None:
    assert Texts(tmp_path).of(reference) == SLEEP
    document = tmp_path / verdict_pairs.SETS["xquad/en"] / reference.document
    document.write_text("A line above.\n" + TEXT.replace("hold hands", "hold\nhands"))
    assert Texts(tmp_path).of(reference) == "They hold\nhands"
    document.write_text(TEXT.replace("hands", "paws"))
    assert Texts(tmp_path).of(reference) is None


def test_pairs_without_their_passage_are_left_out_and_named(
    tmp_path: Path, reference: Reference, capsys: pytest.CaptureFixture[str]
) -> None:
    there = pair(reference, "there", true=True, kind="paraphrase")
    gone = pair(replace(reference, document="en-99-01.txt"), "gone", true=True, kind="paraphrase")
    assert set(verdicts.inputs([there, gone], Texts(tmp_path))) == {"there"}
    assert "gone: not found: xquad/en/en-99-01.txt, page 1" in capsys.readouterr().err


def test_every_verdict_but_supported_flags_or_catches(reference: Reference) -> None:
    some = [
        pair(reference, "a", true=True, kind="paraphrase"),
        pair(reference, "b", true=True, kind="paraphrase"),
        pair(reference, "c", true=False, kind="role"),
        pair(reference, "d", true=False, kind="role"),
        pair(reference, "e", true=False, kind="number"),
    ]
    said = {"a": "supported", "b": "partly", "c": "unsupported", "d": "supported", "e": "partly"}
    found = verdicts.measures(some, {name: {"verdict": verdict} for name, verdict in said.items()})
    assert found["all"] == {"true": 2, "flagged": 0.5, "false": 3, "caught": 0.6667}
    assert found["true_kinds"] == {"paraphrase": {"true": 2, "flagged": 0.5}}
    assert found["false_kinds"] == {"number": {"false": 1, "caught": 1.0}, "role": {"false": 2, "caught": 0.5}}
