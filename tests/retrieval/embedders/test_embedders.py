"""The bundled model through both of its runtimes gives one and the same thing."""

import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from core.errors import EmbedderMissing
from core.settings import ROOT, Settings, child_environment, load_settings
from retrieval.embedders import open_embedder
from retrieval.embedders.bundled import NAME, WINDOW
from retrieval.embedders.openvino_minilm import OpenVinoMiniLM
from retrieval.embedders.protocol import Embedder, Vectors
from retrieval.embedders.recipes import BUNDLED
from retrieval.embedders.sentence_transformer import SentenceTransformerEmbedder

PASSAGES = ROOT / "bench" / "verdict_texts.jsonl"
TEXTS = ["The tenant pays rent.", "Größe: 1,577 m²", "", "word " * 400, "a"]


def test_both_runtimes_agree(embedder: Embedder) -> None:
    torch_side = SentenceTransformerEmbedder(BUNDLED, None, "cpu")

    ours, theirs = embedder.embed_passages(TEXTS), torch_side.embed_passages(TEXTS)

    assert torch_side.name == embedder.name == NAME
    assert ours.shape == (len(TEXTS), embedder.dimensions)
    assert ((ours * theirs).sum(axis=1) > 0.999).all()
    assert ((ours * torch_side.embed_queries(TEXTS)).sum(axis=1) > 0.999).all()
    assert embedder.token_spans(TEXTS) == torch_side.token_spans(TEXTS)


def test_both_runtimes_hand_over_the_same_tokens(embedder: Embedder) -> None:
    torch_side = SentenceTransformerEmbedder(BUNDLED, None, "cpu")
    ours: dict[int, Vectors] = {}
    theirs: dict[int, Vectors] = {}

    def take(place: int, tokens: Vectors) -> None:
        ours[place] = tokens.copy()

    with_tokens = embedder.embed_passages(TEXTS, take_tokens=take)
    theirs_with_tokens = torch_side.embed_passages(TEXTS, take_tokens=theirs.__setitem__)

    assert ours.keys() == theirs.keys() == set(range(len(TEXTS)))
    for place, spans in enumerate(embedder.token_spans(TEXTS)):
        one, other = ours[place], theirs[place]
        assert one.shape == other.shape == (min(len(spans), WINDOW - 2), embedder.dimensions)
        cosines = (one * other).sum(axis=1) / (np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1))
        assert (cosines > 0.99).all()
    assert ((with_tokens * theirs_with_tokens).sum(axis=1) > 0.999).all()
    assert ((with_tokens * torch_side.embed_passages(TEXTS)).sum(axis=1) > 0.999).all()


def test_vectors_do_not_depend_on_company(embedder: Embedder) -> None:
    texts = [f"{'word ' * (n % 50)}{n}" for n in range(150)]
    seen: list[tuple[int, int]] = []

    together = embedder.embed_passages(texts)
    stored = embedder.embed_library(texts, lambda done, total: seen.append((done, total)))

    alone = np.concatenate([embedder.embed_queries([text]) for text in texts[::25]])
    assert ((together[::25] * alone).sum(axis=1) > 0.999).all()
    stored_alone = np.concatenate([embedder.embed_library([text]) for text in texts[::25]])
    assert ((stored[::25] * stored_alone).sum(axis=1) > 0.999).all()
    assert seen[-1] == (150, 150)
    assert embedder.embed_passages([]).shape == embedder.embed_library([]).shape == (0, embedder.dimensions)


@pytest.mark.parametrize("flags", ["fpu sse avx2 avx512_vnni", "fpu sse avx2 avx_vnni", "fpu sse avx2"])
def test_what_is_stored_is_near_what_is_exact(flags: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cpu = tmp_path / "cpuinfo"
    cpu.write_text(f"processor : 0\nflags : {flags}\n")
    monkeypatch.setattr("retrieval.embedders.openvino_minilm._CPU", cpu)
    embedder = OpenVinoMiniLM(load_settings().cache)
    rows = map(json.loads, PASSAGES.read_text().splitlines())
    texts = [row["text"] for row in rows if "language" not in row][:60]
    exact: dict[int, Vectors] = {}
    stored: dict[int, Vectors] = {}

    one = embedder.embed_passages(texts, exact.__setitem__)
    other = embedder.embed_library(texts, None, stored.__setitem__)
    cosines = (one * other).sum(axis=1)

    assert cosines.min() > 0.997
    assert [exact[place].shape for place in range(60)] == [stored[place].shape for place in range(60)]
    # Eight bits are told from sixteen by what they cost in exactness.
    assert bool(cosines.mean() < 0.9998) is ("vnni" in flags)


def test_token_spans_are_characters_and_nothing_is_cut(embedder: Embedder) -> None:
    text = "Größe " * 300

    (spans,) = embedder.token_spans([text])

    assert len(spans) >= 300
    assert text[spans[-1][0] : spans[-1][1]].strip()


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(EmbedderMissing, match="make install"):
        open_embedder(load_settings(cache=tmp_path))
    for model in (str(tmp_path / "nothing"), str(tmp_path), "nobody/nothing", "nothing", "a/b/c", ".."):
        with pytest.raises(EmbedderMissing, match="ARCHIVAR_EMBEDDER"):
            open_embedder(load_settings(embedder=model, embedder_device="cpu"))


def test_openvino_reports_to_nobody(settings: Settings) -> None:
    program = (
        "import sys\n"
        "from retrieval.embedders.runtime import load_openvino\n"
        "load_openvino(conversion=True)\n"
        "assert sys.modules['openvino_telemetry'] is None\n"
        "import openvino.tools.ovc.telemetry_utils as t\n"
        "assert 'stub' in t.tm.__name__, t.tm\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT, env=child_environment(settings))


def test_what_is_asked_again_is_not_computed_again(embedder: Embedder) -> None:
    first: dict[int, Vectors] = {}
    again: dict[int, Vectors] = {}
    texts = ["How long is the notice period?", "Who repairs the roof?", "How long is the notice period?"]
    vectors = embedder.embed_queries(texts, lambda place, tokens: first.update({place: tokens.copy()}))

    began = time.perf_counter()
    same = embedder.embed_queries(texts, lambda place, tokens: again.update({place: tokens}))
    seconds = time.perf_counter() - began

    assert np.array_equal(vectors, same)
    assert np.array_equal(vectors[0], vectors[2])
    assert first.keys() == again.keys() == {0, 1, 2}
    assert all(np.array_equal(first[place], again[place]) for place in first)
    assert seconds < 0.002
    many = [f"Question {n}?" for n in range(70)]
    assert embedder.embed_queries(many).shape == (70, embedder.dimensions)
    assert np.allclose(embedder.embed_queries(many), embedder.embed_passages(many), atol=2e-2)
    assert embedder.embed_queries([]).shape == (0, embedder.dimensions)
