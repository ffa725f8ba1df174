"""Downloading a model: what is offered under which licence, the acceptance on record, and the files, whole and checked.

Only `archivar llm download` comes here, and nothing else contacts the hub; `llm.hub` is the child that does.
"""

import contextlib
import fcntl
import json
import os
import pwd
import re
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.errors import ArchivarError, Conflict, Forbidden, InvalidRequest, NotFound, StorageFull, Unavailable
from core.settings import ROOT, Settings, hub_child_environment
from llm import catalogue, local_models

ACCEPTANCE = "licence-accepted.json"
NOTICE = "NOTICE"
_ERRORS: Mapping[str, type[ArchivarError]] = {
    one.code: one for one in (Forbidden, InvalidRequest, NotFound, StorageFull, Unavailable)
}
_LICENCES = re.compile(r"(?:LICEN[CS]E|USE_POLICY|NOTICE|COPYRIGHT)(?:[._-].*)?", re.IGNORECASE)
_WEIGHTS = (".safetensors", ".bin")
# Weights in forms that nothing here reads, and programs, which are never run.
_LEFT_OUT = (".pth", ".pt", ".gguf", ".h5", ".msgpack", ".onnx", ".ot", ".tflite", ".py", ".pkl", ".ckpt")
_LEFT_OUT_FOLDERS = frozenset({"original", "onnx", "coreml", "metal"})
_REPOSITORY = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*")
_ENDS_WITHIN = 5.0

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file of a repository; `sha256` of its content where it is large, else `blob` is its hash for git."""

    name: str
    size: int
    sha256: str
    blob: str


@dataclass(frozen=True, slots=True)
class Terms:
    """The licence of what is offered; `eu_clause` where it withholds rights from those in the European Union."""

    name: str
    url: str
    acceptable_use_url: str
    notice: str
    duties: tuple[str, ...]
    eu_clause: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """A repository at a fixed revision, and those of its files that are worth having, licences first."""

    repository: str
    revision: str
    gated: bool
    terms: Terms
    files: tuple[HubFile, ...]

    @property
    def size(self) -> int:
        """All files together, in bytes."""
        return sum(one.size for one in self.files)


@dataclass(frozen=True, slots=True)
class Download:
    """A model that is here."""

    model: str
    revision: str
    folder: Path
    files: int
    bytes: int
    licence: str


def repository_of(model: str) -> str:
    """The place on the hub of a model of the catalogue, or the name of any other place there.

    Raises `NotFound` or `InvalidRequest`.
    """
    entry = catalogue.known(model)
    if entry is None and _REPOSITORY.fullmatch(model) and ".." not in model:
        return model
    entry = entry or catalogue.find(model)
    if not entry.repository:
        raise NotFound(f"Meta has put no weights of {entry.name} on the hub. Take a later generation.")
    return entry.repository


def known_terms(repository: str) -> Terms | None:
    """The licence that the catalogue knows for a place on the hub."""
    entry = next((one for one in catalogue.entries() if one.repository == repository), None)
    if entry is None:
        return None
    licence = entry.licence
    return Terms(licence.name, licence.url, licence.acceptable_use_url, licence.notice, licence.duties, entry.eu_clause)


def look(settings: Settings, repository: str, revision: str = "", token: str = "") -> Offer:
    """What the hub offers there now. Raises the errors of `llm.hub`."""
    found = next(_told(settings, "look", {"repository": repository, "revision": revision}, token))["found"]
    files = tuple(HubFile(**one) for one in found["files"])
    terms = known_terms(repository) or _terms_of_card(settings, repository, found["licence"])
    return Offer(repository, str(found["revision"]), bool(found["gated"]), terms, chosen(files))


def chosen(files: tuple[HubFile, ...]) -> tuple[HubFile, ...]:
    """What is worth having: texts, configuration, tokenizer and weights, these as safetensors wherever they exist.

    Raises `InvalidRequest` when there are no weights.
    """
    useful = [one for one in files if not _is_left_out(one.name)]
    safe = any(one.name.endswith(".safetensors") for one in useful)
    kept = [one for one in useful if not (safe and one.name.endswith(".bin"))]
    if not any(one.name.endswith(_WEIGHTS) for one in kept):
        raise InvalidRequest(
            "There are no weights that can be served (*.safetensors) in this repository. Take the one that Meta "
            "publishes for transformers; for GGUF files use Ollama or llama.cpp."
        )
    return tuple(sorted(kept, key=lambda one: (_LICENCES.fullmatch(one.name) is None, one.size, one.name)))


def folder_for(settings: Settings, repository: str, to: Path | None) -> Path:
    """Where the files go: beside others below `to`, else into the data folder."""
    return (to.expanduser().absolute() if to is not None else settings.models_dir) / repository


def has_accepted(settings: Settings, repository: str, terms: Terms) -> bool:
    """Whether this installation has accepted the licence of this very model before."""
    return any(
        one.get("model") == repository and one.get("licence") == terms.name
        for one in local_models.register(settings.models_dir)
    )


def accept(settings: Settings, offer: Offer, folder: Path, how: str) -> None:
    """Put on record, in the data folder and beside the files, that the licence was accepted: who, when and how."""
    record = {
        "model": offer.repository,
        "revision": offer.revision,
        "licence": offer.terms.name,
        "licence_url": offer.terms.url,
        "acceptable_use_url": offer.terms.acceptable_use_url,
        "eu_clause": offer.terms.eu_clause,
        "accepted_by": _who(),
        "accepted_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "accepted_how": how,
        "folder": str(folder),
    }
    try:
        settings.models_dir.mkdir(parents=True, exist_ok=True)
        folder.mkdir(parents=True, exist_ok=True)
        with (settings.models_dir / local_models.REGISTER).open("a", encoding="utf-8") as register:
            register.write(json.dumps(record, ensure_ascii=False) + "\n")
            register.flush()
            os.fsync(register.fileno())
        (folder / ACCEPTANCE).write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise Unavailable(f"The acceptance cannot be recorded: {error.strerror} ({error.filename}).") from error


def fetch(settings: Settings, offer: Offer, folder: Path, progress: Progress, token: str = "") -> Download:
    """Bring all files into the folder, going on where an earlier attempt stopped; `progress` is given bytes done.

    Raises `Conflict` while another download writes there, and the errors of `llm.hub`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    request = {
        "repository": offer.repository,
        "revision": offer.revision,
        "folder": str(folder),
        "files": [asdict(one) for one in offer.files],
    }
    with _alone(folder):
        (folder / local_models.MANIFEST).unlink(missing_ok=True)
        with contextlib.closing(_told(settings, "fetch", request, token)) as told:
            for done in (one["progress"] for one in told if "progress" in one):
                progress(int(done))
        _note_licence(folder, offer)
        (folder / local_models.MANIFEST).write_text(
            json.dumps({key: value for key, value in request.items() if key != "folder"}, indent=2) + "\n",
            encoding="utf-8",
        )
    return Download(offer.repository, offer.revision, folder, len(offer.files), offer.size, offer.terms.name)


