"""What Archivar adds to a language model: the same answers from the bare server and through the whole of Archivar.

    python -m bench.llm_overhead [--tokens 200] [--rate 40] [--rounds 3] [--name NAME]
    python -m bench.llm_overhead --url http://127.0.0.1:9000/v1 --model NAME --name NAME

Through Archivar means a question over REST, streamed: signed in by key, searched for, packed into a prompt, written,
cut into sentences, verified, recorded. The bare server gets the very prompt that Archivar makes. Without `--url` the
server is `bench.paced_model`: some tokens a second for each stream. Rounds alternate, medians are told.
"""

import argparse
import http.client
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bench import report, servers
from bench.paced_model import MODEL
from core.settings import ROOT, Settings, child_environment, load_settings
from core.values import OPERATOR
from llm import prompts
from llm.services import Services

QUESTION = "How many days of annual leave do full-time employees have?"
_PASSAGES = 10
_STREAMS = (1, 16)
_CALLERS = 16
_SECONDS_OF_CALLERS = 30.0
_LONGEST = 600.0


@dataclass(frozen=True, slots=True)
class Stream:
    """Seconds until the first and the last word came, and the pieces that came."""

    first: float
    last: float
    pieces: int


def main() -> None:
    """Measure, print, and write JSON."""
    wanted = _arguments()
    with tempfile.TemporaryDirectory() as folder, _model(wanted) as (url, model):
        settings = load_settings(
            data=Path(folder),
            port=servers.free_port(),
            llm_url=url,
            llm_model=model,
            llm_concurrency=max(_STREAMS),
            llm_answer_tokens=wanted.tokens,
            llm_seconds=_LONGEST,
            llm_silent_seconds=_LONGEST,
        )
        sample = [sys.executable, "archivar", "add", "docs/sample", "--collection", "Sample"]
        subprocess.run(sample, cwd=ROOT, env=child_environment(settings), check=True, capture_output=True)
        body = _bare_body(settings, wanted.tokens)
        with servers.web_server(settings) as key:
            found = _measured(settings, key, body, wanted.rounds)
    report.publish(wanted.name, {"server": wanted.url or f"{wanted.rate:g} tokens/s for each stream", **found})


def _measured(settings: Settings, key: str, body: bytes, rounds: int) -> dict[str, object]:
    def bare() -> Stream:
        return _bare(settings, body)

    def through() -> Stream:
        return _through(settings, key)

    bare(), through()
    found: dict[str, object] = {}
    for streams in _STREAMS:
        some: dict[str, list[Stream]] = {"bare": [], "through_archivar": []}
        for _ in range(rounds):
            some["bare"] += _at_once(bare, streams)
            some["through_archivar"] += _at_once(through, streams)
        tokens = statistics.median(one.pieces for one in some["bare"])
        told = {name: _told(all_of_them, tokens) for name, all_of_them in some.items()}
        slower = told["through_archivar"]["last_token_s"] / told["bare"]["last_token_s"] - 1
        found[f"streams_{streams}"] = {**told, "tokens": tokens, "overhead_percent": round(100 * slower, 1)}
    found[f"answers_a_minute_at_{_CALLERS}_callers"] = _answers_a_minute(through)
    return found


def _told(streams: Sequence[Stream], tokens: float) -> dict[str, float]:
    last = statistics.median(one.last for one in streams)
    first = statistics.median(one.first for one in streams)
    return {
        "first_words_s": round(first, 3),
        "last_token_s": round(last, 3),
        "tokens_per_second_of_a_stream": round(tokens / last, 1),
    }


