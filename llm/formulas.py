"""The arithmetic of serving a model: what it takes of memory, and how fast a card can be at best.

Used by the planner and by `llm serve` alike. The rates are what bandwidth and arithmetic allow; servers reach about
two thirds of them. Talk between cards is not counted.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from llm.cards import Card
from llm.catalogue.entries import Quantisation
from llm.shapes import KEPT_BYTES, Shape

GIBIBYTE = 1024**3
# What a server takes on each card besides weights and attention: the CUDA context, kernels, and the activations of the
# portion of a prompt that is being read.
OVERHEAD = 1.5 * GIBIBYTE
# Servers plan with nine tenths of a card (`--gpu-memory-utilization` of vLLM); others on the card get a little more.
MOST_OF_A_CARD = 0.9
_LEFT_FREE = 0.02
# With four bits come scales and zero points of groups of weights.
BYTES: Mapping[Quantisation, float] = {"bf16": 2.0, "fp8": 1.0, "4bit": 0.55}
MOST_CARDS = 16


@dataclass(frozen=True, slots=True)
class Weights:
    """The size of a model's weights in bytes, and what one of those parameters takes that quantising makes smaller."""

    size: float
    each: float


def weights(shape: Shape, quantisation: Quantisation) -> Weights:
    """The weights kept like this. Quantising leaves the table of tokens, the output and what sees pictures alone."""
    each = BYTES[quantisation]
    return Weights(_inner(shape) * each + _alone(shape) * KEPT_BYTES, each)


def weights_of_size(shape: Shape, size: float) -> Weights:
    """Weights that lie on a disk and take so many bytes."""
    return Weights(size, max(0.0, size - _alone(shape) * KEPT_BYTES) / max(1, _inner(shape)))


def cache(shape: Shape, tokens: int, cards: int = 1) -> float:
    """Bytes of keys and values for one person on all cards together.

    Each card keeps those of whole heads, so that beyond one head a card they are kept several times.
    """
    return shape.kept(tokens) * max(1.0, cards / shape.kv_heads)


def needed(weights_size: float, cache_size: float, cards: int = 1) -> float:
    """Bytes on all cards together."""
    return weights_size + cache_size + cards * OVERHEAD


def room(total: float, free: float | None = None) -> float:
    """What a server may take of a card's memory, in bytes, when so much of it is free (all unless told)."""
    return min(MOST_OF_A_CARD * total, (total if free is None else free) - _LEFT_FREE * total)


def counts(shape: Shape, most: int = MOST_CARDS) -> list[int]:
    """Over how many cards a model can be spread: heads are shared out evenly (tensor parallelism, Shoeybi et al. 2019,
    arXiv 1909.08053); with more cards than heads that are kept, each of those is on as many cards."""
    kept = shape.kv_heads
    return [n for n in range(1, most + 1) if shape.heads % n == 0 and (kept % n == 0 or n % kept == 0)] or [1]


def people(shape: Shape, weights_size: float, available: float, tokens: int, cards: int) -> int:
    """How many people's keys and values fit beside the weights into what is available on all cards together."""
    left = available - needed(weights_size, 0, cards)
    return max(0, int(left // cache(shape, tokens, cards)))


def step_seconds(shape: Shape, kept: Weights, card: Card, *, cards: int, users: int, tokens: int) -> float:
    """The least time for one further token for each of so many people, who have read or written `tokens` each.

    Every step reads the weights once and the keys and values of each person, and takes two operations a parameter and
    person (Pope et al. 2022, arXiv 2211.05102). Of a mixture of experts with E experts and k of them used, N people
    are expected to need E(1 - (1 - k/E)^N).
    """
    inner, ends = _inner(shape), shape.ends - (0 if shape.tied else shape.embedding)
    if shape.experts:
        share = 1 - (1 - shape.experts_used / shape.experts) ** users
        inner -= round(shape.expert * shape.experts * (1 - share))
    read = inner * kept.each + ends * KEPT_BYTES + users * cache(shape, tokens, cards)
    return max(read / (card.bandwidth * cards), 2 * _passed(shape) * users / (card.arithmetic * cards))


def prompt_rate(shape: Shape, card: Card, *, cards: int, tokens: int) -> float:
    """The most tokens of a prompt of this length that can be read in a second.

    Two operations a parameter, and for attention four a number of a head and token looked at, of which there are half
    as many as the prompt has on average (Kaplan et al. 2020, arXiv 2001.08361, table 1).
    """
    looked = (shape.layers - shape.windowed_layers) * tokens
    looked += shape.windowed_layers * min(tokens, shape.attention_window)
    attention = 4 * shape.heads * shape.head_size * looked / 2
    return card.arithmetic * cards / (2 * _passed(shape) + attention)


def _passed(shape: Shape) -> int:
    """Parameters that a token is multiplied with; its row of the table is only looked up."""
    return shape.active - (0 if shape.tied else shape.embedding)


def _alone(shape: Shape) -> int:
    return shape.ends + shape.beside


def _inner(shape: Shape) -> int:
    return shape.total - _alone(shape)
