"""The OpenAI-compatible interface: vLLM, llama.cpp, Text Generation WebUI, TGI, gateways, clouds.

Conversations go through LangChain, which is loaded when the first answer is written or by `warm`, never for searching;
base models are asked over `/completions`.
"""

import json
import logging
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

from llm.client.dialect import Listed, Request, Traits, window_in
from llm.client.faults import BROKE_OFF, Fault, Kind, garbage, reported
from llm.client.server import ASK_SECONDS, STATE_SECONDS, Exchange, Server
from llm.connection import Deadline, open_client
from llm.prompts import STOPS, as_text

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

# Ends of a stream that are no ends of an answer.
_BAD_ENDS = frozenset({"content_filter", "error", "abort", "tool_calls", "function_call"})
_WITHHELD = "content_filter"
_DATA, _DONE = b"data:", b"[DONE]"

log = logging.getLogger(__name__)


class OpenAIDialect:
    """Speaks with an OpenAI-compatible server."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def models(self) -> tuple[Listed, ...]:
        """The models that the server offers."""
        listed = self._server.ask("GET", f"{self._server.root}/models", STATE_SECONDS).get("data")
        if not isinstance(listed, list) or not all(isinstance(one, dict) and one.get("id") for one in listed):
            raise Fault("The language model's server does not list its models as such servers do.", Kind.GARBAGE)
        return tuple(Listed(str(one["id"]), window_in(one)) for one in listed)

    def same(self, wanted: str, listed: str) -> bool:
        """Whether a name means a listed model."""
        return wanted == listed

    def traits(self, name: str, *, window: bool) -> Traits:
        """The window of servers that tell it beside their list: llama.cpp and TGI."""
        if not window:
            return Traits()
        told = (self._server.try_ask("GET", f"{self._server.host}/{path}", STATE_SECONDS) for path in ("props", "info"))
        return Traits(window=next(filter(None, map(window_in, told)), None))

    def count(self, request: Request) -> int:
        """The tokens of a prompt, by `/tokenize` as vLLM has it, or llama.cpp."""
        url = f"{self._server.host}/tokenize"
        text = as_text(request.messages)
        asked: dict[str, object] = {"messages": [dict(one) for one in request.messages], "add_generation_prompt": True}
        found = self._server.ask(
            "POST", url, ASK_SECONDS, {"model": request.model, **(asked if request.chat else {"prompt": text})}
        )
        if isinstance(found.get("tokens"), list) and "count" not in found:
            # llama.cpp counts texts only; what its template adds is little.
            found = self._server.ask("POST", url, ASK_SECONDS, {"content": text})
            return len(found["tokens"]) + 16 * (1 + len(request.messages)) if found.get("tokens") else 0
        count = found.get("count")
        return count if isinstance(count, int) else 0

    def pieces(self, request: Request, exchange: Exchange) -> Iterator[str]:
        """The answer."""
        return self._conversation(request, exchange) if request.chat else self._continued(request, exchange)

    def foreign(self) -> tuple[type[Exception], ...]:
        """What LangChain and its client raise."""
        from langchain_core.exceptions import LangChainException  # noqa: PLC0415 - searching must not load it
        from openai import OpenAIError  # noqa: PLC0415

        return (OpenAIError, LangChainException)

    def warm(self) -> None:
        """Load LangChain and all that it loads on first use, which takes a second or two."""
        with open_client(Deadline(ASK_SECONDS, ASK_SECONDS, 0)) as http:
            self._chat_model(Request("any", (), 1, 1, chat=True), Exchange(http, Deadline(1, 1, 0)))

    def _conversation(self, request: Request, exchange: Exchange) -> Iterator[str]:
        from langsmith import tracing_context  # noqa: PLC0415 - comes with LangChain

        model = self._chat_model(request, exchange)
        exchange.deadline.restart()
        end = None
        chunks = model.stream([dict(one) for one in request.messages])
        assert isinstance(chunks, Generator)
        with closing(chunks):
            while True:
                # LangChain reports to a service of its maker where the environment says so; never from here.
                with tracing_context(enabled=False):
                    chunk = next(chunks, None)
                if chunk is None:
                    break
                end = chunk.response_metadata.get("finish_reason") or end
                yield _words(chunk.content)
        _check_end(end)

    def _chat_model(self, request: Request, exchange: Exchange) -> "BaseChatModel":
        from langchain.chat_models import init_chat_model  # noqa: PLC0415 - searching must not load it

        longest = "max_completion_tokens" if request.newer else "max_tokens"
        model: BaseChatModel = init_chat_model(
            request.model,
            model_provider="openai",
            base_url=self._server.root,
            api_key=self._server.key,
            default_headers=self._server.more_headers,
            http_client=exchange.http,
            temperature=0,
            # LangChain knows only the newer name, which most servers ignore: their answers would have no end.
            extra_body={longest: request.max_tokens},
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

    def _continued(self, request: Request, exchange: Exchange) -> Iterator[str]:
        body = {
            "model": request.model,
            "prompt": as_text(request.messages),
            "max_tokens": request.max_tokens,
            "temperature": 0,
            "stop": list(STOPS),
            "stream": True,
        }
        end, heard = None, False
        for line in self._server.lines(exchange, f"{self._server.root}/completions", body):
            data = line.removeprefix(_DATA).strip() if line.startswith(_DATA) else b""
            if not data:
                continue
            if data == _DONE:
                break
            part, heard = json.loads(data), True
            if part.get("error"):
                raise reported()
            choices: Sequence[Mapping[str, Any]] = part["choices"]
            # The last part may have no choices, only what the answer cost.
            for choice in choices:
                end = choice.get("finish_reason") or end
                yield _words(choice.get("text"))
        if not heard:
            raise garbage()
        _check_end(end)


def _words(content: object) -> str:
    """The text of a part; some servers send it as a list of parts of their own."""
    if isinstance(content, list):
        return "".join(one["text"] for one in content if isinstance(one, dict) and isinstance(one.get("text"), str))
    return content if isinstance(content, str) else ""


def _check_end(end: object) -> None:
    if end == _WITHHELD:
        raise Fault("The language model's server withheld the rest of the answer. Ask in other words.", Kind.EMPTY)
    if end is None or end in _BAD_ENDS:
        log.warning("The language model's stream ended with %r.", end)
        raise Fault(BROKE_OFF, Kind.BROKEN)
