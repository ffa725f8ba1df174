"""The file store when the disk has no room left, and what cut-off uploads leave in it."""

import os
import time
from pathlib import Path

import pytest

from core.errors import StorageFull
from core.storage.files import FileStore, Incoming


def test_a_full_disk_is_named_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(StorageFull), Incoming(tmp_path, limit=1_000) as incoming:
        incoming._file.close()
        incoming._file = Path("/dev/full").open("wb")  # noqa: SIM115 - the context closes it
        incoming.write(b"bytes that stay in the buffer")
        incoming.finish()

    assert list(tmp_path.iterdir()) == []


def test_only_old_leftovers_are_removed(tmp_path: Path) -> None:
    store = FileStore(tmp_path, 1_000)
    assert store.remove_leftovers(0) == 0
    (tmp_path / "incoming").mkdir()
    for name, age in (("old", 100), ("young", 0)):
        (tmp_path / "incoming" / name).touch()
        os.utime(tmp_path / "incoming" / name, (time.time() - age,) * 2)

    assert store.remove_leftovers(50) == 1

    assert [path.name for path in store.leftovers()] == ["young"]
