"""Which model embeds and how, as a recipe whose name tells its vectors from all others. No model is loaded here.

A name holds a fingerprint of the model's files, so that other files in the same place are another recipe.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.errors import EmbedderChanged, EmbedderMissing, UnknownSetting
from core.settings import Settings
from core.storage.agreements import Recipe
from core.storage.store import Store
from retrieval.embedders.bundled import NAME

BUNDLED = Recipe(NAME, "bundled")
# What a model is made of; what stands beside it, such as its description or other forms of its weights, is left out.
_PARTS = frozenset({".json", ".txt", ".model", ".safetensors", ".bin"})
_OTHER_FORMS = frozenset({"onnx", "openvino"})
_MODULES, _CONFIG, _PROMPTS = "modules.json", "config.json", "config_sentence_transformers.json"
_HUB = "sentence-transformers"
# Of each file are read its size and this many blocks, from its first to its last byte.
_BLOCKS = 16
_BLOCK_BYTES = 16 * 1024
_READABLE = 60
_LONGEST_PATH = 200


def chosen(settings: Settings) -> Recipe:
    """The recipe that the settings name. Raises `EmbedderMissing`, and `UnknownSetting` where parts do not fit."""
    if settings.embedder == BUNDLED.model:
        return BUNDLED
    folder = located(settings.embedder)
    if settings.embedder_pooling != "auto" and (folder / _MODULES).exists():
        raise UnknownSetting(
            f"ARCHIVAR_EMBEDDER_POOLING: The model {_shown(settings.embedder)!r} says itself how it makes one vector "
            "of a text. Leave this at `auto`."
        )
    # A relative folder means another one to a process that runs elsewhere.
    model = str(folder.absolute()) if Path(settings.embedder).expanduser().is_dir() else settings.embedder
    if len(model) > _LONGEST_PATH:
        raise UnknownSetting(f"ARCHIVAR_EMBEDDER: The path of the folder is longer than {_LONGEST_PATH} characters.")
    prompts = _prompts(folder)
    return _named(
        folder,
        model=model,
        query_prefix=settings.embedder_query_prefix or prompts.get("query", ""),
        passage_prefix=settings.embedder_passage_prefix or prompts.get("document") or prompts.get("passage", ""),
        pooling=settings.embedder_pooling,
    )


def agreed(settings: Settings, store: Store) -> Recipe:
    """The recipe whose vectors answer in this installation; where none does yet, that of the settings from now on.

    Raises `EmbedderMissing` when nothing is agreed and the settings name a model that is not here.
    """
    return store.agreements.embedder() or store.agreements.agree([chosen(settings), BUNDLED])


def notice(settings: Settings, store: Store) -> str:
    """What an operator should know about the embedder that the settings name; empty when its vectors answer."""
    answering = store.agreements.embedder()
    try:
        wanted = chosen(settings)
    except (EmbedderMissing, UnknownSetting) as error:
        return error.message
    if answering is None or answering.name == wanted.name:
        return ""
    return (
        f"The settings name the embedder {wanted.name}, but the vectors of {answering.name} answer. Run "
        "`./archivar reindex` to change over, or set ARCHIVAR_EMBEDDER back."
    )


def files_of(recipe: Recipe, settings: Settings) -> Path:
    """The folder with the files of a recipe that is not the bundled one, wherever on this machine they lie now.

    Raises `EmbedderMissing` when there are none, `EmbedderChanged` when they are not those that the recipe names.
    """
    try:
        folder = located(recipe.model)
        if _same(folder, recipe):
            return folder
        trouble: EmbedderMissing = EmbedderChanged(
            f"The files of the embedder {recipe.name} have changed. Put the former ones back, or run "
            "`./archivar reindex` to use those that ARCHIVAR_EMBEDDER names."
        )
    except EmbedderMissing as error:
        trouble = error
    # Another machine may keep them elsewhere than the one that agreed on them.
    if settings.embedder != BUNDLED.model:
        try:
            folder = located(settings.embedder)
        except EmbedderMissing:
            raise trouble from None
        if _same(folder, recipe):
            return folder
    raise trouble


def located(model: str) -> Path:
    """The folder of a model, given by that folder or by a name in the hub's cache. Raises `EmbedderMissing`."""
    given = Path(model).expanduser()
    folder = given if given.is_dir() else _cached(model)
    if folder is None or not any((folder / name).is_file() for name in (_MODULES, _CONFIG)):
        raise EmbedderMissing(
            f"There is no embedder {_shown(model)!r} on this machine. Check ARCHIVAR_EMBEDDER, and download the model "
            "first where it comes from a hub."
        )
    return folder


def _cached(model: str) -> Path | None:
    if not model or model.startswith((".", "/", "~")) or model.count("/") > 1:
        return None
    from huggingface_hub import try_to_load_from_cache  # noqa: PLC0415 - takes long, and folders do not need it
    from huggingface_hub.errors import HFValidationError  # noqa: PLC0415

    for name in [model] if "/" in model else [f"{_HUB}/{model}", model]:
        for file in (_MODULES, _CONFIG):
            try:
                found = try_to_load_from_cache(name, file)
            except HFValidationError:
                return None
            if isinstance(found, str):
                return Path(found).parent
    return None


def _same(folder: Path, recipe: Recipe) -> bool:
    there = _named(
        folder,
        model=recipe.model,
        query_prefix=recipe.query_prefix,
        passage_prefix=recipe.passage_prefix,
        pooling=recipe.pooling,
    )
    # The readable part is the folder's name, which may be another one by now.
    return there.name.rpartition("-")[2] == recipe.name.rpartition("-")[2]


def _named(folder: Path, *, model: str, query_prefix: str, passage_prefix: str, pooling: str) -> Recipe:
    parts = json.dumps([_fingerprint(folder), query_prefix, passage_prefix, pooling])
    readable = re.sub(r"[^\w.-]+", "-", _shown(model))[-_READABLE:]
    name = f"{readable}-{hashlib.sha256(parts.encode()).hexdigest()[:12]}"
    return Recipe(name, model, query_prefix, passage_prefix, pooling)


def _fingerprint(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(_parts(folder)):
        size = path.stat().st_size
        digest.update(f"{path.relative_to(folder)}:{size}:".encode())
        with path.open("rb") as stream:
            for start in sorted({max(0, size - _BLOCK_BYTES) * block // (_BLOCKS - 1) for block in range(_BLOCKS)}):
                stream.seek(start)
                digest.update(stream.read(_BLOCK_BYTES))
    return digest.hexdigest()


def _parts(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        inside = path.relative_to(folder).parts
        if path.suffix not in _PARTS or _OTHER_FORMS & set(inside) or any(part.startswith(".") for part in inside):
            continue
        # The older form of the same weights, which is not read where both are.
        if path.suffix == ".bin" and any(path.parent.glob("*.safetensors")):
            continue
        if path.is_file():
            yield path


def _prompts(folder: Path) -> dict[str, str]:
    try:
        said: Any = json.loads((folder / _PROMPTS).read_bytes())
    except (OSError, ValueError):
        return {}
    prompts = said.get("prompts") if isinstance(said, dict) else None
    if not isinstance(prompts, dict):
        return {}
    return {str(kind): text for kind, text in prompts.items() if isinstance(text, str)}


def _shown(model: str) -> str:
    """A model's name for people: of a folder its last part, since where it lies is nobody's business."""
    return Path(model).name or model
