"""`archivar up`: one start, everything that can die does, one stop; and nothing is left behind."""

import http.client
import json
import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr

from core.settings import ROOT, Settings, child_environment, load_settings
from core.storage.people import Credential
from core.storage.store import Store
from core.values import DocumentStatus, InstallationRole, JobState
from tests import factories
from tests.cli.conftest import Archivar
from tests.places import SERVER, Place
from tests.processes import command_line, descendants, eventually, kill
from tests.workers.texts import text
from workers.broker import redis_client

PROGRAMS = {"web": "web.server", "worker": "workers.main", "beat": "workers.beat", "redis": "redis-server"}


class Up:
    """A running `./archivar up` and what it has printed."""

    def __init__(self, settings: Settings, log: Path) -> None:
        self._log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [str(ROOT / "archivar"), "up", "--port", "0"],
                env=child_environment(settings),
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        eventually(lambda: "ready" in self.printed() or self.process.poll() is not None, 60)
        assert self.process.poll() is None, self.printed()

    def printed(self) -> str:
        """Everything so far."""
        return self._log.read_text()

    @property
    def link(self) -> str:
        """The one-time sign-in link."""
        found = re.search(r"http://\S+/sign-in/\S+", self.printed())
        assert found is not None
        return found[0]

    def request(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
        """Ask the web server; status 0 while it does not answer."""
        connection = http.client.HTTPConnection(urlsplit(self.link).netloc, timeout=10)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, path, body, named)
            response = connection.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            connection.close()

    def is_ready(self) -> bool:
        """Whether everything works."""
        return self.request("GET", "/readyz")[0] == 200

    def running(self, program: str) -> list[int]:
        """Processes of one of the programs."""
        return [pid for pid, line in descendants(self.process.pid).items() if PROGRAMS[program] in line]

    def is_running_anew(self, program: str, dead: list[int]) -> bool:
        """Whether other processes of a program run than these."""
        return bool(set(self.running(program)) - set(dead))


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[Settings], Up]]:
    """Starts `up`; what still runs at the end of the test is stopped."""
    started: list[Up] = []

    def run(settings: Settings) -> Up:
        started.append(Up(settings, tmp_path / f"up-{len(started)}.log"))
        return started[-1]

    yield run
    for up in started:
        if up.process.poll() is None:
            up.process.terminate()
            up.process.wait()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings under which a lost worker is noticed soon."""
    return load_settings(data=tmp_path / "data", lease_seconds=2.0, heartbeat_seconds=0.5, sweep_seconds=0.5)


def remaining(processes: dict[int, str]) -> dict[int, str]:
    """Those that still run; a number may long belong to a process of somebody else."""
    return {pid: line for pid, line in processes.items() if command_line(pid) == line}


def is_read(store: Store, document_id: str) -> bool:
    return store.documents.get(document_id).status is DocumentStatus.READY


def upload(up: Up, key: str, collection_id: str, name: str, data: bytes) -> str:
    body = (
        f'--b\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
        + data
        + b"\r\n--b--\r\n"
    )
    status, answer = up.request(
        "POST",
        f"/api/v1/collections/{collection_id}/documents",
        body,
        Authorization=f"Bearer {key}",
        Content_Type="multipart/form-data; boundary=b",
    )
    assert status == 202, answer
    document_id: str = json.loads(answer)["documents"][0]["id"]
    return document_id


def test_from_start_to_stop(
    start: Callable[[Settings], Up], settings: Settings, store: Store, archivar: Archivar
) -> None:
    up = start(settings)
    assert all(up.running(program) for program in PROGRAMS)

    # A person signs in, once; the account is an administrator's.
    path = urlsplit(up.link).path
    assert up.request("POST", path)[0] == 303
    assert up.request("POST", path)[0] == 401
    administrator = store.people.by_email("admin@localhost")
    assert administrator.role is InstallationRole.ADMIN

    # A second one says so.
    second = archivar("up", "--port", "0")
    assert second.status == 1
    assert f"already runs on {settings.data}" in second.stderr
    taken = archivar("up", "--data", settings.data.parent / "other", "--port", urlsplit(up.link).port)
    assert taken.status == 1
    assert "Choose another with --port" in taken.stderr
    assert up.link.startswith(archivar("user", "link", "admin@localhost").stdout.rpartition("/")[0])

    # Whatever is killed comes back, and what was accepted before is read.
    key = store.people.issue(administrator.id, Credential.API_KEY)
    collection_id = factories.collection_id(store)
    documents = []
    for program in PROGRAMS:
        documents.append(upload(up, key, collection_id, f"{program}.txt", text(6) + program.encode()))
        dead = up.running(program)
        for pid in dead:
            kill(pid)
        eventually(partial(up.is_running_anew, program, dead))
        eventually(up.is_ready)
    for document_id in documents:
        eventually(partial(is_read, store, document_id))
    assert archivar("doctor", "--json").json["totals"]["documents"] == len(documents)

    # Ctrl-C in the middle of an ingest.
    job_id = store.documents.get(upload(up, key, collection_id, "long.txt", text(6000))).job_id
    assert job_id is not None
    eventually(lambda: store.jobs.get(job_id).progress.stage == "embedding")
    everything = descendants(up.process.pid)
    up.process.send_signal(signal.SIGINT)
    assert up.process.wait(8) == 0
    assert remaining(everything) == {}
    assert (store.jobs.get(job_id).state, store.jobs.get(job_id).attempts) == (JobState.QUEUED, 0)


def test_kill_9_of_the_supervisor_leaves_nothing_behind(start: Callable[[Settings], Up], settings: Settings) -> None:
    up = start(settings)
    everything = descendants(up.process.pid)
    assert everything

    kill(up.process.pid)

    up.process.wait()
    eventually(lambda: remaining(everything) == {}, 15)


@pytest.mark.parametrize("place", [SERVER], indirect=True)
def test_on_a_database_and_a_redis_that_others_look_after(
    start: Callable[[Settings], Up], settings: Settings, place: Place
) -> None:
    settings = settings.model_copy(
        update={"database_url": SecretStr(place.database_url), "redis_url": SecretStr(place.redis_url)}
    )
    redis = redis_client(settings)
    assert redis is not None
    up = start(settings)
    assert up.running("redis") == []
    with closing(Store(settings)) as store:
        key = store.people.issue(store.people.by_email("admin@localhost").id, Credential.API_KEY)
        document_id = upload(up, key, factories.collection_id(store), "lease.txt", b"The notice period is six weeks.")
        eventually(partial(is_read, store, document_id))
    eventually(lambda: "six weeks" in answer(up, key, "How long is the notice period?"))
    # The file of an embedded database would be somebody's surprise.
    assert list(settings.data.glob("*.sqlite3")) == []
    everything = descendants(up.process.pid)
    redis.set("of somebody else", "stays")

    up.process.send_signal(signal.SIGINT)

    assert up.process.wait(8) == 0
    assert remaining(everything) == {}
    assert redis.get("of somebody else") == b"stays"


def answer(up: Up, key: str, question: str) -> str:
    body = json.dumps({"question": question}).encode()
    status, reply = up.request(
        "POST", "/api/v1/answers", body, Authorization=f"Bearer {key}", Content_Type="application/json"
    )
    assert status == 200, reply
    text: str = json.loads(reply)["answer"]
    return text
