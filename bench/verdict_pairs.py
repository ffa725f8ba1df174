"""Labelled pairs: sentences of our own, with the passages that they are true of or not.

In `verdict_pairs.jsonl` the passages may be of any licence: it has none of their text, only document, page, a span and
a hash. Spans count characters other than white space in the page's text as Archivar's parsers give it, so that a change
in how lines are broken moves none of them. In `verdict_texts.jsonl` the passages are ours too, and stand in it.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.settings import ROOT, Settings, load_settings
from ingest.parsers import Limits, Parser, Sample, all_parsers
from ingest.portions import PAGES_PER_PORTION

PAIRS = ROOT / "bench" / "verdict_pairs.jsonl"
TEXTS = ROOT / "bench" / "verdict_texts.jsonl"
# The last was written when the engine was there.
HALVES = ("dev", "test", "later")
SETS = {
    "financebench": Path("financebench", "pdfs"),
    "xquad/de": Path("xquad", "de", "documents"),
    "xquad/en": Path("xquad", "en", "documents"),
}
TRUE_KINDS = frozenset({
    "verbatim", "paraphrase", "reordered", "number_words", "conversion", "rounded",
    "date", "computed", "table_row", "two_sentences", "pronoun",
})  # fmt: skip
FALSE_KINDS = frozenset({
    "number", "unit", "scale", "date", "entity", "role",
    "negation", "direction", "merged", "elsewhere", "quantifier", "addition",
})  # fmt: skip
_HASH_DIGITS = 16
_HEAD = 4096
_MOST_PASSAGES = 3
_EVEN = (0.4, 0.6)


@dataclass(frozen=True)
class Reference:
    """Where a passage is: the characters `start:end` of a page, white space not counted."""

    set: str
    document: str
    page: int
    start: int
    end: int
    sha256: str


@dataclass(frozen=True)
class Pair:
    """A sentence and its passages; `reworded` where both words and their order are others than in the passage.

    The passages are texts where they are ours, and references otherwise.
    """

    id: str
    half: str
    kind: str
    true: bool
    language: str
    reworded: bool
    sentence: str
    passages: tuple[Reference | str, ...]


def load_own(path: Path = TEXTS) -> list[Pair]:
    """The pairs whose passages are in the file themselves."""
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    texts = {line["passage"]: line["text"] for line in lines if "passage" in line}
    return [
        Pair(
            line["id"],
            line["half"],
            line["kind"],
            {"true": True, "false": False}[line["label"]],
            line["language"],
            reworded=False,
            sentence=line["sentence"],
            passages=tuple(texts[name] for name in line["passages"]),
        )
        for line in lines
        if "passage" not in line
    ]


def load(path: Path = PAIRS) -> list[Pair]:
    """All pairs of a file. A line that lacks something is a KeyError or a ValueError."""
    return [_pair(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _pair(line: dict[str, object]) -> Pair:
    fields = {**line, "true": {"true": True, "false": False}[str(line["label"])]}
    del fields["label"]
    passages = fields.pop("passages")
    if not isinstance(passages, list):
        raise ValueError(f"The passages of {line['id']} are no list.")
    return Pair(**fields, passages=tuple(Reference(**passage) for passage in passages))  # type: ignore[arg-type]


def problems(pairs: Sequence[Pair]) -> list[str]:
    """What is wrong with a set of pairs, in words; nothing when it can be measured with."""
    found = [f"{name} {value!r} is there {n} times" for name, value, n in _repeated(pairs)]
    found += [f"{pair.id}: {trouble}" for pair in pairs for trouble in _troubles(pair)]
    for half in HALVES:
        labels = [pair.true for pair in pairs if pair.half == half]
        if not labels or not _EVEN[0] <= sum(labels) / len(labels) <= _EVEN[1]:
            found.append(f"{half}: {sum(labels)} of {len(labels)} are true")
    sources = {
        half: {_source(r) for pair in pairs if pair.half == half for r in pair.passages if isinstance(r, Reference)}
        for half in HALVES
    }
    found += [f"{source} is in both halves" for source in sorted(sources["dev"] & sources["test"])]
    return found


def _repeated(pairs: Sequence[Pair]) -> Iterator[tuple[str, str, int]]:
    for name in ("id", "sentence"):
        counts = Counter(getattr(pair, name) for pair in pairs)
        yield from ((name, value, n) for value, n in counts.items() if n > 1)


def _troubles(pair: Pair) -> Iterator[str]:
    if pair.half not in HALVES:
        yield f"no half is called {pair.half}"
    if pair.kind not in (TRUE_KINDS if pair.true else FALSE_KINDS):
        yield f"{pair.kind} is no kind of such sentences"
    if not 1 <= len(pair.passages) <= _MOST_PASSAGES or len(set(pair.passages)) < len(pair.passages):
        yield f"{len(pair.passages)} passages, or one of them twice"
    references = [passage for passage in pair.passages if isinstance(passage, Reference)]
    if any(passage.set not in SETS or not 0 <= passage.start < passage.end for passage in references):
        yield "a passage that cannot be"


def _source(passage: Reference) -> str:
    """The document; with xquad the article, whatever the language: paragraphs of one are translations of the other."""
    if not passage.set.startswith("xquad"):
        return passage.document
    return passage.document.split("-")[1]


class Texts:
    """The texts of passages, read from the folder that has the documents by Archivar's own parsers."""

    def __init__(self, folder: Path, settings: Settings | None = None) -> None:
        self._folder = folder
        settings = settings or load_settings()
        self._limits = Limits(settings.max_pages, settings.max_text_chars, settings.max_image_pixels)
        self._portion: Callable[[Path, int], dict[int, str]] = cache(self._read)

    def of(self, passage: Reference | str) -> str | None:
        """The passage's text, or None where it cannot be found."""
        if isinstance(passage, str):
            return passage
        path = self._folder / SETS[passage.set] / passage.document
        if not path.is_file():
            return None
        text = self._portion(path, (passage.page - 1) // PAGES_PER_PORTION).get(passage.page, "")
        return found(text, passage)

    def _read(self, path: Path, portion: int) -> dict[int, str]:
        """Pages in the portions in which they are read in an installation: what is beside a page tells how it reads."""
        document = _parser(path).open(path, self._limits)
        try:
            first = portion * PAGES_PER_PORTION + 1
            last = min(first + PAGES_PER_PORTION - 1, document.page_count)
            return {page.number: page.text for page in document.read(first, last, lambda _: None)}
        finally:
            document.close()


def _parser(path: Path) -> Parser:
    with path.open("rb") as file:
        head = file.read(_HEAD)
    return next(parser for parser in all_parsers() if parser.recognises(Sample(head)))


def found(text: str, passage: Reference) -> str | None:
    """The passage in the text of its page: where it should be, else anywhere, else None."""
    places = [place for place, character in enumerate(text) if not character.isspace()]
    squeezed = "".join(text[place] for place in places)
    length = passage.end - passage.start
    for start in (passage.start, *range(len(squeezed) - length + 1)):
        if fingerprint(squeezed[start : start + length]) == passage.sha256:
            return text[places[start] : places[start + length - 1] + 1]
    return None


def fingerprint(text: str) -> str:
    """What tells a passage from others whatever its white space."""
    return hashlib.sha256("".join(text.split()).encode()).hexdigest()[:_HASH_DIGITS]
