"""Our own code as syntax trees, for tests that hold the architecture. No rules here; those are in `tests.rules`."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property

from core.settings import ROOT

PACKAGES = ("core", "ingest", "retrieval", "llm", "workers", "web", "cli")
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """One Python file; `path` is relative to the root."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """Its syntax tree."""
        return ast.parse(self.text)

    @property
    def module(self) -> str:
        """Its dotted name."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def package(self) -> str:
        """Its top-level package."""
        return self.module.partition(".")[0]

    @property
    def lines(self) -> int:
        """Its length."""
        return len(self.text.splitlines())

    def nodes(self) -> Iterator[ast.AST]:
        """Every node of the tree."""
        return ast.walk(self.tree)

    def functions(self) -> list[Function]:
        """Every function and method, nested ones included."""
        return [node for node in self.nodes() if isinstance(node, Function)]

    def imports(self) -> Iterator[tuple[str, int]]:
        """Dotted names that are imported anywhere in the file, with their lines; `from a import b` gives `a.b`."""
        for node in self.nodes():
            if isinstance(node, ast.Import):
                yield from ((alias.name, node.lineno) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = self._base(node)
                yield from ((f"{base}.{alias.name}", node.lineno) for alias in node.names)

    def _base(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parts = self.module.split(".")
        folder = parts if self.path.endswith("__init__.py") else parts[:-1]
        return ".".join([*folder[: len(folder) - node.level + 1], *([node.module] if node.module else [])])

    def at(self, node: ast.AST) -> str:
        """Where a node stands, for messages."""
        return f"{self.path}:{getattr(node, 'lineno', 1)}"


@cache
def tracked() -> tuple[str, ...]:
    """Paths of all files that are, or would be, under version control; all files where there is no Git."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    names = listing.stdout.split("\0") if listing.returncode == 0 else _walked()
    return tuple(sorted(name for name in set(names) if name and (ROOT / name).is_file()))


def _walked() -> list[str]:
    return [
        path.relative_to(ROOT).as_posix()
        for path in ROOT.rglob("*")
        if not any(part.startswith(".") or part in {"data", "__pycache__"} for part in path.relative_to(ROOT).parts)
    ]


@cache
def _all() -> tuple[Source, ...]:
    names = [name for name in tracked() if name.endswith(".py") or name == "archivar"]
    return tuple(Source(name, (ROOT / name).read_text()) for name in names)


def everything() -> list[Source]:
    """All Python files: packages, tests, benchmarks and the entry point."""
    return list(_all())


def production() -> list[Source]:
    """The files that run at a user's."""
    return [source for source in _all() if source.package in {*PACKAGES, "archivar"}]


def tests() -> list[Source]:
    """The files of the tests."""
    return [source for source in _all() if source.package == "tests"]
