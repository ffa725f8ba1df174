"""Llama Guard 2, 3 and 4 at an OpenAI-compatible server."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import SecretStr

from core.settings import Settings
from llm import local_models
from llm.client.faults import Fault, Kind
from llm.client.server import Server
from llm.moderation.findings import GuardFault, Opinion
from llm.moderation.guards.answers import opinion_in
from llm.moderation.guards.templates import Template, fenced

# `unsafe` with all fourteen numbers has fewer.
_MOST_TOKENS = 80
_ALTERNATIVES = 5
_SHOWN_CHARS = 80
# How a server may be asked, best first: with the prompt of ours, or in a conversation for which the server has the
# model's template; and whether it is asked for probabilities, which some refuse.
_WAYS = (("completions", True), ("completions", False), ("chat/completions", True), ("chat/completions", False))
# Ollama, whose names have a tag, puts its template around whatever is to be gone on with: it has conversations only.
_OWN_TEMPLATE, _TAG = 2, ":"
# Replies that say that the server cannot be asked this way.
_NO_WAY = frozenset({400, 404, 405, 422, 501})
_TOLD = {
    Kind.UNREACHABLE: "The guard's server cannot be reached. Start it, or correct ARCHIVAR_GUARD.",
    Kind.SLOW: "The guard's server did not answer in time.",
    Kind.BROKEN: "The connection to the guard's server broke off.",
    Kind.GARBAGE: "The guard's server sent something that is not an answer.",
    Kind.BUSY: "The guard's server has too much to do.",
    Kind.REFUSED: "The guard's server refuses the request. Check ARCHIVAR_GUARD and ARCHIVAR_GUARD_API_KEY.",
}


class LlamaGuard:
    """A `Guard`. Thread-safe; each question has a connection of its own, which ends with its time."""

    def __init__(
        self, settings: Settings, url: str, model: str, template: Template, patience: Callable[[], float]
    ) -> None:
        """`patience` gives the seconds that an opinion may take."""
        own = {"llm_url": url, "llm_model": f"openai:{model}", "llm_api_key": settings.guard_api_key}
        self._server = Server(settings.model_copy(update={**own, "llm_headers": SecretStr("")}))
        self._model = model
        self._template = template
        self._patience = patience
        self._first = self._way = _OWN_TEMPLATE if _TAG in local_models.shown_name(model) else 0

    @property
    def name(self) -> str:
        """The generation, and the model as its server calls it."""
        return f"{self._template.name} ({local_models.shown_name(self._model)})"[:_SHOWN_CHARS]

    def judge(self, question: str, answer: str | None) -> Opinion:
        """What it says about the answer, or the question alone. Raises `GuardFault`."""
        end = time.monotonic() + self._patience()
        fault: Fault | None = None
        for way in range(self._way, len(_WAYS)):
            try:
                reply = self._asked(way, question, answer, end - time.monotonic())
            except Fault as error:
                fault = error
                if error.reply in _NO_WAY and time.monotonic() < end:
                    continue
                break
            self._way = way
            return opinion_in(reply, self._template.numbers)
        # It may be another server when it is back.
        self._way = self._first
        assert fault is not None
        told = _TOLD.get(fault.kind, f"The guard's server failed with status {fault.reply}.")
        raise GuardFault(told, fault.kind.value) from fault

    def _asked(self, way: int, question: str, answer: str | None, seconds: float) -> Mapping[str, Any]:
        call, scored = _WAYS[way]
        body: dict[str, Any] = {"model": self._model, "max_tokens": _MOST_TOKENS, "temperature": 0}
        if call == "completions":
            body["prompt"] = self._template.prompt(question, answer)
            body |= {"logprobs": _ALTERNATIVES} if scored else {}
        else:
            turns = [{"role": "user", "content": fenced(question)}]
            body["messages"] = turns + ([] if answer is None else [{"role": "assistant", "content": fenced(answer)}])
            body |= {"logprobs": True, "top_logprobs": _ALTERNATIVES} if scored else {}
        return self._server.ask("POST", f"{self._server.root}/{call}", seconds, body)
