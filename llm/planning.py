"""Which cards hold a model, for how many people, and how fast: a calculation from its shape. Nothing is started.

What the figures mean is in `llm.formulas`; how they are said, in `llm.plan_words`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import InvalidRequest, NotFound
from llm import cards, catalogue, formulas, local_models, shapes
from llm.cards import Card
from llm.catalogue.entries import Quantisation
from llm.formulas import Weights
from llm.shapes import Shape

QUANTISATIONS: tuple[Quantisation, ...] = ("bf16", "fp8", "4bit")
_SAME: dict[str, Quantisation] = {
    **dict.fromkeys(("bf16", "fp16", "bfloat16", "float16", "16bit", "none"), "bf16"),
    **dict.fromkeys(("fp8", "int8", "8bit", "w8a8", "compressed-tensors", "fbgemm_fp8"), "fp8"),
    **dict.fromkeys(("4bit", "int4", "awq", "gptq", "nf4", "q4", "w4a16", "bitsandbytes"), "4bit"),
}
# Prompts of ours take up to 4,000 tokens; this is one with its answer and room to go on.
USUAL_TOKENS = 8_192
MOST_USERS = 100_000
_COUNTED = re.compile(r"(\d{1,2})\s*[x×*]\s*(\S.*)")


@dataclass(frozen=True, slots=True)
class Subject:
    """A model to be planned for; `source` says where its shape is from.

    `size` is what its weights take on this machine, 0 while they are not here; `stored` how they are kept there, or
    as they are published.
    """

    name: str
    shape: Shape
    window: int
    source: str
    size: int = 0
    stored: Quantisation = "bf16"

    def weights(self, quantisation: Quantisation) -> Weights:
        """What the weights take when kept like this."""
        if self.size and quantisation == self.stored:
            return formulas.weights_of_size(self.shape, self.size)
        return formulas.weights(self.shape, quantisation)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of a plan: for how many people at once, how many tokens each, and on which cards if some are named.

    `count` fixes the number of cards, 0 leaves it open.
    """

    users: int
    tokens: int
    quantisations: tuple[Quantisation, ...]
    cards: tuple[Card, ...]
    count: int = 0
    named: bool = False


@dataclass(frozen=True, slots=True)
class Option:
    """A model on so many cards of a kind; sizes in bytes over all of them, rates in tokens a second.

    `count` is the fewest cards that hold it, or as many as were asked for; with `fits` false nothing else is known
    than what would be needed. `people` fit at the same time.
    """

    card: Card
    quantisation: Quantisation
    count: int
    fits: bool
    weights: float
    cache: float
    needed: float
    available: float
    people: int = 0
    alone_rate: float = 0.0
    each_rate: float = 0.0
    prompt_rate: float = 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    """The options of a model, cards from the smallest to the largest."""

    subject: Subject
    wish: Wish
    options: tuple[Option, ...]

    @property
    def best(self) -> Option | None:
        """What to take: as few cards as possible, the smallest, with weights as whole as they fit there."""
        fitting = [one for one in self.options if one.fits and (self.wish.named or not one.card.is_cpu)]
        rank = {quantisation: number for number, quantisation in enumerate(QUANTISATIONS)}
        if self.wish.named:
            return min(fitting, key=lambda one: (one.count, rank[one.quantisation]), default=None)
        whole = [one for one in fitting if one.quantisation == self.wish.quantisations[0]]
        return min(whole or fitting, key=lambda one: (one.count, one.card.memory, -one.card.bandwidth), default=None)


def subject(name: str, models: Path | None = None) -> Subject:
    """The model that a person at this machine means: a folder or `config.json`, one that is here, or the catalogue's.

    Raises `NotFound` or `InvalidRequest`.
    """
    path = Path(name).expanduser()
    folder = path.parent if path.name == "config.json" and path.is_file() else local_models.find(name, models)
    if folder is not None:
        return _local(name, folder)
    if path.is_absolute() or name.startswith((".", "~")):
        raise NotFound(f"There is no model in {name}. Give a folder with a config.json, or a name of the catalogue.")
    return from_catalogue(name, models)


def from_catalogue(name: str, models: Path | None = None) -> Subject:
    """The model that a name of the catalogue means; if it was downloaded here, what its configuration says wins."""
    entry = catalogue.find(name)
    folder = local_models.downloaded(entry.repository, models) if entry.repository else None
    if folder is not None and local_models.config(folder):
        return _local(entry.name, folder)
    return Subject(entry.name, entry.shape, entry.window, "catalogue", stored=entry.stored)


