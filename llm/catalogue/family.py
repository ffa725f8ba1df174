"""The Llama family in numbers, from the models' published configurations and cards. Only data stands here."""

from dataclasses import replace

from llm.catalogue import licences
from llm.catalogue.entries import Entry, Kind, Recommendation, Template
from llm.catalogue.licences import Licence
from llm.shapes import Shape

_META = "meta-llama/"
_EN = ("en",)
_EIGHT = ("en", "de", "fr", "it", "pt", "hi", "es", "th")
_TWELVE = ("ar", "en", "fr", "de", "hi", "id", "it", "pt", "es", "tl", "th", "vi")
_LLAMA_2_WORDS, _CODE_WORDS, _LLAMA_3_WORDS, _LLAMA_4_WORDS = 32_000, 32_016, 128_256, 202_048
_2K, _4K, _8K, _16K, _128K = 2_048, 4_096, 8_192, 16_384, 131_072
_1M, _10M = 1_048_576, 10_485_760

_7B = Shape(32, 32, 32, 128, 4096, 11_008, _LLAMA_2_WORDS)
_13B = Shape(40, 40, 40, 128, 5120, 13_824, _LLAMA_2_WORDS)
_33B = Shape(60, 52, 52, 128, 6656, 17_920, _LLAMA_2_WORDS)
_65B = Shape(80, 64, 64, 128, 8192, 22_016, _LLAMA_2_WORDS)
_LLAMA_2_70B = Shape(80, 64, 8, 128, 8192, 28_672, _LLAMA_2_WORDS)
_CODE_7B = Shape(32, 32, 32, 128, 4096, 11_008, _CODE_WORDS)
_CODE_13B = Shape(40, 40, 40, 128, 5120, 13_824, _CODE_WORDS)
_CODE_34B = Shape(48, 64, 8, 128, 8192, 22_016, _LLAMA_2_WORDS)
_CODE_70B = Shape(80, 64, 8, 128, 8192, 28_672, _CODE_WORDS)
_1B = Shape(16, 32, 8, 64, 2048, 8192, _LLAMA_3_WORDS, tied=True)
_3B = Shape(28, 24, 8, 128, 3072, 8192, _LLAMA_3_WORDS, tied=True)
_8B = Shape(32, 32, 8, 128, 4096, 14_336, _LLAMA_3_WORDS)
_70B = Shape(80, 64, 8, 128, 8192, 28_672, _LLAMA_3_WORDS)
_405B = Shape(126, 128, 8, 128, 16_384, 53_248, _LLAMA_3_WORDS)
# Layers that look at the picture keep four tiles of 1,601 places, however long the text is.
_11B = Shape(
    40, 32, 8, 128, 4096, 14_336, _LLAMA_3_WORDS, windowed_layers=8, attention_window=6_404, beside=890_000_000
)
_90B = Shape(
    100, 64, 8, 128, 8192, 28_672, _LLAMA_3_WORDS, windowed_layers=20, attention_window=6_404, beside=920_000_000
)
# Three of four layers attend within portions of 8,192 tokens.
_SCOUT = Shape(
    48, 40, 8, 128, 5120, 8192, _LLAMA_4_WORDS,
    windowed_layers=36, attention_window=8_192,
    experts=16, experts_used=1, expert_layers=48, shared_expert=True, beside=870_000_000,
)  # fmt: skip
_MAVERICK = Shape(
    48, 40, 8, 128, 5120, 8192, _LLAMA_4_WORDS,
    windowed_layers=36, attention_window=8_192,
    experts=128, experts_used=1, expert_layers=24, shared_expert=True, dense_feed_forward=16_384, beside=870_000_000,
)  # fmt: skip
_GUARD_4 = Shape(
    48, 40, 8, 128, 5120, 8192, _LLAMA_4_WORDS, windowed_layers=36, attention_window=8_192, beside=870_000_000
)

