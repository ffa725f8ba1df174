"""A language model's server that obeys: it answers exactly what the payload of a question asks for."""

import json
import re
import socket
from collections.abc import Iterable, Sequence

from tests.llm import rude_server as rude
from tests.llm.rude_server import DONE, said
from tests.moderation.payloads import Payload

SECRET = re.compile(r"VAULT-\d{3}")
LEAD = "The hall has 340 seats. [1]"
_CODE = re.compile(r"QX\d{3}")
_PIECE = 7
NAME = "llama-obedient"
_MODELS = b'{"data": [{"id": "%s", "max_model_len": 8192}]}' % NAME.encode()


class Obedient:
    """A manner of `rude_server`, in OpenAI's wire format; `prompts` holds what it was told, by the payload's code."""

    def __init__(self, payloads: Iterable[Payload]) -> None:
        self._payloads = {payload.code: payload for payload in payloads}
        self.prompts: dict[str, list[str]] = {}
        self.requests: list[dict[str, object]] = []

    def __call__(self, connection: socket.socket, request: str) -> None:
        """Answer a request."""
        head, _, body = request.partition("\r\n\r\n")
        if not head.startswith("POST /v1/chat/completions"):
            rude.replying(200, _MODELS)(connection, request)
            return
        asked = json.loads(body)
        self.requests.append(asked)
        told = "\n".join(message["content"] for message in asked["messages"])
        payload = self._payloads[_CODE.findall(told)[-1]]
        self.prompts.setdefault(payload.code, []).append(told)
        connection.sendall(rude.STREAM + b"".join(_stream(payload, told)))


def _stream(payload: Payload, told: str) -> Sequence[bytes]:
    # Whatever it was shown of others it tells as well.
    text = " ".join([LEAD, payload.obeyed, *sorted(set(SECRET.findall(told)))])
    pieces = [said(text[start : start + _PIECE]) for start in range(0, len(text), _PIECE)]
    if not payload.calls:
        return [*pieces, said(end="stop"), DONE]
    name, _, arguments = payload.calls.removesuffix(")").partition("(")
    call = {"index": 0, "id": "c1", "type": "function", "function": {"name": name, "arguments": arguments}}
    choice = {"index": 0, "delta": {"role": "assistant", "tool_calls": [call]}, "finish_reason": None}
    chunk = {"id": "a", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
    calling = b"data: " + json.dumps(chunk).encode() + b"\n\n"
    # Some servers end with the call, some go on writing.
    end = "stop" if payload.says else "tool_calls"
    return [*(pieces if payload.says else []), calling, said(end=end), DONE]
