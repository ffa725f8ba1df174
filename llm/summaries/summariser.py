"""The summary flow: rights, wishes, passages; then quoted or written; then moderated, checked and cited."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import uuid4

import numpy as np

from core.access import Action, require
from core.errors import Conflict, EmbedderMissing, ModelUnavailable, NotFound, Unavailable
from core.storage.store import Store
from core.summaries import Length, Summary, SummaryOptions
from core.values import Document, Hit, Notice, Passage, Reader, Verdict
from llm.checking import Checker
from llm.moderation import Exchange, Moderator
from llm.summaries import notices
from llm.summaries.asking import checked_options
from llm.summaries.merging import Part, Taken, merged
from llm.summaries.quoting import MODEL, material_of, quoted
from llm.summaries.telling import Telling
from llm.summaries.templates import BUILT_IN, Template, template_of
from llm.summaries.writing import Model, Under, Writing
from llm.writers import Draft, Source
from retrieval.embedders.protocol import Embedder

log = logging.getLogger(__name__)

STATEMENTS = {Length.SHORT: 5, Length.MEDIUM: 10, Length.LONG: 20}
# Quoting takes so long for a page (measured: `bench/summaries.py`), and a page has so many tokens where nobody counted.
_SECONDS_PER_PAGE = 0.006
_TOKENS_PER_PASSAGE = 190


@dataclass(frozen=True, slots=True)
class Estimate:
    """What summaries would take: `tokens` are those that a Llama reads, 0 without one; `seconds` by the pace of runs
    before, None before the first run of a Llama.
    """

    documents: int
    pages: int
    passages: int
    tokens: int
    seconds: float | None


def never() -> bool:
    """Nobody stops it."""
    return False


def quietly(done: int, total: int) -> None:
    """Nobody watches it."""


class Summariser:
    """Writes summaries. Thread-safe."""

    def __init__(
        self,
        store: Store,
        embedder: Callable[[], Embedder],
        moderator: Callable[[], Moderator],
        checker: Checker,
        *,
        model: Model | None = None,
    ) -> None:
        """Without a `model` sentences are quoted. `embedder` raises `EmbedderMissing` where there is none."""
        self._store = store
        self._embedder = embedder
        self._moderator = moderator
        self._checker = checker
        self._model = model

    @property
    def model(self) -> str:
        """The name of who writes."""
        return self._model.name if self._model is not None else MODEL

    @property
    def places(self) -> int:
        """How many documents it is best given at the same time; quoting is work of one processor."""
        return self._model.places if self._model is not None else 1

    @property
    def away(self) -> bool:
        """Whether the model answers nobody right now."""
        return self._model is not None and self._model.away

    def templates(self) -> tuple[Template, ...]:
        """Those that are there from the beginning."""
        return BUILT_IN

    def document(
        self,
        reader: Reader,
        document_id: str,
        options: SummaryOptions,
        *,
        template: Template | None = None,
        stopped: Callable[[], bool] = never,
        progress: Callable[[int, int], None] = quietly,
    ) -> Summary:
        """Summarise the version of a document that answers; by `template` in place of the one that `options` name.

        Raises `NotFound` where there is no such document for the reader, `Conflict` while no version of it is ready,
        `InvalidRequest` for options that make no sense, `Unavailable` where a part that is needed does not answer, and
        `Stopped`.
        """
        template = template or template_of(options)
        options = checked_options(options)
        document = self._readable(reader, document_id)
        version = self._store.documents.current_version(document_id)
        if version is None:
            raise Conflict("The document has not been read yet. Wait until it is ready, or see why it failed.")
        telling, asked = self._begun(reader, options, [document])
        if asked is None:
            return telling.summary()
        template = template_of(asked) if asked.own is not None else template
        passages = self._store.passages.of_version(version.id)
        if self._model is None:
            self._quote(telling, passages, template, asked)
            progress(1, 1)
        else:
            writing = Writing(self._model, self._checker, template, asked, stopped=stopped, progress=progress)
            self._write(telling, writing, passages, STATEMENTS[asked.length])
        if not telling.statements:
            telling.notices.append(Notice(notices.NOTHING_FOUND, ()))
        if telling.moderator.kept_out:
            telling.notices.append(Notice(notices.PASSAGES_KEPT_OUT, ()))
        return telling.summary()

    def many(
        self,
        reader: Reader,
        parts: Sequence[tuple[str, Summary]],
        options: SummaryOptions,
        *,
        template: Template | None = None,
    ) -> Summary:
        """One summary of documents from their own, each with its share, its statements under its document's path.

        A Llama first says in a few statements without a heading what they say together, if that is supported.

        Documents that the reader may no longer read are left out, which a notice says; raises `NotFound` where none is
        left, and otherwise as `document`.
        """
        options = checked_options(options)
        template = template or template_of(options)
        documents = [self._found(reader, document_id) for document_id, _ in parts]
        left = [(one, part) for one, (_, part) in zip(documents, parts, strict=True) if one is not None]
        if not left:
            raise NotFound("There is no such document, or you have no access to it.")
        telling, asked = self._begun(reader, options, [document for document, _ in left])
        if asked is None:
            return telling.summary()
        template = template_of(asked) if asked.own is not None else template
        # What stands in place of a summary that was blocked says nothing of its document.
        told = [Part(document.path, part) for document, part in left if part.moderation != "block"]
        telling.model = next((one.summary.model for one in told), self.model)
        self._embed(told)
        taken = merged(told, max(STATEMENTS[asked.length], len(told)))
        if self._model is not None and len(told) > 1:
            writing = Writing(self._model, self._checker, template, asked, stopped=never, progress=quietly)
            self._tell_together(telling, writing, taken, STATEMENTS[Length.SHORT])
        if telling.moderation != "block":
            self._tell_merged(telling, told, taken)
        codes = dict.fromkeys(notice.code for one in told for notice in one.summary.notices)
        codes.pop(notices.NOTHING_FOUND, None)
        telling.notices = [Notice(code, ()) for code in codes]
        if len(left) < len(parts):
            telling.notices.append(Notice(notices.LEFT_OUT, ()))
        if not telling.statements:
            telling.notices.append(Notice(notices.NOTHING_FOUND, ()))
        return telling.summary()

    def estimate(self, reader: Reader, document_ids: Sequence[str], options: SummaryOptions) -> Estimate:
        """What summaries of these documents would take, without reading them. Raises as `document`."""
        template_of(options)
        checked_options(options)
        documents = [self._readable(reader, document_id) for document_id in document_ids]
        pages = sum(document.pages for document in documents)
        passages = sum(document.passages for document in documents)
        pace = self._store.paces.of(self.model)
        seconds = round(passages / pace, 1) if pace is not None else None
        if self._model is None:
            usual = round(pages * _SECONDS_PER_PAGE, 1)
            return Estimate(len(documents), pages, passages, 0, usual if seconds is None else seconds)
        return Estimate(len(documents), pages, passages, passages * _TOKENS_PER_PASSAGE, seconds)

    def _readable(self, reader: Reader, document_id: str) -> Document:
        document = self._store.documents.get(document_id)
        require(reader, Action.READ, document.collection_id, what="document")
        return document

    def _found(self, reader: Reader, document_id: str) -> Document | None:
        try:
            return self._readable(reader, document_id)
        except NotFound:
            return None

    def _begun(
        self, reader: Reader, options: SummaryOptions, documents: Sequence[Document]
    ) -> tuple[Telling, SummaryOptions | None]:
        """A summary to be told, and its options as moderation lets them pass; None for those where it blocks them."""
        collections = tuple(sorted({document.collection_id for document in documents}))
        ids = tuple(document.id for document in documents)
        moderator = self._moderator().of(Exchange(str(uuid4()), reader, collections, ids))
        telling = Telling(moderator, self._checker, self.model)
        passed: list[str] = []
        own = options.own
        wishes = (own.instructions, *own.headings) if own is not None else ()
        for wish in (options.focus, options.audience, *wishes):
            asked = moderator.question(wish) if wish else None
            if asked is not None and asked.blocks:
                telling.withdraw(asked)
                return telling, None
            passed.append(asked.text if asked is not None else wish)
        if own is not None:
            own = replace(own, instructions=passed[2], headings=tuple(passed[3:]))
        return telling, replace(options, focus=passed[0], audience=passed[1], own=own)

    def _quote(
        self, telling: Telling, passages: Sequence[Passage], template: Template, options: SummaryOptions
    ) -> None:
        telling.notices = [Notice(code, ()) for code in _not_possible(passages, options)]
        if not passages:
            return
        embedder = self._embedder()
        material = material_of(passages, self._store.passages.vectors(passages[0].version_id, embedder.name) or b"")
        if material is None:
            raise Unavailable("The document is being embedded anew. Try again when that is done.", retry_after=30)
        shown: dict[int, Hit] = {}

        def see(some: Sequence[Passage]) -> list[Passage]:
            """Passages as moderation lets a writer see them."""
            hits = telling.moderator.context(_hits(some))
            shown.update((hit.passage.id, hit) for hit in hits)
            return [hit.passage for hit in hits]

        drafts = quoted(material, template, STATEMENTS[options.length], embedder, focus=options.focus, see=see)
        telling.tell(drafts, list(shown.values()))

    def _write(self, telling: Telling, writing: Writing, passages: Sequence[Passage], count: int) -> None:
        if not passages:
            return
        hits = telling.moderator.context(_hits(passages))
        # A model that is shown nothing makes something up.
        telling.tell(writing.written(hits, count) if hits else [], hits)

    def _embed(self, parts: Sequence[Part]) -> None:
        """Vectors of all statements, where there is an embedder; without one their words have to do."""
        texts = [statement.text for part in parts for statement in part.summary.statements]
        try:
            vectors = self._embedder().embed_passages(texts) if texts else np.empty((0, 0), np.float32)
        except EmbedderMissing:
            return
        start = 0
        for part in parts:
            end = start + len(part.summary.statements)
            part.vectors = vectors[start:end] if end > start else None
            start = end

    def _tell_together(self, telling: Telling, writing: Writing, taken: Sequence[Taken], count: int) -> None:
        """Tell what the statements say together; nothing where the model is away, since all of them are told anyway."""
        ids = list(dict.fromkeys(citation.passage_id for one in taken for citation in one.citations))
        found = self._store.passages.by_ids(ids)
        hits = telling.moderator.context(_hits([found[one] for one in ids if one in found]))
        seen = {hit.passage.id: hit.passage for hit in hits}
        notes = [_note(one, seen) for one in taken if one.statement.verdict is not Verdict.UNSUPPORTED]
        try:
            drafts = writing.together([note for note in notes if note.sources], count)
        except ModelUnavailable as error:
            log.warning("What documents say together could not be written: %s", error)
            return
        telling.tell([Under("", draft) for draft in drafts], hits)

    def _tell_merged(self, telling: Telling, parts: Sequence[Part], taken: Sequence[Taken]) -> None:
        """Tell statements that were checked before: their verdicts and quotes stand."""
        for one in taken:
            text = telling.moderated(one.statement.text)
            if text is None:
                return
            telling.repeat(replace(one.statement, text=text, heading=parts[one.part].name), one.citations)


def _note(taken: Taken, seen: Mapping[int, Passage]) -> Draft:
    """A statement as a note, resting on those of its passages that a writer may see."""
    sources = [Source(seen[one.passage_id], one.quote) for one in taken.citations if one.passage_id in seen]
    return Draft(taken.statement.text, tuple(sources))


def _not_possible(passages: Sequence[Passage], options: SummaryOptions) -> list[str]:
    """Of the wishes those that quoting cannot fulfil; and that it quotes."""
    codes = [notices.EXTRACTIVE]
    language = passages[0].language if passages else ""
    if options.language and options.language.partition("-")[0] != language:
        codes.append(notices.LANGUAGE_IGNORED)
    if options.audience:
        codes.append(notices.AUDIENCE_IGNORED)
    return codes


def _hits(passages: Sequence[Passage]) -> list[Hit]:
    return [Hit(rank, 1.0, passage) for rank, passage in enumerate(passages, 1)]
