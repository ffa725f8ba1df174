"""Ollama's own interface: `/api/chat`, `/api/generate`, `/api/show` and `/api/tags`, answers as one JSON object a line.

Its window is not that of the model but what a request asks for (`num_ctx`); without that Ollama cuts prompts silently.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from llm.client.dialect import Listed, Request, Traits
from llm.client.faults import BROKE_OFF, Fault, Kind, reported
from llm.client.server import ASK_SECONDS, STATE_SECONDS, Exchange, Server
from llm.prompts import STOPS, as_text

_LATEST = ":latest"
# What the model's file sets, as Ollama shows it: a name and a value in each line.
_NUM_CTX = re.compile(r"^num_ctx\s+(\d+)\s*$", re.MULTILINE)
# The window is memory on the card, so that a model's largest is taken only where somebody asked for it.
_MOST_WINDOW = 8192
# The template of a base model: its prompt as it is. And what those contain that know a message of the system.
_PLAIN = re.compile(r"\s*\{\{-?\s*\.Prompt\s*-?\}\}\s*")
_SYSTEM = (".System", ".Messages", ".Role")
_CODE = "\nRENDERER "
_ENDS = frozenset({"stop", "length"})


class OllamaDialect:
    """Speaks with Ollama."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def models(self) -> tuple[Listed, ...]:
        """The models that have been pulled."""
        listed = self._server.ask("GET", f"{self._server.root}/api/tags", STATE_SECONDS).get("models")
        if not isinstance(listed, list) or not all(isinstance(one, dict) and one.get("name") for one in listed):
            raise Fault("The server does not list its models as Ollama does. Check ARCHIVAR_LLM_URL.", Kind.GARBAGE)
        return tuple(Listed(str(one["name"])) for one in listed)

    def same(self, wanted: str, listed: str) -> bool:
        """Whether a name means a listed model; without a tag the one tagged `latest` is meant."""
        return wanted.removesuffix(_LATEST) == listed.removesuffix(_LATEST)

    def traits(self, name: str, *, window: bool) -> Traits:
        """What `/api/show` tells."""
        shown = self._server.ask("POST", f"{self._server.root}/api/show", ASK_SECONDS, {"model": name})
        template, file = shown.get("template"), shown.get("modelfile")
        # A few models are written down by Ollama's own code, and have no template to read.
        known = isinstance(template, str) and bool(template.strip()) and not (isinstance(file, str) and _CODE in file)
        abilities = shown.get("capabilities")
        return Traits(
            window=_window(shown) if window else None,
            chat=_PLAIN.fullmatch(str(template)) is None if known else None,
            system_role=any(part in str(template) for part in _SYSTEM) if known else None,
            switch=isinstance(abilities, list) and "thinking" in abilities,
        )

    def count(self, request: Request) -> int:
        """Ollama does not count. Raises `Fault`."""
        raise Fault("Ollama does not count tokens.", Kind.REFUSED)

    def pieces(self, request: Request, exchange: Exchange) -> Iterator[str]:
        """The answer, without thoughts that Ollama tells apart."""
        options: dict[str, object] = {"temperature": 0, "num_ctx": request.window, "num_predict": request.max_tokens}
        body: dict[str, object] = {"model": request.model, "stream": True, "options": options}
        if request.switch:
            body["think"] = False
        if request.chat:
            body["messages"] = [dict(one) for one in request.messages]
        else:
            options["stop"] = list(STOPS)
            body |= {"prompt": as_text(request.messages), "raw": True}
        path = "/api/chat" if request.chat else "/api/generate"
        end = None
        for line in self._server.lines(exchange, f"{self._server.root}{path}", body):
            if not line.strip():
                continue
            part = json.loads(line)
            yield _text(part)
            if part.get("done"):
                end = part.get("done_reason", "stop")
                break
        if end not in _ENDS:
            raise Fault(BROKE_OFF, Kind.BROKEN)

    def foreign(self) -> tuple[type[Exception], ...]:
        """Nothing beyond what every way of speaking raises."""
        return ()

    def warm(self) -> None:
        """There is nothing to load."""


def _text(part: Mapping[str, Any]) -> str:
    """The words of one line. Raises `Fault` for an error that comes in the middle of an answer."""
    if part.get("error"):
        raise reported()
    message = part.get("message")
    text = message.get("content") if isinstance(message, dict) else part.get("response")
    return text if isinstance(text, str) else ""


def _window(shown: Mapping[str, Any]) -> int | None:
    """What the model's file sets, else what the model can read, as far as that is no surprise for the memory."""
    parameters = shown.get("parameters")
    told = _NUM_CTX.search(parameters) if isinstance(parameters, str) else None
    if told:
        return int(told.group(1))
    about = shown.get("model_info")
    found = about.items() if isinstance(about, dict) else ()
    lengths = [value for name, value in found if name.endswith(".context_length") and isinstance(value, int)]
    return min(lengths[0], _MOST_WINDOW) if lengths and lengths[0] > 0 else None
