"""The catalogue for people and for programs."""

from dataclasses import dataclass
from typing import Any

from llm.catalogue import Entry
from llm.catalogue.licences import EU_CLAUSE

_FEW = 3
_STEP = 1024
_BILLION = 1e9


@dataclass(frozen=True, slots=True)
class Row:
    """What a table shows of an entry; figures alone, which need no translation."""

    total: str
    parameters: str
    window: str
    kinds: str
    recommended: str
    languages: str


def row(entry: Entry) -> Row:
    """An entry in a few short words."""
    active = f" ({billions(entry.shape.active)} active)" if entry.shape.experts else ""
    languages = entry.languages
    return Row(
        total=billions(entry.shape.total),
        parameters=f"{billions(entry.shape.total)}{active}",
        window=tokens(entry.window),
        kinds=", ".join(entry.kinds),
        recommended=recommended(entry),
        languages=" ".join(languages)
        if len(languages) <= _FEW
        else f"{' '.join(languages[:_FEW])} +{len(languages) - _FEW}",
    )


def recommended(entry: Entry) -> str:
    """`RTX 4090`, `8 × H100, fp8`."""
    one = entry.recommended
    count = f"{one.count} × " if one.count > 1 else ""
    return f"{count}{one.card}{'' if one.quantisation == 'bf16' else f', {one.quantisation}'}"


def billions(parameters: int) -> str:
    """`8.0 B`, `405.9 B`."""
    return f"{parameters / _BILLION:,.1f} B"


def tokens(window: int) -> str:
    """`128k`, `10M`, as models are sold."""
    if window >= _STEP * _STEP:
        return f"{window / (_STEP * _STEP):g}M"
    return f"{window / _STEP:g}k"


def entry_json(entry: Entry, is_here: bool = False) -> dict[str, Any]:
    """An entry for programs; `downloaded` where it lies on this machine."""
    shape, licence, one = entry.shape, entry.licence, entry.recommended
    return {
        "name": entry.name,
        "repository": entry.repository or None,
        "generation": entry.generation,
        "released": entry.released,
        "kinds": list(entry.kinds),
        "parameters": shape.total,
        "active_parameters": shape.active,
        "experts": shape.experts,
        "layers": shape.layers,
        "kv_heads": shape.kv_heads,
        "head_size": shape.head_size,
        "cache_bytes_per_token": shape.per_token,
        "window": entry.window,
        "languages": list(entry.languages),
        "modalities": list(entry.modalities),
        "template": entry.template,
        "stored": entry.stored,
        "recommended": {"gpu": one.card, "gpus": one.count, "quantisation": one.quantisation},
        "licence": {
            "name": licence.name,
            "url": licence.url,
            "acceptable_use_url": licence.acceptable_use_url or None,
            "notice": licence.notice or None,
            "duties": list(licence.duties),
            "eu_clause": EU_CLAUSE if entry.eu_clause else None,
        },
        "note": entry.note,
        "downloaded": is_here,
    }
