"""The typed bodies of the OpenAI-compatible interface, as far as it means anything here.

Source of the protocol: OpenAI's API reference, "Chat completions" and "Models". What clients send beyond this
(temperature, tools and the like) is accepted and has no effect.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.values import AnswerStatus
from web.models import Citation, Moderation, Notice, Problem, Reply, Sentence

_MOST_MESSAGES = 1000


class _Sent(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)


class TextPart(_Sent):
    """A part of a message; only text is understood."""

    type: str
    text: str = ""


class ChatMessage(_Sent):
    """A message of a conversation."""

    role: str
    content: str | list[TextPart] | None = None

    @property
    def text(self) -> str:
        """What it says."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.type == "text")
        return self.content or ""


class ChatRequest(_Sent):
    """A question to a collection: the last message of the user, understood after the messages before it."""

    model: Annotated[str, Field(max_length=300, description="`archivar/NAME` of a collection, or `archivar` for all.")]
    messages: Annotated[list[ChatMessage], Field(min_length=1, max_length=_MOST_MESSAGES)]
    stream: bool | None = False


class Details(Reply):
    """How the answer was checked: what the other interface gives of it."""

    id: str
    status: AnswerStatus
    sentences: list[Sentence]
    moderation: Moderation
    model: str
    took_ms: float
    question_understood: str | None = None
    notices: tuple[Notice, ...] = ()


class AssistantMessage(Reply):
    """The answer as text, with `[n]` after each sentence for its citations."""

    role: Literal["assistant"]
    content: str


class Choice(Reply):
    """The only choice there is."""

    index: int
    message: AssistantMessage
    finish_reason: Literal["stop", "content_filter"]


class ChatCompletion(Reply):
    """An answer; `citations` and `archivar` are additions to the protocol."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[Choice]
    citations: list[Citation]
    archivar: Details


class Delta(Reply):
    """What a part of an answer adds."""

    role: Literal["assistant"] | None = None
    content: str | None = None


class ChunkChoice(Reply):
    """The only choice, as far as a part tells it."""

    index: int
    delta: Delta
    finish_reason: Literal["stop", "content_filter"] | None


class ChatChunk(Reply):
    """A checked sentence of an answer; the last part carries `citations` and `archivar`."""

    id: str
    object: Literal["chat.completion.chunk"]
    created: int
    model: str
    choices: list[ChunkChoice]
    citations: list[Citation] | None = None
    archivar: Details | None = None


class Model(Reply):
    """A collection under the name by which it is asked."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: Literal["archivar"]


class ModelList(Reply):
    """The collections that the caller may ask."""

    object: Literal["list"]
    data: list[Model]


class ChatError(Reply):
    """A problem as clients of the protocol read it."""

    message: str
    type: str
    param: str | None
    code: str


class ChatProblem(Problem):
    """A problem document of the OpenAI-compatible interface."""

    error: ChatError
