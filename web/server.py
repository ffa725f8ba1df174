"""The program `python -m web.server`: gunicorn with one process of many threads, on the settings in the environment.

Everything that threads live in is opened after the fork, in the process that uses it.
"""

import gc
import logging
import os
import socket
import struct
import sys
import threading
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication
from gunicorn.workers.gthread import ThreadWorker

from core.errors import ArchivarError
from core.logs import log_to_stderr
from core.settings import Settings, load_settings, quiet_libraries

if TYPE_CHECKING:
    from flask import Flask

    from llm.services import Services
    from web.front import Front

_WORKER_ENDS_WITHIN = 1.0
_ENDS_WITHIN = 3
_BOOTS_WITHIN = 120
_KEEP_ALIVE_SECONDS = 15
_MOST_CONNECTIONS = 1000
_MOST_HEADERS = 64
_MOST_HEADER_BYTES = 8190

log = logging.getLogger(__name__)


def main() -> int:
    """Serve until SIGTERM; the exit status."""
    quiet_libraries()
    try:
        settings = load_settings()
    except ArchivarError as error:
        log.error("%s", error)
        return 2
    log_to_stderr(settings)
    Server(settings).run()
    return 0


class Worker(ThreadWorker):  # type: ignore[misc]
    """The process that answers. When told to stop it waits for running replies a moment, streams included."""

    def handle_exit(self, sig: int, frame: Any) -> None:
        """Stop sooner than the parent would kill, so that there is time to let go of things."""
        self.cfg.set("graceful_timeout", int(_WORKER_ENDS_WITHIN))
        super().handle_exit(sig, frame)


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn, told everything from here: it reads no files and no variables."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._front: Front | None = None
        super().__init__()

    def load_config(self) -> None:
        """Tell gunicorn how to serve."""
        settings = self._settings
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        options = {
            "bind": f"{host}:{settings.port}",
            "proc_name": "archivar web",
            "workers": 1,
            "worker_class": Worker,
            "threads": settings.web_threads,
            "worker_connections": max(_MOST_CONNECTIONS, 2 * settings.web_threads),
            "timeout": _BOOTS_WITHIN,
            "graceful_timeout": _ENDS_WITHIN,
            "keepalive": _KEEP_ALIVE_SECONDS,
            "limit_request_line": _MOST_HEADER_BYTES,
            "limit_request_fields": _MOST_HEADERS,
            "limit_request_field_size": _MOST_HEADER_BYTES,
            "loglevel": settings.log_level,
            "control_socket_disable": True,
            "when_ready": self._bound_silence,
            "worker_exit": self._leave,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> "Flask":
        """The application, in the process that serves it."""
        from llm.services import Services  # noqa: PLC0415 - the parent process stays small

        services = Services(self._settings)
        # Loading the model and the indexes takes about as long as importing the rest, and both can go on at once.
        threading.Thread(target=_warm, args=(services,), name="warm", daemon=True).start()
        from web.app import create_app  # noqa: PLC0415

        self._front = open_front(services)
        return create_app(self._front)

    def _bound_silence(self, arbiter: Any) -> None:
        # Accepted connections inherit it: without, a request whose headers never end holds a thread for ever.
        logging.getLogger("gunicorn.error").addFilter(_is_news)
        seconds = struct.pack("ll", max(1, int(self._settings.silent_seconds)), 0)
        for listener in arbiter.LISTENERS:
            listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, seconds)

    def _leave(self, arbiter: Any, worker: Any) -> None:
        if self._front is not None:
            self._front.close()
        logging.shutdown()
        # Not `sys.exit`: it would wait for threads whose clients still listen to a stream. Who never served says so,
        # or the parent would start one after the other for ever.
        os._exit(0 if worker.booted else arbiter.WORKER_BOOT_ERROR)


def open_front(services: "Services") -> "Front":
    """The collaborators of the web application, none of them started yet."""
    from ingest.children import ParserPool  # noqa: PLC0415 - see `Server.load`
    from llm.gpu_watch import GpuWatch  # noqa: PLC0415
    from web.front import Front  # noqa: PLC0415
    from web.metrics import Metrics  # noqa: PLC0415
    from web.openapi import describe  # noqa: PLC0415
    from web.routes import ROUTES  # noqa: PLC0415
    from workers.doorbell import Doorbell  # noqa: PLC0415

    gpus = GpuWatch()
    return Front(
        services=services,
        pages=ParserPool(services.settings),
        doorbell=Doorbell(services.settings),
        metrics=Metrics(services.store, lambda: services.model, gpus, lambda: services.moderator),
        gpus=gpus,
        openapi=describe(ROUTES),
    )


def _warm(services: "Services") -> None:
    try:
        services.warm()
    except ArchivarError as error:
        log.warning("Searching is not possible yet: %s", error)
    # What has been loaded stays; to look through it for garbage takes longer than the search in whose midst it happens.
    gc.collect()
    gc.freeze()


def _is_news(record: logging.LogRecord) -> bool:
    # A client that fell silent is nothing to report with a traceback.
    return record.exc_info is None or not isinstance(record.exc_info[1], BlockingIOError | TimeoutError)


if __name__ == "__main__":
    sys.exit(main())
