"""Runs the Dockerfile's own commands in a clean folder, then the programs as containers run them.

Each stage gets a folder for its root; absolute paths in the commands are moved below it. Everything runs as written,
but: what `apt-get` and `useradd` do is left out; the lines with pip do not download again what this environment has,
they check it against the lock (`--dry-run --no-index`), and a `.pth` file lends it to the image's own environment; nor
is the embedder converted again, which is lent to the converter; the web server listens on a free port of this machine
only. The programs run as the image's user where this test may switch to it. What Docker, Debian's packages and Compose
themselves do is not shown here.
"""

import os
import shutil
import signal
import site
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.settings import ROOT, bare_environment, load_settings
from retrieval.embedders.bundled import converted_folder
from retrieval.embedders.convert import ensure_converted
from tests import dockerfile, sources
from tests.dockerfile import Instruction, sent_to_the_builder
from tests.places import Place
from tests.processes import descendants, eventually

_MOVED = ("/opt/archivar", "/app", "/data", "/nonexistent")
_LEFT_OUT = ("apt-get ", "useradd ")
_PIP = "python -m pip install "
_CONVERT = "python -m retrieval.embedders.convert"
_ALLOWED = [] if os.geteuid() == 0 else ["--user", "--map-current-user"]
_NAMESPACES = ["unshare", *_ALLOWED, "--pid", "--fork", "--mount-proc"]


@dataclass
class Stage:
    """A stage of the Dockerfile, built so far."""

    root: Path
    folder: str = "/"
    environment: dict[str, str] = field(default_factory=dict)
    user: int | None = None
    healthcheck: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)

    def moved(self, text: str) -> str:
        """Text in which the image's paths are below the root of this stage."""
        for path in _MOVED:
            text = text.replace(path, f"{self.root}{path}")
        return text

    @property
    def path(self) -> Path:
        """The working directory."""
        return self.root / self.folder.lstrip("/")

    def run(self, command: list[str], **chosen: str) -> "subprocess.CompletedProcess[str]":
        """Run a command as the stage's user to its end."""
        process = self.start(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **chosen)
        output, errors = process.communicate()
        return subprocess.CompletedProcess(command, process.returncode, output, errors)

    def start(self, command: list[str], *, stdout: Any, stderr: Any, **chosen: str) -> "subprocess.Popen[str]":
        """Start a command as the stage's user."""
        return subprocess.Popen(
            [self.moved(word) for word in command],
            cwd=self.path,
            env={**bare_environment(), **self.environment, **chosen},
            stdout=stdout,
            stderr=stderr,
            text=True,
            user=self.user,
            group=self.user,
            extra_groups=[] if self.user is not None else None,
        )


@dataclass
class Builder:
    """Builds the image below a folder, with tools that its user can run."""

    folder: Path
    tools: Path
    stages: dict[str, Stage] = field(default_factory=dict)

    def build(self) -> Stage:
        """Work all instructions; the last stage."""
        for number, instructions in enumerate(dockerfile.stages()):
            name = instructions[0].words[-1] if " AS " in instructions[0].value else str(number)
            stage = self.stages[name] = Stage(self.folder / name)
            stage.environment["PATH"] = f"{self.tools}:{os.defpath}"
            stage.environment["LD_LIBRARY_PATH"] = str(self.tools.parent / "lib")
            for path in _MOVED[1:3]:
                (stage.root / path.lstrip("/")).mkdir(parents=True)
            for instruction in instructions[1:]:
                getattr(self, f"_{instruction.name.lower()}", self._nothing)(stage, instruction)
        return stage

    def _nothing(self, _stage: Stage, _instruction: Instruction) -> None:
        """VOLUME and EXPOSE do nothing here."""

    def _env(self, stage: Stage, instruction: Instruction) -> None:
        for word in instruction.words:
            name, _, value = word.partition("=")
            stage.environment[name] = stage.moved(value).replace("$PATH", stage.environment["PATH"])

    def _workdir(self, stage: Stage, instruction: Instruction) -> None:
        stage.folder = instruction.value

    def _user(self, stage: Stage, instruction: Instruction) -> None:
        stage.user = int(instruction.value.partition(":")[0]) if os.geteuid() == 0 else None
        if stage.user is not None:
            os.chown(stage.root / "data", stage.user, stage.user)

    def _healthcheck(self, stage: Stage, instruction: Instruction) -> None:
        stage.healthcheck = Instruction("CMD", instruction.value.partition("CMD ")[2]).words

    def _cmd(self, stage: Stage, instruction: Instruction) -> None:
        stage.command = instruction.words

    def _copy(self, stage: Stage, instruction: Instruction) -> None:
        *wanted, target = instruction.words
        if instruction.flags:
            other = self.stages[instruction.flags.partition("=")[2].strip()]
            shutil.copytree(other.root / wanted[0].lstrip("/"), stage.root / target.lstrip("/"), symlinks=True)
            return
        for name in wanted:
            for path in [one for one in sources.tracked() if one == name or one.startswith(name)]:
                if sent_to_the_builder(path):
                    inside = path.removeprefix(name) if name.endswith("/") else path
                    copy = stage.path / target / inside
                    copy.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(ROOT / path, copy)

    def _run(self, stage: Stage, instruction: Instruction) -> None:
        command, chosen = instruction.value, {}
        if command.startswith(_LEFT_OUT):
            return
        if command.startswith(_PIP):
            command = command.replace(_PIP, _PIP + "--dry-run --no-index ")
            chosen["PATH"] = f"{Path(sys.executable).parent}:{os.defpath}"
        if command.endswith(_CONVERT):
            converted, cache = ensure_converted(load_settings().cache), stage.root / "opt/archivar/cache"
            lent = converted_folder(cache)
            shutil.copytree(converted, lent, ignore=shutil.ignore_patterns("compiled"))
        done = stage.run(["/bin/sh", "-c", command], **chosen)
        assert done.returncode == 0, (instruction.value, done.stderr)
        assert "Would install" not in done.stdout
        if " -m venv " in command:
            (packages,) = (stage.root / "opt").glob("archivar/lib/python*/site-packages")
            lend = f"import sys; sys.path[:0] = {site.getsitepackages()!r}\n"
            (packages / "lent.pth").write_text(lend)


