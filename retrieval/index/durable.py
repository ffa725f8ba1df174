"""Writing files of the index folder so that a crash leaves the old or the new state, and proving them by hash."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
_PROOF = "proof"


def file_hash(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sync(path: Path) -> None:
    """Make a file or folder durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_manifest(path: Path, manifest: dict[str, Any]) -> None:
    """Replace a manifest, signed with its own hash: readers see the old or the new one, whole."""
    scratch = path.with_name(f"{path.name}.{os.getpid()}.new")
    with scratch.open("w") as stream:
        json.dump({**manifest, _PROOF: _proof(manifest)}, stream)
        stream.flush()
        os.fsync(stream.fileno())
    scratch.replace(path)
    sync(path.parent)


def read_manifest(path: Path) -> dict[str, Any] | None:
    """The manifest in a file; None when there is none, or a damaged one."""
    try:
        manifest = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    if not isinstance(manifest, dict):
        return None
    proof = manifest.pop(_PROOF, None)
    return manifest if proof == _proof(manifest) else None


def _proof(manifest: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()
