"""Answers in the form of OpenAI's chat completions, whole or as a stream of parts. Who may ask what is not here."""

import json
import time
from collections.abc import Iterator
from dataclasses import asdict
from uuid import uuid4

from core.errors import ModelUnavailable
from core.values import Answer, AnswerStatus
from core.wire import Json, answer_json, sentence_line
from llm.events import AnswerEvent, Finished, Replaced, SentenceChecked, Understood, Waiting
from web.streams import note

PREFIX = "/v1/"
END = "data: [DONE]\n\n"
_STOP, _FILTERED = "stop", "content_filter"


def error_json(problem: Json) -> Json:
    """The member `error` by which clients of the protocol read a problem."""
    return {"message": problem["detail"], "type": problem["code"], "param": None, "code": problem["code"]}


def completion(answer: Answer, model: str) -> Json:
    """A whole answer. Raises `ModelUnavailable` where there is none."""
    _refuse_unavailable(answer)
    message = {"role": "assistant", "content": answer.answer}
    choice = {"index": 0, "message": message, "finish_reason": _finish_reason(answer)}
    return {**_head("chat.completion", model), "choices": [choice], **_additions(answer)}


class Parts:
    """The parts of a streamed answer; their contents put together are the answer's text."""

    def __init__(self, model: str, introduction: str) -> None:
        self._head = _head("chat.completion.chunk", model)
        self._introduction = introduction
        self._told = ""

    def told(self, events: Iterator[AnswerEvent]) -> Iterator[str]:
        """The server-sent events of an answer. Raises `ModelUnavailable` where it breaks off."""
        yield self._part({"role": "assistant", "content": ""})
        for event in events:
            if isinstance(event, SentenceChecked):
                yield self._add(sentence_line(event.sentence))
            elif isinstance(event, Finished):
                yield from self._finish(event.answer)
            elif isinstance(event, Waiting):
                yield note(f"waiting, {event.ahead} ahead")
            elif isinstance(event, Understood):
                continue  # the last part says it
            else:
                assert isinstance(event, Replaced)  # what was sent cannot be taken back; the end says why it ends
        yield END

    def _add(self, line: str) -> str:
        lines = [line] if self._told else [*filter(None, [self._introduction]), line]
        return self._send(("\n" if self._told else "") + "\n".join(lines))

    def _finish(self, answer: Answer) -> Iterator[str]:
        _refuse_unavailable(answer)
        if answer.status is not AnswerStatus.ANSWERED:
            yield self._send(("\n\n" if self._told else "") + answer.answer)
        yield self._part({}, _finish_reason(answer), **_additions(answer))

    def _send(self, content: str) -> str:
        self._told += content
        return self._part({"content": content})

    def _part(self, delta: Json, finish_reason: str | None = None, **more: object) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
        return written({**self._head, "choices": [choice], **more})


def written(data: Json) -> str:
    """An event that clients of the protocol read."""
    return f"data: {json.dumps(data, ensure_ascii=False)}\n\n"


def _head(kind: str, model: str) -> Json:
    return {"id": f"chatcmpl-{uuid4().hex}", "object": kind, "created": int(time.time()), "model": model}


def _finish_reason(answer: Answer) -> str:
    return _FILTERED if answer.status is AnswerStatus.BLOCKED else _STOP


def _additions(answer: Answer) -> Json:
    details = answer_json(answer)
    kept = ("id", "status", "sentences", "moderation", "model", "took_ms", "question_understood", "notices")
    return {
        "citations": [asdict(citation) for citation in answer.citations],
        "archivar": {name: details[name] for name in kept},
    }


def _refuse_unavailable(answer: Answer) -> None:
    if answer.status is AnswerStatus.UNAVAILABLE:
        raise ModelUnavailable(answer.answer)