def _at_once(ask: Callable[[], Stream], streams: int) -> list[Stream]:
    found: list[Stream] = []
    threads = [threading.Thread(target=lambda: found.append(ask())) for _ in range(streams)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(found) < streams:
        raise SystemExit("Not every stream came to its end; the lines above say why.")
    return found


def _answers_a_minute(ask: Callable[[], Stream]) -> float:
    """Answers that callers get who ask again at once, among those that began within the time."""
    ends: list[float] = []
    began = time.perf_counter()

    def call() -> None:
        while time.perf_counter() - began < _SECONDS_OF_CALLERS:
            ask()
            ends.append(time.perf_counter() - began)

    threads = [threading.Thread(target=call) for _ in range(_CALLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return round(60 * len(ends) / max(ends), 1)


def _bare_body(settings: Settings, tokens: int) -> bytes:
    """The request that Archivar would send."""
    services = Services(settings)
    model = services.model
    assert model is not None
    hits = services.retriever.search(OPERATOR, QUESTION, k=_PASSAGES).hits
    room = model.window - min(tokens, model.window // 4)
    messages = [dict(one) for one in prompts.build(QUESTION, hits, model.count, room).messages]
    services.close()
    asked = {"model": settings.llm_name, "messages": messages, "temperature": 0, "stream": True}
    return json.dumps({**asked, "max_tokens": min(tokens, model.window // 4)}).encode()


def _bare(settings: Settings, body: bytes) -> Stream:
    where = urlsplit(settings.llm_base)
    connection = http.client.HTTPConnection(where.netloc, timeout=_LONGEST)
    began = time.perf_counter()
    connection.request("POST", f"{where.path}/chat/completions", body, {"Content-Type": "application/json"})
    times = []
    for line in _lines(connection):
        if line.startswith(b"data: {") and any(one["delta"].get("content") for one in json.loads(line[6:])["choices"]):
            times.append(time.perf_counter() - began)
    return Stream(times[0], time.perf_counter() - began, len(times))


def _through(settings: Settings, key: str) -> Stream:
    connection = http.client.HTTPConnection("127.0.0.1", settings.port, timeout=_LONGEST)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    began = time.perf_counter()
    connection.request("POST", "/api/v1/answers", json.dumps({"question": QUESTION, "stream": True}), headers)
    times, last = [], b""
    for line in _lines(connection):
        if line.startswith(b"event: sentence"):
            times.append(time.perf_counter() - began)
        last = line if line.startswith(b"data: ") else last
    status = json.loads(last[6:])["status"]
    if status == "unavailable":
        raise SystemExit(f"The answer was {last[6:300]!r}")
    end = time.perf_counter() - began
    return Stream(times[0] if times else end, end, len(times))


def _lines(connection: http.client.HTTPConnection) -> Iterator[bytes]:
    response = connection.getresponse()
    if response.status != http.client.OK:
        raise SystemExit(f"{connection.host}:{connection.port} answered {response.status}: {response.read(300)!r}")
    yield from response
    connection.close()


@contextmanager
def _model(wanted: argparse.Namespace) -> Iterator[tuple[str, str]]:
    """Where the model is: as given, or a paced one of our own."""
    if wanted.url:
        yield wanted.url.rstrip("/"), wanted.model
        return
    port = servers.free_port()
    arguments = [sys.executable, "-m", "bench.paced_model", str(port), str(wanted.tokens), str(wanted.rate)]
    process = subprocess.Popen(arguments, cwd=ROOT)
    try:
        url = f"http://127.0.0.1:{port}/v1"
        _wait_for(url)
        yield url, MODEL
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with suppress(OSError):
            connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=5)
            connection.request("GET", f"{urlsplit(url).path}/models")
            connection.getresponse().read()
            return
        time.sleep(0.05)
    raise SystemExit("The paced model did not start.")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="", help="an OpenAI-compatible server; empty starts the paced one")
    parser.add_argument("--model", default="", help="the model there")
    parser.add_argument("--tokens", type=int, default=200, help="longest answer")
    parser.add_argument("--rate", type=float, default=40.0, help="tokens a second of each paced stream")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--name", default="llm_overhead", help="of the file in bench/results")
    return parser.parse_args()


if __name__ == "__main__":
    main()
