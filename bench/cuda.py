"""What a CUDA card makes of a Llama 3.1 8B and of embedding: shares of what its memory and arithmetic could do.

    python -m bench.cuda [--bandwidth GB/S --teraflops T] [--passages 100000] [--name cuda]
    python -m bench.cuda --tiny          a model of a few thousand parameters, also on a CPU: whether all of it runs

The model has the shape of Llama 3.1 8B in bf16 and random weights, which take as long as real ones; nothing is
downloaded. Decoding is bound by memory: each step reads all weights once and the attention of each stream (Pope et al.,
"Efficiently scaling transformer inference", 2022). Prefill is bound by arithmetic: two operations for each weight and
token, and those of attention. Shares are of what the card is given as (`--bandwidth`, `--teraflops`), else of what it
reaches here when it copies memory and multiplies matrices. Without a card it says so and ends well.
"""

import argparse
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from transformers import LlamaConfig, LlamaForCausalLM, StaticCache
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding

from bench import report
from retrieval.embedders.recipes import BUNDLED
from retrieval.embedders.sentence_transformer import SentenceTransformerEmbedder

_BATCHES = (1, 16, 128)
_WARM_UP, _STEPS = 3, 32
_ROUNDS = 3
_SPREAD = 0.02
# Words of a passage of usual length, about 175 tokens.
_PASSAGE_WORDS = 120
_BLOCK = 10_000


@dataclass(frozen=True, slots=True)
class Scale:
    """How large the model and what it is given are; lengths in tokens."""

    config: LlamaConfig
    prompt: int
    context: int
    passages: int
    copied: int
    matrix: int


@dataclass(frozen=True, slots=True)
class Card:
    """Bytes and operations a second that count as all of it."""

    bandwidth: float
    operations: float


Measure = Callable[[LlamaForCausalLM, Scale, int, Card], dict[str, object]]


def main() -> None:
    """Measure, print, and write JSON."""
    wanted = _arguments()
    has_card = torch.cuda.is_available()
    if not (has_card or wanted.tiny):
        report.publish(
            wanted.name, {"gpu": None, "note": "There is no CUDA card on this machine; nothing was measured."}
        )
        return
    device = torch.device("cuda" if has_card else "cpu")
    scale = _tiny() if wanted.tiny else _whole(wanted.passages)
    measured = _reached(device, scale)
    card = Card(wanted.bandwidth * 1e9 or measured.bandwidth, wanted.teraflops * 1e12 or measured.operations)
    found: dict[str, object] = {
        "gpu": torch.cuda.get_device_name() if has_card else None,
        "torch": torch.__version__,
        "model": "tiny" if wanted.tiny else "the shape of Llama 3.1 8B, bf16, random weights",
        "reached_here": {
            "gb_per_s": _rounded(measured.bandwidth / 1e9),
            "tflops": _rounded(measured.operations / 1e12),
        },
        "shares_are_of": {"gb_per_s": _rounded(card.bandwidth / 1e9), "tflops": _rounded(card.operations / 1e12)},
    }
    found |= _writing(scale, device, card)
    if has_card:
        torch.cuda.empty_cache()
    found["embedding"] = _embedding(device, scale.passages)
    report.publish(wanted.name, found)


@torch.inference_mode()
def _writing(scale: Scale, device: torch.device, card: Card) -> dict[str, object]:
    """Prefill and decoding at each size of a batch."""
    model = _model(scale.config, device)
    measures = {"prefill": _prefill, "decode": _decode}
    return {
        f"batch_{batch}": {
            name: _or_no_memory(measure, model, scale, batch, card) for name, measure in measures.items()
        }
        for batch in _BATCHES
    }


def _whole(passages: int) -> Scale:
    config = LlamaConfig(
        vocab_size=128_256,
        hidden_size=4096,
        intermediate_size=14_336,
        num_hidden_layers=32,
        num_attention_heads=32,
        num_key_value_heads=8,
        max_position_embeddings=131_072,
        rms_norm_eps=1e-5,
        tie_word_embeddings=False,
        attn_implementation="sdpa",
    )
    return Scale(config, prompt=512, context=1024, passages=passages, copied=4 * 1024**3, matrix=8192)


def _tiny() -> Scale:
    config = LlamaConfig(
        vocab_size=512,
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        attn_implementation="sdpa",
    )
    return Scale(config, prompt=16, context=64, passages=64, copied=16 * 1024**2, matrix=256)


def _model(config: LlamaConfig, device: torch.device) -> LlamaForCausalLM:
    """The model with random weights, made on the card."""
    with torch.device("meta"):
        model = LlamaForCausalLM(config).to(torch.bfloat16)
    model = model.to_empty(device=device).eval()
    for weights in model.parameters():
        weights.normal_(0, _SPREAD)
    # What is no weight is not random either.
    model.model.rotary_emb = LlamaRotaryEmbedding(config).to(device)
    return model


def _prefill(model: LlamaForCausalLM, scale: Scale, batch: int, card: Card) -> dict[str, object]:
    """Prompts of a batch, read at once, of which only the last token is foretold."""
    tokens = torch.randint(scale.config.vocab_size, (batch, scale.prompt), device=model.device)
    seconds = _seconds(lambda: model(input_ids=tokens, use_cache=False, logits_to_keep=1), model.device)
    operations = batch * (2 * _read_weights(model) * scale.prompt + _attention(scale.config, scale.prompt))
    return {
        "tokens_per_s": _rounded(batch * scale.prompt / seconds),
        "share_of_arithmetic": _rounded(operations / seconds / card.operations),
    }


