"""Texts in a file, judged as the policy in force would: the contract of `./archivar moderate`."""

import time
from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel, ValidationError

from core.errors import InvalidRequest
from core.wire import Json
from llm.moderation.categories import Point
from llm.moderation.deciding import flagged
from llm.moderation.moderator import Judgement, PolicyModerator

_DIGITS = 6


class Line(BaseModel):
    """A text, and the point at which it is judged."""

    id: str
    text: str
    point: Point = Point.QUESTION


def read_lines(path: Path) -> list[Line]:
    """The texts in a JSONL file. Raises `InvalidRequest` naming the line that is not one."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"{path.name} is no UTF-8 text: {error.reason}.") from None
    return [_read_line(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]


def moderate(moderator: PolicyModerator, path: Path, on_progress: Callable[[int, int], None]) -> Json:
    """Judge every text of a file; nothing is recorded. `took_ms` is for all of them."""
    lines = read_lines(path)
    began = time.perf_counter()
    results = []
    for done, line in enumerate(lines, 1):
        results.append({"id": line.id, **judgement_json(moderator.judge(line.text, line.point))})
        on_progress(done, len(lines))
    return {"results": results, "took_ms": round((time.perf_counter() - began) * 1000, 2)}


def judgement_json(judged: Judgement) -> Json:
    """A judgement; `categories` are those that count, whatever is done about them; `pii` are places in the text."""
    return {
        "score": round(judged.findings.score, _DIGITS),
        "scores": {name: round(score, _DIGITS) for name, score in judged.findings.scores.items()},
        "categories": sorted({ruling.category for ruling in judged.rulings}, key=_in_order),
        "flagged": flagged(judged.decision),
        "action": str(judged.decision.action),
        "pii": [{"kind": span.kind, "start": span.start, "end": span.end} for span in judged.findings.pii],
    }


def _in_order(category: str) -> tuple[int, str]:
    number = category.removeprefix("S")
    return (int(number) if number.isdecimal() else 99, category)


def _read_line(path: Path, number: int, line: str) -> Line:
    try:
        return Line.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the line"
        raise InvalidRequest(f"{path.name}, line {number}: {where}: {first['msg']}.") from None
