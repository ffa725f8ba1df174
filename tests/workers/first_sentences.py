"""A small writer of summaries for tests of what works them."""

from collections.abc import Callable

from core.access import Action, require
from core.storage.store import Store
from core.summaries import Statement, Summary, SummaryOptions
from core.values import Citation, Reader, Verdict


class FirstSentences:
    """Quotes the first passage of each document; a test may make it fail, or do something meanwhile."""

    model = "quoting"
    places = 1
    away = False

    def __init__(self, store: Store) -> None:
        self._store = store
        self.asked: list[str] = []
        self.before: Callable[[str], None] = lambda _document_id: None

    def document(
        self,
        reader: Reader,
        document_id: str,
        options: SummaryOptions,
        *,
        stopped: Callable[[], bool],
        progress: Callable[[int, int], None],
    ) -> Summary:
        """Of one document."""
        self.asked.append(document_id)
        self.before(document_id)
        progress(1, 1)
        document = self._store.documents.get(document_id)
        require(reader, Action.READ, document.collection_id, what="document")
        passage = self._store.passages.of_version(document.version_id)[0]
        citation = Citation(1, document_id, document.filename, passage.page, passage.id, passage.text)
        return Summary((Statement(passage.text, Verdict.SUPPORTED, (1,)),), (citation,), self.model, 1.0)

    def many(self, reader: Reader, parts: list[tuple[str, Summary]], options: SummaryOptions) -> Summary:
        """Of many: everything."""
        statements, citations = [], []
        for number, (_, part) in enumerate(parts, 1):
            (citation,) = part.citations
            citations.append(Citation(number, *[getattr(citation, name) for name in Citation.__slots__[1:]]))
            statements.append(Statement(part.statements[0].text, Verdict.SUPPORTED, (number,)))
        return Summary(tuple(statements), tuple(citations), self.model, 1.0)
