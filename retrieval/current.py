"""What answers right now: an index and the embedder whose vectors are in it, opened and changed over together.

How hits are ranked is in `retriever`; how an index or a model works is in `index` and `embedders`.
"""

import atexit
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from core.errors import ArchivarError, EmbedderMissing, Unavailable
from core.settings import Settings
from core.storage.agreements import Recipe
from core.storage.store import Store
from core.versions import Answered
from retrieval.embedders import open_embedder
from retrieval.embedders.protocol import Embedder, TakeTokens, Vectors
from retrieval.embedders.recipes import agreed
from retrieval.familiarity import familiarity
from retrieval.index.indexer import Indexer
from retrieval.index.opening import open_former, open_index, open_indexer
from retrieval.index.protocol import IndexDamaged, LiveIndex, Searched

if TYPE_CHECKING:
    from retrieval.index.former import FormerVersions

_FOLLOW_SECONDS = 0.5
_OWNER_SECONDS = 10.0
_RETRY_SECONDS = 0.1
# Between two attempts to load a model that could not be loaded.
_LOAD_AGAIN_SECONDS = 20.0
# No search that began with an index lasts longer than this after another one has taken its place.
_RETIRED_SECONDS = 60.0
_ENDS_SECONDS = 10.0
# A process that answers for so long will go on: before, it does not prepare what only makes later searches faster.
_LASTS_SECONDS = 10.0
_Found = TypeVar("_Found")
_log = logging.getLogger(__name__)


class Answering:
    """An index and the embedder that made its vectors. Thread-safe."""

    def __init__(self, live: LiveIndex, recipe: Recipe | None, embedder: Embedder | None, trouble: str) -> None:
        self.live = live
        self.recipe = recipe
        self.embedder = embedder
        self.trouble = trouble

    @property
    def name(self) -> str:
        """Of the recipe; empty before the first agreement."""
        return self.recipe.name if self.recipe else ""

    def vectors(self, texts: Sequence[str], take_tokens: TakeTokens | None = None) -> Vectors:
        """Unit vectors of what is asked, shape (n, dimensions); n is 0 where the words alone have to do."""
        if self.embedder is not None:
            try:
                return self.embedder.embed_queries(texts, take_tokens)
            except EmbedderMissing as error:
                self._go_without(error)
        return np.empty((0, 0), np.float32)

    def familiarity(self, text: str) -> float:
        """How well the model knows the language of a question, 0 to 1; 0 where the words alone have to do."""
        if self.embedder is not None:
            try:
                return familiarity(text, self.embedder.token_spans)
            except EmbedderMissing as error:
                self._go_without(error)
        return 0.0

    def _go_without(self, error: EmbedderMissing) -> None:
        _log.warning("Searching by words alone: %s", error)
        self.embedder, self.trouble = None, error.message


