"""Snapshots of the vector index on disk: one folder each, proved by a manifest of hashes before anything is loaded.

A snapshot that does not match its manifest is passed over; the database can always make a new one.
"""

import contextlib
import json
import logging
import shutil
import uuid
from dataclasses import astuple
from pathlib import Path

import faiss
import numpy as np

from retrieval.index.durable import MANIFEST, file_hash, read_manifest, sync, write_manifest
from retrieval.index.vectors import IndexedVersion, VectorContent, VectorIndex

_FORMAT = 1
_KEPT = 2
_VECTORS, _PASSAGES, _SLOTS, _VERSIONS = "vectors.faiss", "passages.npy", "slots.npy", "versions.json"
_log = logging.getLogger(__name__)


def save(folder: Path, index: VectorIndex, sequence: int, embedder: str) -> None:
    """Write a snapshot that shows all changes up to `sequence`; older ones are removed, all but one."""
    content = index.content()
    folder.mkdir(parents=True, exist_ok=True)
    scratch = folder / f"new-{uuid.uuid4().hex}"
    scratch.mkdir()
    try:
        if content.index is not None:
            faiss.write_index(content.index, str(scratch / _VECTORS))
        np.save(scratch / _PASSAGES, content.passages, allow_pickle=False)
        np.save(scratch / _SLOTS, content.slots, allow_pickle=False)
        (scratch / _VERSIONS).write_text(json.dumps([astuple(version) for version in content.versions]))
        hashes = {path.name: file_hash(path) for path in sorted(scratch.iterdir())}
        for path in scratch.iterdir():
            sync(path)
        write_manifest(
            scratch / MANIFEST,
            {"format": _FORMAT, "embedder": embedder, "sequence": sequence, "rows": len(index), "sha256": hashes},
        )
        scratch.rename(folder / f"{sequence:016d}-{uuid.uuid4().hex[:8]}")
        sync(folder)
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise
    for path in [*_generations(folder)[_KEPT:], *folder.glob("new-*")]:
        shutil.rmtree(path, ignore_errors=True)


def newest(folder: Path, embedder: str) -> tuple[int, int]:
    """Sequence number and rows of the newest snapshot for the embedder, by its manifest alone; (0, 0) for none."""
    for path in _generations(folder):
        manifest = read_manifest(path / MANIFEST)
        if manifest is not None and manifest.get("format") == _FORMAT and manifest["embedder"] == embedder:
            return int(manifest["sequence"]), int(manifest["rows"])
    return 0, 0


def remove_others(folder: Path, embedder: str) -> None:
    """Remove what was made for another embedder and will never be read again."""
    for path in _generations(folder):
        manifest = read_manifest(path / MANIFEST)
        if manifest is not None and manifest.get("embedder") != embedder:
            shutil.rmtree(path, ignore_errors=True)


def load(folder: Path, embedder: str) -> tuple[VectorIndex, int] | None:
    """The newest intact snapshot for the embedder and the sequence number it shows; None when there is none."""
    for path in _generations(folder):
        try:
            return _loaded(path, embedder)
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            _log.warning("The snapshot %s is passed over: %s", path.name, error)
    return None


def faults(folder: Path) -> list[str]:
    """What is wrong with the snapshots, in words."""
    found = []
    for path in _generations(folder):
        try:
            _prove(path)
        except (OSError, ValueError, KeyError) as error:
            found.append(f"snapshot {path.name}: {error}")
    return found


def documents(folder: Path) -> set[str]:
    """The ids of the documents that snapshots hold, those included that were deleted since."""
    found: set[str] = set()
    for path in _generations(folder):
        with contextlib.suppress(OSError, ValueError):  # `faults` says so
            found.update(fields[0] for fields in json.loads((path / _VERSIONS).read_text()))
    return found


def keep_newest(folder: Path) -> None:
    """Remove all snapshots but the newest."""
    for path in _generations(folder)[1:]:
        shutil.rmtree(path, ignore_errors=True)


def leftovers(folder: Path) -> list[Path]:
    """Snapshots that were never finished."""
    return sorted(folder.glob("new-*"))


def _generations(folder: Path) -> list[Path]:
    return sorted(folder.glob("[0-9]*-*"), reverse=True)


def _prove(path: Path) -> dict[str, object]:
    manifest = read_manifest(path / MANIFEST)
    if manifest is None or manifest.get("format") != _FORMAT:
        raise ValueError("no manifest of this format")
    if {file.name for file in path.iterdir()} != {MANIFEST, *manifest["sha256"]}:
        raise ValueError("not the files of its manifest")
    for name, expected in manifest["sha256"].items():
        if file_hash(path / name) != expected:
            raise ValueError(f"{name} is damaged")
    return manifest


def _loaded(path: Path, embedder: str) -> tuple[VectorIndex, int]:
    manifest = _prove(path)
    if manifest["embedder"] != embedder:
        raise ValueError("made for another embedder")
    vectors = path / _VECTORS
    content = VectorContent(
        faiss.read_index(str(vectors)) if vectors.exists() else None,
        np.load(path / _PASSAGES, allow_pickle=False),
        np.load(path / _SLOTS, allow_pickle=False),
        [IndexedVersion(*fields) for fields in json.loads((path / _VERSIONS).read_text())],
    )
    rows = content.index.ntotal if content.index is not None else 0
    if not rows == len(content.passages) == len(content.slots) == manifest["rows"]:
        raise ValueError("its parts do not belong together")
    return VectorIndex.of(content), int(str(manifest["sequence"]))
