"""What this machine offers a model: graphics cards, their free memory and driver, the build of torch, main memory.

Run as a program it prints them as JSON. It is a process of its own because looking at a card through torch takes
memory of the card for as long as the process lives, and because torch takes seconds to load.
"""

import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.errors import Unavailable
from core.settings import ROOT, Settings, child_environment

_SECONDS = 120
_MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Gpu:
    """A graphics card; memory in bytes."""

    name: str
    total: int
    free: int


@dataclass(frozen=True, slots=True)
class Machine:
    """What there is to run a model with; sizes in bytes.

    `driver` is empty without an NVIDIA driver. `torch_cuda` is the CUDA version that our torch was built for, empty
    for none; `torch_sees` says how many cards torch can use. `vllm` is the path of its executable.
    """

    gpus: tuple[Gpu, ...] = ()
    driver: str = ""
    torch_cuda: str = ""
    torch_sees: int = 0
    memory_free: int = 0
    vllm: str = ""


def look(settings: Settings) -> Machine:
    """What this machine offers now. Raises `Unavailable` when torch cannot even be loaded."""
    done = subprocess.run(
        [sys.executable, "-m", "llm.gpus"],
        cwd=ROOT,
        env=child_environment(settings),
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:]
        raise Unavailable(f"This machine cannot be looked at: {' '.join(last)}. Check that torch is installed.")
    return machine_from(json.loads(done.stdout.splitlines()[-1]))


def machine_from(facts: Mapping[str, Any]) -> Machine:
    """A machine from what the program printed."""
    return Machine(**{**facts, "gpus": tuple(Gpu(**gpu) for gpu in facts["gpus"])})


def gpus_from(table: str) -> tuple[tuple[Gpu, ...], str]:
    """The cards and the driver's version from what `nvidia-smi` prints as CSV without units."""
    rows = [[cell.strip() for cell in row] for row in csv.reader(table.splitlines())]
    rows = [row for row in rows if len(row) == 4 and row[1].isdigit() and row[2].isdigit()]
    gpus = tuple(Gpu(name, int(total) * _MEBIBYTE, int(free) * _MEBIBYTE) for name, total, free, _ in rows)
    return gpus, rows[0][3] if rows else ""


def memory_free() -> int:
    """Main memory that a program could take, in bytes."""
    for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return 0


def _cards() -> tuple[tuple[Gpu, ...], str]:
    command = shutil.which("nvidia-smi")
    if command is None:
        return (), ""
    query = [command, "--query-gpu=name,memory.total,memory.free,driver_version", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(query, capture_output=True, text=True, timeout=_SECONDS / 4, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return (), ""
    return gpus_from(done.stdout)


def _own_view() -> Machine:
    import torch  # noqa: PLC0415 - only in the process that looks

    gpus, driver = _cards()
    sees = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if sees and not gpus:
        # Cards without nvidia-smi: those of AMD, or a container without the tool.
        names = [torch.cuda.get_device_name(number) for number in range(sees)]
        memory = [torch.cuda.mem_get_info(number) for number in range(sees)]
        gpus = tuple(Gpu(name, total, free) for name, (free, total) in zip(names, memory, strict=True))
    cuda = torch.version.cuda or torch.version.hip or ""
    return Machine(gpus, driver, cuda, sees, memory_free(), shutil.which("vllm") or "")


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(_own_view())) + "\n")
