"""How well passages that talk to a language model are told from others: `python -m bench.instructions [FOLDER...]`.

First the texts of `bench/instruction_texts.jsonl`, written for this: attempts, and texts that resemble them; those with
`held_out` were written after the wordings were fixed. Then every passage of the documents of each folder, read as
Archivar reads them, without recognising scans: each passage that is marked is shown, for a person to judge.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from rich.progress import track

from bench.report import publish
from core.errors import UnreadableDocument
from core.settings import load_settings
from ingest.children import ParserPool
from ingest.pipeline import read_document
from llm.moderation.detectors.instructions import find
from retrieval.embedders.openvino_minilm import OpenVinoMiniLM

_TEXTS = Path(__file__).with_name("instruction_texts.jsonl")
_SHOWN_CHARS = 200


@dataclass
class Counted:
    """What a folder holds, and what of it is marked."""

    documents: int = 0
    passages: int = 0
    seconds: float = 0.0
    marked: list[dict[str, object]] = field(default_factory=list)


def main() -> None:
    """Print both as JSON."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path, nargs="*")
    told: dict[str, object] = {"texts": dict(_texts())}
    for folder in arguments.parse_args().folder:
        counted = _read(folder)
        told[folder.name] = {
            "documents": counted.documents,
            "passages": counted.passages,
            "marked_of_10000": round(10_000 * len(counted.marked) / max(counted.passages, 1), 2),
            "cpu_ms_of_a_passage": round(1000 * counted.seconds / max(counted.passages, 1), 3),
            "marked": counted.marked,
        }
    publish("instructions", told)


def _texts() -> Iterator[tuple[str, str]]:
    rows = [json.loads(line) for line in _TEXTS.read_text(encoding="utf-8").splitlines()]
    for held_out in (False, True):
        for language in ("en", "de"):
            for wanted, name in ((True, "found"), (False, "wrongly")):
                some = [
                    row
                    for row in rows
                    if (row["held_out"], row["language"], row["instruction"]) == (held_out, language, wanted)
                ]
                marked = sum(bool(find(row["text"])) for row in some)
                yield f"{'held out ' if held_out else ''}{language} {name}", f"{marked} of {len(some)}"


def _read(folder: Path) -> Counted:
    counted = Counted()
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    embedder = OpenVinoMiniLM(load_settings().cache.expanduser())
    with tempfile.TemporaryDirectory() as work:
        settings = load_settings(data=Path(work), ocr=False, parser_children=1)
        pool = ParserPool(settings)
        for path in track(files, folder.name):
            try:
                reading = read_document(
                    pool, path, path.name, embedder.token_spans, settings.passage_tokens, lambda _: None
                )
            except UnreadableDocument:
                continue
            counted.documents += 1
            for draft in reading.passages:
                began = time.process_time()
                found = find(draft.text)
                counted.seconds += time.process_time() - began
                counted.passages += 1
                counted.marked += [
                    {
                        "file": path.name,
                        "page": draft.page,
                        "score": one.score,
                        "signals": one.signals,
                        "text": draft.text[max(one.start - 40, 0) :][:_SHOWN_CHARS],
                    }
                    for one in found
                ]
        pool.close()
    return counted


if __name__ == "__main__":
    main()
