"""The files for servers say what the program has, and keep what they promise. `test_image` runs what they say."""

import os
import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from redis import Redis

from cli.redis_server import RedisServer
from core.settings import ROOT, Settings, load_settings
from tests import dockerfile, sources
from tests.dockerfile import sent_to_the_builder
from tests.processes import eventually
from tests.sources import PACKAGES
from workers.broker import trouble

FILES = ("Dockerfile", "docker-compose.yml", ".env.example", "docs/deployment.md")
OURS = {"web", "ingest", "batch", "beat"}
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
SECRET = re.compile(r"PASSWORD|TOKEN|SECRET|API_KEY|DATABASE_URL|REDIS_URL")
# Nothing, a variable that must be set, or one that is empty unless set; around it the rest of a URL.
WITHOUT_DEFAULT = re.compile(r"(?:\w+://\w*:)?\$\{\w+(?::\?[^}]+|:-)\}(?:@[\w.:/]+)?")


def test_every_setting_that_is_named_exists() -> None:
    known = {f"ARCHIVAR_{name.upper()}" for name in Settings.model_fields}
    for file in FILES:
        named = set(re.findall(r"ARCHIVAR_[A-Z0-9_]+", (ROOT / file).read_text()))
        assert named, file
        assert named - known == set(), file


def test_every_program_that_is_named_exists() -> None:
    named = {word for file in FILES for word in re.findall(r"-m,? (\w+\.\w+)", (ROOT / file).read_text())}
    named |= {instruction.words[2] for instruction in dockerfile.stages()[-1] if instruction.name == "CMD"}

    assert named >= {"web.server", "workers.main", "workers.beat", "workers.health", "retrieval.embedders"}
    for module in named:
        path = ROOT / module.replace(".", "/")
        assert path.with_suffix(".py").exists() or path.is_dir(), module


def test_services_and_profiles() -> None:
    assert set(SERVICES) == OURS | {"redis", "postgres", "vllm", "milvus"}
    assert {name: service["profiles"] for name, service in SERVICES.items() if "profiles" in service} == {
        "vllm": ["gpu"],
        "milvus": ["scale"],
    }
    queues = {name: SERVICES[name]["environment"].get("ARCHIVAR_WORKER_QUEUES") for name in OURS}
    assert queues == {"web": None, "beat": None, "ingest": '["ingest"]', "batch": '["batch"]'}
    assert len({SERVICES[name]["image"] for name in OURS}) == 1
    (gpu,) = SERVICES["vllm"]["deploy"]["resources"]["reservations"]["devices"]
    assert (gpu["driver"], gpu["capabilities"]) == ("nvidia", ["gpu"])


def test_no_secret_has_a_default() -> None:
    checked = 0
    for name, value in _environments():
        if SECRET.search(name) and value is not None:
            assert WITHOUT_DEFAULT.fullmatch(value), (name, value)
            checked += 1
    assert checked >= 2 * len(OURS) + 4
    for line in (ROOT / ".env.example").read_text().splitlines():
        name, _, value = line.lstrip("#").partition("=")
        assert not (SECRET.search(name) and value and " " not in name), line
    given = " ".join(i.value for stage in dockerfile.stages() for i in stage if i.name in {"ENV", "ARG"})
    assert not SECRET.search(given)


@pytest.mark.parametrize("value", ["secret", "${A:-secret}", "redis://:secret@redis:6379/0", "x${A:?set it}"])
def test_a_default_secret_would_be_found(value: str) -> None:
    assert not WITHOUT_DEFAULT.fullmatch(value)


def _environments() -> Iterator[tuple[str, str | None]]:
    for service in SERVICES.values():
        yield from service.get("environment", {}).items()


def test_nothing_has_more_rights_than_it_needs() -> None:
    for name, service in SERVICES.items():
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert not {"privileged", "pid", "ipc", "network_mode", "devices"} & set(service), name
        assert all(not volume.startswith(("/", ".")) for volume in service.get("volumes", [])), name
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name
    assert [name for name, service in SERVICES.items() if service.get("cap_add")] == ["postgres"]
    assert all(SERVICES[name]["read_only"] for name in {*OURS, "redis", "postgres"})
    assert [name for name, service in SERVICES.items() if service.get("ports")] == ["web"]


