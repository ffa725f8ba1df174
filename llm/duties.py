"""Which licence of the Llama family a model comes under, by its name, and the warning for operators in the EU.

What a licence asks stands in `llm.catalogue.licences`; pages and commands show it.
"""

import re
from collections.abc import Iterable

from core.settings import Settings
from llm import catalogue, local_models
from llm.catalogue import Entry, Licence, licences

# The number after the family's name, as in llama3.1:8b; not that of its parameters, as in llama-7b.
_NUMBER = re.compile(r"llama[-_. ]?(guard)?[-_. ]?v?(\d(?:\.\d)?)(?![\d.]|b\b)")
# Some write llama3_1.
_UNDERSCORE = re.compile(r"(?<=\d)_(?=\d)")
# Guards were numbered on their own at first.
_GUARDS = {"1": licences.LLAMA_2, "2": licences.LLAMA_3, "3": licences.LLAMA_3_1, "4": licences.LLAMA_4}
_SEES = re.compile(r"vision|scout|maverick|llama[-_. ]?(guard)?[-_. ]?4")


def licence_of(model: str) -> Licence | None:
    """The licence of a Llama or of what was made from one; None for any other model."""
    name = _UNDERSCORE.sub(".", model.lower())
    entry = catalogue.known(name)
    if entry is not None:
        return entry.licence
    if "llama" not in name:
        return None
    if re.search(r"code[-_ ]?llama", name):
        return licences.LLAMA_2
    found = _NUMBER.search(name)
    if found is None:
        return licences.LLAMA
    known = _GUARDS if found[1] else licences.BY_GENERATION
    return known.get(found[2], licences.LLAMA)


def eu_warning(settings: Settings, model: str | Entry) -> str:
    """Why an operator in the EU may have no licence for a model; empty for all others."""
    if not settings.operator_in_eu:
        return ""
    entry = model if isinstance(model, Entry) else catalogue.known(model)
    name = model.name if isinstance(model, Entry) else model
    if entry is not None:
        concerned = entry.eu_clause
    else:
        licence = licence_of(name)
        concerned = licence is not None and licence.eu_clause and bool(_SEES.search(name.lower()))
    if not concerned:
        return ""
    return (
        f"{name} sees pictures, and ARCHIVAR_OPERATOR_IN_EU is set. {catalogue.EU_CLAUSE} The text models "
        "Llama 3.1 and 3.3, and Llama Guard 3 with 1 and 8 billion parameters, are not concerned."
    )


def eu_warnings(settings: Settings) -> list[str]:
    """The warnings for the model of the settings and for those that were downloaded."""
    here = [str(one.get("model", "")) for one in local_models.register(settings.models_dir)]
    attached = local_models.shown_name(settings.llm_name) if settings.llm_base else ""
    return eu_warnings_of(settings, [attached, *(one for one in here if _is_here(settings, one))])


def eu_warnings_of(settings: Settings, models: Iterable[str]) -> list[str]:
    """The warnings for some models, each once."""
    return list(dict.fromkeys(filter(None, (eu_warning(settings, one) for one in models))))


def _is_here(settings: Settings, model: str) -> bool:
    return local_models.downloaded(model, settings.models_dir) is not None
