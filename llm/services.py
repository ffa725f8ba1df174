"""The collaborators of the read flow, opened from the settings: the one place that knows how they fit together."""

from functools import cached_property

from core.settings import Settings
from core.storage.store import Store
from llm.assistant import Assistant
from llm.client import ModelClient
from llm.llama import LlamaWriter
from llm.moderation.categories import Point
from llm.moderation.moderator import PolicyModerator
from llm.moderation.opening import open_moderator
from llm.quoting import QuotingWriter
from llm.writers import Writer
from retrieval.retriever import Retriever


class Services:
    """What a program that answers questions works with; open one for each process and close it at the end."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = Store(settings)
        self.retriever = Retriever(settings, self.store)

    @cached_property
    def model(self) -> ModelClient | None:
        """The language model, if one is set."""
        return ModelClient(self.settings) if self.settings.llm_url else None

    @cached_property
    def assistant(self) -> Assistant:
        """Answers questions."""
        return Assistant(self.store, self.retriever, self._writer, self.moderator)

    @cached_property
    def moderator(self) -> PolicyModerator:
        """Looks at what people write and at what they are shown."""
        return open_moderator(self.settings, self.store, lambda: self.retriever.embedder)

    @property
    def _writer(self) -> Writer:
        if self.model is None:
            return QuotingWriter(self.retriever.embedder)
        # The other half of the threads keeps searching and signing in while the model hangs.
        return LlamaWriter(self.model, min(self.settings.llm_answers, self.settings.web_threads // 2))

    def warm(self) -> None:
        """Load now what the first question would otherwise wait for."""
        self.retriever.warm()
        self.moderator.judge("warm", Point.QUESTION)
        if self.model is not None:
            self.model.warm()

    def close(self) -> None:
        """Close the indexes and the storage, with the decisions that wait to be stored."""
        self.retriever.close()
        if "moderator" in vars(self):
            self.moderator.close()
        self.store.close()
