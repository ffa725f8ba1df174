"""The licences of the Llama family: name, where they stand, the line to keep with copies, and what they ask.

The texts themselves lie beside the weights. What is said here is a summary for people, not legal advice.
"""

from dataclasses import dataclass

_ACCEPTABLE = "Keep to the acceptable use policy, and see to it that others whom you let use the model do."
_COPY = "Whoever passes the weights on gives a copy of the licence and keeps the notice line with them."
_MANY = "Who had more than 700 million users a month when the model was released needs a licence from Meta first."
_NO_TRAINING = "Neither the model nor what it writes may be used to improve another language model."
_NAMED = "Models trained with it or with what it writes carry {} at the beginning of their names."
_SHOWN = "Who offers a product or service with it shows “{}” where people see it; Archivar does so under its pages."
_SUFFIX = " Community License Agreement"
_RESEARCH = "For research alone: no commercial use."
_BY_REQUEST = "Meta gave out the weights on request only, and they may not be passed on."
_NOTICE = "{0} is licensed under the {0} Community License, Copyright © Meta Platforms, Inc. All Rights Reserved."
EU_CLAUSE = (
    "For models that see pictures the licence grants no rights to individuals domiciled in, or companies whose "
    "principal place of business is in, the European Union. Those who merely use a product are not concerned."
)


@dataclass(frozen=True, slots=True)
class Licence:
    """`notice` is the line that copies carry and `shown` what services show, empty where none is asked for.

    `eu_clause`: see `EU_CLAUSE`. `released` is the version release date that the licence names.
    """

    name: str
    url: str
    acceptable_use_url: str
    notice: str
    duties: tuple[str, ...]
    shown: str = ""
    eu_clause: bool = False
    released: str = ""

    @property
    def version(self) -> str:
        """Tells the conditions of this licence from others and from later ones; a key of at most 64 characters."""
        return f"{self.name.removesuffix(_SUFFIX)}, {self.released}" if self.released else self.name


def _community(version: str, name: str, released: str, shown: str = "Built with Llama", *, eu_clause: bool) -> Licence:
    return Licence(
        name=f"{name} Community License Agreement",
        url=f"https://www.llama.com/{version}/license/",
        acceptable_use_url=f"https://www.llama.com/{version}/use-policy/",
        notice=_NOTICE.format(name),
        duties=(_SHOWN.format(shown), _COPY, _ACCEPTABLE, *_trained(version), _MANY),
        shown=shown,
        eu_clause=eu_clause,
        released=released,
    )


def _trained(version: str) -> tuple[str, ...]:
    # From 3.1 on, other models may be improved with it, under its name; Llama 3 allowed that for models based on it.
    if version == "llama3":
        return (
            "Neither the model nor what it writes may be used to improve another language model, save one derived "
            "from it, whose name begins with “Llama 3”.",
        )
    return (_NAMED.format("“Llama”"),)


LLAMA_1 = Licence(
    name="LLaMA non-commercial licence",
    url="https://github.com/meta-llama/llama/blob/llama_v1/README.md",
    acceptable_use_url="",
    notice="",
    duties=(_RESEARCH, _BY_REQUEST),
)
LLAMA_2 = Licence(
    name="Llama 2 Community License Agreement",
    url="https://ai.meta.com/llama/license/",
    acceptable_use_url="https://ai.meta.com/llama/use-policy/",
    notice="Llama 2 is licensed under the LLAMA 2 Community License, "
    "Copyright (c) Meta Platforms, Inc. All Rights Reserved.",
    duties=(_COPY, _ACCEPTABLE, _NO_TRAINING, _MANY),
    released="2023-07-18",
)
LLAMA_3 = _community("llama3", "Meta Llama 3", "2024-04-18", "Built with Meta Llama 3", eu_clause=False)
LLAMA_3_1 = _community("llama3_1", "Llama 3.1", "2024-07-23", eu_clause=False)
LLAMA_3_2 = _community("llama3_2", "Llama 3.2", "2024-09-25", eu_clause=True)
LLAMA_3_3 = _community("llama3_3", "Llama 3.3", "2024-12-06", eu_clause=True)
LLAMA_4 = _community("llama4", "Llama 4", "2025-04-05", eu_clause=True)
# For a Llama whose name does not say which.
LLAMA = Licence(
    name="Llama Community License Agreement",
    url="https://ai.meta.com/llama/license/",
    acceptable_use_url="https://ai.meta.com/llama/use-policy/",
    notice=_NOTICE.format("Llama"),
    duties=(_COPY, _ACCEPTABLE, _MANY),
    shown="Built with Llama",
)
# Oldest first, by the number that names of models carry.
BY_GENERATION = {
    "1": LLAMA_1, "2": LLAMA_2, "3": LLAMA_3, "3.1": LLAMA_3_1, "3.2": LLAMA_3_2, "3.3": LLAMA_3_3, "4": LLAMA_4,
}  # fmt: skip
