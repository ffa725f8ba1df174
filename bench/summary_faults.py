"""A run of summaries against a real server of a tiny Llama of which some answers are broken on the way.

    python -m bench.summary_faults [--documents 200] [--faults 0.05] [--seconds 60]

Starts `transformers serve`, Redis, a web server and a worker on a data folder of its own. Counts what became of each
document, how many answers the model was asked for at the same time, and compares how long people's questions take
during the run with how long they take before and after it.
"""

import argparse
import http.client
import json
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.report import publish
from bench.servers import free_port, web_server
from cli.children import Child, Program, stop
from core.settings import Settings, child_environment, load_settings
from core.storage.store import Store
from core.values import JobState
from llm.summaries.asking import SYSTEM
from tests.llm import tiny_llama
from tests.llm.faulty_proxy import FAULTS, FaultyProxy, now_and_then
from tests.llm_server import ServedLlama
from tests.places import embedded_redis
from tests.processes import eventually

_SEED = 7
_QUESTION = "Who pays for number {}?"
_ENDED = {"done", "failed"}
_PATIENCE = 3600.0


@dataclass(frozen=True)
class Place:
    """What is measured: the settings of the processes, a key, and what stands before the model."""

    settings: Settings
    key: str
    proxy: FaultyProxy


def main() -> None:
    """Measure, print and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=200)
    parser.add_argument("--faults", type=float, default=0.05, help="share of the batch's answers that are broken")
    parser.add_argument("--seconds", type=float, default=60.0, help="of questions, before and after the run")
    parser.add_argument("--pause", type=float, default=1.0, help="seconds between two questions")
    parser.add_argument("--concurrency", type=int, default=8)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, _started(Path(folder), wanted) as place:
        publish("summary_faults", {"faults": wanted.faults, **_measured(place, wanted)})


def _measured(place: Place, wanted: argparse.Namespace) -> dict[str, object]:
    _asked(place, wanted.pause, lambda: False, least=5)
    idle = _asked(place, wanted.pause, _for(wanted.seconds / 2))
    place.proxy.forget()
    began = time.monotonic()
    collection = _call(place, "GET", "/api/v1/collections")["collections"][0]["id"]
    job_id = _call(place, "POST", "/api/v1/summaries", {"collection": collection})["id"]
    ended = threading.Event()
    watching = threading.Thread(target=_watch, args=(place, job_id, ended))
    watching.start()
    during = _asked(place, wanted.pause, lambda: not ended.is_set())
    watching.join()
    seconds, outcomes = time.monotonic() - began, dict(place.proxy.outcomes)
    idle += _asked(place, wanted.pause, _for(wanted.seconds / 2))
    return {
        "seconds": round(seconds, 1),
        **_became(place, job_id, wanted.documents),
        "broken_answers": {name: count for name, count in outcomes.items() if name != "answered"},
        "answers_at_once": {"most": place.proxy.most, "allowed": wanted.concurrency},
        "question_ms": {"idle": _told(idle), "during": _told(during)},
        "ratio_p50": round(float(np.median(during) / np.median(idle)), 2),
        "ratio_mean": round(float(np.mean(during) / np.mean(idle)), 2),
    }


def _told(seconds: Sequence[float]) -> dict[str, float]:
    found = {f"p{p}": round(float(np.percentile(seconds, p)) * 1000) for p in (50, 95)}
    return {"questions": len(seconds), "mean": round(float(np.mean(seconds)) * 1000), **found}


def _became(place: Place, job_id: str, documents: int) -> dict[str, object]:
    """What became of the documents; a summary is right when it says its own document's first sentence once."""
    store = Store(place.settings)
    items, names = store.summaries.items(job_id), dict[str, str]()
    names = store.documents.filenames([one.document_id for one in items])
    right = 0
    for item in items:
        number = names[item.document_id].removesuffix(".txt")
        said = [one.text for one in item.summary.statements] if item.summary is not None else []
        right += said == [_sentence(int(number))]
    job = store.jobs.get(job_id)
    store.close()
    states = Counter(one.state.value for one in items)
    assert job.state is JobState.DONE, job
    return {
        "documents": documents,
        "terminal": sum(states[one] for one in _ENDED),
        "states": dict(states),
        "begun_once": sum(one.attempts == 1 for one in items),
        "say_their_own_sentence": right,
    }


