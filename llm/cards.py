"""What graphics cards hold and do, from their makers' data sheets: memory, bandwidth, and dense bf16 arithmetic."""

import re
from dataclasses import dataclass

from core.errors import NotFound

MEBIBYTE = 1024**2


@dataclass(frozen=True, slots=True)
class Card:
    """`memory` in bytes, as `nvidia-smi` shows it; `bandwidth` in bytes and `arithmetic` in operations a second."""

    name: str
    memory: int
    bandwidth: float
    arithmetic: float
    label: str = ""
    is_cpu: bool = False

    @property
    def title(self) -> str:
        """Its name for people, with its memory as it is sold."""
        told = self.label.replace(" ", "")
        return self.name if not told or told in self.name else f"{self.name} ({self.label})"


def _card(name: str, label: str, mebibytes: int, gigabytes_a_second: float, teraflops: float) -> Card:
    return Card(name, mebibytes * MEBIBYTE, gigabytes_a_second * 1e9, teraflops * 1e12, label)


CARDS: tuple[Card, ...] = (
    _card("L4", "24 GB", 23_034, 300, 121),
    _card("A10", "24 GB", 23_028, 600, 125),
    _card("RTX 3090", "24 GB", 24_576, 936, 71),
    _card("RTX 4090", "24 GB", 24_564, 1_008, 165),
    _card("RTX 5090", "32 GB", 32_607, 1_792, 210),
    _card("A100 40GB", "40 GB", 40_960, 1_555, 312),
    _card("L40S", "48 GB", 46_068, 864, 362),
    _card("A100 80GB", "80 GB", 81_920, 2_039, 312),
    _card("H100", "80 GB", 81_559, 3_350, 989),
    _card("H200", "141 GB", 143_771, 4_800, 989),
    _card("B200", "180 GB", 183_359, 8_000, 2_250),
    _card("MI300X", "192 GB", 196_592, 5_300, 1_307),
)
# Two channels of DDR5-5600, and what a dozen cores with AVX-512 do; servers have up to four times as much of both.
CPU = Card("CPU", 64 * 1024 * MEBIBYTE, 80e9, 1e12, "64 GB", is_cpu=True)

_WORD = re.compile(r"[a-z]+|\d+")
_EMPTY = frozenset({"nvidia", "geforce", "amd", "instinct", "tesla", "gpu", "gb", "sxm", "pcie", "hbm", "nvl"})


def find(name: str) -> Card:
    """The card that a name means, as people write it or as its driver does. Raises `NotFound` with those there are."""
    found = known(name)
    if found is None:
        names = ", ".join(one.name for one in (*CARDS, CPU))
        raise NotFound(
            f"There are no figures of a card {name}. Known are {names}; or give its memory with --memory GB."
        )
    return found


def known(name: str) -> Card | None:
    """The same, None for an unknown card; of cards with several sizes the larger unless the name says which."""
    wanted = _words(name)
    if not wanted:
        return None
    fitting = [one for one in (*CARDS, CPU) if _essence(one) <= wanted]
    sized = [one for one in fitting if _words(one.label) <= wanted]
    return max(sized or fitting, key=lambda one: (len(_essence(one)), one.memory), default=None)


def of_memory(gigabytes: float) -> Card:
    """A card of which only the memory is known; it is taken to be as fast as the fastest known that has no more."""
    memory = round(gigabytes * 1024) * MEBIBYTE
    # What is sold as 24 GB has a little less than that.
    slower = [one for one in CARDS if one.memory <= memory * 1.03] or [min(CARDS, key=lambda one: one.memory)]
    like = max(slower, key=lambda one: (one.memory, one.bandwidth))
    return Card(f"card with {gigabytes:g} GB", memory, like.bandwidth, like.arithmetic)


def _words(name: str) -> frozenset[str]:
    return frozenset(_WORD.findall(name.lower())) - _EMPTY


def _essence(card: Card) -> frozenset[str]:
    """What a name has to say to mean this card: without `RTX`, without the size."""
    return _words(card.name) - _words(card.label) - {"rtx"}
