"""A closed test world: no test reaches another machine, and each has a data folder of its own."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.settings import Settings, load_settings, quiet_libraries
from core.storage.store import Store

quiet_libraries()
_real_connect = socket.socket.connect


def _local_only(self: socket.socket, address: Any) -> None:
    host = address[0] if isinstance(address, tuple) else "unix socket"
    if host not in {"unix socket", "localhost", "::1"} and not str(host).startswith("127."):
        raise AssertionError(f"a test wanted to connect to {address}")
    _real_connect(self, address)


@pytest.fixture(autouse=True, scope="session")
def closed_world() -> Iterator[None]:
    """Connections to anything but this machine fail with the address that was wanted."""
    socket.socket.connect = _local_only  # type: ignore[method-assign,assignment]
    yield
    socket.socket.connect = _real_connect  # type: ignore[method-assign]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings for an empty data folder."""
    return load_settings(data=tmp_path / "data")


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    """An empty store on SQLite."""
    opened = Store(settings)
    yield opened
    opened.close()
