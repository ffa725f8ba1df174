"""Verdicts on labelled sentences: how many true ones are flagged and how many false ones are caught, by kind.

    python -m bench.verdicts [--data FOLDER] [--half dev|test|later|all] [--json] [--wrong] [--keep FILE.jsonl]

`--data` has the documents that `bench/verdict_pairs.jsonl` refers to, as `financebench/pdfs/*.pdf` and
`xquad/en/documents/*.txt`; without it the pairs of `bench/verdict_texts.jsonl` are judged. Every verdict but
`supported` flags, or catches. The engine is `./archivar verdict`, without any language model. Without `--json` a table
is shown and `bench/results/verdicts_HALF.json` is written; `--wrong` lists what was judged wrongly, `--keep` leaves
what the engine was given. Who works on the engine looks at `dev` alone.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import report
from bench.verdict_pairs import HALVES, PAIRS, Pair, Texts, load, load_own, problems
from core.settings import ROOT, child_environment, load_settings
from core.values import Verdict

Judged = Mapping[str, Mapping[str, object]]


def main() -> None:
    """Judge the pairs, then show and store the figures."""
    wanted = _wanted()
    pairs = load(wanted.pairs) if wanted.data else load_own()
    if wanted.data and (wrong := problems(pairs)):
        raise SystemExit("\n".join(wrong))
    pairs = [pair for pair in pairs if wanted.half in (pair.half, "all")]
    lines = inputs(pairs, Texts(wanted.data or ROOT))
    if not lines:
        raise SystemExit(f"No passage of these pairs is under {wanted.data}. Name the folder that has xquad in it.")
    pairs = [pair for pair in pairs if pair.id in lines]
    began = time.perf_counter()
    judged = _judged(lines.values(), wanted.keep)
    seconds = time.perf_counter() - began
    name = wanted.half if wanted.data else f"own_{wanted.half}"
    figures = {"half": name, **measures(pairs, judged), "seconds": round(seconds, 1)}
    if wanted.wrong:
        _list_wrong(pairs, judged)
    if wanted.json:
        print(json.dumps(figures, indent=2))
        return
    _show(figures)
    written = report.RESULTS / f"verdicts_{name}.json"
    written.parent.mkdir(parents=True, exist_ok=True)
    written.write_text(json.dumps({"machine": report.machine(), **figures}, indent=2) + "\n")


def _wanted() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--half", choices=(*HALVES, "all"), default="dev")
    parser.add_argument("--pairs", type=Path, default=PAIRS)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--wrong", action="store_true")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def inputs(pairs: Iterable[Pair], texts: Texts) -> dict[str, str]:
    """A line for the engine by id; pairs with a passage that is not found are named on stderr and left out."""
    lines: dict[str, str] = {}
    for pair in pairs:
        passages = [texts.of(passage) for passage in pair.passages]
        for passage, text in zip(pair.passages, passages, strict=True):
            if text is None and not isinstance(passage, str):
                print(f"{pair.id}: not found: {passage.set}/{passage.document}, page {passage.page}", file=sys.stderr)
        if None not in passages:
            line = {"id": pair.id, "sentence": pair.sentence, "passages": passages}
            lines[pair.id] = json.dumps(line, ensure_ascii=False)
    return lines


def _judged(lines: Iterable[str], keep: Path | None) -> Judged:
    """What the engine says, by id, in a data folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        given = keep or Path(folder, "pairs.jsonl")
        given.write_text("\n".join(lines) + "\n", encoding="utf-8")
        command = [sys.executable, "archivar", "verdict", str(given.resolve()), "--json"]
        environment = child_environment(load_settings(data=Path(folder), llm_url=""))
        done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"./archivar verdict ended with status {done.returncode}; it says why above.")
    return {result["id"]: result for result in json.loads(done.stdout)["results"]}


def measures(pairs: Sequence[Pair], judged: Judged) -> dict[str, object]:
    """Shares of true pairs flagged and of false ones caught: over all, by kind, by language and by wording."""

    def shares(key: Callable[[Pair], str]) -> dict[str, object]:
        names = sorted({key(pair) for pair in pairs})
        return {name: _shares([pair for pair in pairs if key(pair) == name], judged) for name in names}

    return {
        "pairs": len(pairs),
        "all": _shares(pairs, judged),
        "true_kinds": {name: _shares(some, judged) for name, some in _by_kind(pairs, true=True)},
        "false_kinds": {name: _shares(some, judged) for name, some in _by_kind(pairs, true=False)},
        "languages": shares(lambda pair: pair.language),
        "sets": shares(_set),
        "wording": shares(_wording) if any(pair.reworded for pair in pairs) else {},
    }


def _wording(pair: Pair) -> str:
    return "other words and order" if pair.reworded else "close to the passage"


def _set(pair: Pair) -> str:
    first = pair.passages[0]
    return "own" if isinstance(first, str) else first.set


def _by_kind(pairs: Sequence[Pair], *, true: bool) -> list[tuple[str, list[Pair]]]:
    kinds = sorted({pair.kind for pair in pairs if pair.true == true})
    return [(kind, [pair for pair in pairs if pair.true == true and pair.kind == kind]) for kind in kinds]


def _shares(pairs: Sequence[Pair], judged: Judged) -> dict[str, object]:
    found: dict[str, object] = {}
    for label, name in ((True, "flagged"), (False, "caught")):
        marked = [_marked(pair, judged) for pair in pairs if pair.true == label]
        if marked:
            found["true" if label else "false"] = len(marked)
            found[name] = round(sum(marked) / len(marked), 4)
    return found


def _marked(pair: Pair, judged: Judged) -> bool:
    return judged[pair.id]["verdict"] != Verdict.SUPPORTED


def _list_wrong(pairs: Iterable[Pair], judged: Judged) -> None:
    for pair in pairs:
        if _marked(pair, judged) == pair.true:
            said = judged[pair.id]
            print(
                f"{pair.id} {'true' if pair.true else 'false'} {pair.kind}: {pair.sentence}\n"
                f"    {said['verdict']} {said.get('reasons')} {said.get('span')}",
                file=sys.stderr,
            )


def _show(figures: Mapping[str, object]) -> None:
    table = Table("", "true", "flagged", "false", "caught", title=f"Verdicts, {figures['half']}")
    for name in ("all", "true_kinds", "false_kinds", "languages", "sets", "wording"):
        group = figures[name]
        assert isinstance(group, Mapping)
        for label, shares in {"all": group}.items() if name == "all" else group.items():
            table.add_row(label, *(_cell(column, shares) for column in ("true", "flagged", "false", "caught")))
        table.add_section()
    Console().print(table)


def _cell(column: str, shares: Mapping[str, float]) -> str:
    if column not in shares:
        return ""
    return f"{shares[column]:.1%}" if column in ("flagged", "caught") else str(shares[column])


if __name__ == "__main__":
    main()
