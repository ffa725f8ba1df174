"""The collaborators of the read flow, opened from the settings: the one place that knows how they fit together."""

from functools import cached_property

from core.settings import Settings
from llm import prompts
from llm.assistant import Assistant
from llm.checking import Checker
from llm.client import ModelClient
from llm.finding import Finding
from llm.followups import MOST_CHARS
from llm.line import Priority
from llm.llama import LlamaWriter
from llm.quoting import QuotingWriter
from llm.records import Method
from llm.rewriting import LlamaRewriter, PlainRewriter, Rewriter
from llm.second_opinion import ModelOpinion
from llm.summaries import Summariser
from llm.writers import Writer
from retrieval.embedders.agreed import AgreedEmbedder
from retrieval.embedders.protocol import Embedder


class Services(Finding):
    """What a program that answers questions works with; open one for each process and close it at the end."""

    def __init__(self, settings: Settings, *, searches: bool = True) -> None:
        """Without `searches` its own work opens no index: writing summaries needs the embedder alone."""
        super().__init__(settings)
        self._agreed = None if searches else AgreedEmbedder(settings, self.store)

    @cached_property
    def model(self) -> ModelClient | None:
        """The language model, if one is set."""
        return ModelClient(self.settings) if self.settings.llm_base else None

    @cached_property
    def assistant(self) -> Assistant:
        """Answers questions."""
        return Assistant(
            self.store,
            self.retriever,
            self._writer,
            self.moderator,
            rewriter=self._rewriter,
            method=self._method,
            checker=self._checker(Priority.PERSON),
        )

    @cached_property
    def summariser(self) -> Summariser:
        """Writes summaries; whatever it asks of the model gives way to people."""
        return Summariser(
            self.store,
            self._embedder,
            lambda: self.moderator,
            self._checker(Priority.BATCH),
            model=self.model,
        )

    def _embedder(self) -> Embedder:
        return self.retriever.embedder if self._agreed is None else self._agreed()

    @property
    def _writer(self) -> Writer:
        if self.model is None:
            return QuotingWriter(self.retriever.embedder)
        return LlamaWriter(self.model, self.model.turns)

    def _checker(self, priority: Priority) -> Checker:
        second = ModelOpinion(self.model, priority) if self.settings.llm_judge and self.model is not None else None
        return Checker(self._embedder, second, drops=self.settings.unsupported == "drop")

    @property
    def _rewriter(self) -> Rewriter:
        most = min(MOST_CHARS, self.settings.max_question_chars)
        return PlainRewriter(most) if self.model is None else LlamaRewriter(self.model, self.model.turns, most)

    def _method(self) -> Method:
        agreed = self.store.agreements.embedder()
        embedder = agreed.name if agreed is not None else None
        if self.model is None:
            return Method(parameters={"embedder": embedder})
        settings = self.settings
        parameters = {"temperature": 0, "max_tokens": settings.llm_answer_tokens, "window": settings.llm_window}
        return Method(prompts.VERSION, {**parameters, "embedder": embedder})

    def warm(self) -> None:
        """Load now what the first question would otherwise wait for."""
        super().warm()
        if self.model is not None:
            self.model.warm()