def _watch(place: Place, job_id: str, ended: threading.Event) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        job = _call(place, "GET", f"/api/v1/jobs/{job_id}")
        if job["state"] not in {"queued", "running"}:
            break
        progress = job["progress"]
        print(f"{progress['done']} of {progress['total']}, {progress['seconds_left']} s left", file=sys.stderr)
        time.sleep(5)
    ended.set()


def _asked(place: Place, pause: float, goes_on: Callable[[], bool], least: int = 3) -> list[float]:
    """Seconds of questions over REST, one after the other."""
    times: list[float] = []
    while len(times) < least or goes_on():
        began = time.perf_counter()
        body = {"question": _QUESTION.format(len(times) % 10)}
        assert _call(place, "POST", "/api/v1/answers", body)["status"] != "unavailable"
        times.append(time.perf_counter() - began)
        time.sleep(pause)
    return times


def _for(seconds: float) -> Callable[[], bool]:
    until = time.monotonic() + seconds
    return lambda: time.monotonic() < until


def _call(place: Place, method: str, path: str, body: object = None) -> dict[str, object]:
    connection = http.client.HTTPConnection("127.0.0.1", place.settings.port, timeout=300)
    headers = {"Authorization": f"Bearer {place.key}", "Content-Type": "application/json"}
    connection.request(method, path, json.dumps(body) if body is not None else None, headers)
    response = connection.getresponse()
    found: dict[str, object] = json.loads(response.read())
    connection.close()
    assert response.status < http.client.BAD_REQUEST, found
    return found


@contextmanager
def _started(folder: Path, wanted: argparse.Namespace) -> Iterator[Place]:
    with ExitStack() as stack:
        llama = ServedLlama(_tiny(), folder / "serve.log")
        stack.callback(llama.kill)
        llama.start()
        pick = now_and_then(wanted.faults, [*FAULTS], _SEED)
        proxy = FaultyProxy(llama.url, pick, spared=lambda request: SYSTEM[:40] not in request)
        stack.callback(proxy.close)
        (folder / "redis").mkdir()
        settings = load_settings(
            data=folder / "data",
            port=free_port(),
            redis_url=stack.enter_context(embedded_redis(folder / "redis")),
            llm_url=proxy.url,
            llm_model=llama.model,
            llm_window=tiny_llama.WINDOW,
            llm_silent_seconds=10,
            llm_concurrency=wanted.concurrency,
        )
        _add(settings, folder, wanted.documents)
        worker = Program("worker", [sys.executable, "-m", "workers.main"], child_environment(settings))
        stack.callback(stop, [Child(worker, folder / "worker.log")], 5)
        key = stack.enter_context(web_server(settings))
        eventually(lambda: llama.running)
        yield Place(settings, key, proxy)


def _tiny() -> Path:
    folder = Path(tempfile.gettempdir()) / f"archivar-tiny-{tiny_llama.recipe()}"
    return folder if folder.exists() else tiny_llama.build(folder, trained=True)


def _add(settings: Settings, folder: Path, documents: int) -> None:
    texts = folder / "texts"
    texts.mkdir()
    for number in range(documents):
        (texts / f"{number}.txt").write_text(f"{_sentence(number)}\n\nThe key of number {number} is old.\n")
    adding = Program(
        "add",
        [sys.executable, "archivar", "add", str(texts), "--collection", "Rents"],
        child_environment(settings),
    )
    child = Child(adding, folder / "add.log")
    eventually(lambda: child.exit_status is not None, 600)
    assert child.exit_status == 0, child.last_lines()


def _sentence(number: int) -> str:
    return f"The tenant pays for number {number}."


if __name__ == "__main__":
    main()
