"""The typed bodies of the catalogue of models and of plans for them."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from web.models import Parameters, Reply

Quantisation = Literal["bf16", "fp8", "4bit"]
_Text = Annotated[str, StringConstraints(max_length=100, pattern=r"^[^\x00]*$")]


class PlanQuery(Parameters):
    """A model, and where and for how many people it is to run."""

    model: Annotated[_Text, Field(min_length=1, description="A name of the catalogue, such as Llama-3.1-8B-Instruct.")]
    gpu: _Text = Field("", description="A card such as H100, several such as 2xH100, or CPU; all known ones if empty.")
    memory: Annotated[float, Field(ge=0, le=100_000, description="Memory of a card in GB, instead of its name.")] = 0
    users: Annotated[int, Field(ge=1, le=100_000, description="People at the same time.")] = 1
    context: Annotated[int, Field(ge=0, le=100_000_000, description="Tokens for each; 0 for 8,192.")] = 0
    quantisation: _Text = Field("", description="`bf16`, `fp8` or `4bit`; all of them if empty.")


class LlamaLicence(Reply):
    """A licence and what it asks, in short; `eu_clause` where it withholds rights from those in the EU."""

    name: str
    url: str
    acceptable_use_url: str | None
    notice: str | None
    duties: list[str]
    eu_clause: str | None


class LlamaRecommendation(Reply):
    """Cards that hold a model well."""

    gpu: str
    gpus: int
    quantisation: Quantisation


class LlamaModel(Reply):
    """A model of the family; parameters are numbers, windows tokens, the cache bytes for each token."""

    name: str
    repository: str | None
    generation: str
    released: str
    kinds: list[Literal["base", "chat", "code", "vision", "guard"]]
    parameters: int
    active_parameters: int
    experts: int
    layers: int
    kv_heads: int
    head_size: int
    cache_bytes_per_token: int
    window: int
    languages: list[str]
    modalities: list[Literal["text", "image"]]
    template: str
    stored: Quantisation
    recommended: LlamaRecommendation
    licence: LlamaLicence
    note: str
    downloaded: bool


class LlamaModelList(Reply):
    """The whole catalogue, oldest generation first."""

    models: list[LlamaModel]


class LlamaOption(Reply):
    """A model on so many cards; sizes over all of them, rates at best. `users` fit at the same time."""

    gpu: str
    gpu_memory_bytes: int
    quantisation: Quantisation
    fits: bool
    gpus: int
    weights_bytes: int
    cache_bytes: int
    needed_bytes: int
    available_bytes: int
    users: int
    tokens_per_second_alone: float
    tokens_per_second_each: float
    prompt_tokens_per_second: float


class LlamaPlan(Reply):
    """What a model needs; `verdict` says it in words, `best` is the option to take."""

    model: str
    source: Literal["catalogue", "config.json"]
    parameters: int
    active_parameters: int
    window: int
    users: int
    context: int
    cache_bytes_per_token: int
    verdict: str
    fits: bool
    best: LlamaOption | None
    options: list[LlamaOption]
    assumptions: list[str]
