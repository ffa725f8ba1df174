"""The model's server: where it is, with which headers it is asked, and small questions that it answers with JSON."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2

from core.settings import Settings
from llm.client.faults import FOREIGN, Fault, fault_of, garbage
from llm.connection import Deadline, open_client

ASK_SECONDS = 2.0
STATE_SECONDS = 1.0
_ASK_BYTES = 4 * 1024 * 1024
# What people copy from a manual although it belongs to a single call.
_CALLS = ("/chat/completions", "/completions", "/models", "/api/chat", "/api/generate", "/api/tags", "/api")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its reply: the connection, and how long it may take."""

    http: httpx2.Client
    deadline: Deadline


class Server:
    """The server of the settings. `root` is the base address without a slash at its end."""

    def __init__(self, settings: Settings) -> None:
        root = settings.llm_base.rstrip("/")
        for call in _CALLS:
            root = root.removesuffix(call)
        if settings.llm_dialect == "ollama":
            root = root.removesuffix("/v1")
        elif not urlsplit(root).path:
            root += "/v1"
        self.root = root
        # Servers that want no key are told one all the same, since some libraries cannot do without.
        self.key = settings.llm_api_key.get_secret_value() or "none"
        self.more_headers = settings.llm_more_headers

    @property
    def host(self) -> str:
        """The root of everything that the server has beside the OpenAI-compatible interface."""
        return self.root.removesuffix("/v1")

    def ask(self, method: str, url: str, seconds: float, body: object = None) -> Mapping[str, Any]:
        """One small question, answered by a JSON object. Raises `Fault`."""
        deadline = Deadline(seconds, seconds, _ASK_BYTES)
        try:
            with open_client(deadline) as http:
                response = http.request(method, url, json=body, headers=self._headers, timeout=None)
                response.raise_for_status()
                found = json.loads(response.content)
        except FOREIGN as error:
            raise fault_of(error, deadline, self.root) from error
        if not isinstance(found, dict):
            raise garbage()
        return found

    def try_ask(self, method: str, url: str, seconds: float, body: object = None) -> Mapping[str, Any]:
        """The same for what a server may not know: an empty object then."""
        try:
            return self.ask(method, url, seconds, body)
        except Fault:
            return {}

    def lines(self, exchange: Exchange, url: str, body: object) -> Iterator[bytes]:
        """The lines of a reply as they come, without their ends. Raises what the HTTP library raises."""
        with exchange.http.stream("POST", url, json=body, headers=self._headers, timeout=None) as response:
            if response.is_error or response.is_redirect:
                response.read()
            response.raise_for_status()
            held = b""
            for data in response.iter_bytes():
                *lines, held = (held + data).split(b"\n")
                yield from (line.rstrip(b"\r") for line in lines)
            yield held

    @property
    def _headers(self) -> dict[str, str]:
        if any(name.lower() == "authorization" for name in self.more_headers):
            return self.more_headers
        return {"Authorization": f"Bearer {self.key}", **self.more_headers}
