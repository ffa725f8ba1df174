"""Keywords in tantivy: one folder, written by the indexer of the node, read by every process.

Questions become terms (`retrieval.index.terms`), never a query language. Which changes exist is not known here.
"""

import shutil
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log
from pathlib import Path
from types import MappingProxyType

import numpy as np
import tantivy

from core.values import Passage
from retrieval.index.durable import MANIFEST, file_hash, read_manifest, write_manifest
from retrieval.index.protocol import NOTHING, Ids, IndexDamaged, Scores
from retrieval.index.terms import GRAM, folded, grams

_FORMAT = 3
_ANALYZER = "grams"
_MEMORY_BYTES = 64_000_000
_MOST_TERMS = 512
_MOST_CHARACTERS = 20_000
# Of a question the rarest terms, as many as occur so often in all: what bounds the time of a search.
_MOST_POSTINGS = 600_000
# A heading says what a page is about, whatever its length beside the text.
FIELDS = ("text", "heading")
# tantivy's own bookkeeping, which changes in place or says nothing.
_UNPROVED = (".lock", ".managed.json")


class KeywordIndexDamaged(IndexDamaged):
    """The folder does not hold what its manifest says."""


@dataclass(frozen=True, slots=True)
class _Manifest:
    folder: str
    sequence: int
    sha256: dict[str, str]
    # Whether documents that were deleted have left their terms in the folder.
    stale: bool


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("passage", stored=False, indexed=True, fast=True)
    for name in ("document", "collection"):
        builder.add_text_field(name, stored=False, tokenizer_name="raw", index_option="basic")
    for name in FIELDS:
        builder.add_text_field(name, stored=False, tokenizer_name=_ANALYZER, index_option="freq")
    return builder.build()


def asked_terms(text: str) -> list[str]:
    """The terms of a question, each once, in their order; those of a very long one are cut off."""
    return list(dict.fromkeys(grams(text[:_MOST_CHARACTERS])))[:_MOST_TERMS]


def _open(folder: Path | None) -> tantivy.Index:
    """The index in a folder, or an empty one in memory."""
    index = tantivy.Index(_schema(), str(folder), reuse=True) if folder is not None else tantivy.Index(_schema())
    index.register_tokenizer(_ANALYZER, tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.ngram(GRAM, GRAM, False)).build())
    return index


def _manifest(root: Path) -> _Manifest | None:
    found = read_manifest(root / MANIFEST)
    if found is None or found.get("format") != _FORMAT:
        return None
    return _Manifest(
        str(found["folder"]), int(found["sequence"]), dict(found["sha256"]), bool(found.get("stale", True))
    )


def sequence_of(root: Path) -> int:
    """The last change that the folder shows according to its manifest, 0 without one."""
    manifest = _manifest(root)
    return manifest.sequence if manifest is not None else 0


class KeywordWriter:
    """Writes the folder; only the indexer of the node makes one. Not thread-safe."""

    def __init__(self, root: Path, *, beside: bool = False) -> None:
        """`beside` the folder that readers see, a new one, which takes its place when it is published."""
        self._root = root
        self._beside = beside
        # Another writer's folder, which has not been published yet.
        self.spared: Path | None = None
        root.mkdir(parents=True, exist_ok=True)
        manifest = _manifest(root)
        if beside:
            self.rebuild()
        elif manifest is not None and not faults(root):
            self._folder = root / manifest.folder
            self.sequence = manifest.sequence
            self._hashes: dict[str, str] = dict(manifest.sha256)
            self._index = _open(self._folder)
            self._published = True
            self.stale = manifest.stale
        else:
            self.rebuild()
            self.publish()

    def rebuild(self) -> None:
        """Forget everything; readers stay on the old folder until the next `apply` or `publish`."""
        self._folder = self._root / f"index-{uuid.uuid4().hex[:12]}"
        self._folder.mkdir()
        self._index = _open(self._folder)
        self._hashes = {}
        self._published = False
        self.sequence = 0
        self.stale = False

    @property
    def folder(self) -> Path:
        """Where it writes."""
        return self._folder

    def apply(self, removed: Iterable[str], added: Iterable[Sequence[Passage]], sequence: int) -> None:
        """Take documents out (by id), put the passages of others in, and make both durable as of `sequence`.

        A document that is put in must also be among the removed, so that applying twice changes nothing.
        """
        gone = set(removed)
        stale = gone & self._written(gone)
        writer = self._index.writer(_MEMORY_BYTES, 1)
        for document_id in gone:
            writer.delete_documents_by_term("document", document_id)
        for passages in added:
            for passage in passages:
                stale.discard(passage.document_id)  # an older version of what is there
                writer.add_document(_entry(passage))
        writer.commit()
        # The set of files stands still when the merges have ended, so it can be listed in the manifest.
        writer.wait_merging_threads()
        self.sequence = sequence
        self.stale = self.stale or bool(stale)
        self._published = False
        if not self._beside:
            self.publish()

    def _written(self, document_ids: Collection[str]) -> set[str]:
        self._index.reload()
        return written(self._index, document_ids)

    def publish(self) -> None:
        """Let readers see this folder as it is now, if they do not yet."""
        if self._published:
            return
        kept = {name: digest for name, digest in self._hashes.items() if name != "meta.json"}
        self._hashes = {name: kept.get(name) or file_hash(self._folder / name) for name in _files(self._folder)}
        write_manifest(
            self._root / MANIFEST,
            {
                "format": _FORMAT,
                "folder": self._folder.name,
                "sequence": self.sequence,
                "sha256": self._hashes,
                "stale": self.stale,
            },
        )
        self._published = True
        self._beside = False
        for folder in self._root.glob("index-*"):
            if folder not in {self._folder, self.spared}:
                shutil.rmtree(folder, ignore_errors=True)


