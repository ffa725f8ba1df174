"""The child that contacts the Hugging Face hub: what a repository holds, and its files, resumed and verified.

Run as `python -m llm.hub look|fetch` by `llm.downloads`, with a request as JSON on its standard input. It prints one
JSON object a line: `found`, `progress`, `done` or `error`. It is a process of its own because the rest of Archivar is
kept offline, and so that whatever a hub sends cannot harm more than this.
"""

import hashlib
import json
import os
import shutil
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from huggingface_hub import HfApi, constants, hf_hub_url
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.errors import HTTPError as TransportError  # type: ignore[attr-defined]
from huggingface_hub.file_download import http_get
from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

# The library keeps ten megabytes back, which are lost when a connection breaks and missing from what is told.
constants.DOWNLOAD_CHUNK_SIZE = 256 * 1024
_PORTION = 4 * 1024 * 1024
_TELL_SECONDS = 0.3
_LOOK_SECONDS = 30.0
_ATTEMPTS = 2
# Beside what is to come, so that the machine goes on working.
_SPARE_BYTES = 256 * 1024 * 1024
_NO_SPACE = 28

Json = dict[str, Any]


class _Wrong(Exception):
    """What ends the work; `code` is that of one of our errors."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def look(request: Json) -> Json:
    """The files of a repository at a revision, with sizes and hashes, and what its card says of its licence."""
    info = HfApi().model_info(
        request["repository"], revision=request["revision"] or None, files_metadata=True, timeout=_LOOK_SECONDS
    )
    card: Json = info.card_data.to_dict() if info.card_data is not None else {}  # type: ignore[no-untyped-call]
    return {
        "repository": request["repository"],
        "revision": info.sha,
        "gated": bool(info.gated),
        "licence": {key: card.get(key) for key in ("license", "license_name", "license_link")},
        "files": [
            {
                "name": one.rfilename,
                "size": one.size or 0,
                "sha256": one.lfs.sha256 if one.lfs is not None else "",
                "blob": one.blob_id or "",
            }
            for one in info.siblings or []
        ],
    }


def fetch(request: Json) -> Json:
    """All files of the request into its folder. Whatever is there already is only checked."""
    folder, files = Path(request["folder"]), request["files"]
    done = _Done()
    _refuse_without_room(folder, files)
    with done.told():
        for file in files:
            _fetch_one(request, folder, file, done)
    return {"files": len(files)}


class _Done:
    """How many bytes there are, told to the parent as they come."""

    def __init__(self) -> None:
        self._finished = 0
        self._part: Path | None = None
        self._checked = 0

    def begin(self, part: Path) -> None:
        """The next file grows here."""
        self._part = part

    def finish(self, size: int) -> None:
        """The file is there."""
        self._part, self._finished = None, self._finished + size

    @property
    def bytes(self) -> int:
        """All that has come."""
        part = self._part
        try:
            return self._finished + (part.stat().st_size if part is not None else 0)
        except OSError:
            return self._finished

    @contextmanager
    def told(self) -> Iterator[None]:
        """Tell again and again. When the parent is gone, so are we."""
        over = threading.Event()

        def tell() -> None:
            while True:
                try:
                    _say({"progress": self.bytes})
                except OSError:
                    os._exit(1)
                if over.wait(_TELL_SECONDS):
                    return

        teller = threading.Thread(target=tell, daemon=True)
        teller.start()
        try:
            yield
        finally:
            over.set()
            teller.join()


def _refuse_without_room(folder: Path, files: list[Json]) -> None:
    missing = sum(file["size"] for file in files)
    missing -= sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    free = shutil.disk_usage(folder).free
    if missing + _SPARE_BYTES > free:
        raise _Wrong(
            "storage_full",
            f"{missing / 1e9:,.1f} GB are still to come, and {free / 1e9:,.1f} GB are free on the disk of {folder}. "
            "Make room, or choose another folder with --to; what has come is kept.",
        )


def _fetch_one(request: Json, folder: Path, file: Json, done: _Done) -> None:
    path = folder / file["name"]
    if not path.resolve().is_relative_to(folder.resolve()):
        raise _Wrong("unavailable", f"The hub names a file outside the folder: {file['name']!r}. Nothing was written.")
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_file() and _is_right(path, file):
        done.finish(file["size"])
        return
    # Named after its content: what is left of another revision is not continued.
    mark = (file["sha256"] or file["blob"])[:12]
    part = path.with_name(f".{path.name}.{mark}.part")
    for _attempt in range(_ATTEMPTS):
        done.begin(part)
        _continue(request, file, part)
        if _is_right(part, file):
            part.replace(path)
            done.finish(file["size"])
            return
        part.unlink()
    raise _Wrong(
        "unavailable",
        f"{file['name']} came damaged {_ATTEMPTS} times: its hash is not the one that the hub states. Run the command "
        "again; if it happens again, something between here and the hub changes what is sent.",
    )


def _continue(request: Json, file: Json, part: Path) -> None:
    if part.exists() and part.stat().st_size > file["size"]:
        part.unlink()
    url = hf_hub_url(request["repository"], file["name"], revision=request["revision"])
    # Compressed, it could not be continued.
    headers = {**build_hf_headers(), "Accept-Encoding": "identity"}
    with part.open("ab") as target:
        http_get(url, target, resume_size=target.tell(), headers=headers, expected_size=file["size"])
        target.flush()
        os.fsync(target.fileno())


def _is_right(path: Path, file: Json) -> bool:
    """Whether a file has the size and the hash that the hub states: SHA-256 of large ones, git's of the others."""
    if path.stat().st_size != file["size"]:
        return False
    if file["sha256"]:
        return _hash(path, hashlib.sha256()) == str(file["sha256"])
    if file["blob"]:
        git = hashlib.sha1(f"blob {file['size']}\0".encode(), usedforsecurity=False)
        return _hash(path, git) == str(file["blob"])
    return True


