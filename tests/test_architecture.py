"""Holds the architecture: import order, fences, what may not be called, budgets, and what stays out of the files.

The rules are in `tests.rules` and `tests.measures`; here they meet our code, and bad code that they must find.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path

import pytest

from core.settings import ROOT, Settings
from tests import measures, rules, sources
from tests.processes import printed_by
from tests.sources import PACKAGES, Source

Rule = Callable[[Iterable[Source]], Iterator[str]]

FOR_THE_PROGRAM: tuple[Rule, ...] = (
    rules.import_order,
    rules.fences,
    rules.environment,
    rules.dangerous,
    rules.catch_alls,
    rules.knows_of_tests,
)
FOR_EVERYTHING: tuple[Rule, ...] = (rules.undocumented, rules.untyped)

BAD = [
    (rules.import_order, "core/a.py", "import ingest"),
    (rules.import_order, "ingest/a.py", "from retrieval.retriever import Retriever"),
    (rules.import_order, "retrieval/a.py", "def f():\n    from llm import services"),
    (rules.import_order, "web/a.py", "from cli.main import main"),
    (rules.import_order, "workers/a.py", "from tests import factories"),
    (rules.fences, "web/a.py", "from sqlalchemy.orm import Session"),
    (rules.fences, "ingest/a.py", "from core.storage.tables import documents"),
    (rules.fences, "ingest/a.py", "from core.storage import database"),
    (rules.fences, "retrieval/retriever.py", "def f():\n    import faiss"),
    (rules.fences, "llm/a.py", "import tantivy"),
    (rules.fences, "cli/a.py", "import flask"),
    (rules.fences, "web/a.py", "from celery import Celery"),
    (rules.fences, "web/a.py", "import pypdfium2 as pdfium"),
    (rules.fences, "llm/quoting.py", "import openai"),
    (rules.fences, "llm/llama.py", "def f():\n    from langchain.chat_models import init_chat_model"),
    (rules.fences, "llm/llama.py", "from langchain_core.messages import AIMessage"),
    (rules.fences, "web/a.py", "import httpx2"),
    (rules.fences, "llm/client/model.py", "import httpx"),
    (rules.fences, "llm/hosting.py", "import torch"),
    (rules.fences, "web/a.py", "from importlib import import_module"),
    (rules.fences, "retrieval/index/a.py", "import pickle"),
    (rules.fences, "retrieval/index/a.py", "from joblib import load"),
    (rules.fences, "workers/a.py", "from multiprocessing import Process"),
    (rules.fences, "workers/a.py", "from concurrent.futures import ProcessPoolExecutor"),
    (rules.environment, "web/a.py", "import os\nx = os.environ['A']"),
    (rules.environment, "web/a.py", "from os import getenv"),
    (rules.environment, "web/a.py", "run(['a'], env={'A': 'b'})"),
    (rules.environment, "web/a.py", "run(['a'], env=dict(A='b'))"),
    (rules.environment, "web/a.py", "e = {**child_environment(settings), 'A': 'b'}"),
    (rules.environment, "web/a.py", "e = child_environment(settings) | {'A': 'b'}"),
    (rules.dangerous, "web/a.py", "eval('1')"),
    (rules.dangerous, "web/a.py", "exec('1')"),
    (rules.dangerous, "web/a.py", "import yaml\nyaml.load('1')"),
    (rules.dangerous, "web/a.py", "run('ls', shell=True)"),
    (rules.dangerous, "retrieval/a.py", "np.load(path, allow_pickle=flag)"),
    (rules.dangerous, "web/a.py", "import os\nos.system('ls')"),
    (rules.catch_alls, "web/a.py", "try:\n    f()\nexcept:\n    pass"),
    (rules.catch_alls, "web/a.py", "try:\n    f()\nexcept (OSError, Exception) as error:\n    log(error)"),
    (rules.catch_alls, "web/a.py", "with contextlib.suppress(Exception):\n    f()"),
    (rules.knows_of_tests, "web/a.py", "if 'PYTEST_CURRENT_TEST' in settings:\n    pass"),
    (rules.undocumented, "web/a.py", "x = 1"),
    (rules.untyped, "web/a.py", "def f(a) -> None: ..."),
    (rules.untyped, "web/a.py", "class A:\n    def f(self, *a: int): ..."),
]
GOOD = '''"""A module that keeps every rule."""
import os
from core.settings import child_environment
from llm import services

def f(settings: Settings, *names: str) -> None:
    try:
        run(["ls", *names], env=child_environment(settings), shell=False)
    except OSError:
        os.getpid()
    except Exception:
        clean_up()
        raise
'''


def _nothing(found: Iterable[str]) -> None:
    listed = list(found)
    assert not listed, "\n".join(["", *listed])


@pytest.mark.parametrize("rule", FOR_THE_PROGRAM, ids=lambda rule: rule.__name__)
def test_the_program_keeps_the_rule(rule: Rule) -> None:
    _nothing(rule(sources.production()))


@pytest.mark.parametrize("rule", FOR_EVERYTHING, ids=lambda rule: rule.__name__)
def test_every_file_keeps_the_rule(rule: Rule) -> None:
    _nothing(rule(sources.everything()))


def test_tests_and_benchmarks_call_nothing_dangerous() -> None:
    _nothing(rules.dangerous(sources.everything()))


@pytest.mark.parametrize(("rule", "path", "code"), BAD)
def test_a_rule_finds_what_breaks_it(rule: Rule, path: str, code: str) -> None:
    assert list(rule([Source(path, code)]))


def test_no_rule_complains_of_good_code() -> None:
    assert [line for rule in (*FOR_THE_PROGRAM, *FOR_EVERYTHING) for line in rule([Source("workers/a.py", GOOD)])] == []


def test_no_modules_import_each_other_in_a_ring() -> None:
    _nothing(" <-> ".join(ring) for ring in rules.rings(sources.everything()))


def test_a_ring_is_found_inside_functions_too() -> None:
    ring = [Source("web/a.py", "from web import b"), Source("web/b.py", "def f():\n    from web.a import x")]
    line = [Source("web/a.py", "from web import b"), Source("web/b.py", "from web.c import x"), Source("web/c.py", "")]

    assert rules.rings(ring) == [["web.a", "web.b"]]
    assert rules.rings(line) == []
    assert rules.rings([Source("web/__init__.py", "from .a import x"), Source("web/a.py", "from . import y")])


def test_files_are_short() -> None:
    lengths = {source.path: source.lines for source in sources.everything()}

    _nothing(path for path, lines in lengths.items() if lines > 500)
    assert measures.share(lengths.values(), 0.5) <= 120
    assert measures.share(lengths.values(), 0.9) <= 350


def test_functions_are_short_and_flat() -> None:
    functions = [(source, function) for source in sources.everything() for function in source.functions()]

    _nothing(s.at(f) for s, f in functions if measures.length(f) > 80)
    assert measures.share((measures.length(f) for _, f in functions), 0.9) <= 35
    _nothing(s.at(f) for s, f in functions if measures.nesting(f) > 3)
    _nothing(s.at(f) for s, f in functions if measures.positional(f) > 6)


def test_functions_are_measured_as_they_read() -> None:
    code = (
        "def f(self, a, b, /, c, *, d):\n    if a:\n        pass\n    elif b:\n        pass\n    elif c:\n"
        "        for x in a:\n            with x:\n                pass\n"
    )
    function = Source("web/a.py", code).functions()[0]

    assert (measures.length(function), measures.nesting(function), measures.positional(function)) == (9, 3, 3)
    assert measures.share([3, 1, 2], 0.5) == 2
    assert measures.share(range(10), 0.9) == 9


def test_tests_use_real_parts() -> None:
    assert measures.doubles_per_test(sources.tests()) < 0.1
    assert measures.doubles_per_test([Source("tests/a.py", "from unittest import mock\ndef test_a(): mock.x()")]) == 2


def test_each_package_is_ours() -> None:
    assert [name for name in PACKAGES if not _is_ours(name)] == []
    assert sorted(set(PACKAGES) & set(packages_distributions())) == []


def _is_ours(name: str) -> bool:
    spec = find_spec(name)
    return spec is not None and spec.origin == str(ROOT / name / "__init__.py")


def test_the_entry_point_refuses_a_foreign_package(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "__init__.py").touch()
    ask = (
        f"import sys; sys.path[:0] = {[str(tmp_path), str(ROOT)]}\n"
        "from importlib.machinery import SourceFileLoader as Loader\n"
        f"print(Loader('entry', {str(ROOT / 'archivar')!r}).load_module().foreign_packages())"
    )

    assert printed_by(ask, settings) == "['web']"


HEAVY = ("torch", "transformers", "sentence_transformers", "langchain", "langchain_core", "langchain_text_splitters")
SEARCH = """
import json, sys
from core.settings import load_settings
from core.values import OPERATOR
from llm.services import Services
services = Services(load_settings())
services.retriever.warm()
services.retriever.search(OPERATOR, "How long is the notice period?")
services.close()
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def test_searching_imports_nothing_heavy(settings: Settings) -> None:
    imported = json.loads(printed_by(SEARCH, settings))

    assert {"openvino", "retrieval"} <= set(imported)
    assert [name for name in imported if name in HEAVY] == []


