"""The file store when the disk has no room left."""

from pathlib import Path

import pytest

from core.errors import StorageFull
from core.storage.files import Incoming


def test_a_full_disk_is_named_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(StorageFull), Incoming(tmp_path, limit=1_000) as incoming:
        incoming._file.close()
        incoming._file = Path("/dev/full").open("wb")  # noqa: SIM115 - the context closes it
        incoming.write(b"bytes that stay in the buffer")
        incoming.finish()

    assert list(tmp_path.iterdir()) == []