class Current:
    """Opens what answers when first needed, and follows the database and the agreed embedder. Thread-safe."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        at_hand: Embedder | None = None,
        also: Callable[[], None] = lambda: None,
    ) -> None:
        """`at_hand` is an embedder that has been opened already; it serves where it is the agreed one.

        `also` keeps something else in step with the database, as often as additions to the index are looked for.
        """
        self._settings = settings
        self._store = store
        self._at_hand = at_hand
        self._also = also
        self._lock = Lock()
        self._answering: Answering | None = None
        self._former: FormerVersions | None = None
        self._retired: list[tuple[float, LiveIndex]] = []
        self._load_at = 0.0
        self._lasting = False
        self._stop = Event()
        self._follower: Thread | None = None

    def followed(self) -> Answering:
        """What answers, with deletions and replacements up to this moment taken into account."""
        answering = self._opened()
        try:
            answering.live.follow()
        except IndexDamaged as error:
            answering = self._reopened(answering, error)
        return answering

    def ask(self, search: Callable[[Answering], _Found]) -> _Found:
        """Search what answers; once more where its index turns out to be gone."""
        answering = self.followed()
        try:
            return search(answering)
        except IndexDamaged as error:
            return search(self._reopened(answering, error))

    def last(self) -> None:
        """Say that this process stays, so that it prepares for many searches at once."""
        self._lasting = True

    def beside(self, answering: Answering, former: Mapping[str, Answered]) -> Searched:
        """What answers together with versions that do no more, in the place of their documents."""
        if not former:
            return answering.live
        with self._lock:
            self._former = self._former or open_former(self._store)
            opened = self._former
        return opened.beside(answering.live, former, answering.name)

    def _reopened(self, damaged: Answering, why: IndexDamaged) -> Answering:
        """What answers in place of something that does no longer."""
        _log.warning("The index is opened anew: %s", why)
        with self._lock:
            if self._answering is None or self._answering is damaged:
                self._replace(self._open())
            return self._settled()

    def close(self) -> None:
        """Stop following changes."""
        atexit.unregister(self.close)
        self._stop.set()
        if self._follower is not None:
            self._follower.join(_ENDS_SECONDS)
        with self._lock:
            for live in [live for _, live in self._retired] + ([self._answering.live] if self._answering else []):
                live.close()

    def _opened(self) -> Answering:
        with self._lock:
            if self._answering is None:
                self._answering = self._open()
                self._load_at = time.monotonic() + _LOAD_AGAIN_SECONDS
                self._follower = Thread(target=self._follow, name="retriever", daemon=True)
                self._follower.start()
                # Python ends a thread in the midst of native code by ending the process.
                atexit.register(self.close)
            return self._settled()

    def _settled(self) -> Answering:
        if self._answering is None:
            raise RuntimeError("nothing is open")
        return self._answering

    def _replace(self, opened: Answering) -> None:
        # Searches that have begun go on with the former one.
        if self._answering is not None and self._answering.live is not opened.live:
            self._retired.append((time.monotonic() + _RETIRED_SECONDS, self._answering.live))
        self._answering = opened

    def _follow(self) -> None:
        said = ""
        opened = time.monotonic()
        while not self._stop.wait(_FOLLOW_SECONDS):
            try:
                self.followed().live.add_pending(lasting=self._lasting or time.monotonic() > opened + _LASTS_SECONDS)
                self._also()
                self._change_over()
                said = ""
            except (ArchivarError, IndexDamaged, OSError) as error:
                if str(error) != said:
                    _log.warning("The index follows in a moment: %s", error)
                said = str(error)
            self._close_retired()
            if self._former is not None:
                self._former.forget_idle()

    def _change_over(self) -> None:
        """Open what the installation has agreed on meanwhile, beside what answers until that is ready."""
        answering = self._opened()
        recipe = self._store.agreements.embedder()
        load = answering.embedder is None and time.monotonic() > self._load_at
        if load:
            self._load_at = time.monotonic() + _LOAD_AGAIN_SECONDS
            recipe, _ = self._agreed()
        if recipe is not None and recipe.name != answering.name:
            opened = self._open()
            _log.info("Another embedder answers from now on: %s", opened.name)
        elif load and recipe is not None:
            opened = Answering(answering.live, recipe, *self._load(recipe))
        else:
            return
        opened.vectors(["warm"])
        with self._lock:
            if self._answering is answering:
                self._replace(opened)
                return
        if opened.live is not answering.live:
            opened.live.close()

    def _open(self) -> Answering:
        while True:
            recipe, trouble = self._agreed()
            # Reading files and preparing a model leave each other a core.
            with ThreadPoolExecutor(1) as beside:
                loading = beside.submit(self._ready, recipe) if recipe is not None else None
                live = _open_live(self._settings, self._store, recipe.name if recipe else "")
            # Vectors are removed only after the agreement has changed: if it has not, none was missed.
            if self._store.agreements.embedder() == recipe:
                break
            live.close()
        embedder = None
        if loading is not None:
            embedder, trouble = loading.result()
        if trouble:
            _log.warning("Searching by words alone: %s", trouble)
        return Answering(live, recipe, embedder, trouble)

    def _agreed(self) -> tuple[Recipe | None, str]:
        try:
            return agreed(self._settings, self._store), ""
        except EmbedderMissing as error:
            return None, error.message

    def _ready(self, recipe: Recipe) -> tuple[Embedder | None, str]:
        embedder, trouble = self._load(recipe)
        if embedder is not None:
            try:
                embedder.embed_queries(["ready"])
            except EmbedderMissing as error:
                return None, error.message
        return embedder, trouble

    def _load(self, recipe: Recipe) -> tuple[Embedder | None, str]:
        if self._at_hand is not None and self._at_hand.name == recipe.name:
            return self._at_hand, ""
        try:
            return open_embedder(self._settings, recipe), ""
        except EmbedderMissing as error:
            return None, error.message

    def _close_retired(self) -> None:
        with self._lock:
            due = [live for at, live in self._retired if at < time.monotonic()]
            self._retired = [(at, live) for at, live in self._retired if live not in due]
        for live in due:
            live.close()


def _open_live(settings: Settings, store: Store, embedder: str) -> LiveIndex:
    # Without a server nobody else brings the index up to date, so whoever searches does.
    deadline = time.monotonic() + _OWNER_SECONDS
    indexer = open_indexer(settings, store)
    try:
        while True:
            live = _try_open(settings, store, embedder, indexer, late=time.monotonic() > deadline)
            if live is not None:
                return live
            time.sleep(_RETRY_SECONDS)
    finally:
        indexer.close()


def _try_open(settings: Settings, store: Store, embedder: str, indexer: Indexer, *, late: bool) -> LiveIndex | None:
    try:
        live = open_index(settings, store, embedder, proved=_caught_up(indexer))
    except IndexDamaged as error:
        if late:
            raise Unavailable("The index is being made anew. Try again in a moment.", retry_after=5) from error
        return None
    if late or _worth_using(live):
        return live
    live.close()
    return None


def _caught_up(indexer: Indexer) -> bool:
    """Whether the index belongs to this process for now, which has proved it and brought it up to date."""
    try:
        if not indexer.try_own():
            return False
        indexer.catch_up()
    except Unavailable as error:
        _log.warning("The index is opened as it is: %s", error)
        return False
    return True


def _worth_using(live: LiveIndex) -> bool:
    try:
        return live.behind() == 0
    except Unavailable:
        return True  # it says so to whoever searches, and goes on when its server is back
