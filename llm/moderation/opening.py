"""Opens moderation from the settings: the one place that knows how its parts fit together."""

import logging
from collections.abc import Callable
from functools import cached_property

from core.access import scope
from core.errors import EmbedderMissing
from core.settings import Settings
from core.storage.store import Store
from llm.moderation.detectors import instructions, pii
from llm.moderation.detectors.basic import BasicDetector
from llm.moderation.findings import Guard, Vector
from llm.moderation.guarding import Guarded
from llm.moderation.journal import Journal
from llm.moderation.means import Library, Means
from llm.moderation.moderator import PolicyModerator
from llm.moderation.policy_file import open_policy
from retrieval.embedders.openvino_minilm import OpenVinoMiniLM
from retrieval.embedders.protocol import Embedder

# Gives an embedder that has been opened already; raises `EmbedderMissing` where there is none.
AtHand = Callable[[], Embedder]

log = logging.getLogger(__name__)


def open_moderator(settings: Settings, store: Store | None = None, at_hand: AtHand | None = None) -> PolicyModerator:
    """The moderator of this process, which records its decisions in the store; without one it records nothing.

    What `at_hand` gives serves where it is the bundled embedder, whose vectors the scorer was trained on.
    Raises `UnknownSetting` when the settings name a guard that is none.
    """
    vectors = _BundledVectors(settings, at_hand)
    policy = open_policy(settings)
    guard = _guard(settings, lambda: policy.policy.guard.timeout_seconds)
    means = Means(
        policy,
        BasicDetector(),
        embed=vectors.of,
        personal=pii.find,
        marked=instructions.marks,
        guard=Guarded(guard) if guard is not None else None,
        journal=Journal(store.decisions) if store is not None else None,
        library=_library(store) if store is not None else None,
    )
    return PolicyModerator(means)


def _guard(settings: Settings, patience: Callable[[], float]) -> Guard | None:
    if not settings.guard:
        return None
    from llm.moderation.guards.opening import open_guard  # noqa: PLC0415 - a client of models, which most do without

    return open_guard(settings, patience)


class _BundledVectors:
    """Vectors of the bundled embedder, loaded with the first text; none where it has not been prepared."""

    def __init__(self, settings: Settings, at_hand: AtHand | None) -> None:
        self._settings = settings
        self._at_hand = at_hand

    def of(self, text: str) -> Vector | None:
        """The vector of a text."""
        return self._embedder.embed_queries([text])[0] if self._embedder is not None else None

    @cached_property
    def _embedder(self) -> Embedder | None:
        try:
            at_hand = self._at_hand() if self._at_hand is not None else None
            if at_hand is not None and at_hand.name == OpenVinoMiniLM.name:
                return at_hand
            return OpenVinoMiniLM(self._settings.cache)
        except EmbedderMissing as error:
            log.warning("Moderation goes by rules and characters alone: %s", error)
            return None


def _library(store: Store) -> Library:
    return Library(store.collections.names, lambda reader: scope(reader, store.collections.ids()))
