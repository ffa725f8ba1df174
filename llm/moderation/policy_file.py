"""The policy in force: the default one, or an operator's file, read again when it changes."""

import logging
import threading
import time
from pathlib import Path

from core.errors import InvalidRequest
from core.settings import Settings
from llm.moderation.policy import Policy, default_policy, read_policy

# Between two looks at the file; a look is one system call.
_LOOK_SECONDS = 0.5
_MOST_BYTES = 1024 * 1024
# Its time of change, size and inode; None while it cannot be seen.
_State = tuple[int, int, int] | None

log = logging.getLogger(__name__)


def open_policy(settings: Settings) -> "PolicyFile":
    """The policy that the settings name, else the default one."""
    return PolicyFile(Path(settings.moderation_policy).expanduser() if settings.moderation_policy else None)


class PolicyFile:
    """Gives the policy in force. A file that cannot be used leaves the former policy in force. Thread-safe."""

    def __init__(self, path: Path | None, look_seconds: float = _LOOK_SECONDS) -> None:
        """Without a path the default policy holds."""
        self._path = path
        self._look_seconds = look_seconds
        self._lock = threading.Lock()
        self._policy = default_policy()
        self._trouble = ""
        self._seen: _State | str = "never"
        self._look_at = 0.0

    @property
    def policy(self) -> Policy:
        """What holds now."""
        if self._path is not None and time.monotonic() >= self._look_at:
            with self._lock:
                self._look(self._path)
        return self._policy

    @property
    def trouble(self) -> str:
        """Why the file is not what holds; empty when it is, or when there is none."""
        _ = self.policy
        return self._trouble

    @property
    def source(self) -> str:
        """Where the policy comes from, for people who look after the server."""
        return "default" if self._path is None else str(self._path)

    def _look(self, path: Path) -> None:
        if time.monotonic() < self._look_at:
            return
        try:
            found = path.stat()
            state: _State = (found.st_mtime_ns, found.st_size, found.st_ino)
        except OSError:
            state = None
        if state != self._seen:
            self._seen = state
            self._read(path)
        self._look_at = time.monotonic() + self._look_seconds

    def _read(self, path: Path) -> None:
        try:
            with path.open("rb") as file:
                data = file.read(_MOST_BYTES + 1)
            if len(data) > _MOST_BYTES:
                raise InvalidRequest(f"The moderation policy is larger than {_MOST_BYTES} bytes.")
            policy = read_policy(data.decode("utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            self._keep(f"The moderation policy cannot be read: {error}.")
        except InvalidRequest as error:
            self._keep(error.message)
        else:
            log.info("The moderation policy %s is in force.", policy.label)
            self._policy, self._trouble = policy, ""

    def _keep(self, why: str) -> None:
        self._trouble = f"{why} Policy {self._policy.label} stays in force."
        log.error("%s", self._trouble)
