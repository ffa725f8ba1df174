"""The rules of the architecture as functions: sources in, one line for each violation out. Each is tested itself."""

import ast
from collections.abc import Iterable, Iterator, Mapping

from tests.sources import PACKAGES, Source

_ALL = frozenset(PACKAGES)
# What each package may import of ours: core <- ingest, retrieval <- llm <- workers <- web, cli.
MAY_IMPORT: Mapping[str, frozenset[str]] = {
    "core": frozenset(),
    "ingest": frozenset({"core"}),
    "retrieval": frozenset({"core"}),
    "llm": frozenset({"core", "ingest", "retrieval"}),
    "workers": frozenset({"core", "ingest", "retrieval", "llm"}),
    "web": _ALL - {"cli"},
    "cli": _ALL - {"web"},
    "archivar": frozenset({"cli"}),
}
# Where a library, or a module of ours, may be imported; an empty place means nowhere.
FENCES: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("sqlalchemy", "alembic", "psycopg", "sqlite3"), ("core/storage/",)),
    **dict.fromkeys(("core.storage.tables", "core.storage.database", "core.storage.rows"), ("core/storage/",)),
    **dict.fromkeys(("faiss", "tantivy", "pymilvus"), ("retrieval/index/",)),
    **dict.fromkeys(("flask", "werkzeug"), ("web/",)),
    **dict.fromkeys(("celery", "kombu"), ("workers/",)),
    **dict.fromkeys(("pypdf", "pypdfium2", "PIL"), ("ingest/",)),
    **dict.fromkeys(("rapidocr", "onnxruntime", "cv2"), ("ingest/recognition.py",)),
    **dict.fromkeys(("sentence_transformers", "openvino"), ("retrieval/embedders/",)),
    "transformers": ("retrieval/embedders/", "llm/moderation/guards/prompt_guard.py"),
    "torch": ("retrieval/embedders/", "llm/gpus.py", "llm/moderation/guards/prompt_guard.py"),
    **dict.fromkeys(("openai", "langchain", "langchain_core", "langchain_openai", "langsmith"), ("llm/client/",)),
    **dict.fromkeys(("httpx2", "httpcore2"), ("llm/client/", "llm/connection.py", "workers/delivery/webhook.py")),
    **dict.fromkeys(("httpx", "httpcore", "requests"), ()),
    **dict.fromkeys(("smtplib", "aiosmtplib"), ("workers/delivery/mail.py",)),
    "pydantic_settings": ("core/settings.py",),
    # Imports by computed names, which no test sees: the table of commands and the registry of formats.
    "importlib.import_module": ("cli/main.py", "ingest/parsers/__init__.py"),
    # Daemonic processes may not have children, and messages between its processes are pickles.
    **dict.fromkeys(("multiprocessing", "concurrent.futures.ProcessPoolExecutor", "concurrent.futures.process"), ()),
    **dict.fromkeys(("pickle", "_pickle", "dill", "joblib", "cloudpickle", "shelve", "marshal"), ()),
}
_ENVIRONMENT = frozenset({"environ", "environb", "getenv", "getenvb", "putenv", "unsetenv"})
_FORBIDDEN_CALLS = frozenset(
    {"eval", "exec", "compile", "__import__", "os.system", "os.popen"}
    | {"yaml.load", "yaml.load_all", "yaml.unsafe_load", "yaml.full_load", "torch.load"}
)
_FORBIDDEN_ARGUMENTS = frozenset({"shell", "allow_pickle", "trust_remote_code"})
# The outermost frames, which report whatever happens: of the command line, of a job, of a document of a run of
# summaries in its thread, of a delivery, of a parser child, and of a stream whose status has been sent.
ENTRY_POINTS = frozenset(
    {
        "cli/main.py",
        "workers/ingest_tasks.py",
        "workers/summary_tasks.py",
        "workers/summary_items.py",
        "workers/delivery/deliverer.py",
        "ingest/child.py",
        "web/streams.py",
    }
)


def import_order(sources: Iterable[Source]) -> Iterator[str]:
    """Imports of a package of ours, or of tests and benchmarks, that the order does not allow."""
    for source in sources:
        allowed = MAY_IMPORT[source.package] | {source.package}
        for name, line in source.imports():
            top = name.partition(".")[0]
            if top in {*PACKAGES, "tests", "bench"} - allowed:
                yield f"{source.path}:{line} imports {name}"


def fences(sources: Iterable[Source]) -> Iterator[str]:
    """Imports of a fenced module outside its place."""
    for source in sources:
        for name, line in source.imports():
            fence = next((fence for fence in FENCES if f"{name}.".startswith(f"{fence}.")), None)
            if fence is not None and not source.path.startswith(FENCES[fence]):
                yield f"{source.path}:{line} imports {name}"


