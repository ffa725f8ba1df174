"""Embedding models behind one protocol, chosen by settings. Each model is a module of its own."""

from pathlib import Path

from core.settings import Settings
from core.storage.agreements import Recipe
from retrieval.embedders.protocol import Embedder
from retrieval.embedders.recipes import BUNDLED, chosen, files_of


def open_embedder(settings: Settings, recipe: Recipe | None = None, *, bulk: bool = False) -> Embedder:
    """The embedder of a recipe, by default of the one that the settings name.

    `bulk` when many passages will be embedded, which pays for a GPU. Raises `EmbedderMissing` when it has not been
    prepared on this machine, `EmbedderChanged` when its files are other ones by now.
    """
    wanted = recipe or chosen(settings)
    bundled = wanted.model == BUNDLED.model
    if bundled and not (bulk and _wants_cuda(settings)):
        from retrieval.embedders.openvino_minilm import OpenVinoMiniLM  # noqa: PLC0415 - 0.2 s, only where used

        return OpenVinoMiniLM(settings.cache)
    folder = None if bundled else files_of(wanted, settings)
    # torch and what stands on it take seconds to import, and a search with the bundled model never needs them.
    from retrieval.embedders.sentence_transformer import SentenceTransformerEmbedder  # noqa: PLC0415

    return SentenceTransformerEmbedder(wanted, folder, settings.embedder_device)


def _wants_cuda(settings: Settings) -> bool:
    if settings.embedder_device == "auto":
        # The driver's device node is there exactly when a GPU is usable; asking torch would cost seconds.
        return Path("/dev/nvidiactl").exists()
    return settings.embedder_device == "cuda"
