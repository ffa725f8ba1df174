"""Reports as files in a folder of the settings: each whole or not there, under a name that is made of ids and times."""

import contextlib
import os
from pathlib import Path
from uuid import uuid4

from core.deliveries import Format
from core.settings import Settings
from core.summaries import SummaryRun
from core.values import Failure
from workers.delivery.outcomes import Outcome
from workers.delivery.rendering import ENDINGS


def send(settings: Settings, run: SummaryRun, form: Format, text: str) -> Outcome:
    """Write a report, in place of one of the same run, and say how that went."""
    folder = Path(settings.delivery_folder).expanduser()
    name = f"{run.created_at:%Y%m%dT%H%M%SZ}-{run.id}.{ENDINGS[form]}"
    try:
        _write(folder, name, text.encode())
    except OSError as error:
        why = error.strerror or type(error).__name__
        return Outcome(later=Failure("folder_trouble", f"The report could not be written to its folder: {why}."))
    return Outcome()


def _write(folder: Path, name: str, data: bytes) -> None:
    # The folder is the operator's: where a mount is missing, nothing is made in its place.
    unfinished = folder / f".{name}.{uuid4().hex}"
    try:
        with unfinished.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(folder / name)
        _keep(folder)
    finally:
        # Of this attempt, and of those that were cut off.
        for left in folder.glob(f".{name}.*"):
            with contextlib.suppress(OSError):
                left.unlink()


def _keep(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
