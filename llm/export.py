"""Answers and conversations as Markdown with their sources, for reading elsewhere.

Text of documents, names and models is escaped so that it cannot become a heading, link, picture or HTML.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.exchanges import Exchange
from core.names import shown
from core.scans import is_poor

MEDIA_TYPE = "text/markdown"
# Inside a line; what means something only at its beginning is below.
_MARKED = re.compile(r"[\\`*_\[\]<>|~&$#@]")
_ADDRESS = re.compile(r"(?<=:)/(?=/)|(?<=www)\.", re.IGNORECASE)
_BEGINS = re.compile(r"^(?:([-+=])|(\d+)([.)]))")
_QUOTING = "quoting"


@dataclass(frozen=True, slots=True)
class Words:
    """What an export says of its own, in the language of its reader; places are filled by name."""

    sources: str = "Sources"
    page: str = "page %(page)s"
    understood: str = "Understood as: %(question)s"
    quoted: str = "Quoted from the documents"
    written: str = "Written by %(model)s, which may be wrong: check the sources"
    partly: str = "partly supported"
    unsupported: str = "not supported"
    withdrawn: str = "This answer has been withdrawn"
    asked: str = "Asked on %(at)s"
    place: Callable[[str], str] = str
    replaced: str = "version %(version)s, replaced by version %(current_version)s"
    poor: str = "low-quality scan"


def answer_markdown(exchange: Exchange, answer: Mapping[str, Any] | None, words: Words, level: int = 1) -> str:
    """One answer under its question. `answer` is None where its reader may no longer see what it rests on."""
    blocks = [f"{'#' * level} {escaped(exchange.question)}"]
    understood = exchange.answer.get("question_understood")
    if understood:
        blocks.append(f"*{words.understood % {'question': escaped(understood)}}*")
    if answer is None:
        blocks.append(f"*{words.withdrawn}*")
    else:
        blocks += _body(answer, words)
        blocks += _sources(answer["citations"], words, level + 1)
    at = exchange.asked_at.strftime("%Y-%m-%d %H:%M UTC")
    made = _made_by(answer, words) if answer is not None else ""
    blocks.append(f"*{'. '.join(filter(None, [words.asked % {'at': at}, made]))}*")
    return "\n\n".join(blocks) + "\n"


def conversation_markdown(told: Iterable[tuple[Exchange, Mapping[str, Any] | None]], words: Words) -> str:
    """A conversation from its first question on, each with its answer or None."""
    pairs = list(told)
    title = [f"# {escaped(pairs[0][0].question)}\n"] if pairs else []
    return "\n".join([*title, *(answer_markdown(exchange, answer, words, 2) for exchange, answer in pairs)])


def escaped(text: str) -> str:
    """Text as one line that Markdown shows as it is; without characters that nobody sees or that turn text around."""
    line = "".join(c for c in " ".join(text.split()) if unicodedata.category(c) not in {"Cc", "Cf", "Cs"})
    line = _ADDRESS.sub(lambda found: f"\\{found.group()}", _MARKED.sub(lambda found: f"\\{found.group()}", line))
    return _BEGINS.sub(lambda found: f"\\{found[1]}" if found[1] else f"{found[2]}\\{found[3]}", line)


def _body(answer: Mapping[str, Any], words: Words) -> list[str]:
    if not answer["sentences"]:
        return [escaped(answer["answer"])]
    return [_sentence(sentence, words) for sentence in answer["sentences"]]


def _sentence(sentence: Mapping[str, Any], words: Words) -> str:
    marks = {"partly": words.partly, "unsupported": words.unsupported}
    doubt = marks.get(sentence["verdict"])
    numbers = "".join(f" [{n}]" for n in sentence["citations"])
    return f"{escaped(sentence['text'])}{numbers}{f' *({doubt})*' if doubt else ''}"


def _sources(citations: Sequence[Mapping[str, Any]], words: Words, level: int) -> list[str]:
    if not citations:
        return []
    lines = []
    for one in citations:
        place = escaped(shown(words.place(one.get("place", "")))) or words.page % {"page": one["page"]}
        place += f", {words.poor}" if is_poor(one.get("scan_confidence")) else ""
        place += f", {words.replaced % one}" if one.get("superseded") else ""
        lines.append(f"{one['n']}. {escaped(shown(one['filename']))}, {place}\n\n   > {escaped(one['quote'])}")
    return [f"{'#' * level} {words.sources}", *lines]


def _made_by(answer: Mapping[str, Any], words: Words) -> str:
    if not answer["sentences"]:
        return ""
    if answer["model"] == _QUOTING:
        return words.quoted
    built = ". Built with Llama" if "llama" in answer["model"].lower() else ""
    return words.written % {"model": escaped(answer["model"])} + built
