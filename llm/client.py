"""The only module that reaches the language model: which one it is, what it can read, whether it answers, its words.

Everything that can go wrong out there becomes `ModelUnavailable` with a sentence for people. What to ask is decided in
`llm.prompts`; LangChain is loaded when the first answer is written or by `warm`, never for searching.
"""

import json
import logging
import threading
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

import httpx2

from core.errors import ModelUnavailable
from core.settings import Settings
from llm import local_models
from llm.connection import Deadline, open_client
from llm.tokens import Counter, estimate, local_counter

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

DEFAULT_WINDOW = 8192

_ASK_SECONDS = 2.0
_STATE_SECONDS = 1.0
_FRESH_SECONDS = 2.0
# After a question about tokens went wrong, it is estimated for so long.
_PAUSE_SECONDS = 30.0
_ASK_BYTES = 4 * 1024 * 1024
# What a token takes on the wire, with all that servers put around it, and what any reply may take.
_TOKEN_BYTES = 2048
_LEAST_BYTES = 64 * 1024
# Few tokens have more letters than this; what is much longer than was asked for is no answer.
_TOKEN_CHARS = 32
# Ends of a stream that are no ends of an answer.
_BAD_ENDS = frozenset({"content_filter", "error", "abort", "tool_calls", "function_call"})
# What LangChain, its client, JSON and sockets raise on replies that are not as they should be. Anything can stand
# where they expect an object, so the errors of looking into it are among them.
_FOREIGN = (
    httpx2.HTTPError,
    httpx2.InvalidURL,
    OSError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    RecursionError,
)

Message = Mapping[str, str]

log = logging.getLogger(__name__)


