"""The catalogue of the Llama family: which models there are, and which of them a name means. Nothing is fetched."""

import re
from collections.abc import Sequence

from core.errors import InvalidRequest, NotFound
from llm.catalogue.entries import Entry, Recommendation
from llm.catalogue.family import ENTRIES, NOT_RELEASED
from llm.catalogue.licences import EU_CLAUSE, Licence

__all__ = ["EU_CLAUSE", "Entry", "Licence", "Recommendation", "entries", "find", "known", "words"]

# Numbers with a point stay whole, so that 3 is not found in 3.1; letters after a number belong to it, as in 8b.
_WORD = re.compile(r"\d+(?:\.\d+)*[a-z]?(?![a-z])|[a-z]+|\d+")
# Words that places add to a name or leave out.
_EMPTY = frozenset({"meta", "hf", "llama", "ai", "model", "models"})
_SAME = {"instruct": "chat", "it": "chat"}
_MOST_SHOWN = 6


def entries() -> tuple[Entry, ...]:
    """All models, oldest generation first."""
    return ENTRIES


def words(name: str) -> frozenset[str]:
    """What distinguishes a name from others of the family, however places write it."""
    text = name.lower().removeprefix("meta-llama/").replace("codellama", "code llama").replace("guard", " guard ")
    return frozenset(_SAME.get(word, word) for word in _WORD.findall(text)) - _EMPTY


def known(name: str) -> Entry | None:
    """The entry that a name means beyond doubt; None for any other model."""
    exact = next((one for one in ENTRIES if name.lower() in {one.name.lower(), one.repository.lower()} - {""}), None)
    if exact is not None or "llama" not in name.lower():
        return exact
    wanted = words(name)
    return next((one for one in ENTRIES if words(one.name) == wanted), None)


def find(name: str) -> Entry:
    """The entry that a person means; one that chats before its base.

    Raises `NotFound` when there is none, `InvalidRequest` with the candidates when it could be several.
    """
    exact = known(name)
    if exact is not None:
        return exact
    wanted = words(name)
    if wanted and any(wanted <= words(one) for one in NOT_RELEASED):
        raise NotFound(f"{name} was announced, but its weights were never released.")
    fitting = [one for one in ENTRIES if wanted and wanted <= words(one.name)] if _is_of_family(name) else []
    if not fitting:
        raise NotFound(f"The catalogue has no model {name}. `./archivar llm list` shows what it has.")
    chosen = _alike(fitting)
    if chosen is None:
        names = ", ".join(one.name for one in fitting[:_MOST_SHOWN])
        more = f" and {len(fitting) - _MOST_SHOWN} others" if len(fitting) > _MOST_SHOWN else ""
        raise InvalidRequest(f"{name} could be {names}{more}. Say which.")
    return chosen


def _is_of_family(name: str) -> bool:
    """Whether nothing but words of the family stands in the name, at least one of them not just a number."""
    everything = {word for one in ENTRIES for word in words(one.name)}
    return words(name) <= everything


def _alike(fitting: Sequence[Entry]) -> Entry | None:
    """The one that chats of models that have the same shape; None when they differ."""
    if len({(one.shape, one.generation, one.window) for one in fitting}) > 1:
        return None
    return next((one for one in fitting if "chat" in one.kinds and one.stored == "bf16"), fitting[0])