def _local(name: str, folder: Path) -> Subject:
    config = local_models.config(folder)
    shape = shapes.from_config(config)
    if shape is None or not shape.vocabulary or not shape.feed_forward:
        raise InvalidRequest(f"{folder}/config.json does not say how the model is built. Is this a language model?")
    return Subject(
        local_models.shown_name(name) if name != "config.json" else folder.resolve().name,
        shape,
        local_models.window(folder) or USUAL_TOKENS,
        "config.json",
        local_models.weights_bytes(folder),
        stored_as(local_models.quantisation(folder)),
    )


def stored_as(method: str) -> Quantisation:
    """How weights are kept by a method of quantising; an unknown one is taken to be for four bits."""
    return _SAME.get(method.lower(), "4bit") if method else "bf16"


def wish(
    about: Subject, *, gpu: str = "", memory: float = 0.0, users: int = 1, tokens: int = 0, quantisation: str = ""
) -> Wish:
    """What a person asks for, checked. Raises `InvalidRequest` or, for an unknown card, `NotFound`."""
    if gpu and memory:
        raise InvalidRequest("Give either a card or an amount of memory, not both.")
    if not 1 <= users <= MOST_USERS or tokens < 0 or memory < 0:
        raise InvalidRequest("The numbers of people and tokens and the memory have to be positive.")
    if tokens > about.window:
        raise InvalidRequest(
            f"{about.name} reads and writes {about.window:,} tokens at most, fewer than {tokens:,}. Ask for less."
        )
    chosen = _SAME.get(quantisation.lower())
    if quantisation and chosen is None:
        raise InvalidRequest(f"{quantisation} is none of {', '.join(QUANTISATIONS)}.")
    # What is published smaller cannot be had whole.
    possible = QUANTISATIONS[QUANTISATIONS.index(about.stored) :]
    if chosen is not None and chosen not in possible:
        raise InvalidRequest(f"The weights of {about.name} are kept in {about.stored}; they cannot be had in {chosen}.")
    counted = _COUNTED.fullmatch(gpu.strip())
    count, kind = (int(counted[1]), counted[2]) if counted else (0, gpu)
    if counted and count not in formulas.counts(about.shape, max(count, 1)):
        raise InvalidRequest(f"{about.name} cannot be shared out to {count} cards: it has {about.shape.heads} heads.")
    named = [cards.find(kind)] if kind else [cards.of_memory(memory)] if memory else []
    return Wish(
        users,
        tokens or min(about.window, USUAL_TOKENS),
        (chosen,) if chosen else possible,
        tuple(named or (*cards.CARDS, cards.CPU)),
        count,
        bool(named),
    )


def plan(about: Subject, wished: Wish) -> Plan:
    """Every card with every way to keep the weights."""
    kept = {quantisation: about.weights(quantisation) for quantisation in wished.quantisations}
    options = [_option(about.shape, card, way, kept[way], wished) for card in wished.cards for way in kept]
    return Plan(about, wished, tuple(options))


def _option(shape: Shape, card: Card, quantisation: Quantisation, kept: Weights, wished: Wish) -> Option:
    count = wished.count or fewest_cards(shape, kept.size, _rooms(card), wished.users, wished.tokens)
    cache = wished.users * formulas.cache(shape, wished.tokens, count or 1)
    needed = formulas.needed(kept.size, cache, count or 1)
    available = formulas.room(card.memory) * (count or 1)
    found = Option(card, quantisation, count, count > 0 and needed <= available, kept.size, cache, needed, available)
    if not found.fits:
        return found

    def step(users: int) -> float:
        return formulas.step_seconds(shape, kept, card, cards=count, users=users, tokens=wished.tokens)

    return Option(
        card,
        quantisation,
        count,
        True,
        kept.size,
        cache,
        needed,
        available,
        people=formulas.people(shape, kept.size, available, wished.tokens, count),
        alone_rate=1 / step(1),
        each_rate=1 / step(wished.users),
        prompt_rate=formulas.prompt_rate(shape, card, cards=count, tokens=wished.tokens),
    )


def fewest_cards(shape: Shape, weights: float, rooms: Sequence[float], users: int, tokens: int) -> int:
    """The fewest cards that hold a model for so many people, given what can be used of each; 0 when all do not."""
    largest = sorted(rooms, reverse=True)
    for count in formulas.counts(shape, len(largest)):
        cache = users * formulas.cache(shape, tokens, count)
        if formulas.needed(weights, cache, count) <= largest[count - 1] * count:
            return count
    return 0


def _rooms(card: Card) -> list[float]:
    return [formulas.room(card.memory)] * (1 if card.is_cpu else formulas.MOST_CARDS)
