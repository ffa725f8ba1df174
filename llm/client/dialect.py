"""What every way of speaking with a model's server can do. A new kind of server is a new file beside this one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from llm.client.server import Exchange
from llm.prompts import Message

# Names of a window in what servers say of a model: of what is served, not of what the model was trained for.
_WINDOWS = (
    "max_model_len",  # vLLM, SGLang
    "n_ctx",  # llama.cpp
    "max_total_tokens",  # TGI
    "loaded_context_length",  # LM Studio
    "context_length",
    "context_window",
    "max_context_length",
    "max_seq_len",
    "max_input_tokens",
)


@dataclass(frozen=True, slots=True)
class Listed:
    """A model that a server offers, and its window in tokens if it says so."""

    name: str
    window: int | None = None


@dataclass(frozen=True, slots=True)
class Traits:
    """What a server says of a model; None for what it does not say. `switch`: thinking can be switched off."""

    window: int | None = None
    chat: bool | None = None
    system_role: bool | None = None
    switch: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """An answer that is asked for, as the model wants it: a conversation, or a text to go on with."""

    model: str
    messages: Sequence[Message]
    max_tokens: int
    window: int
    chat: bool
    switch: bool = False
    newer: bool = False  # the server insists on the newer name of `max_tokens`


class Dialect(Protocol):
    """A way of speaking. Everything raises `Fault`, or what `faults.FOREIGN` and LangChain's errors name."""

    def models(self) -> tuple[Listed, ...]:
        """The models that the server offers."""
        ...

    def same(self, wanted: str, listed: str) -> bool:
        """Whether a name of the settings means a listed model."""
        ...

    def traits(self, name: str, *, window: bool) -> Traits:
        """What the server says of a model; its `window` is looked for only if that is asked for."""
        ...

    def count(self, request: Request) -> int:
        """The tokens of a prompt, counted there."""
        ...

    def pieces(self, request: Request, exchange: Exchange) -> Iterator[str]:
        """The answer in pieces, thoughts included; some may be empty. Raises `Fault` too when it was not completed."""
        ...

    def foreign(self) -> tuple[type[Exception], ...]:
        """What its libraries raise."""
        ...

    def warm(self) -> None:
        """Load what the first answer would otherwise wait for."""
        ...


def window_in(found: Mapping[str, Any]) -> int | None:
    """A window among what a server says of a model, in whatever member it stands."""
    inner = [one for one in found.values() if isinstance(one, dict)]
    for name in _WINDOWS:
        for place in (found, *inner):
            value = place.get(name)
            if isinstance(value, int) and not isinstance(value, bool) and value > 0:
                return value
    return None
