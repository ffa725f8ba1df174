"""How log lines look and which are shown; called once by each program when it starts."""

import logging
import sys

from core.settings import Settings

# What they say at `info` concerns their makers.
_TALKATIVE = ("faiss", "alembic", "celery.app.trace", "celery.beat", "celery.worker.strategy", "kombu", "httpx2")


def log_to_stderr(settings: Settings, *, watched: bool = False) -> None:
    """Send log lines to stderr, from the level of the settings on.

    `watched` is for commands that a person looks at: no times, and without a level set only warnings.
    """
    form = "%(levelname)s %(name)s: %(message)s"
    level = "warning" if watched and "log_level" not in settings.model_fields_set else settings.log_level
    logging.basicConfig(level=level.upper(), stream=sys.stderr, format=form if watched else f"%(asctime)s {form}")
    if level != "debug":
        for name in _TALKATIVE:
            logging.getLogger(name).setLevel(logging.WARNING)
