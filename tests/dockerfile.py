"""Reads as much of a Dockerfile and a .dockerignore as ours use; for tests that run what they say."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from core.settings import ROOT

_FLAGS = re.compile(r"(?:--\S+\s+)*")


@dataclass(frozen=True)
class Instruction:
    """One instruction; `value` is what follows its name, on one line and without options such as `--mount`."""

    name: str
    value: str
    flags: str = ""

    @property
    def words(self) -> list[str]:
        """The value as arguments: a JSON list, or split at spaces."""
        if self.value.startswith("["):
            words: list[str] = json.loads(self.value)
            return words
        return self.value.split()


def stages() -> list[list[Instruction]]:
    """The instructions of our Dockerfile, stage by stage; each begins with its FROM."""
    found: list[list[Instruction]] = []
    for instruction in _instructions((ROOT / "Dockerfile").read_text()):
        if instruction.name == "FROM":
            found.append([])
        found[-1].append(instruction)
    return found


def _instructions(text: str) -> Iterator[Instruction]:
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    for whole in "\n".join(lines).replace("\\\n", " ").splitlines():
        name, _, rest = whole.strip().partition(" ")
        flags = _FLAGS.match(rest)
        end = flags.end() if flags else 0
        yield Instruction(name, " ".join(rest[end:].split()), rest[:end])


def sent_to_the_builder(path: str, patterns: Sequence[str] | None = None) -> bool:
    """Whether .dockerignore lets a file through: the last pattern that fits it or a folder above it decides."""
    if patterns is None:
        lines = (ROOT / ".dockerignore").read_text().splitlines()
        patterns = [line for line in lines if line and not line.startswith("#")]
    parts = path.split("/")
    prefixes = [parts[:length] for length in range(1, len(parts) + 1)]
    sent = True
    for pattern in patterns:
        if any(_fits(prefix, pattern.removeprefix("!").split("/")) for prefix in prefixes):
            sent = pattern.startswith("!")
    return sent


def _fits(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    if pattern[0] == "**":
        return any(_fits(parts[start:], pattern[1:]) for start in range(len(parts)))
    return len(parts) == len(pattern) and all(map(fnmatchcase, parts, pattern))
