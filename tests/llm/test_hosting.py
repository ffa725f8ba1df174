"""What is planned for which machine. The machines are values: the decisions need no graphics card."""

import json
from pathlib import Path

import pytest

from core.errors import InvalidRequest, NotFound
from core.settings import Settings
from llm import catalogue, gpus, hosting
from llm.formulas import GIBIBYTE
from llm.gpus import Gpu, Machine
from llm.hosting import Engine, Model, Plan
from llm.shapes import Shape


def catalogued(name: str, folder: str, gibibytes: int) -> Model:
    entry = catalogue.find(folder.rpartition("/")[2])
    return Model(name, Path(folder), gibibytes * GIBIBYTE, entry.shape, entry.window)


LLAMA_8B = catalogued("meta-llama/Llama-3.1-8B-Instruct", "/m/llama-3.1-8b", 15)
LLAMA_70B = catalogued("/models/llama-3.1-70b", "/models/llama-3.1-70b", 131)
TINY = Shape(4, 8, 4, 64, 512, 1_024, 1_000)
H100 = Gpu("NVIDIA H100 80GB HBM3", 80 * GIBIBYTE, 79 * GIBIBYTE)
SMALL = Gpu("NVIDIA T4", 15 * GIBIBYTE, 14 * GIBIBYTE)
SERVER = Machine((H100,), "570.86", "12.8", 1, 200 * GIBIBYTE, "/opt/vllm/bin/vllm")


def plan(model: Model, machine: Machine, engine: Engine = "auto") -> Plan:
    return hosting.plan(model, machine, engine=engine, host="127.0.0.1", port=9000)


def option(made: Plan, name: str) -> str:
    return made.arguments[made.arguments.index(name) + 1]


def test_vllm_serves_where_it_is_and_a_card_is() -> None:
    made = plan(LLAMA_8B, SERVER)

    assert (made.engine, made.obstacle, made.model) == ("vllm", "", LLAMA_8B.name)
    assert made.arguments[:3] == ("/opt/vllm/bin/vllm", "serve", "/m/llama-3.1-8b")
    assert option(made, "--served-model-name") == LLAMA_8B.name
    assert option(made, "--tensor-parallel-size") == "1"
    assert (option(made, "--host"), option(made, "--port")) == ("127.0.0.1", "9000")
    # Its whole window would take 16 GiB for one question; what is worth having is taken.
    assert option(made, "--max-model-len") == "32768"
    assert option(made, "--gpu-memory-utilization") == "0.90"
    assert "H100" in " ".join(made.notes)
    assert "570.86" in " ".join(made.notes)