def _hash(path: Path, digest: Any) -> str:
    with path.open("rb") as source:
        while portion := source.read(_PORTION):
            digest.update(portion)
    return str(digest.hexdigest())


# The first that fits tells: some are kinds of others.
_TROUBLES: tuple[tuple[type[Exception], str, str], ...] = (
    (
        GatedRepoError,
        "forbidden",
        "The hub gives {repository} only to people whom its owner has let in. Sign in at {page}, ask for access there, "
        "make a token with the right to read, and give the file that holds it with --token-file.",
    ),
    (RevisionNotFoundError, "not_found", "{repository} has no such revision. Leave out --revision for the newest."),
    (
        RepositoryNotFoundError,
        "not_found",
        "The hub has no {repository}, or shows it only to some. Correct the name, or give the token of somebody who "
        "may see it with --token-file.",
    ),
    (RemoteEntryNotFoundError, "not_found", "A file of {repository} is gone from the hub. Run the command again."),
    (HFValidationError, "invalid_request", "{repository} is no name on the hub; those look like OWNER/NAME."),
    (HfHubHTTPError, "unavailable", "The hub answered with status {status}. Run the command again later; it goes on."),
    (
        TransportError,
        "unavailable",
        "The hub cannot be reached, or the connection broke off. Check the network and ARCHIVAR_HUB_URL, and run the "
        "command again; it goes on where it stopped.",
    ),
)
_REFUSED = "The hub refuses the token. Make a new one with the right to read {repository}."
_FULL = "The disk is full. Make room and run the command again; what has come is kept."


def _wrong(error: Exception, repository: str) -> _Wrong:
    """What to tell people."""
    if isinstance(error, _Wrong):
        return error
    if isinstance(error, OSError) and error.errno == _NO_SPACE:
        return _Wrong("storage_full", _FULL)
    status = getattr(getattr(error, "response", None), "status_code", 0)
    said = str(error).splitlines()
    unknown = f"{said[0] if said else type(error).__name__}. Run the command again; it goes on.".replace("{", "{{")
    fitting = ((code, message) for kind, code, message in _TROUBLES if isinstance(error, kind))
    code, message = next(fitting, ("unavailable", unknown.replace("}", "}}")))
    if status in {401, 403} and code == "unavailable":
        code, message = "forbidden", _REFUSED
    return _Wrong(
        code,
        message.format(repository=repository, page=f"{constants.ENDPOINT}/{repository}", status=status),
    )


def _say(told: Json) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def answer(work: str, request: Json) -> Json:
    """Do one request; what came of it under `found`, `done` or `error`."""
    try:
        return {"found": look(request)} if work == "look" else {"done": fetch(request)}
    except (_Wrong, TransportError, OSError, ValueError) as error:
        wrong = _wrong(error, request["repository"])
        return {"error": {"code": wrong.code, "message": wrong.message}}


def main(arguments: list[str]) -> int:
    """Do the request that standard input holds; the exit status."""
    # Ctrl-C reaches the whole group; the parent decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    told = answer(arguments[0], json.loads(sys.stdin.read()))
    _say(told)
    return int("error" in told)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