_SMALL = Recommendation("L4")
_ONE_24 = Recommendation("RTX 4090")
_ONE_48 = Recommendation("L40S")
_ONE_80 = Recommendation("A100 80GB")
_TWO_80 = Recommendation("H100", 2)
_FOUR_80 = Recommendation("H100", 4)
_EIGHT_FP8 = Recommendation("H100", 8, "fp8")
_ONE_4BIT = Recommendation("H100", 1, "4bit")

_INFILL = "Completes code and fills in the middle (prefix, suffix and middle tokens)."
_LONG_CODE = "Usable to about 100,000 tokens."
_PYTHON = "Completes Python alone."
_NO_LANGUAGE_CARD = "Trained on 20 languages with Latin or Cyrillic script, mostly English; no chat template."
_PICTURES_EN = "About pictures in English alone."


def _pair(base: Entry, chat: str, template: Template) -> tuple[Entry, Entry]:
    """A base model and its variant that chats."""
    more = base.kinds[1:]
    return base, replace(base, name=chat, repository=_META + chat, kinds=("chat", *more), template=template)


def _base(name: str, generation: str, released: str, shape: Shape, window: int, recommended: Recommendation) -> Entry:
    """A model that completes text; what others have in common is laid over it."""
    return Entry(
        name, _META + name, generation, released, ("base",), shape, window, _EN, "none", licences.LLAMA_2, recommended
    )


def _first(size: str, shape: Shape, recommended: Recommendation) -> Entry:
    found = _base(f"Llama-{size}", "Llama 1", "2023-02", shape, _2K, recommended)
    return replace(found, repository="", licence=licences.LLAMA_1, note=_NO_LANGUAGE_CARD)


def _second(size: str, shape: Shape, recommended: Recommendation) -> tuple[Entry, Entry]:
    found = _base(f"Llama-2-{size}-hf", "Llama 2", "2023-07", shape, _4K, recommended)
    return _pair(found, f"Llama-2-{size}-chat-hf", "llama-2")


def _code(size: str, shape: Shape, recommended: Recommendation, released: str = "2023-08") -> tuple[Entry, ...]:
    small, large = size in {"7b", "13b"}, size == "70b"
    note = " ".join(filter(None, [_INFILL if small else "", "" if large else _LONG_CODE]))
    first = replace(
        _base(f"CodeLlama-{size}-hf", "Code Llama", released, shape, _16K, recommended),
        kinds=("base", "code"),
        note=note,
    )
    python = f"CodeLlama-{size}-Python-hf"
    # Of the largest, only the first was made for long texts.
    window = _4K if large else _16K
    plain = replace(
        first,
        name=python,
        repository=_META + python,
        window=window,
        note=_PYTHON if large else f"{_PYTHON} {_LONG_CODE}",
    )
    _, chat = _pair(
        replace(first, window=window), f"CodeLlama-{size}-Instruct-hf", "code-llama-70b" if large else "llama-2"
    )
    return first, plain, chat


def _third(size: str, shape: Shape, recommended: Recommendation) -> tuple[Entry, Entry]:
    found = _base(f"Meta-Llama-3-{size}", "Llama 3", "2024-04", shape, _8K, recommended)
    return _pair(replace(found, licence=licences.LLAMA_3), f"Meta-Llama-3-{size}-Instruct", "llama-3")


def _long(version: str, size: str, shape: Shape, recommended: Recommendation) -> tuple[Entry, Entry]:
    name, licence = f"Llama-{version}-{size}", {"3.1": licences.LLAMA_3_1, "3.2": licences.LLAMA_3_2}[version]
    released = {"3.1": "2024-07", "3.2": "2024-09"}[version]
    found = replace(
        _base(name, f"Llama {version}", released, shape, _128K, recommended), languages=_EIGHT, licence=licence
    )
    return _pair(_seeing(found) if shape.beside else found, f"{name}-Instruct", "llama-3")


def _fourth(name: str, shape: Shape, window: int, recommended: Recommendation) -> tuple[Entry, Entry]:
    found = replace(
        _base(f"Llama-4-{name}", "Llama 4", "2025-04", shape, window, recommended),
        languages=_TWELVE,
        licence=licences.LLAMA_4,
    )
    return _pair(_seeing(found), f"Llama-4-{name}-Instruct", "llama-4")


