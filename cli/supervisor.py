"""Keeps the processes of one machine running: starts them, restarts what dies, and leaves none behind."""

import http.client
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from cli.children import Child, Program, stop
from cli.installation import local_url
from cli.redis_server import RedisServer
from core.errors import Unavailable
from core.settings import Settings, child_environment

_PROGRAMS = {"web": "web.server", "worker": "workers.main", "beat": "workers.beat"}
# Nobody waits for the clock; what people wait for starts sooner when it stands back.
_NICENESS = {"beat": 10}
# The parts of `/readyz` that have to be `ok`; the rest informs.
_NEEDED = frozenset({"database", "broker", "worker", "index"})
_KILL_AFTER = 5.0
_REDIS_KILL_AFTER = 1.5
_POLL_SECONDS = 0.05
# A child that dies this young, so many times in a row, will not live.
_YOUNG_SECONDS = 15.0
_DEATHS = 5
_LONGEST_PAUSE = 8.0
_LOG_BYTES = 10 * 1024 * 1024

Say = Callable[[str], None]


@dataclass(slots=True)
class _Place:
    """A program that has to run, the child that runs it now, and how often it died in a row."""

    program: Program
    child: Child
    deaths: int = 0
    restart_at: float | None = None


class Supervisor:
    """Runs Redis (unless one is set), web, worker and beat. Use it as a context: leaving it ends them all."""

    def __init__(self, settings: Settings, say: Say) -> None:
        self._settings = settings
        self._say = say
        self._redis = RedisServer(settings) if not settings.redis_url.get_secret_value() else None
        self._places: list[_Place] = []

    def __enter__(self) -> "Supervisor":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start everything at once; whoever needs Redis first tries until it is there."""
        settings = self._settings
        if self._redis is not None:
            settings = settings.model_copy(update={"redis_url": type(settings.redis_url)(self._redis.url)})
            self._launch(self._redis.program())
        environment = child_environment(settings)
        for name, module in _PROGRAMS.items():
            self._launch(Program(name, [sys.executable, "-m", module], environment, _NICENESS.get(name, 0)))

    def not_ready(self) -> str | None:
        """What `/readyz` finds wrong, None when everything works."""
        address = urlsplit(local_url(self._settings))
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=2)
        try:
            connection.request("GET", "/readyz")
            response = connection.getresponse()
            body = response.read()
        except (OSError, http.client.HTTPException):
            return "the web server does not answer yet"
        finally:
            connection.close()
        return None if response.status == http.client.OK else _complaint(body)

    def watch(self) -> None:
        """Restart what has died. Raises `Unavailable` when something dies again and again."""
        for place in self._places:
            if place.restart_at is not None:
                if time.monotonic() >= place.restart_at:
                    place.child, place.restart_at = self._child(place.program), None
            elif place.child.exit_status is not None:
                self._plan_restart(place)

    def stop(self) -> None:
        """End everything, Redis last."""
        others = [place.child for place in self._places if place.program.name != "redis"]
        stop(others, _KILL_AFTER)
        stop([place.child for place in self._places if place.program.name == "redis"], _REDIS_KILL_AFTER)
        self._places.clear()
        if self._redis is not None:
            self._redis.tidy_up()

    def _launch(self, program: Program) -> None:
        self._places.append(_Place(program, self._child(program)))

    def _child(self, program: Program) -> Child:
        log = self._settings.run_dir / f"{program.name}.log"
        if log.exists() and log.stat().st_size > _LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))
        return Child(program, log)

    def _plan_restart(self, place: _Place) -> None:
        child, name = place.child, place.program.name
        lived = time.monotonic() - child.started_at
        place.deaths = place.deaths + 1 if lived < _YOUNG_SECONDS else 1
        stop([child], 0)  # what it may have left of its group
        self._say(f"{name} ended with status {child.exit_status}. The last lines of {child.log}:\n{child.last_lines()}")
        if place.deaths >= _DEATHS:
            raise Unavailable(f"{name} ended {_DEATHS} times in a row right after its start. See {child.log}.")
        pause = min(_LONGEST_PAUSE, 0.25 * 2**place.deaths)
        place.restart_at = time.monotonic() + pause
        self._say(f"Starting {name} again in {pause:.1f} s.")


def _complaint(body: bytes) -> str:
    try:
        found = json.loads(body)
    except ValueError:
        return "not ready"
    parts = found.items() if isinstance(found, dict) else ()
    wrong = [f"{name}: {state}" for name, state in parts if name in _NEEDED and state != "ok"]
    return ", ".join(wrong) or "not ready"
