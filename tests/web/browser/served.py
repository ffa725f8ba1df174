"""A site that a browser can reach, with a worker that reads what is uploaded and a writer that tests direct."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from werkzeug.serving import make_server

from core.errors import ModelUnavailable
from core.storage.people import Credential
from core.values import CollectionRole, DocumentStatus, Hit, User
from llm.assistant import Assistant
from llm.events import Waiting
from llm.moderation import PassThrough
from llm.quoting import QuotingWriter
from llm.writers import Draft, Source, Writer
from tests import factories
from tests.processes import eventually
from tests.web.site import Site

_IDLE_SECONDS = 0.05
_LONGEST_WAIT = 20
_MOST_DOCUMENTS = 1000


@dataclass
class Told:
    """A writer that says what a test tells it to; with `gate` it waits before each further sentence."""

    sentences: Sequence[str]
    model: str = "tiny-llama"
    introduction: str = ""
    gate: threading.Event | None = None
    unavailable: bool = False

    def write(self, question: str, hits: Sequence[Hit]) -> Iterator[Draft | Waiting]:
        """Each sentence with the best passage as its source."""
        passage = hits[0].passage
        for number, text in enumerate(self.sentences):
            if number and self.gate is not None:
                self.gate.wait(_LONGEST_WAIT)
            yield Draft(text, (Source(passage, passage.text),))
        if self.unavailable:
            raise ModelUnavailable("The language model's server cannot be reached.")


@dataclass
class Directed:
    """Hands each question to the writer of the moment."""

    writer: Writer
    asked: list[str] = field(default_factory=list)

    @property
    def model(self) -> str:
        """The model of the writer of the moment."""
        return self.writer.model

    @property
    def introduction(self) -> str:
        """Its introduction."""
        return self.writer.introduction

    def write(self, question: str, hits: Sequence[Hit]) -> Iterator[Draft | Waiting]:
        """What it writes."""
        self.asked.append(question)
        return self.writer.write(question, hits)


class Hosted:
    """The application behind a threaded HTTP server on a free port of this machine, with a worker that reads."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._server = make_server("127.0.0.1", 0, site.app, threaded=True)
        self._server.daemon_threads = True  # type: ignore[attr-defined]
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._ending = threading.Event()
        self.may_read = threading.Event()
        self.may_read.set()
        self._threads = [threading.Thread(target=self._server.serve_forever), threading.Thread(target=self._work)]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Stop serving and reading."""
        self._ending.set()
        self._server.shutdown()
        self._server.server_close()
        for thread in self._threads:
            thread.join()

    def sign_in_link(self, user: User) -> str:
        """A link that nobody has used."""
        return f"{self.url}/sign-in/{self.site.store.people.issue(user.id, Credential.SIGN_IN_LINK, 600)}"

    def collection(self, user: User, **texts: str) -> str:
        """A collection of this person with a document for each text that has been read; its id."""
        collection_id = self.site.collection()
        self.site.store.collections.set_member(collection_id, user.id, CollectionRole.OWNER)
        for name, text in texts.items():
            factories.upload(self.site.store, f"{name}.txt", text.encode(), collection=collection_id)
        self.wait_until_read(collection_id)
        return collection_id

    def wait_until_read(self, collection_id: str) -> None:
        """Return when every document has been read, or could not be, and searches know of it."""
        unread = {DocumentStatus.QUEUED, DocumentStatus.PROCESSING}
        documents = self.site.store.documents

        def waiting() -> bool:
            return any(one.status in unread for one in documents.page(collection_id, limit=_MOST_DOCUMENTS))

        eventually(lambda: not waiting(), 60)
        eventually(lambda: not self.site.services.retriever.behind())

    def _work(self) -> None:
        while not self._ending.wait(_IDLE_SECONDS):
            while self.may_read.is_set() and not self._ending.is_set() and self.site.worker.run():
                pass


class Served(Hosted):
    """A site where tests direct who writes, and nothing is moderated."""

    def __init__(self, site: Site) -> None:
        self.quoting = QuotingWriter(site.services.retriever.embedder)
        self.directed = Directed(self.quoting)
        site.services.assistant = Assistant(site.store, site.services.retriever, self.directed, PassThrough())
        super().__init__(site)