# Folders of one machine, addresses of package indexes and options that name them; written so as not to match itself.
FOREIGN = re.compile(
    r"(?<![\w.~-])/(?:wor[k]|roo[t]|opt/(?:pyp[i]|wheel[s])\w*|hom[e]/\w+)(?:/|\b)"
    r"|https?://[\w.-]*(?:pyp[i]|pythonhoste[d]|download\.pytorc[h]|npmj[s]|debia[n])"
    r"|--(?:extra-)?index-ur[l]|--find-link[s]|PIP_(?:EXTRA_)?INDEX_UR[L]"
)


def test_no_file_names_a_machine_or_a_package_index() -> None:
    _nothing(place for name in sources.tracked() for place in _foreign(name, (ROOT / name).read_bytes()))


@pytest.mark.parametrize(
    "text", ["see /{}/x", "cd /{}/main", "https://files.{}.org/x", "pip install --{} x"], ids=["a", "b", "c", "d"]
)
def test_foreign_places_are_found(text: str) -> None:
    words = {"see": "root", "cd": "work", "https:": "pythonhosted", "pip": "index-url"}
    word = next(word for start, word in words.items() if text.startswith(start))

    assert list(_foreign("a.md", text.format(word).encode()))
    assert not list(_foreign("a.md", b"GET /works and tests/root/x and https://example.org/home"))


def _foreign(name: str, data: bytes) -> Iterator[str]:
    for number, line in enumerate(data.decode(errors="replace").splitlines(), 1):
        if FOREIGN.search(line):
            yield f"{name}:{number}: {line.strip()[:100]}"
