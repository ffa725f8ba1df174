"""Changes between two runs as people read them: by document, and of two statements the words that differ."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

_TOKEN = re.compile(r"\d(?:[\d.,]*\d)?|\w+|\s+|.", re.DOTALL)
_FIGURE = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Part:
    """Some words of a statement; `looks` is empty where both have them, else `word` or `figure`."""

    text: str
    looks: str = ""


@dataclass
class Document:
    """What is otherwise with a document: it is new or gone, or some of its statements are."""

    id: str
    filename: str
    kind: str = "changed"
    statements: list[Mapping[str, Any]] = field(default_factory=list)


def by_document(changes: Sequence[Mapping[str, Any]]) -> list[Document]:
    """Changes, those of one document together: first what changed, then what is new, then what is gone."""
    found: dict[str, Document] = {}
    for one in changes:
        document = found.setdefault(one["document_id"], Document(one["document_id"], one["filename"]))
        if not one["text"] and not one["before"]:
            document.kind = one["kind"]
            continue
        before, after = parts(one["before"], one["text"]) if one["kind"] == "changed" else (None, None)
        document.statements.append({**one, "before_parts": before, "after_parts": after})
    order = ("changed", "new", "gone")
    return sorted(found.values(), key=lambda document: order.index(document.kind))


def counted(changes: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """How many statements changed, are new and are gone, and how many documents are new and gone."""
    found: dict[str, int] = {}
    for one in changes:
        of = "statements" if one["text"] or one["before"] else "documents"
        name = f"{of}_{one['kind']}"
        found[name] = found.get(name, 0) + 1
    return found


def parts(before: str, after: str) -> tuple[list[Part], list[Part]]:
    """Both statements in pieces, those marked that the other one has not."""
    one, other = _TOKEN.findall(before), _TOKEN.findall(after)
    was: list[Part] = []
    now: list[Part] = []
    for kind, i, j, k, m in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        same = kind == "equal"
        _add(was, "".join(one[i:j]), same=same)
        _add(now, "".join(other[k:m]), same=same)
    return was, now


def _add(found: list[Part], text: str, *, same: bool) -> None:
    if text:
        found.append(Part(text, "" if same else "figure" if _FIGURE.search(text) else "word"))