def _decode(model: LlamaForCausalLM, scale: Scale, batch: int, card: Card) -> dict[str, object]:
    """One more token for each stream of a batch, again and again, in the middle of their contexts."""
    step, read_tokens = _step(model, scale, batch)
    eager = _seconds(step, model.device, _STEPS)
    seconds, how = eager, "eager"
    if model.device.type == "cuda":
        try:
            replayed = _graph(step)
            seconds, how = min((eager, how), (_seconds(replayed, model.device, _STEPS), "cuda graph"))
        except RuntimeError as error:
            how = f"eager; no graph: {str(error).splitlines()[0][:100]}"
    config = scale.config
    per_token = 2 * config.num_hidden_layers * config.num_key_value_heads * _head_size(config) * 2
    read = 2 * _read_weights(model) + batch * read_tokens * per_token
    return {
        "tokens_per_s": _rounded(batch / seconds),
        "tokens_per_s_of_a_stream": _rounded(1 / seconds),
        "share_of_bandwidth": _rounded(read / seconds / card.bandwidth),
        "how": how,
    }


def _step(model: LlamaForCausalLM, scale: Scale, batch: int) -> tuple[Callable[[], Any], int]:
    """Decodes one token, with nothing that has to be decided between two steps; and the tokens that attention reads."""
    config, device = scale.config, model.device
    length = scale.context + 4 * (_WARM_UP + _STEPS) * _ROUNDS
    cache = StaticCache(config=config, max_cache_len=length)
    prompt = torch.randint(config.vocab_size, (batch, scale.context // 2), device=device)
    for start in range(0, scale.context // 2, scale.prompt):
        model(input_ids=prompt[:, start : start + scale.prompt], cache=cache, use_cache=True, logits_to_keep=1)
    token = torch.zeros((batch, 1), dtype=torch.long, device=device)
    place = torch.full((1, 1), scale.context // 2, dtype=torch.long, device=device)
    seen = torch.zeros((batch, 1, 1, length), dtype=torch.bfloat16, device=device)

    def step() -> Any:
        return model(
            input_ids=token, attention_mask=seen, position_ids=place, cache=cache, use_cache=True, logits_to_keep=1
        )

    return step, length


def _graph(step: Callable[[], Any]) -> Callable[[], None]:
    """The step as one CUDA graph, so that launching its kernels costs nothing."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(_WARM_UP):
            step()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    return graph.replay


def _read_weights(model: LlamaForCausalLM) -> int:
    """The weights that each token needs: all but the table of which it takes one row."""
    return sum(one.numel() for one in model.parameters()) - model.model.embed_tokens.weight.numel()


def _attention(config: LlamaConfig, tokens: int) -> int:
    """Operations of causal attention over a prompt, half of those over the whole square."""
    return 2 * config.num_hidden_layers * config.num_attention_heads * _head_size(config) * tokens**2


def _head_size(config: LlamaConfig) -> int:
    return int(config.hidden_size // config.num_attention_heads)


def _reached(device: torch.device, scale: Scale) -> Card:
    """What copying and multiplying reach: twice the bytes copied, and two operations for each product."""
    copying = _copying(device, scale.copied)
    size = scale.matrix
    one, two = (torch.randn((size, size), device=device, dtype=torch.bfloat16) for _ in range(2))
    multiplying = _seconds(lambda: one @ two, device, 10)
    return Card(2 * scale.copied / copying, 2 * size**3 / multiplying)


def _copying(device: torch.device, size: int) -> float:
    source = torch.empty(size, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    return _seconds(lambda: target.copy_(source), device, 10)


def _embedding(device: torch.device, passages: int) -> dict[str, object]:
    """Passages of made-up words through the bundled embedder, as ingestion does it."""
    chance = random.Random(1)
    words = [
        f"{first}{second}" for first in ("con", "re", "tra", "in", "ex") for second in ("tract", "port", "vest", "act")
    ]
    embedder = SentenceTransformerEmbedder(BUNDLED, None, device.type)
    texts = [" ".join(chance.choices(words, k=_PASSAGE_WORDS)) for _ in range(min(passages, _BLOCK))]
    embedder.embed_passages(texts[:32])
    began, done = time.perf_counter(), 0
    while done < passages:
        block = texts[: passages - done]
        embedder.embed_passages(block)
        done += len(block)
    seconds = time.perf_counter() - began
    return {"passages": done, "seconds": _rounded(seconds), "passages_per_s": _rounded(done / seconds)}


def _seconds(work: Callable[[], Any], device: torch.device, times: int = 1) -> float:
    """The seconds of one piece of work, in the best of some rounds."""
    for _ in range(_WARM_UP):
        work()
    best = float("inf")
    for _ in range(_ROUNDS):
        _finish(device)
        began = time.perf_counter()
        for _ in range(times):
            work()
        _finish(device)
        best = min(best, (time.perf_counter() - began) / times)
    return best


def _finish(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()


def _or_no_memory(
    measure: Measure, model: LlamaForCausalLM, scale: Scale, batch: int, card: Card
) -> dict[str, object] | str:
    try:
        return measure(model, scale, batch, card)
    except torch.cuda.OutOfMemoryError:
        torch.cuda.empty_cache()
        return "does not fit into the card's memory"


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tiny", action="store_true", help="a small model and few passages, on any machine")
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--bandwidth", type=float, default=0.0, help="GB/s in the card's data sheet")
    parser.add_argument("--teraflops", type=float, default=0.0, help="dense bf16 TFLOPS in the card's data sheet")
    parser.add_argument("--name", default="cuda", help="of the file in bench/results")
    return parser.parse_args()


if __name__ == "__main__":
    main()
