"""What finds passages for people, opened from the settings: all that a search needs, and of answers nothing.

A process that only searches loads neither a client of language models nor what judges sentences.
"""

from functools import cached_property

from core.settings import Settings
from core.storage.store import Store
from llm.moderation.moderator import PolicyModerator
from llm.moderation.opening import open_moderator
from llm.searching import Searching
from retrieval.embedders.protocol import Embedder
from retrieval.retriever import Retriever


class Finding:
    """What a program that searches works with; open one for each process and close it at the end."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = Store(settings)
        self.retriever = Retriever(settings, self.store)

    @cached_property
    def searching(self) -> Searching:
        """Finds passages for people who want no answer."""
        return Searching(self.retriever, lambda: self.moderator)

    @cached_property
    def moderator(self) -> PolicyModerator:
        """Looks at what people write and at what they are shown."""
        return open_moderator(self.settings, self.store, self._embedder)

    def _embedder(self) -> Embedder:
        return self.retriever.embedder

    def warm(self) -> None:
        """Load now what the first question would otherwise wait for."""
        self.retriever.warm()
        self.moderator.warm()

    def close(self) -> None:
        """Close the indexes and the storage, with the decisions that wait to be stored."""
        self.retriever.close()
        if "moderator" in vars(self):
            self.moderator.close()
        self.store.close()
