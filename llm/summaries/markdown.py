"""A summary as Markdown with its sources, for reading elsewhere. Text of documents and names is escaped."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.names import shown
from llm.export import escaped
from llm.summaries.quoting import MODEL


@dataclass(frozen=True, slots=True)
class Words:
    """What it says of its own, in the language of its reader; places are filled by name."""

    sources: str = "Sources"
    page: str = "page %(page)s"
    quoted: str = "Quoted from the documents"
    written: str = "Written by %(model)s, which may be wrong: check the sources"
    partly: str = "partly supported"
    unsupported: str = "not supported"
    place: Callable[[str], str] = str
    replaced: str = "version %(version)s, replaced by version %(current_version)s"


def summary_markdown(
    title: str, told: Mapping[str, Any], words: Words, *, headings: Mapping[str, str], level: int = 1
) -> str:
    """A summary, in its JSON form, under its title; `headings` are those of templates in the reader's language."""
    blocks = [f"{'#' * level} {escaped(title)}"]
    heading = ""
    for statement in told["statements"]:
        if statement["heading"] != heading:
            heading = statement["heading"]
            blocks.append(f"{'#' * (level + 1)} {escaped(shown(headings.get(heading, heading)))}")
        blocks.append(f"- {_line(statement, words)}")
    blocks += _sources(told["citations"], words, level + 1)
    if told["statements"]:
        blocks.append(f"*{_made_by(told['model'], words)}*")
    return "\n\n".join(blocks) + "\n"


def _line(statement: Mapping[str, Any], words: Words) -> str:
    doubt = {"partly": words.partly, "unsupported": words.unsupported}.get(statement["verdict"])
    numbers = "".join(f" [{n}]" for n in statement["citations"])
    return f"{escaped(statement['text'])}{numbers}{f' *({doubt})*' if doubt else ''}"


def _sources(citations: Sequence[Mapping[str, Any]], words: Words, level: int) -> list[str]:
    if not citations:
        return []
    lines = [f"{'#' * level} {words.sources}"]
    for one in citations:
        place = escaped(shown(words.place(one.get("place", "")))) or words.page % {"page": one["page"]}
        place += f", {words.replaced % one}" if one.get("superseded") else ""
        lines.append(f"{one['n']}. {escaped(shown(one['filename']))}, {place}\n\n   > {escaped(one['quote'])}")
    return lines


def _made_by(model: str, words: Words) -> str:
    if model == MODEL:
        return words.quoted
    built = ". Built with Llama" if "llama" in model.lower() else ""
    return words.written % {"model": escaped(model)} + built
