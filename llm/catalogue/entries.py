"""What the catalogue says of one model."""

from dataclasses import dataclass
from typing import Literal

from llm.catalogue.licences import Licence
from llm.shapes import Shape

Kind = Literal["base", "chat", "code", "vision", "guard"]
Quantisation = Literal["bf16", "fp8", "4bit"]
# How a conversation is written down for a model: `none` completes text, `guard` wants its own questions.
Template = Literal["none", "llama-2", "code-llama-70b", "llama-3", "llama-4", "guard"]


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The cards that hold a model well: so many of this name, its weights kept like this."""

    card: str
    count: int = 1
    quantisation: Quantisation = "bf16"


@dataclass(frozen=True, slots=True)
class Entry:
    """A model of the family.

    `repository` is its place on the Hugging Face hub, empty where Meta has put none there. `languages` are ISO 639-1
    codes of those that its card names. `stored` says how the published weights are kept.
    """

    name: str
    repository: str
    generation: str
    released: str
    kinds: tuple[Kind, ...]
    shape: Shape
    window: int
    languages: tuple[str, ...]
    template: Template
    licence: Licence
    recommended: Recommendation
    stored: Quantisation = "bf16"
    note: str = ""

    @property
    def modalities(self) -> tuple[str, ...]:
        """What it reads; all of them write text."""
        return ("text", "image") if self.sees else ("text",)

    @property
    def sees(self) -> bool:
        """Whether it reads pictures."""
        return self.shape.beside > 0

    @property
    def eu_clause(self) -> bool:
        """Whether the clause about the European Union concerns this model."""
        return self.licence.eu_clause and self.sees
