"""How much faster a run of summaries is with several documents at once, on a model's server that has room for them.

    python -m bench.summary_width [--documents 100]

The server takes 0.2 seconds for each answer, however many it is asked for at once. Runs with one document at a time and
with as many as Archivar finds alternate.
"""

import argparse
import tempfile
import time
from pathlib import Path

from bench.report import publish
from core.settings import Settings, load_settings
from core.storage.store import Store
from core.summaries import SummaryOptions, SummaryRequest
from llm.services import Services
from tests import factories
from tests.llm.rude_server import served
from tests.workers.under_fire import scribe
from workers.ingest_tasks import IngestWorker
from workers.summary_tasks import SummaryWorker

_ROUNDS = 3
_MOST = 16


def main() -> None:
    """Measure, print and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=100)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, served(scribe) as server:
        settings = load_settings(data=Path(folder), llm_url=server.url, llm_model="scribe")
        store = Store(settings)
        request = SummaryRequest(SummaryOptions(), None, _read(settings, store, wanted.documents))
        seconds: dict[int, list[float]] = {1: [], _MOST: []}
        for _ in range(_ROUNDS):
            for most, taken in seconds.items():
                taken.append(_run(settings.model_copy(update={"summary_documents": most}), store, request))
        store.close()
    one, several = (sorted(taken)[_ROUNDS // 2] for taken in seconds.values())
    publish(
        "summary_width",
        {
            "documents": wanted.documents,
            "answers_at_once_allowed": settings.llm_concurrency,
            "seconds_one_at_a_time": one,
            "seconds_several_at_once": several,
            "times_as_fast": round(one / several, 2),
        },
    )


def _read(settings: Settings, store: Store, documents: int) -> tuple[str, ...]:
    worker = IngestWorker(settings, store)
    ids = []
    for number in range(documents):
        text = f"Machine {number} costs {number + 100} euros a month. It stands in hall {number % 7}."
        uploaded = factories.upload(store, f"{number:04}.txt", text.encode())
        worker.run(uploaded.job_id)
        ids.append(uploaded.document.id)
    worker.close()
    return tuple(ids)


def _run(settings: Settings, store: Store, request: SummaryRequest) -> float:
    services = Services(settings, searches=False)
    run_id = store.summaries.start(request, owner=None)
    began = time.perf_counter()
    SummaryWorker(settings, store, lambda: services.summariser).run(run_id)
    taken = time.perf_counter() - began
    services.close()
    told = store.jobs.get(run_id).result
    assert told is not None and told["summarised"] == len(request.document_ids), told
    return round(taken, 1)


if __name__ == "__main__":
    main()