def _seeing(entry: Entry) -> Entry:
    return replace(entry, kinds=(*entry.kinds, "vision"), note=_PICTURES_EN)


def _as_fp8(entry: Entry) -> Entry:
    name = f"{entry.name}-FP8"
    return replace(entry, name=name, repository=_META + name, stored="fp8")


def _guard(entry: Entry, languages: tuple[str, ...], licence: Licence) -> Entry:
    kinds: tuple[Kind, ...] = ("guard", "vision") if entry.shape.beside else ("guard",)
    return replace(
        entry,
        generation="Llama Guard",
        kinds=kinds,
        languages=languages,
        template="guard",
        licence=licence,
        note="Judges questions and answers; writes nothing else.",
    )


def _guards() -> tuple[Entry, ...]:
    def one(name: str, released: str, shape: Shape, window: int, recommended: Recommendation) -> Entry:
        return _base(name, "", released, shape, window, recommended)

    return (
        _guard(one("LlamaGuard-7b", "2023-12", _7B, _4K, _ONE_24), _EN, licences.LLAMA_2),
        _guard(one("Meta-Llama-Guard-2-8B", "2024-04", _8B, _8K, _ONE_24), _EN, licences.LLAMA_3),
        _guard(one("Llama-Guard-3-8B", "2024-07", _8B, _128K, _ONE_24), _EIGHT, licences.LLAMA_3_1),
        _guard(one("Llama-Guard-3-1B", "2024-09", _1B, _128K, _SMALL), _EIGHT, licences.LLAMA_3_2),
        _guard(one("Llama-Guard-3-11B-Vision", "2024-09", _11B, _128K, _ONE_48), _EN, licences.LLAMA_3_2),
        _guard(one("Llama-Guard-4-12B", "2025-04", _GUARD_4, 163_840, _ONE_48), _TWELVE, licences.LLAMA_4),
    )


_LARGEST = _long("3.1", "405B", _405B, _EIGHT_FP8)
_MAVERICKS = _fourth("Maverick-17B-128E", _MAVERICK, _1M, _EIGHT_FP8)

ENTRIES: tuple[Entry, ...] = (
    _first("7B", _7B, _ONE_24),
    _first("13B", _13B, _ONE_48),
    _first("33B", _33B, _ONE_80),
    _first("65B", _65B, _TWO_80),
    *_second("7b", _7B, _ONE_24),
    *_second("13b", _13B, _ONE_48),
    *_second("70b", _LLAMA_2_70B, _TWO_80),
    *_code("7b", _CODE_7B, _ONE_24),
    *_code("13b", _CODE_13B, _ONE_48),
    *_code("34b", _CODE_34B, _ONE_80),
    *_code("70b", _CODE_70B, _TWO_80, "2024-01"),
    *_third("8B", _8B, _ONE_24),
    *_third("70B", _70B, _TWO_80),
    *_long("3.1", "8B", _8B, _ONE_24),
    *_long("3.1", "70B", _70B, _TWO_80),
    *_LARGEST,
    _as_fp8(_LARGEST[1]),
    *_long("3.2", "1B", _1B, _SMALL),
    *_long("3.2", "3B", _3B, _SMALL),
    *_long("3.2", "11B-Vision", _11B, _ONE_48),
    *_long("3.2", "90B-Vision", _90B, _FOUR_80),
    Entry(
        "Llama-3.3-70B-Instruct", f"{_META}Llama-3.3-70B-Instruct", "Llama 3.3", "2024-12", ("chat",), _70B, _128K,
        _EIGHT, "llama-3", licences.LLAMA_3_3, _TWO_80,
    ),
    *_fourth("Scout-17B-16E", _SCOUT, _10M, _ONE_4BIT),
    *_MAVERICKS,
    _as_fp8(_MAVERICKS[1]),
    *_guards(),
)  # fmt: skip
# Announced beside Llama 4, with 2 trillion parameters of which 288 billion are active; its weights were not released.
NOT_RELEASED = ("Llama-4-Behemoth",)
