"""`archivar verdict`: sentences with passages in, verdicts out, without any language model."""

from pathlib import Path

import click
from pydantic import BaseModel, Field, ValidationError
from rich.console import Console
from rich.progress import track

from cli.options import json_option, plain, print_json, with_settings
from core.errors import InvalidRequest
from core.settings import Settings
from core.wire import Json
from llm.verification import Judgement, judge
from retrieval.embedders import open_embedder


class AskedVerdict(BaseModel):
    """A sentence, and the passages that may support it."""

    id: str | int
    sentence: str
    passages: list[str] = Field(max_length=1000)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
@with_settings
def command(settings: Settings, file: Path, as_json: bool) -> int:
    """Judge whether passages support sentences, given as lines {"id", "sentence", "passages": [TEXT]} of a file."""
    asked = read_sentences(file)
    embedder = open_embedder(settings)
    lines = track(asked, "Sentences", console=Console(stderr=True), disable=as_json)
    results = [_result(one, judge(one.sentence, one.passages, embedder)) for one in lines]
    if as_json:
        print_json({"results": results})
        return 0
    for result in results:
        click.echo(f"{plain(str(result['id'])):12} {result['verdict']:12} {', '.join(result['reasons'])}")
    return 0


def read_sentences(path: Path) -> list[AskedVerdict]:
    """The sentences of a JSONL file. Raises `InvalidRequest` naming the line that is none."""
    lines = path.read_bytes().split(b"\n")
    asked = [_read(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if not asked:
        raise InvalidRequest(f"{path.name} holds no sentences.")
    return asked


def _read(path: Path, number: int, line: bytes) -> AskedVerdict:
    try:
        return AskedVerdict.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the line"
        raise InvalidRequest(f"{path.name}, line {number}: {where}: {first['msg']}.") from None


def _result(asked: AskedVerdict, judgement: Judgement) -> Json:
    span = judgement.span
    return {
        "id": asked.id,
        "verdict": judgement.verdict.value,
        "span": asked.passages[span.passage][span.start : span.end] if span is not None else None,
        "reasons": [reason.value for reason in judgement.reasons],
    }
