"""Models that lie on this machine: in a folder, downloaded by us, or in the cache of the Hugging Face hub.

Nothing is downloaded, and no code that comes with a model is run; weights are only measured here.
"""

import json
import re
from pathlib import Path, PurePath
from typing import Any

# Written when a download is complete and checked; and one line for each licence that was accepted.
MANIFEST = "archivar-download.json"
REGISTER = "licences.jsonl"
_LARGEST_CONFIG = 8 * 1024 * 1024
_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")


def find(model: str, models: Path | None = None) -> Path | None:
    """The folder of a model, given by that folder or by its name; None when it is not here.

    Names are looked up among the downloads in `models`, then in the hub's cache.
    """
    if not model:
        return None
    folder = Path(model).expanduser()
    if folder.is_dir():
        return folder
    found = downloaded(model, models)
    if found is not None:
        return found
    if model.startswith((".", "/", "~")) or model.count("/") > 1:
        return None
    from huggingface_hub import try_to_load_from_cache  # noqa: PLC0415 - takes long, and folders do not need it
    from huggingface_hub.errors import HFValidationError  # noqa: PLC0415

    try:
        config = try_to_load_from_cache(model, "config.json")
    except HFValidationError:
        return None
    return Path(config).parent if isinstance(config, str) else None


def downloaded(repository: str, models: Path | None) -> Path | None:
    """Where a model that `llm download` fetched lies: in the folder of downloads, or where its register says."""
    if models is None or not _REPOSITORY.fullmatch(repository) or ".." in repository:
        return None
    folder = models / repository
    if (folder / MANIFEST).is_file():
        return folder
    noted = [Path(str(one.get("folder"))) for one in register(models) if one.get("model") == repository]
    return next((one for one in reversed(noted) if (one / MANIFEST).is_file()), None)


def register(models: Path) -> list[dict[str, Any]]:
    """What was downloaded and under which licence, oldest first, as `llm download` noted it."""
    try:
        lines = (models / REGISTER).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return []
    return [found for found in map(_object, lines) if found]


def config(folder: Path) -> dict[str, Any]:
    """What the model's `config.json` says; nothing where there is none that can be read."""
    found = _read(folder / "config.json")
    # Models that also see pictures keep what concerns text apart.
    text = found.get("text_config")
    return {**found, **text} if isinstance(text, dict) else found


def window(folder: Path) -> int | None:
    """Tokens that the model was made to read and write."""
    tokens = config(folder).get("max_position_embeddings")
    return tokens if isinstance(tokens, int) and tokens > 0 else None


def quantisation(folder: Path) -> str:
    """The method by which the weights were made smaller, empty for none."""
    found = config(folder).get("quantization_config")
    if not isinstance(found, dict):
        return ""
    # Some methods know several sizes, and say deep inside which it is.
    if found.get("bits") == 8 or found.get("load_in_8bit") is True:
        return "int8"
    return "int4" if '"num_bits": 4' in json.dumps(found) else str(found.get("quant_method", "unknown"))


def weights_bytes(folder: Path) -> int:
    """The size of the weights on disk, 0 without any."""
    for pattern in ("*.safetensors", "*.bin"):
        size = sum(path.stat().st_size for path in folder.glob(pattern))
        if size:
            return size
    return 0


def has_chat_template(folder: Path) -> bool:
    """Whether the model knows how a conversation is written down for it."""
    if (folder / "chat_template.jinja").is_file() or (folder / "chat_template.json").is_file():
        return True
    return bool(_read(folder / "tokenizer_config.json").get("chat_template"))


def _read(path: Path) -> dict[str, Any]:
    try:
        return _object(path.read_bytes()) if path.stat().st_size <= _LARGEST_CONFIG else {}
    except OSError:
        return {}


def _object(text: str | bytes) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def shown_name(name: str) -> str:
    """A model's name for people: of a folder its last part, since where it lies is nobody's business."""
    return PurePath(name).name if PurePath(name).is_absolute() else name
