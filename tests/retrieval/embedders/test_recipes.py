"""Any model by setting: what tells its vectors from others, how texts are put to it, and when it is not itself."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from core.errors import EmbedderChanged, EmbedderMissing, UnknownSetting
from core.settings import Settings, load_settings
from core.storage.store import Store
from retrieval.embedders import open_embedder
from retrieval.embedders.protocol import Vectors
from retrieval.embedders.recipes import BUNDLED, agreed, chosen, notice
from tests import factories
from tests.tiny_embedders import tiny_embedder

TEXTS = ["the tenant pays rent", "dogs are allowed", ""]


def named(model: Path, **chosen_too: str) -> Settings:
    return load_settings(embedder=str(model), embedder_device="cpu", **chosen_too)


def direct(model: Path, prefix: str) -> Vectors:
    """What the library itself makes of the texts after the prefix."""
    loaded = SentenceTransformer(str(model), device="cpu", local_files_only=True)
    return np.asarray(loaded.encode([prefix + text for text in TEXTS], prompt="", normalize_embeddings=True))


@pytest.mark.parametrize("dimensions", [8, 48])
def test_the_prompts_of_a_model_are_used(tmp_path: Path, dimensions: int) -> None:
    prompts = {"query": "query ", "document": "passage ", "passage": "form "}
    model = tiny_embedder(tmp_path / "m", dimensions, prompts=prompts)

    opened = open_embedder(named(model))

    assert opened.dimensions == dimensions
    assert np.allclose(opened.embed_queries(TEXTS), direct(model, "query "), atol=1e-5)
    assert np.allclose(opened.embed_passages(TEXTS), direct(model, "passage "), atol=1e-5)
    assert not np.allclose(opened.embed_passages(TEXTS), opened.embed_queries(TEXTS), atol=1e-3)
    assert opened.embed_queries([]).shape == (0, dimensions)


def test_a_prompt_for_passages_by_its_other_name(tmp_path: Path) -> None:
    assert chosen(named(tiny_embedder(tmp_path / "m", prompts={"passage": "form "}))).passage_prefix == "form "


def test_settings_win_over_prompts(tmp_path: Path) -> None:
    model = tiny_embedder(tmp_path / "m", prompts={"query": "query "})

    opened = open_embedder(named(model, embedder_query_prefix="may i ", embedder_passage_prefix="form "))

    assert np.allclose(opened.embed_queries(TEXTS), direct(model, "may i "), atol=1e-5)
    assert np.allclose(opened.embed_passages(TEXTS), direct(model, "form "), atol=1e-5)


def test_pooling_of_a_checkpoint_that_says_none(tmp_path: Path) -> None:
    model = tiny_embedder(tmp_path / "m", bare=True)
    vectors = {way: open_embedder(named(model, embedder_pooling=way)) for way in ("auto", "mean", "cls", "lasttoken")}

    made = {way: embedder.embed_passages(TEXTS) for way, embedder in vectors.items()}

    assert np.allclose(made["auto"], made["mean"], atol=1e-5)
    for way, other in [("mean", "cls"), ("mean", "lasttoken"), ("cls", "lasttoken")]:
        assert not np.allclose(made[way], made[other], atol=1e-3)
    assert len({embedder.name for embedder in vectors.values()}) == 4


def test_pooling_of_a_model_that_says_it_itself(tmp_path: Path) -> None:
    with pytest.raises(UnknownSetting, match="ARCHIVAR_EMBEDDER_POOLING"):
        chosen(named(tiny_embedder(tmp_path / "m", pooling="cls"), embedder_pooling="mean"))


def test_the_bundled_model_takes_no_prefixes() -> None:
    for setting in ("embedder_query_prefix", "embedder_passage_prefix"):
        with pytest.raises(UnknownSetting, match=setting.upper()):
            load_settings(**{setting: "query: "})
    with pytest.raises(UnknownSetting, match="ARCHIVAR_EMBEDDER_POOLING"):
        load_settings(embedder_pooling="cls")


def test_a_name_tells_every_recipe_from_the_others(tmp_path: Path) -> None:
    model = tiny_embedder(tmp_path / "m")
    moved = shutil.copytree(model, tmp_path / "elsewhere" / "m")
    names = [
        chosen(load_settings()).name,
        chosen(named(model)).name,
        chosen(named(model, embedder_query_prefix="query ")).name,
        chosen(named(model, embedder_passage_prefix="query ")).name,
        chosen(named(tiny_embedder(tmp_path / "a" / "m", seed=1))).name,
        chosen(named(tiny_embedder(tmp_path / "b" / "m", 16))).name,
    ]

    assert len(set(names)) == len(names)
    assert chosen(named(moved)).name == chosen(named(model)).name


@pytest.mark.parametrize("part", ["model.safetensors", "1_Pooling/config.json", "tokenizer.json"])
def test_other_files_in_the_same_place_are_noticed(tmp_path: Path, part: str) -> None:
    model = tiny_embedder(tmp_path / "m", prompts={"query": "query "})
    recipe = chosen(named(model))
    data = bytearray((model / part).read_bytes())
    data[-2] ^= 1
    (model / part).write_bytes(data)

    with pytest.raises(EmbedderChanged, match="reindex"):
        open_embedder(named(model), recipe)


def test_the_same_files_in_another_place_serve(tmp_path: Path) -> None:
    recipe = chosen(named(tiny_embedder(tmp_path / "m")))
    (tmp_path / "m").rename(tmp_path / "n")

    with pytest.raises(EmbedderMissing):
        open_embedder(load_settings(), recipe)
    assert open_embedder(named(tmp_path / "n"), recipe).name == recipe.name


def test_a_model_that_cannot_be_loaded_says_so(tmp_path: Path) -> None:
    model = tiny_embedder(tmp_path / "m")
    (model / "model.safetensors").write_bytes(b"no weights")

    with pytest.raises(EmbedderMissing, match="cannot be loaded"):
        open_embedder(named(model)).embed_queries(["rent"])


def test_code_that_comes_with_a_model_is_not_run(tmp_path: Path) -> None:
    model = tiny_embedder(tmp_path / "m")
    modules = (model / "modules.json").read_text()
    (model / "modules.json").write_text(modules.replace(modules.split('"type": "')[1].split('"')[0], "own.Code", 1))
    (model / "own.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")

    with pytest.raises(EmbedderMissing):
        open_embedder(named(model)).embed_queries(["rent"])

    assert not (tmp_path / "ran").exists()


def test_the_first_process_decides_and_the_others_agree(store: Store, tmp_path: Path) -> None:
    first, second = named(tiny_embedder(tmp_path / "m")), load_settings()

    assert agreed(first, store) == chosen(first)
    assert agreed(second, store) == chosen(first)
    assert notice(first, store) == ""
    assert "reindex" in notice(second, store)
    missing = named(tmp_path / "nothing")
    assert agreed(missing, store) == chosen(first)
    assert "ARCHIVAR_EMBEDDER" in notice(missing, store)


def test_vectors_that_are_stored_already_decide(store: Store, tmp_path: Path) -> None:
    lease = store.jobs.lease("ingest", factories.upload(store).job_id)
    assert lease is not None
    reading, vectors = factories.reading("Rent."), factories.vectors(1)
    store.passages.publish(lease, lease.job.target, reading, embedder=BUNDLED.name, vectors=vectors)

    assert agreed(named(tiny_embedder(tmp_path / "m")), store) == BUNDLED


def test_nothing_is_agreed_on_a_model_that_is_not_here(store: Store, tmp_path: Path) -> None:
    with pytest.raises(EmbedderMissing):
        agreed(named(tmp_path / "nothing"), store)

    assert store.agreements.embedder() is None
