"""One collection of a Milvus server: a row for each passage, with its vector and its terms.

Terms are ours (`terms`), so that words are matched as in the local index; Milvus counts them and scores by
BM25. Terms of headings are other words than those of texts. Row 0 is the mark: the last change that the rows show.
"""

import re
from collections.abc import Callable, Collection, Sequence
from typing import Any, TypeVar

import numpy as np
from pymilvus import DataType, Function, FunctionType, MilvusClient

from core.settings import Settings
from core.values import Passage
from retrieval.index.keywords import asked_terms
from retrieval.index.milvus_connection import CollectionNotLoaded, MilvusConnection
from retrieval.index.protocol import NOTHING, Ids, Scores
from retrieval.index.terms import grams

_READ_SECONDS = 5.0
# What Milvus allows in bytes; longer passages lose their last terms.
_MOST_BYTES = 65_535
_ID = re.compile(r"[0-9A-Za-z-]{1,64}")
# Stands for no terms at all, since Milvus wants some; terms are shorter.
_NO_TERM = "nothing"
# Before the terms of a heading, which are so of another length than those of a text.
_HEADING = "h"
# A letter in the place of the spaces within a term, at which Milvus would divide it.
_SPACE = "ʘ"
_MARK = 0
_ROWS = f"passage > {_MARK}"
_EF = 256
_INDEXES: dict[str, dict[str, Any]] = {
    "vector": {"index_type": "HNSW", "metric_type": "IP", "params": {"M": 16, "efConstruction": 200}},
    "keywords": {
        "index_type": "SPARSE_INVERTED_INDEX",
        "metric_type": "BM25",
        "params": {"bm25_k1": 1.2, "bm25_b": 0.75},  # as tantivy's
    },
    "document": {"index_type": "INVERTED"},
    "collection": {"index_type": "INVERTED"},
}
_PAGE = 8_192
_Result = TypeVar("_Result")


