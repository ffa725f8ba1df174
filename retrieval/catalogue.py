"""The cards of all documents that answer, kept in step with the database, and where a question leads by name."""

from collections.abc import Collection, Mapping
from threading import Lock

from core.storage.store import Store
from core.values import Operation
from retrieval.cards import Cards, card_of

_MOST = 12
# A document named less than this, compared with the best one, is not meant.
_NEARLY = 0.5
_AT_ONCE = 500


class Catalogue:
    """Thread-safe; empty until `read` or `follow`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = Lock()
        self._cards = Cards()
        self._collection_of: dict[str, str] = {}
        self._seen = 0
        self._is_read = False

    def read(self) -> None:
        """Take up what there is, once; what comes later is left to `follow`."""
        if not self._is_read:
            self.follow()

    def follow(self) -> None:
        """Take up what has been published and deleted up to this moment."""
        with self._lock:
            latest = self._store.changes.latest()
            if self._seen > latest:  # the database was put back to an older state
                self._cards, self._collection_of, self._seen = Cards(), {}, 0
            while self._seen < latest and (changes := self._store.changes.since(self._seen, _AT_ONCE)):
                for change in changes:
                    self._cards.drop(change.document_id)
                    self._collection_of.pop(change.document_id, None)
                published = [c.version_id for c in changes if c.operation is Operation.PUBLISH and c.version_id]
                for opening in self._store.passages.openings(published):
                    self._cards.put(opening.document_id, card_of(opening))
                    self._collection_of[opening.document_id] = opening.collection_id
                self._seen = changes[-1].sequence
            self._is_read = True

    def leads(
        self, question: str, collections: Collection[str] | None, documents: Collection[str] | None
    ) -> Mapping[str, float]:
        """The few documents that the question names best within collections and documents (None: all); often none."""
        with self._lock:
            named = {
                document_id: score
                for document_id, score in self._cards.named(question).items()
                if (collections is None or self._collection_of[document_id] in collections)
                and (documents is None or document_id in documents)
            }
        best = sorted(named.items(), key=lambda item: (-item[1], item[0]))[:_MOST]
        return {document_id: score for document_id, score in best if score > 0 and score >= _NEARLY * best[0][1]}

    def without_names(self, text: str, leads: Collection[str]) -> str:
        """The text without what names these documents, which inside them is everywhere or nowhere."""
        with self._lock:
            return self._cards.without_names(text, leads)
