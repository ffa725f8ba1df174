"""What is kept of an answer beside its words: how it came about, and what it rests on.

What was said from documents may be shown only as long as they are there and open to whoever reads it.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.access import Action, permits
from core.errors import NotFound
from core.exchanges import Earlier, Exchange
from core.filters import Filter, filter_json
from core.storage.store import Store
from core.values import AnswerStatus, Hit, Reader
from core.wire import Json, feedback_json

# The member of a recorded answer that holds the documents it may rest on where its citations do not say.
READ = "read"


@dataclass(frozen=True, slots=True)
class Method:
    """How answers are written: by which version of the prompt (None without one), and with which parameters."""

    prompt: str | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)


def record_json(index: int, hits: Sequence[Hit], within: Filter) -> Json:
    """What an answer could rest on. `index` numbers the newest change of what is searchable when it was asked."""
    return {"index": index, "filters": filter_json(within), "passages": [passage_json(hit) for hit in hits]}


def method_json(method: Method) -> Json:
    """How an answer was written."""
    return {"prompt": method.prompt, "parameters": dict(method.parameters)}


def passage_json(hit: Hit) -> Json:
    """A passage that an answer could rest on, by its SHA-256 rather than its words."""
    passage = hit.passage
    return {
        "passage_id": passage.id,
        "document_id": passage.document_id,
        "page": passage.page,
        "sha256": sha256(passage.text),
    }


def sha256(text: str) -> str:
    """The hash by which passages are recorded."""
    return hashlib.sha256(text.encode()).hexdigest()


def readable(store: Store, reader: Reader, answer: Mapping[str, Any]) -> Json:
    """A recorded answer. Raises `NotFound` when a document that it rests on is gone or no longer open to the reader."""
    cited = {citation["document_id"] for citation in answer["citations"]}
    for document_id in cited.union(answer.get(READ, ())):
        document = store.documents.get(document_id)
        if not permits(reader, Action.READ, document.collection_id):
            raise NotFound("There is no such document, or you have no access to it.")
    return {name: value for name, value in answer.items() if name != READ} | {
        "citations": as_they_stand(store, answer["citations"])
    }


def as_they_stand(store: Store, citations: Sequence[Mapping[str, Any]]) -> list[Json]:
    """Stored citations, each saying which version it quotes, as far as that is known, and whether another answers now.

    Those of a document that is gone stay as they are.
    """
    known = store.history.cited({one["passage_id"] for one in citations})
    now = store.history.current({one["document_id"] for one in citations})
    told = []
    for one in citations:
        version = known.get(one["passage_id"], one.get("version"))
        current = now.get(one["document_id"])
        superseded = version is not None and current is not None and version != current
        told.append({**one, "version": version, "superseded": superseded, "current_version": current})
    return told


def record_told(exchange: Exchange) -> Json:
    """How a recorded answer came about, as it is told; None for what was not kept."""
    record = exchange.record or {}
    kept = {name: record.get(name) for name in ("prompt", "parameters", "index", "filters", "passages")}
    return {
        "id": exchange.id,
        "question": exchange.question,
        "question_understood": exchange.answer.get("question_understood"),
        "asked_at": exchange.asked_at.isoformat(),
        "model": exchange.answer["model"],
        **kept,
        "verdicts": [sentence["verdict"] for sentence in exchange.answer["sentences"]],
    }


def feedback_told(store: Store, reader: Reader, exchange: Exchange) -> Json:
    """Feedback with what it is about; the answer only while the reader may read what it rests on."""
    try:
        answer = readable(store, reader, exchange.answer)["answer"]
    except NotFound:
        answer = None
    return {
        "answer_id": exchange.id,
        "user_id": exchange.user_id,
        **(feedback_json(exchange.feedback) or {}),
        "question": exchange.question,
        "question_understood": exchange.answer.get("question_understood"),
        "answer": answer,
        "status": exchange.answer["status"],
        "model": exchange.answer["model"],
        "prompt": (exchange.record or {}).get("prompt"),
        "asked_at": exchange.asked_at.isoformat(),
    }


def earlier_of(store: Store, reader: Reader, exchanges: Sequence[Exchange]) -> list[Earlier]:
    """What a conversation says so far. Words of documents that the reader may no longer see are left out."""
    return [
        Earlier(exchange.answer.get("question_understood") or exchange.question, _said(store, reader, exchange))
        for exchange in exchanges
        if exchange.answer.get("status") != AnswerStatus.BLOCKED
    ]


def _said(store: Store, reader: Reader, exchange: Exchange) -> str:
    if exchange.answer.get("status") != AnswerStatus.ANSWERED:
        return ""
    try:
        return " ".join(sentence["text"] for sentence in readable(store, reader, exchange.answer)["sentences"])
    except NotFound:
        return ""