def in_memory(passages: Iterable[Passage]) -> "KeywordReader":
    """A reader of these passages, which are written nowhere; it has nothing to reload."""
    index = _open(None)
    writer = index.writer(_MEMORY_BYTES, 1)
    for passage in passages:
        writer.add_document(_entry(passage))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    return KeywordReader(Path(), index)


def _entry(passage: Passage) -> tantivy.Document:
    return tantivy.Document(
        passage=passage.id,
        document=passage.document_id,
        collection=passage.collection_id,
        text=folded(passage.text),
        heading=folded(passage.heading),
    )


class KeywordReader:
    """Searches what the node's indexer has written. Thread-safe."""

    def __init__(self, root: Path, at_hand: tantivy.Index | None = None) -> None:
        """`at_hand` is an index that is there already and stays as it is."""
        self._root = root
        self._state: tuple[_Manifest, tantivy.Index] | None = None
        if at_hand is not None:
            self._state = _Manifest("", 0, {}, stale=False), at_hand

    @property
    def sequence(self) -> int:
        """Everything up to this change is shown, perhaps more; 0 when nothing is there."""
        return self._state[0].sequence if self._state is not None else 0

    def reload(self) -> None:
        """Take up what has been written since. Raises `KeywordIndexDamaged`."""
        manifest = _manifest(self._root)
        if manifest is None or (self._state is not None and self._state[0] == manifest):
            return
        try:
            if self._state is not None and self._state[0].folder == manifest.folder:
                index = self._state[1]
                index.reload()
            else:
                index = _open(self._root / manifest.folder)
        except (ValueError, OSError) as error:
            raise KeywordIndexDamaged(str(error)) from error
        self._state = (manifest, index)

    def prove(self) -> None:
        """Compare every file with its hash. Raises `KeywordIndexDamaged`."""
        if found := faults(self._root):
            raise KeywordIndexDamaged(found[0])

    def search(
        self,
        text: str,
        k: int,
        collections: Collection[str] | None = None,
        documents: Collection[str] | None = None,
        hidden: Collection[str] = (),
        *,
        rarity: Mapping[str, float] = MappingProxyType({}),
    ) -> tuple[Ids, Scores]:
        """Up to `k` passage ids and BM25 scores, best first, among collections and documents, `hidden` ones never.

        Terms that `rarity` names count as if they were as rare as it says; it is what `rarity` gives of another index.
        """
        if self._state is None:
            return NOTHING
        index = self._state[1]
        searcher = index.searcher()
        either = self._either(index.schema, _affordable(searcher, asked_terms(text)), rarity)
        query = self._query(index.schema, either, collections, documents, hidden)
        hits = searcher.search(query, k, count=False).hits
        values = searcher.fast_field_values("passage", [address for _, address in hits])
        ids = np.array(values, np.int64)
        return ids, np.array([score for score, _ in hits], np.float32)

    def passages(self) -> int:
        """How many passages are in the folder."""
        return self._state[1].searcher().num_docs if self._state is not None else 0

    def written(self, document_ids: Collection[str]) -> set[str]:
        """Those of the documents whose terms are in the folder, whether searches find them or not."""
        return written(self._state[1], document_ids) if self._state is not None else set()

    def ids(self) -> set[int]:
        """The ids of all passages in the folder."""
        if not self.passages() or self._state is None:
            return set()
        searcher = self._state[1].searcher()
        hits = searcher.search(tantivy.Query.all_query(), searcher.num_docs, count=False).hits
        found: list[int] = np.array(searcher.fast_field_values("passage", [address for _, address in hits])).tolist()
        return set(found)

    def rarity(self, terms: Iterable[str]) -> dict[str, float]:
        """How rare terms are in each field, by field and term: the inverse document frequency of BM25."""
        if self._state is None:
            return {}
        searcher = self._state[1].searcher()
        number = searcher.num_docs
        return {
            f"{field} {term}": log(1 + (number - here + 0.5) / (here + 0.5))
            for term in terms
            for field in FIELDS
            if (here := searcher.doc_freq(field, term)) <= number
        }

    def _either(
        self, schema: tantivy.Schema, terms: Sequence[str], rarity: Mapping[str, float]
    ) -> list[tuple[tantivy.Occur, tantivy.Query]]:
        own = self.rarity(terms) if rarity else {}
        found = []
        for term in terms:
            for field in FIELDS:
                one = tantivy.Query.term_query(schema, field, term, "freq")
                told, mine = rarity.get(f"{field} {term}"), own.get(f"{field} {term}")
                found.append(tantivy.Query.boost_query(one, told / mine) if told and mine else one)
        return [(tantivy.Occur.Should, one) for one in found]

    def _query(
        self,
        schema: tantivy.Schema,
        either: list[tuple[tantivy.Occur, tantivy.Query]],
        collections: Collection[str] | None,
        documents: Collection[str] | None,
        hidden: Collection[str],
    ) -> tantivy.Query:
        if collections is None and documents is None and not hidden:
            # With nothing around them tantivy leaves out postings that cannot reach the best.
            return tantivy.Query.boolean_query(either)
        clauses = [(tantivy.Occur.Must, tantivy.Query.boolean_query(either))]
        for field, among in (("collection", collections), ("document", documents)):
            if among is not None:
                allowed = tantivy.Query.term_set_query(schema, field, sorted(among))
                clauses.append((tantivy.Occur.Must, tantivy.Query.const_score_query(allowed, 0.0)))
        if hidden:
            clauses.append((tantivy.Occur.MustNot, tantivy.Query.term_set_query(schema, "document", sorted(hidden))))
        return tantivy.Query.boolean_query(clauses)


