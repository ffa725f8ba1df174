"""Servers that answer byte for byte as those of others do, one for each kind, over real sockets."""

import json
import socket
from collections.abc import Mapping
from typing import Any

from tests.llm.rude_server import Manner, RudeServer, replying

MESSAGES = [{"role": "system", "content": "Answer."}, {"role": "user", "content": "How long?"}]


def routed(routes: Mapping[str, Manner]) -> Manner:
    """Answers each method and path in its own manner, and all others with 404."""

    def manner(connection: socket.socket, request: str) -> None:
        asked = " ".join(request.split(" ", 2)[:2])
        routes.get(asked, replying(404, b'{"detail": "Not Found"}'))(connection, request)

    return manner


def told(value: object) -> Manner:
    """Answers with JSON."""
    return replying(200, json.dumps(value).encode())


def raw(body: bytes, kind: str = "text/event-stream") -> Manner:
    """Answers with a body as it is, in two halves cut at any place, as networks do."""

    def manner(connection: socket.socket, _request: str) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\n\r\n"
        connection.sendall(head.encode())
        for part in (body[: len(body) // 2], body[len(body) // 2 :]):
            connection.sendall(b"%x\r\n%s\r\n" % (len(part), part))
        connection.sendall(b"0\r\n\r\n")

    return manner


def events(*parts: object, done: bool = True, end: bytes = b"\n", space: bytes = b" ") -> bytes:
    """Server-sent events of JSON values."""
    lines = [b"data:" + space + json.dumps(part).encode() for part in parts]
    return b"".join(line + end + end for line in [*lines, *([b"data:" + space + b"[DONE]"] if done else [])])


def chunk(delta: Mapping[str, Any], end: str | None = None, **more: object) -> dict[str, object]:
    """One part of a chat completion."""
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": end}
    return {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice], **more}


def lines(*parts: object) -> bytes:
    """JSON values, one a line."""
    return b"".join(json.dumps(part).encode() + b"\n" for part in parts)


def bodies(server: RudeServer, path: str) -> list[dict[str, Any]]:
    """What was sent to a path."""
    return [json.loads(one.partition("\r\n\r\n")[2]) for one in server.requests if one.split(" ", 2)[1] == path]