def _tools_for_all(folder: Path) -> Path:
    """A folder with the Python that runs this test as `python`: itself where other users may run it, else a copy."""
    real, tools = Path(sys.executable).resolve(), folder / "python" / "bin"
    tools.mkdir(parents=True)
    if all(above.stat().st_mode & 0o001 for above in real.parents):
        (tools / "python").symlink_to(real)
        return tools
    version, base = f"python{sys.version_info[0]}.{sys.version_info[1]}", Path(sys.base_prefix) / "lib"
    copy = tools.parent / "lib"
    shutil.copytree(base / version, copy / version, ignore=shutil.ignore_patterns("test", "site-packages"))
    for library in base.glob("libpython*.so*"):
        shutil.copy(library, copy)
    shutil.copy(real, tools / "python")
    return tools


@pytest.fixture(scope="module")
def image() -> Iterator[Stage]:
    """What the Dockerfile makes."""
    # Not below pytest's own folder, which other users may not enter.
    folder = Path(tempfile.mkdtemp(prefix="archivar-image-"))
    folder.chmod(0o755)
    stage = Builder(folder, _tools_for_all(folder)).build()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    stage.environment |= {"ARCHIVAR_HOST": "127.0.0.1", "ARCHIVAR_PORT": str(port)}
    yield stage
    shutil.rmtree(folder)


def _started(stage: Stage, command: list[str], log: Path, **chosen: str) -> "subprocess.Popen[str]":
    with log.open("w") as output:
        return stage.start(command, stdout=output, stderr=subprocess.STDOUT, **chosen)


def _healthy(stage: Stage, command: list[str], **chosen: str) -> bool:
    return stage.run(command, **chosen).returncode == 0


def test_the_image_serves_and_ends(image: Stage, tmp_path: Path) -> None:
    assert not _healthy(image, image.healthcheck)
    web = _started(image, image.command, tmp_path / "web.log")
    try:
        eventually(partial(_healthy_or_ended, partial(_healthy, image, image.healthcheck), web), 40)
        assert web.poll() is None, (tmp_path / "web.log").read_text()

        link = image.run(["./archivar", "user", "add", "you@example.org", "--role", "admin"])
        assert link.stdout.startswith("http://127.0.0.1:"), link.stderr
        # Parser children, and an embedder in a folder that this user cannot write.
        added = image.run(["./archivar", "add", "LICENSE", "--collection", "Sample"])
        assert added.returncode == 0, added.stderr
    finally:
        web.send_signal(signal.SIGTERM)
        assert web.wait(5) == 0
    assert not _healthy(image, image.healthcheck)


def test_nothing_in_the_image_belongs_to_who_runs_it(image: Stage) -> None:
    if image.user is None:
        pytest.skip("the programs run as the user of this test")
    for path in (*image.path.rglob("*"), *(image.root / "opt").rglob("*")):
        assert path.lstat().st_uid != image.user, path


def _may_unshare() -> bool:
    command = [*_NAMESPACES, "true"]
    return shutil.which("unshare") is not None and subprocess.run(command, check=False).returncode == 0


@pytest.mark.parametrize("place", ["server"], indirect=True)
def test_each_program_ends_as_the_first_process_of_a_container(image: Stage, place: Place, tmp_path: Path) -> None:
    # Process 1 ignores what it does not handle itself.
    first = _NAMESPACES if _may_unshare() else []
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    # The test's PostgreSQL is reached through a socket that belongs to who runs this test.
    stage = Stage(image.root, image.folder, dict(image.environment))
    stage.environment |= {"ARCHIVAR_DATABASE_URL": place.database_url, "ARCHIVAR_REDIS_URL": place.redis_url}
    running: dict[str, subprocess.Popen[str]] = {}
    checks: dict[str, Callable[[], bool]] = {}
    for name in ("web", "ingest", "batch", "beat"):
        command = services[name].get("command", image.command)
        chosen = _queues(services[name]["environment"])
        running[name] = _started(stage, [*first, *command], tmp_path / f"{name}.log", **chosen)
        check = services[name].get("healthcheck", {}).get("test", ["CMD", *image.healthcheck])[1:]
        checks[name] = partial(_healthy, stage, check, **chosen)
    try:
        for name in ("web", "ingest", "batch"):
            eventually(partial(_healthy_or_ended, checks[name], running[name]), 40)
    finally:
        for process in running.values():
            inner = min(descendants(process.pid), default=None) if first else process.pid
            if inner is not None:
                os.kill(inner, signal.SIGTERM)
        ended = {name: process.wait(5) for name, process in running.items()}
    assert ended == dict.fromkeys(running, 0), {n: (tmp_path / f"{n}.log").read_text() for n in running}


def _healthy_or_ended(check: Callable[[], bool], process: "subprocess.Popen[str]") -> bool:
    return process.poll() is not None or check()


def _queues(environment: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name == "ARCHIVAR_WORKER_QUEUES" and value}
