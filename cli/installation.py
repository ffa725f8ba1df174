"""What processes of one data folder know of each other: which `up` runs here, and where people reach it."""

import fcntl
import json
import os
import time
from types import TracebackType
from typing import IO

from core.errors import Conflict
from core.settings import Settings
from core.storage.people import Credential, People

_LOCK = "up.lock"
# `public_url` of another process may hold the lock for the moment of its look.
_LOOKS = 5
_LOOK_SECONDS = 0.05


class Running:
    """The lock that one `up` holds on its data folder; the file says who holds it and the address it serves.

    Raises `Conflict` where another one runs already.
    """

    def __init__(self, settings: Settings) -> None:
        settings.data.mkdir(parents=True, exist_ok=True)
        settings.run_dir.mkdir(mode=0o700, exist_ok=True)
        self._settings = settings

    def __enter__(self) -> "Running":
        self._file: IO[str] = (self._settings.run_dir / _LOCK).open("a+")
        if not _locks_soon(self._file):
            self._file.seek(0)
            holder = _parsed(self._file.read())
            self._file.close()
            raise Conflict(
                f"Archivar already runs on {self._settings.data} (process {holder.get('pid', 'unknown')}, "
                f"{holder.get('url', 'still starting')}). Stop it first, or choose another folder with --data."
            )
        self.announce("")
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._file.close()

    def announce(self, url: str) -> None:
        """Say under which address the installation is reached."""
        self._file.seek(0)
        self._file.truncate()
        json.dump({"pid": os.getpid(), "url": url}, self._file)
        self._file.flush()


def local_url(settings: Settings) -> str:
    """The address of the web server on this machine."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 - compared, not bound
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def public_url(settings: Settings) -> str:
    """The address that people type: as set, else that of the `up` that runs here, else host and port."""
    if settings.public_url:
        return settings.public_url.rstrip("/")
    lock = settings.run_dir / _LOCK
    if lock.exists():
        with lock.open("r") as file:
            if not _locks(file) and (url := _parsed(file.read()).get("url")):
                return url
    return local_url(settings)


def sign_in_link(settings: Settings, people: People, user_id: str) -> str:
    """A new link that signs this person in once."""
    secret = people.issue(user_id, Credential.SIGN_IN_LINK, settings.sign_in_link_minutes * 60)
    return f"{public_url(settings)}/sign-in/{secret}"


def _locks(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _locks_soon(file: IO[str]) -> bool:
    for _ in range(_LOOKS):
        if _locks(file):
            return True
        time.sleep(_LOOK_SECONDS)
    return False


def _parsed(text: str) -> dict[str, str]:
    try:
        return dict(json.loads(text))
    except ValueError:
        return {}