def rings(sources: Iterable[Source]) -> list[list[str]]:
    """Groups of modules that import each other in a ring, imports inside functions included."""
    by_name = {source.module: source for source in sources}
    edges: dict[str, set[str]] = {}
    for module, source in by_name.items():
        targets = (name if name in by_name else name.rpartition(".")[0] for name, _line in source.imports())
        edges[module] = {target for target in targets if target in by_name}
    return [sorted(ring) for ring in _strongly_connected(edges) if len(ring) > 1 or ring & edges[min(ring)]]


def _strongly_connected(edges: Mapping[str, set[str]]) -> list[set[str]]:
    def reachable(start: str) -> set[str]:
        seen: set[str] = set()
        waiting = [start]
        while waiting:
            new = edges[waiting.pop()] - seen
            seen |= new
            waiting += new
        return seen

    reach = {module: reachable(module) for module in edges}
    groups = {frozenset({module} | {other for other in reach[module] if module in reach[other]}) for module in edges}
    return [set(group) for group in groups]


def environment(sources: Iterable[Source]) -> Iterator[str]:
    """Places outside `core/settings.py` that touch the process environment or build one."""
    for source in sources:
        if source.path == "core/settings.py":
            continue
        for name, line in source.imports():
            if name in {f"os.{part}" for part in _ENVIRONMENT}:
                yield f"{source.path}:{line} imports {name}"
        for node in source.nodes():
            if isinstance(node, ast.Attribute) and dotted(node) in {f"os.{part}" for part in _ENVIRONMENT}:
                yield f"{source.at(node)} uses {dotted(node)}"
            elif isinstance(node, ast.keyword) and node.arg == "env" and not _made_elsewhere(node.value):
                yield f"{source.at(node.value)} builds an environment"
            elif isinstance(node, ast.Dict | ast.BinOp) and any(map(_from_settings, ast.iter_child_nodes(node))):
                yield f"{source.at(node)} changes an environment"


def _made_elsewhere(value: ast.expr) -> bool:
    if isinstance(value, ast.Call) and dotted(value.func) == "dict":
        return not value.keywords and all(_made_elsewhere(argument) for argument in value.args)
    return _from_settings(value) or isinstance(value, ast.Name | ast.Attribute)


def _from_settings(value: ast.AST) -> bool:
    return isinstance(value, ast.Call) and dotted(value.func).endswith(("child_environment", "bare_environment"))


def dangerous(sources: Iterable[Source]) -> Iterator[str]:
    """Calls that run text, open a shell or unpack code."""
    for source in sources:
        for node in source.nodes():
            if isinstance(node, ast.Call) and dotted(node.func) in _FORBIDDEN_CALLS:
                yield f"{source.at(node)} calls {dotted(node.func)}"
            elif isinstance(node, ast.keyword) and node.arg in _FORBIDDEN_ARGUMENTS and not _is_false(node.value):
                yield f"{source.at(node.value)} gives {node.arg}"


def _is_false(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is False


def catch_alls(sources: Iterable[Source]) -> Iterator[str]:
    """Handlers outside the entry points that take every exception and do not raise it again."""
    for source in sources:
        if source.path in ENTRY_POINTS:
            continue
        for node in source.nodes():
            if isinstance(node, ast.ExceptHandler) and _takes_all(node.type) and not _raises_again(node):
                yield f"{source.at(node)} catches everything"
            elif (
                isinstance(node, ast.Call)
                and dotted(node.func).endswith("suppress")
                and any(map(_takes_all, node.args))
            ):
                yield f"{source.at(node)} suppresses everything"


def _takes_all(kind: ast.expr | None) -> bool:
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return any(one is None or dotted(one) in {"Exception", "BaseException"} for one in kinds)


def _raises_again(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def knows_of_tests(sources: Iterable[Source]) -> Iterator[str]:
    """Lines of the program that ask whether a test runs."""
    for source in sources:
        for number, line in enumerate(source.text.splitlines(), 1):
            if any(word in line for word in ("pytest", "PYTEST", "TESTING", "unittest")):
                yield f"{source.path}:{number} knows of tests"


def undocumented(sources: Iterable[Source]) -> Iterator[str]:
    """Files without a docstring."""
    for source in sources:
        if not ast.get_docstring(source.tree):
            yield f"{source.path} has no docstring"


def untyped(sources: Iterable[Source]) -> Iterator[str]:
    """Functions with an argument or a result of no stated type."""
    for source in sources:
        for function in source.functions():
            arguments = function.args
            named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
            rest = [one for one in (arguments.vararg, arguments.kwarg) if one is not None]
            bare = [one.arg for one in [*named, *rest] if one.annotation is None and one.arg not in {"self", "cls"}]
            if bare or function.returns is None:
                yield f"{source.at(function)} {function.name} is not fully typed"


def dotted(node: ast.AST) -> str:
    """`a.b.c` of a chain of names; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = dotted(node.value)
        return f"{base}.{node.attr}" if base else ""
    return ""