def test_the_window_is_what_fits_beside_the_weights() -> None:
    card = Gpu("RTX", 24 * GIBIBYTE, 39 * GIBIBYTE // 2)
    made = plan(LLAMA_8B, Machine((card,), "570", "12.8", 1, 0, "vllm"))

    assert option(made, "--max-model-len") == "16384"
    assert option(made, "--gpu-memory-utilization") == "0.79"  # others have some of the card
    assert made.obstacle == ""


def test_a_large_model_is_shared_out_to_as_few_cards_as_hold_it() -> None:
    four = Machine((H100,) * 4, "570", "12.8", 4, 0, "vllm")

    assert option(plan(LLAMA_70B, four), "--tensor-parallel-size") == "2"
    assert option(plan(LLAMA_8B, four), "--tensor-parallel-size") == "1"
    # Three cards would hold it, but eight heads cannot be shared out to three.
    smaller = Machine((Gpu("A", 60 * GIBIBYTE, 50 * GIBIBYTE),) * 4, "570", "12.8", 4, 0, "vllm")
    assert option(plan(LLAMA_70B, smaller), "--tensor-parallel-size") == "4"


@pytest.mark.parametrize(
    "machine",
    [
        Machine((SMALL,), "570", "12.8", 1, 200 * GIBIBYTE, "vllm"),
        Machine((SMALL,), "570", "12.8", 1, 200 * GIBIBYTE, ""),
        Machine(memory_free=8 * GIBIBYTE),
    ],
    ids=["vllm", "transformers", "cpu"],
)
def test_what_does_not_fit_is_refused_with_a_way_out(machine: Machine) -> None:
    made = plan(LLAMA_8B, machine)

    assert "about 17.0 GiB" in made.obstacle
    assert "quantised" in made.obstacle
    assert "--force" in made.obstacle
    assert made.arguments


def test_transformers_serves_on_a_card_without_vllm() -> None:
    made = plan(LLAMA_8B, Machine((H100,), "570", "12.8", 1, 0, ""))

    assert made.engine == "transformers"
    assert made.arguments[0].endswith("transformers")
    assert made.arguments[1:3] == ("serve", LLAMA_8B.name)
    assert "--continuous-batching" in made.arguments
    assert option(made, "--device") == "auto"
    assert "vLLM" in made.notes[-1]


def test_transformers_can_be_asked_for_where_vllm_is() -> None:
    assert plan(LLAMA_8B, SERVER, "transformers").engine == "transformers"


def test_without_a_card_the_cpu_serves_and_says_so() -> None:
    tiny = Model("tiny", Path("/m/tiny"), GIBIBYTE // 1024, TINY, 1_024)
    made = plan(tiny, Machine(memory_free=16 * GIBIBYTE))

    assert (made.engine, made.obstacle) == ("transformers", "")
    assert option(made, "--device") == "cpu"
    assert "--continuous-batching" in made.arguments
    assert int(option(made, "--cb-num-blocks")) * 256 == 4 * 1_024  # four full prompts at once
    assert "CPU" in made.notes[-1]
    assert "none found" in made.notes[1]


@pytest.mark.parametrize(
    ("machine", "advice"),
    [
        (Machine((H100,), "570", "", 0, 64 * GIBIBYTE), "built for the CPU alone"),
        (Machine((H100,), "470", "12.8", 0, 64 * GIBIBYTE), "Update the NVIDIA driver"),
    ],
)
def test_a_card_that_torch_cannot_use_is_explained(machine: Machine, advice: str) -> None:
    made = plan(LLAMA_8B, machine)

    assert option(made, "--device") == "cpu"
    assert any(advice in note for note in made.notes)


def test_an_engine_that_is_not_there_cannot_be_asked_for() -> None:
    with pytest.raises(InvalidRequest, match="PATH"):
        plan(LLAMA_8B, Machine((H100,), "570", "12.8", 1, 0, ""), "vllm")
    with pytest.raises(InvalidRequest, match="graphics card"):
        plan(LLAMA_8B, Machine(vllm="vllm"), "vllm")


def folder(tmp_path: Path, *missing: str, **config: object) -> Path:
    files = {
        "config.json": json.dumps(
            {"num_hidden_layers": 2, "num_attention_heads": 8, "num_key_value_heads": 2, "hidden_size": 64} | config
        ),
        "model.safetensors": "x" * 1000,
        "tokenizer_config.json": json.dumps({"chat_template": "{{ messages }}"}),
    }
    for name, text in files.items():
        if name not in missing:
            (tmp_path / name).write_text(text)
    return tmp_path


def test_the_facts_of_a_model_are_read_from_its_folder(tmp_path: Path) -> None:
    path = folder(tmp_path, max_position_embeddings=4096, quantization_config={"quant_method": "awq"})

    model = hosting.read_model(str(path))

    assert model == Model(str(path), path, 1000, Shape(2, 8, 2, 8, 64, 0, 0), 4096, "awq")
    assert model.shape.per_token == 2 * 2 * 2 * 2 * 8


def test_the_text_part_of_a_model_that_sees_pictures_counts(tmp_path: Path) -> None:
    assert hosting.read_model(str(folder(tmp_path, text_config={"max_position_embeddings": 512}))).window == 512


def test_a_name_in_the_hub_cache_is_a_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    repo = tmp_path / "models--org--tiny"
    snapshot = repo / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    folder(snapshot)
    (repo / "refs").mkdir()
    (repo / "refs" / "main").write_text("abc")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))

    assert hosting.read_model("org/tiny").folder == snapshot


@pytest.mark.parametrize("name", ["org/absent", "/nowhere/at/all", "a/b/c", "../not-there", "no spaces allowed", ""])
def test_what_is_not_here_is_not_downloaded(name: str) -> None:
    with pytest.raises(NotFound, match="downloads nothing"):
        hosting.read_model(name)


@pytest.mark.parametrize(
    ("missing", "message"),
    [("config.json", "config.json"), ("model.safetensors", "weights"), ("tokenizer_config.json", "Instruct")],
)
def test_an_incomplete_model_is_refused(tmp_path: Path, missing: str, message: str) -> None:
    with pytest.raises(InvalidRequest, match=message):
        hosting.read_model(str(folder(tmp_path, missing)))


@pytest.mark.parametrize(
    "config", ["[]", "{", "[" * 100_000, "\ud800".encode("utf-16", "surrogatepass").decode("latin-1")]
)
def test_a_broken_config_is_none(tmp_path: Path, config: str) -> None:
    folder(tmp_path)
    (tmp_path / "config.json").write_text(config)

    with pytest.raises(InvalidRequest, match=r"config\.json"):
        hosting.read_model(str(tmp_path))


def test_what_nvidia_smi_prints_is_read() -> None:
    table = "NVIDIA H100 80GB HBM3, 81559, 81008, 570.86.15\nNVIDIA H100 80GB HBM3, 81559, 12, 570.86.15\n"

    cards, driver = gpus.gpus_from(table)

    assert driver == "570.86.15"
    assert {card.name for card in cards} == {"NVIDIA H100 80GB HBM3"}
    assert [card.free // 1024**2 for card in cards] == [81008, 12]
    assert gpus.gpus_from("NVIDIA-SMI has failed because it couldn't communicate with the driver.\n") == ((), "")


def test_this_machine_can_be_looked_at(settings: Settings) -> None:
    machine = gpus.look(settings)

    assert machine.memory_free > 0
    assert machine.torch_sees <= len(machine.gpus)
