"""How a model would be served here: what it needs, what the machine has, which program serves it, and what to tell.

Facts go in and a plan comes out; nothing is started, and nothing is downloaded.
"""

import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.errors import InvalidRequest, NotFound
from llm import formulas, local_models, planning, shapes
from llm.formulas import GIBIBYTE
from llm.gpus import Gpu, Machine
from llm.shapes import Shape

Engine = Literal["auto", "vllm", "transformers"]

# Windows that are worth having, in tokens. Prompts of ours take up to 4,000; more lets several people ask at once.
_WINDOWS = (32_768, 16_384, 8_192, 4_096)
_LEAST_CARD_SHARE = 0.1
# On a CPU attention gets room for so many full prompts, in blocks of so many tokens.
_CPU_PROMPTS = 4
_BLOCK = 256
_CPU_BATCH = 2_048


@dataclass(frozen=True, slots=True)
class Model:
    """A model on this machine: its weights in bytes, its window in tokens, and how it is built."""

    name: str
    folder: Path
    weights: int
    shape: Shape
    window: int
    quantised: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run, and what to tell people first; `obstacle` says why it will hardly work."""

    engine: str
    arguments: tuple[str, ...]
    model: str
    notes: tuple[str, ...]
    obstacle: str = ""


def read_model(name: str, models: Path | None = None) -> Model:
    """The facts of a model that lies here; `models` is where downloads are.

    Raises `NotFound` or `InvalidRequest` with what to do.
    """
    folder = local_models.find(name, models)
    if folder is None:
        raise NotFound(
            f"There is no model {name} on this machine, neither as a folder nor in the cache of the Hugging Face hub. "
            "Serving downloads nothing: run `./archivar llm download MODEL`; `./archivar llm list` has the names."
        )
    config = local_models.config(folder)
    weights = local_models.weights_bytes(folder)
    shape = shapes.from_config(config)
    if shape is None or not weights:
        missing = "weights (*.safetensors)" if shape is not None else "config.json that says how it is built"
        raise InvalidRequest(
            f"{folder} has no {missing}. Give the folder of a complete model, as `./archivar llm download` makes it."
        )
    if not local_models.has_chat_template(folder):
        raise InvalidRequest(
            f"{name} has no chat template, so it cannot answer questions. Take its variant that ends in Instruct."
        )
    return Model(
        # Servers know downloads of ours by their folder alone.
        name=str(folder) if folder == local_models.downloaded(name, models) else name,
        folder=folder,
        weights=weights,
        shape=shape,
        window=local_models.window(folder) or _WINDOWS[-1],
        quantised=local_models.quantisation(folder),
    )


def plan(model: Model, machine: Machine, *, engine: Engine, host: str, port: int) -> Plan:
    """How to serve a model on a machine. Raises `InvalidRequest` when the engine that was asked for is not there."""
    if engine == "vllm" and not machine.vllm:
        raise InvalidRequest(
            "There is no vllm on the PATH. Install vLLM in an environment of its own, or leave it to auto."
        )
    if engine == "vllm" and not machine.gpus:
        raise InvalidRequest("vLLM needs a graphics card, and none was found. Use --engine transformers for the CPU.")
    found = _found(model, machine)
    if machine.gpus and machine.vllm and engine != "transformers":
        return _with_vllm(model, machine, found, host=host, port=port)
    if machine.torch_sees:
        return _with_transformers(model, machine, found, host=host, port=port)
    return _on_cpu(model, machine, found, host=host, port=port)


def _found(model: Model, machine: Machine) -> tuple[str, ...]:
    cards = [f"{gpu.name}, {_size(gpu.free)} of {_size(gpu.total)} free" for gpu in machine.gpus]
    driver = f" (driver {machine.driver})" if machine.driver else ""
    kind = f", quantised with {model.quantised}" if model.quantised else ""
    return (
        f"Model: {model.name}, {_size(model.weights)} of weights{kind}, window of {model.window:,} tokens.",
        f"Graphics cards: {'; '.join(cards)}{driver}." if cards else "Graphics cards: none found.",
        f"Main memory: {_size(machine.memory_free)} free.",
    )


def _with_vllm(model: Model, machine: Machine, found: Sequence[str], *, host: str, port: int) -> Plan:
    count = _cards_needed(model, machine)
    cards = sorted(machine.gpus, key=_room)[-count:]
    free = _room(cards[0]) * count
    window = _window(model, free, count)
    # vLLM takes a share of the whole card, and fails when others have taken of it meanwhile.
    share = max(_LEAST_CARD_SHARE, min(_room(gpu) / gpu.total for gpu in cards))
    arguments = (
        *(machine.vllm, "serve", str(model.folder), "--served-model-name", model.name, "--host", host),
        *("--port", str(port), "--max-model-len", str(window), "--gpu-memory-utilization", f"{share:.2f}"),
        *("--tensor-parallel-size", str(count)),
    )
    cards_used = "one card" if count == 1 else f"{count} cards"
    note = f"Serving with vLLM on {cards_used}, with a window of {window:,} tokens."
    return Plan("vllm", arguments, model.name, (*found, note), _too_large(model, free, "of graphics memory", count))


def _with_transformers(model: Model, machine: Machine, found: Sequence[str], *, host: str, port: int) -> Plan:
    free, count = sum(map(_room, machine.gpus)), len(machine.gpus)
    arguments = (*_transformers(model, host, port), "--device", "auto")
    note = (
        "Serving with transformers and continuous batching on the graphics card. "
        "For many people at once install vLLM; it is used as soon as `vllm` is on the PATH."
    )
    obstacle = _too_large(model, free, "of graphics memory", count)
    return Plan("transformers", arguments, model.name, (*found, note), obstacle)


def _on_cpu(model: Model, machine: Machine, found: Sequence[str], *, host: str, port: int) -> Plan:
    window = _window(model, machine.memory_free // 2)
    blocks = max(_CPU_PROMPTS, _CPU_PROMPTS * window // _BLOCK)
    # Without these two it would take more than half of the main memory, whatever the model.
    room = ("--cb-num-blocks", str(blocks), "--cb-max-batch-tokens", str(min(_CPU_BATCH, blocks * _BLOCK)))
    arguments = (*_transformers(model, host, port), "--device", "cpu", *room)
    notes = list(found)
    if machine.gpus and not machine.torch_cuda:
        notes.append(
            "There is a graphics card, but torch here is built for the CPU alone. Install vLLM in an environment of "
            "its own and put `vllm` on the PATH, or install torch for CUDA."
        )
    elif machine.gpus:
        notes.append(
            f"There is a graphics card, but torch (for CUDA {machine.torch_cuda}) cannot use it. "
            "Update the NVIDIA driver, or give this process access to the card."
        )
    notes.append(
        "Serving with transformers on the CPU: expect a word or a few a second. Take a small model, such as an "
        "Instruct model of 1 to 3 billion parameters, and raise ARCHIVAR_LLM_SECONDS and ARCHIVAR_LLM_SILENT_SECONDS."
    )
    return Plan(
        "transformers", arguments, model.name, tuple(notes), _too_large(model, machine.memory_free, "of memory")
    )


def _transformers(model: Model, host: str, port: int) -> tuple[str, ...]:
    beside = Path(sys.executable).with_name("transformers")
    command = str(beside) if beside.exists() else shutil.which("transformers") or "transformers"
    return (command, "serve", model.name, "--host", host, "--port", str(port), "--continuous-batching")


def _cards_needed(model: Model, machine: Machine) -> int:
    """The fewest cards on which it fits and that its heads can be shared out to; all that can if it fits on none."""
    rooms = [_room(gpu) for gpu in machine.gpus]
    return (
        planning.fewest_cards(model.shape, model.weights, rooms, 1, _least_window(model))
        or formulas.counts(model.shape, len(rooms))[-1]
    )


def _room(gpu: Gpu) -> float:
    return formulas.room(gpu.total, gpu.free)


def _least_window(model: Model) -> int:
    return min(model.window, _WINDOWS[-1])


def _window(model: Model, free: float, cards: int = 1) -> int:
    """The largest window worth having whose attention fits beside the weights."""
    fitting = [tokens for tokens in _WINDOWS if formulas.people(model.shape, model.weights, free, tokens, cards)]
    return min(model.window, fitting[0] if fitting else _WINDOWS[-1])


def _too_large(model: Model, free: float, kind: str, cards: int = 1) -> str:
    needed = formulas.needed(model.weights, formulas.cache(model.shape, _least_window(model), cards), cards)
    if needed <= free:
        return ""
    return (
        f"The model needs about {_size(needed)} {kind}, and {_size(free)} are free. Take a smaller model or a "
        "quantised variant (FP8 takes half, AWQ or GPTQ a quarter; `./archivar llm plan` says what fits), or end what "
        "else uses the memory; --force tries it anyway."
    )


def _size(size: float) -> str:
    return f"{size / GIBIBYTE:.1f} GiB"
