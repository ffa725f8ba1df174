"""Measures of the code's shape, for the budgets: lengths, nesting, positional arguments, mentions of mocks."""

import ast
from collections.abc import Iterable, Iterator

from tests.sources import Function, Source

_BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match)


def share(values: Iterable[int], part: float) -> int:
    """The value that `part` of all values do not exceed."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * part), len(ordered) - 1)]


def length(function: Function) -> int:
    """Lines of a function from `def` to its end."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def positional(function: Function) -> int:
    """Arguments that can be given by position, `self` and `cls` aside."""
    arguments = [*function.args.posonlyargs, *function.args.args]
    return len([one for one in arguments if one.arg not in {"self", "cls"}])


def nesting(function: Function) -> int:
    """Levels of blocks inside each other; `elif` is no level of its own, and functions inside count for themselves."""
    return max((_depth(statement) for statement in function.body), default=0)


def _depth(node: ast.AST) -> int:
    if isinstance(node, Function | ast.ClassDef | ast.Lambda):
        return 0
    own = 1 if isinstance(node, _BLOCKS) else 0
    below = 0
    for child in ast.iter_child_nodes(node):
        is_elif = isinstance(node, ast.If) and isinstance(child, ast.If) and node.orelse == [child]
        below = max(below, _depth(child) - (1 if is_elif else 0))
    return own + below


def doubles_per_test(tests: Iterable[Source]) -> float:
    """Mentions of mocks in names and imports, for each test function."""
    sources = list(tests)
    names = [name.lower() for source in sources for name in _names(source)]
    functions = [function for source in sources for function in source.functions() if function.name.startswith("test_")]
    return sum("mock" in name for name in names) / max(len(functions), 1)


def _names(source: Source) -> Iterator[str]:
    yield from (name for name, _line in source.imports())
    for node in source.nodes():
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.arg):
            yield node.arg
