"""What a command that reads documents shows meanwhile: bars on stderr, how far each is and how long it takes."""

from collections.abc import Sequence

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from cli.options import plain
from core.values import FINAL_JOB_STATES, Job, JobState

_MINUTE = 60


class Display:
    """Bars on stderr: all documents, and each that is being read with its stage."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._bars: dict[str, TaskID] = {}
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._all = self._progress.add_task("Documents", total=0)

    def __enter__(self) -> "Display":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def expect(self, job_id: str, name: str) -> None:
        """A document more."""
        self._names[job_id] = plain(name)
        self._progress.update(self._all, total=len(self._names))

    def show(self, jobs: Sequence[Job]) -> None:
        """Draw how the jobs stand."""
        self._progress.update(self._all, completed=sum(job.state in FINAL_JOB_STATES for job in jobs))
        for job in jobs:
            if job.state is JobState.RUNNING:
                text = f"{self._names[job.id]}: {job.progress.stage}{_left(job.progress.seconds_left)}"
                bar = self._bars.get(job.id)
                if bar is None:
                    bar = self._bars[job.id] = self._progress.add_task(text, total=None)
                self._progress.update(
                    bar, description=text, completed=job.progress.done, total=job.progress.total or None
                )
            elif job.id in self._bars:
                self._progress.remove_task(self._bars.pop(job.id))


def _left(seconds: float | None) -> str:
    """About how long it still takes, in words; nothing where nobody knows."""
    if seconds is None:
        return ""
    minutes = round(seconds / _MINUTE)
    return f", about {minutes} min left" if minutes else f", about {max(round(seconds), 1)} s left"
