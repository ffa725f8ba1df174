"""Every hostile file goes through the real children, and nothing of it reaches anything."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from core.errors import UnreadableDocument
from core.settings import load_settings
from core.values import ParsedDocument
from ingest.children import ParserPool
from tests.hostile import archives, mails, pdfs, pictures, texts
from tests.hostile.case import READ, Case, Lure

CASES = [*archives.CASES, *pdfs.CASES, *texts.CASES, *mails.CASES, *pictures.CASES]
SECRET = "the words of the secret file"
MEMORY_MB, SECONDS = 512, 30


class Seen(ThreadingHTTPServer):
    """A server that remembers what was asked of it."""

    paths: list[str]


class _Remember(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Remember the path."""
        assert isinstance(self.server, Seen)
        self.server.paths.append(self.path)
        self.send_error(404)


@pytest.fixture(scope="module")
def server() -> Iterator[Seen]:
    """A server that must see nothing."""
    with Seen(("127.0.0.1", 0), _Remember) as one:
        one.paths = []
        thread = threading.Thread(target=one.serve_forever)
        thread.start()
        yield one
        one.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def lure(server: Seen, tmp_path_factory: pytest.TempPathFactory) -> Lure:
    """What the files try to reach."""
    secret = tmp_path_factory.mktemp("secret") / "secret.txt"
    secret.write_text(SECRET)
    return Lure(f"http://127.0.0.1:{server.server_port}", secret)


@pytest.fixture(scope="module")
def tight_pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ParserPool]:
    """Children with half of the usual memory and a quarter of the usual time."""
    folder = tmp_path_factory.mktemp("hostile")
    settings = load_settings(
        data=folder / "data", parser_memory_mb=MEMORY_MB, parser_seconds=SECONDS, parser_children=1, ocr_children=1
    )
    opened = ParserPool(settings)
    yield opened
    opened.close()


def end_of(pool: ParserPool, path: Path, name: str) -> tuple[str, ParsedDocument | None]:
    """How reading ends, and what was read."""
    try:
        return READ, pool.parse(path, name, lambda _: None)[1]
    except UnreadableDocument as error:
        assert error.message.endswith((".", "?"))
        return error.code, None


def test_there_are_many_and_each_has_a_name_of_its_own() -> None:
    assert len({one.name for one in CASES}) == len(CASES) >= 60


@pytest.mark.parametrize("one", CASES, ids=lambda one: one.name)
def test_it_is_read_within_the_limits_or_refused(
    one: Case, lure: Lure, server: Seen, tight_pool: ParserPool, tmp_path: Path
) -> None:
    (tmp_path / "inside").mkdir()
    path = tmp_path / "inside" / "stored"
    path.write_bytes(one.make(lure))

    end, document = end_of(tight_pool, path, one.name)

    assert end in one.ends
    if document is not None:
        assert all(SECRET not in page.text for page in document.pages)
    assert [found.name for found in tmp_path.rglob("*")] == ["inside", "stored"]
    assert server.paths == []


def test_after_all_that_a_good_file_is_read(lure: Lure, tight_pool: ParserPool, tmp_path: Path) -> None:
    good = next(one for one in CASES if one.name == "plain.docx")
    path = tmp_path / "good"
    path.write_bytes(good.make(lure))

    _, document = end_of(tight_pool, path, good.name)

    assert document is not None
    assert document.pages[0].text == "Harmless words"