def _is_left_out(name: str) -> bool:
    *folders, _last = parts = name.split("/")
    hidden = any(part.startswith(".") for part in parts)
    return hidden or name.endswith(_LEFT_OUT) or not _LEFT_OUT_FOLDERS.isdisjoint(folders)


def _terms_of_card(settings: Settings, repository: str, card: Mapping[str, Any]) -> Terms:
    """The licence as the card of any repository states it."""
    name = str(card.get("license_name") or card.get("license") or "a licence that its card does not name")
    page = f"{settings.hub_url.rstrip('/')}/{repository}"
    link = str(card.get("license_link") or "")
    url = link if link.startswith(("https://", "http://")) else page
    return Terms(name, url, "", "", ("Read the licence there; Archivar does not know what it asks.",))


def _note_licence(folder: Path, offer: Offer) -> None:
    """Keep the line that the licence wants to be kept with copies, where the repository has no such file."""
    if offer.terms.notice and not any(path.name.upper().startswith(NOTICE) for path in folder.iterdir()):
        (folder / NOTICE).write_text(offer.terms.notice + "\n", encoding="utf-8")


def _who() -> str:
    number = os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Conflict(f"Another download writes to {folder}. Wait until it has ended.") from None
        yield


def _told(
    settings: Settings, work: str, request: Mapping[str, Any], token: str
) -> Generator[dict[str, Any], None, None]:
    """What the child says. It is ended when nobody listens any more."""
    child = subprocess.Popen(
        [sys.executable, "-m", "llm.hub", work],
        cwd=ROOT,
        env=hub_child_environment(settings, token),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=None if settings.log_level == "debug" else subprocess.DEVNULL,
        text=True,
    )
    assert child.stdin is not None and child.stdout is not None
    try:
        with contextlib.suppress(BrokenPipeError), child.stdin as given:
            given.write(json.dumps(request))
        for line in child.stdout:
            told = json.loads(line)
            if "error" in told:
                raise _ERRORS.get(told["error"]["code"], Unavailable)(told["error"]["message"])
            yield told
        if child.wait(_ENDS_WITHIN):
            raise Unavailable("The download broke off. Run the command again; it goes on where it stopped.")
    finally:
        child.kill()
        child.wait()
        child.stdout.close()
