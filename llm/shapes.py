"""The shape of a transformer of the Llama kind: what it takes of memory and of arithmetic follows from it alone.

A shape comes from a model's `config.json` or from the catalogue. Sizes of cards and of servers are not known here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Keys and values are kept in two bytes a number, however the weights are kept.
KEPT_BYTES = 2
# A picture that cross-attention looks at: four tiles of 1,601 places each (configuration of Llama 3.2 Vision).
_PICTURE_PLACES = 4 * 1601
# Every fourth layer of Llama 4 looks at everything, the others at one portion (`no_rope_layers` there).
_EVERYTHING_EVERY = 4


@dataclass(frozen=True, slots=True)
class Shape:
    """Numbers of a configuration.

    `kv_heads` are the heads whose keys and values are kept; `windowed_layers` keep those of `attention_window` tokens
    at most. Of a mixture of experts, `expert_layers` have `experts`, of which a token uses `experts_used` and one that
    is shared where `shared_expert` says so; the other layers have one block of `dense_feed_forward`.
    `beside` are parameters that the numbers do not show: those that see pictures.
    """

    layers: int
    heads: int
    kv_heads: int
    head_size: int
    hidden: int
    feed_forward: int
    vocabulary: int
    tied: bool = False
    windowed_layers: int = 0
    attention_window: int = 0
    experts: int = 0
    experts_used: int = 0
    expert_layers: int = 0
    shared_expert: bool = False
    dense_feed_forward: int = 0
    beside: int = 0

    @property
    def per_token(self) -> int:
        """Bytes of keys and values for one token while no window is full: 2 x layers x KV heads x head size x 2.

        That fewer heads are kept than there are is grouped-query attention (Ainslie et al. 2023, arXiv 2305.13245).
        """
        return self.layers * self._per_layer

    def kept(self, tokens: int) -> int:
        """Bytes of keys and values for so many tokens of one person."""
        everywhere = (self.layers - self.windowed_layers) * tokens
        within = self.windowed_layers * min(tokens, self.attention_window)
        return (everywhere + within) * self._per_layer

    def most_tokens(self, room: float) -> int:
        """The most tokens whose keys and values fit into so many bytes."""
        if room <= 0:
            return 0
        tokens = int(room // self.per_token)
        if not self.windowed_layers or tokens <= self.attention_window:
            return tokens
        growing = self.layers - self.windowed_layers
        if not growing:
            return tokens
        filled = self.windowed_layers * self.attention_window * self._per_layer
        return int((room - filled) // (growing * self._per_layer))

    @property
    def embedding(self) -> int:
        """Parameters of the table of tokens; of each token one row is read."""
        return self.vocabulary * self.hidden

    @property
    def ends(self) -> int:
        """Parameters of the table of tokens and of the output, which quantising leaves as they are."""
        return self.embedding * (1 if self.tied else 2)

    @property
    def total(self) -> int:
        """All parameters."""
        return self.ends + self._attention * self.layers + self._dense + self.expert * self.experts + self.beside

    @property
    def active(self) -> int:
        """Parameters that one token passes through: all, but of the experts only those used."""
        return self.total - self.beside - self.expert * (self.experts - self.experts_used)

    @property
    def expert(self) -> int:
        """Parameters of one expert in all layers that have experts."""
        return 3 * self.hidden * self.feed_forward * self.expert_layers

    @property
    def _per_layer(self) -> int:
        return 2 * self.kv_heads * self.head_size * KEPT_BYTES

    @property
    def _attention(self) -> int:
        # Queries and output over all heads, keys and values over those that are kept; two norms.
        return 2 * self.hidden * self.head_size * (self.heads + self.kv_heads) + 2 * self.hidden

    @property
    def _dense(self) -> int:
        # Gate, up and down (Shazeer 2020, arXiv 2002.05202), a router where there are experts, and the last norm.
        wide = (self.dense_feed_forward or self.feed_forward) * (self.layers - self.expert_layers)
        shared = self.feed_forward * self.expert_layers if self.shared_expert else 0
        return self.hidden * (3 * (wide + shared) + self.experts * self.expert_layers + 1)


def from_config(config: Mapping[str, Any]) -> Shape | None:
    """The shape that a `config.json` describes, its text part laid over the whole; None when it says too little."""
    layers, hidden = _number(config, "num_hidden_layers"), _number(config, "hidden_size")
    heads, vocabulary = _number(config, "num_attention_heads"), _number(config, "vocab_size")
    if not (layers and hidden and heads):
        return None
    windowed, window = _windowed(config, layers)
    experts = _number(config, "num_local_experts")
    step = _number(config, "interleave_moe_layer_step") or 1
    return Shape(
        layers=layers,
        heads=heads,
        kv_heads=_number(config, "num_key_value_heads") or heads,
        head_size=_number(config, "head_dim") or max(1, hidden // heads),
        hidden=hidden,
        feed_forward=_number(config, "intermediate_size"),
        vocabulary=vocabulary,
        tied=config.get("tie_word_embeddings") is True,
        windowed_layers=windowed,
        attention_window=window,
        experts=experts,
        experts_used=min(experts, _number(config, "num_experts_per_tok")),
        expert_layers=layers // step if experts else 0,
        # Llama 4 adds one that every token uses; other mixtures do not.
        shared_expert=bool(experts) and "interleave_moe_layer_step" in config,
        dense_feed_forward=_number(config, "intermediate_size_mlp"),
        beside=_seeing(config.get("vision_config")),
    )


def _windowed(config: Mapping[str, Any], layers: int) -> tuple[int, int]:
    """How many layers keep the keys and values of a window alone, and of how many tokens that is."""
    crossing = config.get("cross_attention_layers")
    if isinstance(crossing, list) and crossing:
        return min(layers, len(crossing)), _PICTURE_PLACES
    window = _number(config, "attention_chunk_size") or _number(config, "sliding_window")
    if not window or config.get("use_sliding_window") is False:
        return 0, 0
    kinds = config.get("layer_types")
    if isinstance(kinds, list) and kinds:
        return sum(kind in {"chunked_attention", "sliding_attention"} for kind in kinds[:layers]), window
    looking = config.get("no_rope_layers")
    if isinstance(looking, list) and looking:
        return sum(bool(one) for one in looking[:layers]), window
    return (layers - layers // _EVERYTHING_EVERY if "attention_chunk_size" in config else layers), window


def _seeing(vision: object) -> int:
    """About how many parameters see pictures: attention and two blocks in each layer."""
    if not isinstance(vision, dict):
        return 0
    hidden, wide = _number(vision, "hidden_size"), _number(vision, "intermediate_size")
    layers = _number(vision, "num_hidden_layers") + _number(vision, "num_global_layers")
    return layers * hidden * (4 * hidden + 2 * (wide or 4 * hidden))


def _number(config: Mapping[str, Any], name: str) -> int:
    value = config.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
