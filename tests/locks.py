"""The locks: what pyproject.toml asks for, followed through what is installed. `make lock` writes them with this.

Only names and versions: no addresses, no local versions such as `+cpu`, and none of the CUDA parts of torch, which
pip adds by itself where torch needs them.
"""

import re
import tomllib
from collections.abc import Iterable
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from core.settings import ROOT

RUNTIME = ROOT / "requirements.lock"
DEVELOPMENT = ROOT / "requirements-dev.lock"
_CUDA = re.compile(r"nvidia-|cuda-|triton$")
# Markers are read as if by one interpreter, so that each supported one finds the same.
_AS_IF = {"python_version": "3.11", "python_full_version": "3.11.7"}


def wanted() -> tuple[list[str], list[str]]:
    """The requirements of pyproject.toml: those of the program and those added for working on it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return project["project"]["dependencies"], project["dependency-groups"]["dev"]


def closure(requirements: Iterable[str]) -> dict[str, str]:
    """Name and version of everything installed that the requirements need, directly or not."""
    found: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    waiting = [(Requirement(text), "") for text in requirements]
    while waiting:
        requirement, extra = waiting.pop()
        if requirement.marker is not None and not requirement.marker.evaluate({**_AS_IF, "extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        if _CUDA.match(name):
            continue
        installed = distribution(name)
        found[name] = installed.version.partition("+")[0]
        for needed_for in {"", *requirement.extras}:
            if (name, needed_for) not in seen:
                seen.add((name, needed_for))
                waiting += [(Requirement(text), needed_for) for text in installed.requires or ()]
    return found


def lines(versions: dict[str, str]) -> str:
    """The text of a lock."""
    return "".join(f"{name}=={version}\n" for name, version in sorted(versions.items()))


def locks() -> dict[Path, str]:
    """The text that each lock should have in this environment."""
    runtime, development = wanted()
    needed = closure(runtime)
    everything = closure([*runtime, *development])
    return {
        RUNTIME: lines(needed),
        DEVELOPMENT: lines({name: version for name, version in everything.items() if name not in needed}),
    }


def read(lock: Path) -> dict[str, str]:
    """Name and version of every line of a lock."""
    found = {}
    for line in lock.read_text().splitlines():
        name, _equals, version = line.partition("==")
        found[name] = version
    return found


if __name__ == "__main__":
    for path, text in locks().items():
        path.write_text(text)