class ModelClient:
    """Speaks with the server of `ARCHIVAR_LLM_URL`. Thread-safe; each exchange has a connection of its own.

    Raises `UnknownSetting` when the settings name a tokenizer that is not on this machine.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._root = settings.llm_url.rstrip("/")
        self._listed: tuple[Mapping[str, Any], ...] = ()
        self._counter: Counter | None = local_counter(settings)
        self._estimate_until = 0.0
        self._checking = threading.Lock()
        self._state = ("not asked yet", 0.0)

    @property
    def name(self) -> str:
        """The model's name for people: the setting, else the first that the server lists; a folder by its last part.

        `unknown` while there is no setting and no answer.
        """
        try:
            name = self._name()
        except ModelUnavailable:
            return "unknown"
        return local_models.shown_name(name)

    @property
    def window(self) -> int:
        """Tokens of prompt and answer together: the setting, else what the server or the model's folder says."""
        if self._settings.llm_window:
            return self._settings.llm_window
        folder = local_models.find(self._settings.llm_model)
        return self._served_window() or (folder and local_models.window(folder)) or DEFAULT_WINDOW

    @property
    def answer_tokens(self) -> int:
        """The longest answer that may be asked for, in tokens."""
        return self._settings.llm_answer_tokens

    def warm(self) -> None:
        """Load LangChain and all that it loads on first use, which takes a second or two."""
        with open_client(Deadline(_ASK_SECONDS, _ASK_SECONDS, 0)) as http:
            self._chat_model("any", http, 1)

    def count(self, messages: Sequence[Message]) -> int:
        """The tokens of a prompt: by the local tokenizer if there is one, else by the server, else a high estimate."""
        if self._counter is not None:
            return self._counter(messages)
        if time.monotonic() >= self._estimate_until:
            try:
                return self._count_there(messages)
            except ModelUnavailable:
                self._estimate_until = time.monotonic() + _PAUSE_SECONDS
        return estimate(messages)

    def stream(self, messages: Sequence[Message], max_tokens: int) -> Generator[str, None, None]:
        """The answer in pieces as they come. Close it, and the connection closes.

        Raises `ModelUnavailable`, also after the first pieces: when the server says nothing for
        `ARCHIVAR_LLM_SILENT_SECONDS`, is not done after `ARCHIVAR_LLM_SECONDS`, breaks off, or sends something else.
        """
        settings = self._settings
        name = self._name()
        deadline = Deadline(settings.llm_seconds, settings.llm_silent_seconds, _LEAST_BYTES + max_tokens * _TOKEN_BYTES)
        with open_client(deadline) as http:
            try:
                model = self._chat_model(name, http, max_tokens)
                deadline.restart()
                yield from _bounded(self._pieces(model, messages, deadline), max_tokens * _TOKEN_CHARS)
            except _foreign() as error:
                self._listed = ()  # it may be another server, or another model, when it is back
                raise self._trouble(error, deadline) from error

    def state(self) -> str:
        """`ok`, or what is wrong in a few words; asked at most every two seconds, answered within one."""
        said, at = self._state
        if time.monotonic() - at < _FRESH_SECONDS or not self._checking.acquire(blocking=not at):
            return said
        try:
            if time.monotonic() - self._state[1] >= _FRESH_SECONDS:
                self._state = (self._checked(), time.monotonic())
            return self._state[0]
        finally:
            self._checking.release()

    def _checked(self) -> str:
        try:
            self._listed = self._list()
        except ModelUnavailable as error:
            return error.message
        names = [str(one.get("id")) for one in self._listed]
        wanted = self._settings.llm_model
        if wanted and wanted not in names:
            return f"the server does not offer the model {wanted}"
        return "ok" if names else "the server offers no model"

    def _name(self) -> str:
        if self._settings.llm_model:
            return self._settings.llm_model
        if not self._listed:
            self._listed = self._list()
        if not self._listed:
            raise ModelUnavailable("The language model's server offers no model. Load one, or set ARCHIVAR_LLM_MODEL.")
        return str(self._listed[0]["id"])

    def _served_window(self) -> int | None:
        try:
            if not self._listed:
                self._listed = self._list()
        except ModelUnavailable:
            return None
        wanted = self._settings.llm_model
        found = next((one for one in self._listed if wanted in {"", one["id"]}), {})
        window = found.get("max_model_len")
        return window if isinstance(window, int) and window > 0 else None

    def _list(self) -> tuple[Mapping[str, Any], ...]:
        found = self._ask("GET", f"{self._root}/models", _STATE_SECONDS)
        listed = found.get("data")
        if not isinstance(listed, list) or not all(isinstance(one, dict) and one.get("id") for one in listed):
            raise ModelUnavailable("The language model's server does not list its models as such servers do.")
        return tuple(listed)

    def _count_there(self, messages: Sequence[Message]) -> int:
        body = {"model": self._name(), "messages": [dict(one) for one in messages], "add_generation_prompt": True}
        found = self._ask("POST", f"{self._root.removesuffix('/v1')}/tokenize", _ASK_SECONDS, body)
        count = found.get("count")
        if not isinstance(count, int) or count <= 0:
            raise ModelUnavailable("The language model's server does not count tokens.")
        return count

    def _ask(self, method: str, url: str, seconds: float, body: object = None) -> Mapping[str, Any]:
        """One small question to the server, answered by a JSON object."""
        deadline = Deadline(seconds, seconds, _ASK_BYTES)
        headers = {"Authorization": f"Bearer {self._key}"}
        try:
            with open_client(deadline) as http:
                response = http.request(method, url, json=body, headers=headers, timeout=None)
                response.raise_for_status()
                found = json.loads(response.content)
        except _FOREIGN as error:
            raise self._trouble(error, deadline) from error
        if not isinstance(found, dict):
            raise ModelUnavailable(_GARBAGE)
        return found

    @property
    def _key(self) -> str:
        return self._settings.llm_api_key.get_secret_value() or "none"

    def _chat_model(self, name: str, http: httpx2.Client, max_tokens: int) -> "BaseChatModel":
        from langchain.chat_models import init_chat_model  # noqa: PLC0415 - searching must not load it

        model: BaseChatModel = init_chat_model(
            name,
            model_provider="openai",
            base_url=self._root,
            api_key=self._key,
            http_client=http,
            temperature=0,
            max_tokens=max_tokens,
            max_retries=0,
            timeout=None,  # the connection has deadlines of its own
            streaming=True,
            stream_usage=False,
            # What the environment could otherwise decide.
            openai_proxy=None,
            use_responses_api=False,
            output_version="v0",
            cache=False,
        )
        return model

    def _pieces(self, model: "BaseChatModel", messages: Sequence[Message], deadline: Deadline) -> Iterator[str]:
        from langsmith import tracing_context  # noqa: PLC0415 - comes with LangChain

        said, end = False, None
        chunks = model.stream([dict(one) for one in messages])
        assert isinstance(chunks, Generator)
        with closing(chunks):
            while True:
                # LangChain reports to a service of its maker where the environment says so; never from here.
                with tracing_context(enabled=False):
                    chunk = next(chunks, None)
                if chunk is None:
                    break
                end = chunk.response_metadata.get("finish_reason") or end
                text = chunk.content
                if isinstance(text, str) and text:
                    deadline.heard()
                    said = said or bool(text.strip())
                    yield text
        if end is None or end in _BAD_ENDS:
            log.warning("The language model's stream ended with %r.", end)
            raise ModelUnavailable("The language model broke off in the middle of its answer. Ask again.")
        if not said:
            raise ModelUnavailable("The language model gave an empty answer. Ask again.")

    def _trouble(self, error: Exception, deadline: Deadline) -> ModelUnavailable:
        """What to tell people about an error; the log has the rest."""
        status = getattr(getattr(error, "response", None), "status_code", None)
        log.warning("The language model at %s: %s.", self._root, _details(error, status))
        if deadline.flooded:
            return ModelUnavailable(_GARBAGE)
        if deadline.passed:
            return ModelUnavailable("The language model took too long to answer. Ask again, or later.", retry_after=30)
        if isinstance(status, int):
            return ModelUnavailable(_STATUS.get(status, f"The language model's server failed with status {status}."))
        if any(isinstance(one, httpx2.ConnectError | httpx2.InvalidURL) for one in _causes(error)):
            return ModelUnavailable(
                "The language model's server cannot be reached. Start it, or correct ARCHIVAR_LLM_URL."
            )
        if any(isinstance(one, httpx2.TransportError | OSError) for one in _causes(error)):
            return ModelUnavailable("The connection to the language model broke off. Ask again.")
        return ModelUnavailable(_GARBAGE)


