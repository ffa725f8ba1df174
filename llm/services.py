"""The collaborators of the read flow, opened from the settings: the one place that knows how they fit together."""

from functools import cached_property

from core.settings import Settings
from core.storage.store import Store
from llm.assistant import Assistant
from llm.moderation import PassThrough
from llm.quoting import QuotingWriter
from retrieval.retriever import Retriever


class Services:
    """What a program that answers questions works with; open one for each process and close it at the end."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = Store(settings)
        self.retriever = Retriever(settings, self.store)

    @cached_property
    def assistant(self) -> Assistant:
        """Answers questions."""
        writer = QuotingWriter(self.retriever.embedder)
        return Assistant(self.store, self.retriever, writer, PassThrough())

    def close(self) -> None:
        """Close the indexes and the storage."""
        self.retriever.close()
        self.store.close()