def test_what_reads_documents_reaches_nothing_outside() -> None:
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    for name in ("ingest", "beat", "redis", "postgres", "milvus"):
        assert SERVICES[name]["networks"] == ["inside"], name


def test_each_service_is_watched_restarted_and_waited_for() -> None:
    for name, service in SERVICES.items():
        assert service["restart"] == "unless-stopped", name
        assert "healthcheck" in service or name == "web", name  # that of the image asks the web server
        assert service["logging"]["options"]["max-size"], name
    for name in OURS:
        waits = SERVICES[name]["depends_on"]
        assert {one: waits[one]["condition"] for one in waits} == dict.fromkeys(
            ("postgres", "redis"), "service_healthy"
        )
        assert SERVICES[name]["init"], name


def test_what_is_named_is_declared() -> None:
    for service in SERVICES.values():
        assert set(service["networks"]) <= set(COMPOSE["networks"])
        assert {volume.partition(":")[0] for volume in service.get("volumes", [])} <= set(COMPOSE["volumes"])
        assert {config["source"] for config in service.get("configs", [])} <= set(COMPOSE["configs"])


def test_the_image_runs_without_rights_and_is_watched() -> None:
    last = dockerfile.stages()[-1]
    users = [instruction.value for instruction in last if instruction.name == "USER"]

    assert users == ["10001:10001"]
    assert [i.name for i in last].index("USER") > max(n for n, i in enumerate(last) if i.name in {"COPY", "RUN"})
    assert {"HEALTHCHECK", "CMD", "VOLUME"} <= {instruction.name for instruction in last}
    assert all(instruction.name not in {"ADD", "ARG"} for stage in dockerfile.stages() for instruction in stage)


def test_what_the_image_copies_is_there_and_sent() -> None:
    copied = set()
    for instruction in [i for stage in dockerfile.stages() for i in stage if i.name == "COPY"]:
        if "--from" not in instruction.flags:
            copied |= {name.rstrip("/") for name in instruction.words[:-1]}

    assert copied >= {*PACKAGES, "archivar", "requirements.lock"}
    for name in copied:
        assert (ROOT / name).exists(), name
        assert sent_to_the_builder(name), name
    inside = [path for path in sources.tracked() if path.partition("/")[0] in PACKAGES]
    assert [path for path in inside if not sent_to_the_builder(path)] == []


@pytest.mark.parametrize(
    "path", [".env", ".git/config", "data/archivar.sqlite3", ".venv/bin/python", "tests/a.py", "core/__pycache__/a.pyc"]
)
def test_what_is_private_is_not_sent(path: str) -> None:
    assert not sent_to_the_builder(path)


def test_the_environment_file_stays_out_of_version_control() -> None:
    assert ".env" in (ROOT / ".gitignore").read_text().splitlines()


def test_the_redis_of_compose_asks_for_its_password_and_forgets_nothing(tmp_path: Path) -> None:
    shell, option, script = SERVICES["redis"]["command"]
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    script = script.replace("$$", "$").replace("appendonly no", f"appendonly no\nbind 127.0.0.1\nport {port}")
    binary = Path(RedisServer(load_settings(data=tmp_path)).program().arguments[0])
    path = f"{binary.parent}:{os.defpath}"
    process = subprocess.Popen([shell, option, script], cwd=tmp_path, env={"PATH": path, "REDIS_PASSWORD": "abc123"})
    try:
        client = Redis(port=port, password="abc123")
        eventually(lambda: trouble(client) is None, 10)
        assert trouble(Redis(port=port)) is not None
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert b"abc123" not in Path(f"/proc/{process.pid}/cmdline").read_bytes()
    finally:
        process.terminate()
        assert process.wait(5) == 0