_GARBAGE = "The language model's server sent something that is not an answer. Check ARCHIVAR_LLM_URL."
_STATUS = {
    400: "The language model's server refused the request; the model may be another than ARCHIVAR_LLM_MODEL says.",
    401: "The language model's server wants a key. Set ARCHIVAR_LLM_API_KEY.",
    403: "The language model's server refuses its key. Correct ARCHIVAR_LLM_API_KEY.",
    404: "The language model's server does not know this address or model. "
    "Correct ARCHIVAR_LLM_URL or ARCHIVAR_LLM_MODEL.",
    429: "The language model has too much to do. Ask again in a moment.",
}


def _bounded(pieces: Iterator[str], chars_left: int) -> Iterator[str]:
    for text in pieces:
        chars_left -= len(text)
        if chars_left < 0:
            raise ModelUnavailable(_GARBAGE)
        yield text


def _foreign() -> tuple[type[Exception], ...]:
    from langchain_core.exceptions import LangChainException  # noqa: PLC0415 - searching must not load it
    from openai import OpenAIError  # noqa: PLC0415

    return (OpenAIError, LangChainException, *_FOREIGN)


def _details(error: BaseException, status: object) -> str:
    """What the log may have of an error: words of this side only, for servers repeat prompts in theirs."""
    if status is not None:
        return f"status {status}"
    told = [error for error in _causes(error) if isinstance(error, httpx2.TransportError | OSError)]
    return f"{type(told[-1]).__name__} {str(told[-1])[:200]!a}" if told else type(error).__name__


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__
