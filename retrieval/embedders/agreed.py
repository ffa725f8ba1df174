"""The embedder that this installation has agreed on, for those who embed and do not search."""

from threading import Lock

from core.settings import Settings
from core.storage.store import Store
from retrieval.embedders import open_embedder
from retrieval.embedders.protocol import Embedder
from retrieval.embedders.recipes import agreed


class AgreedEmbedder:
    """Opened when first asked for, and another one once `reindex` has changed over. Thread-safe."""

    def __init__(self, settings: Settings, store: Store, *, bulk: bool = False) -> None:
        """`bulk` when many passages will be embedded, which pays for a GPU."""
        self._settings = settings
        self._store = store
        self._bulk = bulk
        self._lock = Lock()
        self._opened: Embedder | None = None

    def __call__(self) -> Embedder:
        """The one whose vectors answer now. Raises `EmbedderMissing` where it is not on this machine."""
        recipe = agreed(self._settings, self._store)
        with self._lock:
            if self._opened is None or self._opened.name != recipe.name:
                self._opened = open_embedder(self._settings, recipe, bulk=self._bulk)
            return self._opened
