"""How log lines look and which are shown; called once by each program when it starts."""

import logging
import sys

from core.settings import Settings

# What they say at `info` concerns their makers.
_TALKATIVE = ("faiss", "alembic", "celery.worker.strategy", "kombu")


def log_to_stderr(settings: Settings, *, with_time: bool = True) -> None:
    """Send log lines to stderr, from the level of the settings on."""
    form = "%(levelname)s %(name)s: %(message)s"
    logging.basicConfig(
        level=settings.log_level.upper(), stream=sys.stderr, format=f"%(asctime)s {form}" if with_time else form
    )
    if settings.log_level != "debug":
        for name in _TALKATIVE:
            logging.getLogger(name).setLevel(logging.WARNING)