class MilvusCollection:
    """A collection by its name, there or not; connects when first needed. Thread-safe.

    All methods raise `Unavailable` when the server does not answer, and `CollectionMissing` where they need one.
    """

    def __init__(self, settings: Settings, name: str) -> None:
        self.name = name
        self._connection = MilvusConnection(settings)
        # Half a lease is left whenever a write begins, see `milvus`; a call that is tried again may take it twice.
        self._write_seconds = settings.lease_seconds / 4

    def create(self, dimensions: int) -> None:
        """Make the collection, empty, for vectors of this length."""
        schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("passage", DataType.INT64, is_primary=True)
        schema.add_field("document", DataType.VARCHAR, max_length=64)
        schema.add_field("collection", DataType.VARCHAR, max_length=64)
        schema.add_field("change", DataType.INT64)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dimensions)
        schema.add_field("terms", DataType.VARCHAR, max_length=_MOST_BYTES, enable_analyzer=True)
        schema.add_field("keywords", DataType.SPARSE_FLOAT_VECTOR)
        schema.add_function(
            Function("bm25", FunctionType.BM25, input_field_names=["terms"], output_field_names=["keywords"])
        )

        def make(client: MilvusClient) -> None:
            # One shard keeps the order of writes: whoever sees the mark sees the rows that were written before it.
            client.create_collection(
                self.name, schema=schema, num_shards=1, consistency_level="Bounded", timeout=self._write_seconds
            )
            self._load(client)

        self._call(make)

    def drop(self, name: str = "") -> None:
        """Remove this collection, or another one; nothing happens when it is not there."""
        self._call(lambda client: client.drop_collection(name or self.name, timeout=self._write_seconds))

    def names(self) -> list[str]:
        """All collections of the server, or of the database that the URL names."""
        return list(self._call(lambda client: client.list_collections(timeout=_READ_SECONDS)))

    def dimensions(self) -> int:
        """Length of a vector."""
        found = self._call(lambda client: client.describe_collection(self.name, timeout=_READ_SECONDS))
        return int(next(field["params"]["dim"] for field in found["fields"] if field["name"] == "vector"))

    def mark(self) -> int:
        """The last change that the rows show, 0 before the first."""
        rows = self._query(f"passage == {_MARK}", ["change"])
        return int(rows[0]["change"]) if rows else 0

    def count(self) -> int:
        """How many passages are there."""
        return self.rows(_ROWS)

    def rows(self, where: str) -> int:
        """How many passages a condition holds of."""
        return int(self._query(where, ["count(*)"])[0]["count(*)"])

    def passages(self) -> set[int]:
        """The ids of all passages."""

        def read(client: MilvusClient) -> set[int]:
            pages = client.query_iterator(
                self.name,
                batch_size=_PAGE,
                filter=_ROWS,
                output_fields=["passage"],
                consistency_level="Strong",
                timeout=_READ_SECONDS,
            )
            return {int(row["passage"]) for page in iter(pages.next, []) for row in page}

        return self._call(read)

    def delete(self, documents: Collection[str]) -> None:
        """Remove all passages of these documents."""
        # Milvus looks the rows up before it deletes them, and must see those written a moment ago.
        self._call(
            lambda client: client.delete(
                self.name, filter=_among("document", documents), consistency_level="Strong", timeout=self._write_seconds
            )
        )

    def put(self, passages: Sequence[Passage], vectors: Scores, change: int) -> None:
        """Write passages with their vectors, of shape (n, dimensions); those that are there are replaced."""
        rows = [
            _row(passage.id, passage.document_id, passage.collection_id, change, vector, _terms(passage))
            for passage, vector in zip(passages, vectors, strict=True)
        ]
        self._upsert(rows)

    def set_mark(self, change: int, dimensions: int) -> None:
        """Say that the rows show everything up to this change."""
        self._upsert([_row(_MARK, "", "", change, np.zeros(dimensions, np.float32), _NO_TERM)])

    def nearest(self, vectors: Scores, k: int, where: str) -> tuple[Ids, Scores]:
        """Up to `k` passages and cosines, best first; one counts with the vector that is nearest to it."""
        parameters = {"metric_type": "IP", "params": {"ef": max(_EF, 2 * k)}}
        best: dict[int, float] = {}
        for ids, scores in self._search("vector", vectors.tolist(), k, where, parameters):
            for passage, score in zip(ids.tolist(), scores.tolist(), strict=True):
                best[passage] = max(score, best.get(passage, -np.inf))
        order = sorted(best, key=lambda passage: (-best[passage], passage))[:k]
        return np.array(order, np.int64), np.array([best[passage] for passage in order], np.float32)

    def matching(self, text: str, k: int, where: str) -> tuple[Ids, Scores]:
        """Up to `k` passages and BM25 scores, best first."""
        terms = [_word(term) for term in asked_terms(text)]
        if not terms:
            return NOTHING
        either = [*terms, *(_HEADING + term for term in terms)]
        ((ids, scores),) = self._search("keywords", [" ".join(either)], k, where, {"metric_type": "BM25"})
        return ids, np.abs(scores)  # Milvus Lite counts them downwards from zero

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def _query(self, where: str, fields: list[str], **options: Any) -> list[dict[str, Any]]:
        return list(
            self._call(
                lambda client: client.query(
                    self.name,
                    filter=where,
                    output_fields=fields,
                    consistency_level="Strong",
                    timeout=_READ_SECONDS,
                    **options,
                )
            )
        )

    def _upsert(self, rows: list[dict[str, Any]]) -> None:
        self._call(lambda client: client.upsert(self.name, rows, timeout=self._write_seconds))

    def _search(
        self, field: str, data: list[Any], k: int, where: str, parameters: dict[str, Any]
    ) -> list[tuple[Ids, Scores]]:
        found = self._call(
            lambda client: client.search(
                self.name,
                data=data,
                anns_field=field,
                filter=where,
                limit=k,
                output_fields=["passage"],
                search_params=parameters,
                timeout=_READ_SECONDS,
            )
        )
        return [_list(hits) for hits in found]

    def _call(self, do: Callable[[MilvusClient], _Result]) -> _Result:
        try:
            return self._connection.call(do)
        except CollectionNotLoaded:
            self._connection.call(self._load)
            return self._connection.call(do)

    def _load(self, client: MilvusClient) -> None:
        """Make the collection searchable; does no harm where it is already, or half so."""
        missing = _INDEXES.keys() - set(client.list_indexes(self.name, timeout=_READ_SECONDS))
        if missing:
            indexes = client.prepare_index_params()
            for field in sorted(missing):
                indexes.add_index(field, index_name=field, **_INDEXES[field])
            client.create_index(self.name, indexes, sync=False, timeout=self._write_seconds)
        client.load_collection(self.name, timeout=self._write_seconds)


def condition(
    collections: Collection[str] | None, documents: Collection[str] | None, hidden: Collection[str]
) -> str | None:
    """The condition for passages within collections and documents (None: all), without hidden ones; None for none."""
    clauses = [_ROWS]
    for field, among in (("collection", collections), ("document", documents)):
        if among is not None:
            clauses.append(_among(field, among))
    if "" in clauses:
        return None
    if unwanted := _among("document", hidden, "not in"):
        clauses.append(unwanted)
    return " and ".join(clauses)


def _among(field: str, ids: Collection[str], operator: str = "in") -> str:
    """A condition in Milvus's language; empty when nothing can fulfil it. Only what looks like an id gets into it."""
    quoted = [f'"{one}"' for one in sorted(ids) if _ID.fullmatch(one)]
    return f"{field} {operator} [{', '.join(quoted)}]" if quoted else ""


def _row(passage: int, document: str, collection: str, change: int, vector: Scores, terms: str) -> dict[str, Any]:
    return {
        "passage": passage,
        "document": document,
        "collection": collection,
        "change": change,
        "vector": vector.tolist(),
        "terms": terms,
    }


def _word(term: str) -> str:
    return term.replace(" ", _SPACE)


def _terms(passage: Passage) -> str:
    terms = [*(_HEADING + _word(term) for term in grams(passage.heading)), *map(_word, grams(passage.text))]
    return " ".join(terms).encode()[:_MOST_BYTES].decode(errors="ignore") or _NO_TERM


def _list(hits: Any) -> tuple[Ids, Scores]:
    ids = np.array([hit["passage"] for hit in hits], np.int64)
    scores = np.array([hit["distance"] for hit in hits], np.float32)
    return ids, scores
