"""Models that lie on this machine: in a folder, or under their name in the cache of the Hugging Face hub.

Nothing is downloaded, and no code that comes with a model is run; weights are only measured here.
"""

import json
from pathlib import Path, PurePath
from typing import Any

_LARGEST_CONFIG = 8 * 1024 * 1024


def find(model: str) -> Path | None:
    """The folder of a model, given by that folder or by a name in the hub's cache; None when it is not here."""
    if not model:
        return None
    folder = Path(model).expanduser()
    if folder.is_dir():
        return folder
    if model.startswith((".", "/", "~")) or model.count("/") > 1:
        return None
    from huggingface_hub import try_to_load_from_cache  # noqa: PLC0415 - takes long, and folders do not need it
    from huggingface_hub.errors import HFValidationError  # noqa: PLC0415

    try:
        config = try_to_load_from_cache(model, "config.json")
    except HFValidationError:
        return None
    return Path(config).parent if isinstance(config, str) else None


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
        if path.stat().st_size > _LARGEST_CONFIG:
            return {}
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def shown_name(name: str) -> str:
    """A model's name for people: of a folder its last part, since where it lies is nobody's business."""
    return PurePath(name).name if PurePath(name).is_absolute() else name
