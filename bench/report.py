"""How benchmarks tell what they found: a table for people, JSON for comparing, and on what kind of machine."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from core.settings import ROOT

RESULTS = ROOT / "bench" / "results"
_GB = 1024**3


def machine() -> dict[str, object]:
    """Cores, memory and Python: what figures depend on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(memory / _GB, 1),
        "python": platform.python_version(),
    }


def percentiles(milliseconds: Sequence[float]) -> dict[str, float]:
    """The median and what 95 % stay under."""
    return {f"p{p}": round(float(np.percentile(milliseconds, p)), 2) for p in (50, 95)}


def resident_mb() -> dict[str, int]:
    """Memory of this process in MB: all of it, and what of it is its own rather than files that can be let go."""
    lines = Path("/proc/self/status").read_text().splitlines()
    found = dict(line.split(":", 1) for line in lines)
    return {name: int(found[field].split()[0]) // 1024 for name, field in (("all", "VmRSS"), ("own", "RssAnon"))}


def publish(name: str, found: Mapping[str, object], folder: Path = RESULTS) -> None:
    """Print the figures as a table, and write them with the machine to a file of this name."""
    table = Table(title=name, show_header=False)
    for label, value in _rows(found):
        table.add_row(label, str(value))
    Console().print(table)
    folder.mkdir(parents=True, exist_ok=True)
    written = folder / f"{name}.json"
    written.write_text(json.dumps({"machine": machine(), **found}, indent=2) + "\n")
    print(f"Written to {written.relative_to(ROOT) if written.is_relative_to(ROOT) else written}")


def _rows(found: Mapping[str, object], above: str = "") -> list[tuple[str, object]]:
    rows: list[tuple[str, object]] = []
    for name, value in found.items():
        label = f"{above}{name.replace('_', ' ')}"
        rows += _rows(value, f"{label}, ") if isinstance(value, Mapping) else [(label, value)]
    return rows