def written(index: tantivy.Index, document_ids: Collection[str]) -> set[str]:
    """Those of the documents with postings in an index: those of deleted ones stay until their segment is merged."""
    searcher = index.searcher()
    return {one for one in document_ids if searcher.doc_freq("document", one)}


def _affordable(searcher: tantivy.Searcher, terms: Sequence[str]) -> list[str]:
    """The rarest of the terms that occur at all, as many as may be asked for."""
    frequency = {term: sum(searcher.doc_freq(field, term) for field in FIELDS) for term in terms}
    chosen: list[str] = []
    postings = 0
    for term in sorted(filter(frequency.__getitem__, terms), key=frequency.__getitem__):
        postings += frequency[term]
        if chosen and postings > _MOST_POSTINGS:
            break
        chosen.append(term)
    return chosen


def faults(root: Path) -> list[str]:
    """What is wrong with the folder, in words."""
    manifest = _manifest(root)
    if manifest is None:
        return ["keywords: no manifest"] if root.exists() and any(root.iterdir()) else []
    folder = root / manifest.folder
    there = set(_files(folder))
    found = [f"keywords: {name} is missing" for name in sorted(manifest.sha256.keys() - there)]
    found += [
        f"keywords: {name} is damaged"
        for name in sorted(manifest.sha256.keys() & there)
        if file_hash(folder / name) != manifest.sha256[name]
    ]
    return found


def leftovers(root: Path) -> list[Path]:
    """Folders that no manifest names, and manifests that never took their place."""
    manifest = _manifest(root)
    used = manifest.folder if manifest is not None else ""
    found = sorted([*root.glob("index-*"), *root.glob("*.new")])
    return [path for path in found if path.name != used and not path.is_symlink()]


def _files(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    return sorted(path.name for path in folder.iterdir() if not path.name.endswith(_UNPROVED))
