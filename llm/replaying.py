"""A recorded answer asked for once more: what its question gets now, and what of it differs from then.

It is asked within the rights that its reader has now. Nothing is recorded, and what the reader may no longer see of the
old answer is not shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.access import Action, permits
from core.errors import NotFound
from core.exchanges import Exchange
from core.filters import Filter, parsed_filter
from core.storage.store import Store
from core.values import Answer, Reader
from core.wire import Json, answer_json
from llm.assistant import Assistant
from llm.records import readable, sha256

# What is compared, by its name in the result.
_OF_ANSWERS = ("status", "answer", "model")
_OF_RECORDS = ("prompt", "parameters", "index")


def replay(assistant: Assistant, store: Store, reader: Reader, exchange: Exchange) -> Json:
    """What a recorded answer's question gets now, beside what it got, and what differs.

    Passages are `gone` when their document is, or is closed to the reader; `changed` when the document no longer says
    this; `left` when it does, and yet they were not found this time; `new` when they were not found before. Nothing is
    said of them where it was not kept which ones were found.
    """
    record = exchange.record or {}
    within = _narrowed(store, reader, parsed_filter(record.get("filters", {})))
    understood = exchange.answer.get("question_understood")
    now, came_about = assistant.again(reader, exchange.question, understood, within)
    found_now = came_about.get("passages", ()) if "passages" in record else ()
    passages = _passages(store, reader, record.get("passages", ()), found_now)
    return {
        "id": exchange.id,
        "question": exchange.question,
        "question_understood": understood,
        "asked_at": exchange.asked_at.isoformat(),
        "before": _before(store, reader, exchange),
        "now": {**_told(answer_json(now)), **_made(came_about)},
        "differs": _differing(exchange, now, came_about, passages),
        "passages": passages,
    }


def _narrowed(store: Store, reader: Reader, within: Filter) -> Filter:
    """The filter without the collections that are gone or closed to the reader by now."""
    if within.collections is None:
        return within
    there = set(store.collections.ids())
    return replace(
        within,
        collections=tuple(c for c in within.collections if c in there and permits(reader, Action.READ, c)),
    )


def _before(store: Store, reader: Reader, exchange: Exchange) -> Json:
    made = _made(exchange.record or {})
    try:
        return {**_told(readable(store, reader, exchange.answer)), **made}
    except NotFound:
        hidden: Json = {"answer": None, "sentences": [], "citations": []}
        return {"status": exchange.answer["status"], "model": exchange.answer["model"], **hidden, **made}


def _told(answer: Mapping[str, Any]) -> Json:
    return {name: answer[name] for name in ("status", "model", "answer", "sentences", "citations")}


def _made(record: Mapping[str, Any]) -> Json:
    return {"prompt": record.get("prompt"), "parameters": record.get("parameters"), "index": record.get("index")}


def _differing(
    exchange: Exchange, now: Answer, came_about: Mapping[str, Any], passages: Mapping[str, Sequence[Json]]
) -> list[str]:
    """The names of what differs. What was not kept of an old answer is not compared."""
    then, new = exchange.answer, answer_json(now)
    found = [name for name in _OF_ANSWERS if then.get(name) != new[name]]
    if [one["verdict"] for one in then["sentences"]] != [one["verdict"] for one in new["sentences"]]:
        found.append("verdicts")
    if exchange.record is not None:
        found += [name for name in _OF_RECORDS if exchange.record.get(name) != came_about.get(name)]
        found += ["passages"] if any(passages.values()) else []
    return found


def _passages(
    store: Store, reader: Reader, before: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]]
) -> dict[str, list[Json]]:
    """What became of the passages that were found, and which ones are new. A passage is the same by its text."""
    found = {_key(one) for one in now}
    known = {_key(one) for one in before}
    sorted_out: dict[str, list[Json]] = {"gone": [], "changed": [], "left": []}
    said = {one["document_id"]: _said_now(store, reader, one["document_id"]) for one in before}
    for one in before:
        if _key(one) in found:
            continue
        texts = said[one["document_id"]]
        state = "gone" if texts is None else "left" if one["sha256"] in texts else "changed"
        sorted_out[state].append(_shown(one))
    return {**sorted_out, "new": [_shown(one) for one in now if _key(one) not in known]}


def _key(passage: Mapping[str, Any]) -> tuple[str, str]:
    return passage["document_id"], passage["sha256"]


def _shown(passage: Mapping[str, Any]) -> Json:
    return {name: passage[name] for name in ("passage_id", "document_id", "page", "sha256")}


def _said_now(store: Store, reader: Reader, document_id: str) -> frozenset[str] | None:
    """The hashes of all passages of a document as it answers now; None where the reader has no access to it."""
    try:
        document = store.documents.get(document_id)
    except NotFound:
        return None
    if not permits(reader, Action.READ, document.collection_id):
        return None
    version = store.documents.current_version(document_id)
    passages = store.passages.of_version(version.id) if version is not None else []
    return frozenset(sha256(passage.text) for passage in passages)
