"""Takes the stored files of a backup in, so that they can be taken out again when the rest of it fails."""

from collections.abc import Iterable

from core.storage.archive import NotABackup
from core.storage.files import FileStore, fsync_folder


class Intake:
    """Use it as a context: what was received goes again unless `keep` was called. Nothing else may write meanwhile."""

    def __init__(self, files: FileStore) -> None:
        self._files = files
        self._new: list[str] = []
        self.received = 0

    def __enter__(self) -> "Intake":
        return self

    def __exit__(self, *_: object) -> None:
        for sha256 in self._new:
            self._files.remove(sha256)

    def receive(self, sha256: str, chunks: Iterable[bytes], size: int) -> None:
        """Store a file under its hash. Raises `NotABackup` where that is not its hash, and `StorageFull`."""
        target = self._files.path(sha256)
        with self._files.receive(size) as incoming:
            for chunk in chunks:
                incoming.write(chunk)
            staged = incoming.finish()
        if staged.file.sha256 != sha256:
            self._files.discard(staged)
            raise NotABackup("The backup is damaged: a stored file in it has changed. Nothing of it was used.")
        if not target.exists():
            self._new.append(sha256)
        # In the place of what is there: that may be damaged.
        target.unlink(missing_ok=True)
        self._files.place(staged)
        fsync_folder(target.parent)
        self.received += 1

    def keep(self) -> None:
        """Let what was received stay."""
        self._new.clear()
