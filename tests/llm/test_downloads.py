"""Downloads from a stand-in of the hub: whole ones by the real command, and each way in which they fail."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import constants

from cli.main import main
from core.errors import InvalidRequest, NotFound, UnknownSetting
from core.settings import ROOT, Settings, child_environment, load_settings
from llm import downloads, hosting, hub, local_models, planning
from llm.downloads import HubFile
from tests.llm.hub_server import REVISION, HubServer, Repository
from tests.processes import alive, descendants, eventually

MODEL = "meta-llama/Llama-3.1-8B-Instruct"
CONFIG = {
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "hidden_size": 64,
    "intermediate_size": 128,
    "vocab_size": 1000,
    "max_position_embeddings": 4096,
}
WEIGHTS = bytes(range(256)) * 4000


def llama(**changes: Any) -> Repository:
    """A repository as Meta publishes them, with weights of a megabyte."""
    files = {
        "LICENSE": b"LLAMA 3.1 COMMUNITY LICENSE AGREEMENT",
        "USE_POLICY.md": b"# Acceptable Use Policy",
        "config.json": json.dumps(CONFIG).encode(),
        "tokenizer_config.json": b'{"chat_template": "{{ messages }}"}',
        "model.safetensors": WEIGHTS,
        "pytorch_model.bin": WEIGHTS,
        "original/consolidated.00.pth": WEIGHTS,
        "modeling_llama.py": b"print('never fetched')",
        ".gitattributes": b"",
    }
    return Repository(files, **changes)


@pytest.fixture
def server() -> Iterator[HubServer]:
    """A hub with one model."""
    one = HubServer()
    one.repositories[MODEL] = llama()
    yield one
    one.close()


@pytest.fixture
def asked(server: HubServer, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """A command line for `llm download`, with this hub in the settings of its process."""
    monkeypatch.setenv("ARCHIVAR_HUB_URL", server.url)
    return lambda *arguments: ["llm", "download", *arguments, "--data", str(settings.data)]


@pytest.fixture
def here(server: HubServer, monkeypatch: pytest.MonkeyPatch) -> HubServer:
    """The same hub for the child's own functions, which then run in this process."""
    monkeypatch.setattr(constants, "ENDPOINT", server.url)
    monkeypatch.setattr(
        constants, "HUGGINGFACE_CO_URL_TEMPLATE", f"{server.url}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
    )
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    return server


def look(repository: str = MODEL, revision: str = "") -> dict[str, Any]:
    """What the child says of a repository."""
    return hub.answer("look", {"repository": repository, "revision": revision})


def fetch(folder: Path, files: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """What the child says after fetching the weights alone, or what is given."""
    folder.mkdir(exist_ok=True)
    weights = [one for one in look()["found"]["files"] if one["name"] == "model.safetensors"]
    request = {"repository": MODEL, "revision": REVISION, "folder": str(folder), "files": files or weights}
    return hub.answer("fetch", request)


def test_a_model_comes_whole_with_its_licence_on_record_although_the_connection_breaks(
    server: HubServer, asked: Callable[..., list[str]], settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    server.repositories[MODEL] = llama(gated=True, cut_after=300_000, cuts=1)
    token = settings.data / "token"
    token.parent.mkdir(parents=True, exist_ok=True)
    token.write_text(f"{server.token}\n")

    status = main(asked("llama-3.1-8b-instruct", "--accept-licence", "--token-file", str(token), "--json"))

    said = capsys.readouterr()
    assert status == 0, said.err
    told = json.loads(said.out)
    folder = settings.models_dir / MODEL
    assert (told["model"], told["revision"], told["folder"]) == (MODEL, REVISION, str(folder))
    assert "acceptable use policy" in said.err.lower() and "Built with Llama" in said.err
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS
    there = {path.name for path in folder.iterdir() if not path.name.startswith(".")}
    assert there == {
        "LICENSE", "USE_POLICY.md", "NOTICE", "config.json", "tokenizer_config.json", "model.safetensors",
        downloads.ACCEPTANCE, local_models.MANIFEST,
    }  # fmt: skip
    assert "Llama 3.1 is licensed under the Llama 3.1 Community License" in (folder / "NOTICE").read_text()
    accepted = local_models.register(settings.models_dir)[0]
    assert accepted == json.loads((folder / downloads.ACCEPTANCE).read_text())
    assert accepted["licence"] == "Llama 3.1 Community License Agreement"
    assert accepted["accepted_by"] and accepted["accepted_at"] and accepted["accepted_how"] == "--accept-licence"
    # What broke off went on where it was: portions of 256 KiB are kept. Only the hub itself saw the token.
    assert [(one.range, one.authorised) for one in server.asked if one.path.startswith("/cdn/")] == [
        ("", False),
        ("bytes=262144-", False),
    ]

    model = hosting.read_model(MODEL, settings.models_dir)
    assert (model.folder, model.name, model.weights) == (folder, str(folder), len(WEIGHTS))
    assert planning.from_catalogue("llama-3.1-8b-instruct", settings.models_dir).source == "config.json"


def test_what_was_killed_goes_on_where_it_was(
    server: HubServer, asked: Callable[..., list[str]], settings: Settings, tmp_path: Path
) -> None:
    repository = server.repositories[MODEL] = llama(stall_after=400_000)
    folder = tmp_path / "elsewhere" / MODEL
    arguments = asked(MODEL, "--accept-licence", "--to", str(tmp_path / "elsewhere"))
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "archivar"), *arguments],
        env=child_environment(settings),
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    eventually(lambda: sum(part.stat().st_size for part in folder.glob(".model.safetensors.*.part")) > 200_000)
    children = list(descendants(process.pid))
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    eventually(lambda: not any(map(alive, children)))
    assert local_models.downloaded(MODEL, settings.models_dir) is None
    came = next(folder.glob(".model.safetensors.*.part")).stat().st_size
    server.asked.clear()
    repository.stall_after = 0

    # The licence is on record: it is not asked for again.
    assert main(asked(MODEL, "--to", str(tmp_path / "elsewhere"), "--json")) == 0

    assert [one.range for one in server.asked if one.path.startswith("/cdn/")] == [f"bytes={came}-"]
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS
    assert not list(folder.glob(".*.part"))
    assert local_models.find(MODEL, settings.models_dir) == folder


def test_without_acceptance_the_hub_is_not_even_asked(
    server: HubServer, asked: Callable[..., list[str]], capsys: pytest.CaptureFixture[str], settings: Settings
) -> None:
    assert main(asked("llama-3.1-8b-instruct", "--json")) == 1

    said = capsys.readouterr()
    assert json.loads(said.out)["error"]["code"] == "forbidden"
    assert "--accept-licence" in said.err and "https://www.llama.com/llama3_1/license/" in said.err
    assert server.asked == []
    assert not settings.models_dir.exists()


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["no such model"], 1, "llm list"),
        (["Llama-7B"], 1, "later generation"),
        (["llama 3.1"], 2, "Say which"),
        ([MODEL, "--token-file", "/nowhere"], 2, "nowhere"),
    ],
)
def test_what_cannot_be_meant_is_said(
    arguments: list[str],
    status: int,
    message: str,
    asked: Callable[..., list[str]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(asked(*arguments)) == status
    assert message in capsys.readouterr().err


def test_what_the_hub_offers_is_read(here: HubServer) -> None:
    found = look()["found"]

    assert found["revision"] == REVISION
    chosen = downloads.chosen(tuple(HubFile(**one) for one in found["files"]))
    assert [one.name for one in chosen][:2] == ["USE_POLICY.md", "LICENSE"]
    assert {one.name for one in chosen[2:]} == {"config.json", "tokenizer_config.json", "model.safetensors"}
    assert chosen[-1].sha256 and not chosen[0].sha256


def test_weights_that_cannot_be_served_are_refused() -> None:
    with pytest.raises(InvalidRequest, match="safetensors"):
        downloads.chosen((HubFile("model.gguf", 1, "", ""), HubFile("config.json", 1, "", "")))


@pytest.mark.parametrize(
    ("repository", "revision", "status", "code", "message"),
    [
        ("meta-llama/absent", "", 0, "not_found", "--token-file"),
        (MODEL, "absent", 0, "not_found", "revision"),
        (MODEL, "", 403, "forbidden", "token"),
        (MODEL, "", 429, "unavailable", "429"),
        (MODEL, "", 500, "unavailable", "later"),
        ("a//b", "", 0, "invalid_request", "OWNER/NAME"),
    ],
)
def test_refusals_say_what_to_do(
    here: HubServer, repository: str, revision: str, status: int, code: str, message: str
) -> None:
    here.status = status

    error = look(repository, revision)["error"]

    assert error["code"] == code
    assert message in error["message"]


def test_a_gated_model_says_how_to_get_in(here: HubServer, tmp_path: Path) -> None:
    here.repositories[MODEL].gated = True

    error = fetch(tmp_path / "m")["error"]

    assert error["code"] == "forbidden"
    assert f"{here.url}/{MODEL}" in error["message"] and "--token-file" in error["message"]


def test_a_hub_that_is_away_is_said(here: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:1")

    assert "ARCHIVAR_HUB_URL" in look()["error"]["message"]


def test_damage_is_found_and_what_stays_damaged_is_not_kept(here: HubServer, tmp_path: Path) -> None:
    here.repositories[MODEL].spoil = 1
    assert fetch(tmp_path / "m") == {"done": {"files": 1}}
    assert (tmp_path / "m" / "model.safetensors").read_bytes() == WEIGHTS

    # What lies there already is checked as well.
    (tmp_path / "m" / "model.safetensors").write_bytes(WEIGHTS[:-1] + b"x")
    here.repositories[MODEL].spoil = 2
    assert "damaged" in fetch(tmp_path / "m")["error"]["message"]
    assert not list((tmp_path / "m").glob(".*"))


def test_a_server_that_knows_no_ranges_sends_all_again(here: HubServer, tmp_path: Path) -> None:
    here.repositories[MODEL].ranges = False
    sha = next(one["sha256"] for one in look()["found"]["files"] if one["name"] == "model.safetensors")
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / f".model.safetensors.{sha[:12]}.part").write_bytes(WEIGHTS[:1000])

    assert fetch(tmp_path / "m") == {"done": {"files": 1}}


def test_a_disk_without_room_is_said_before_anything_comes(here: HubServer, tmp_path: Path) -> None:
    here.repositories[MODEL].claims["model.safetensors"] = 10**16

    assert fetch(tmp_path / "m")["error"]["code"] == "storage_full"
    assert not list((tmp_path / "m").iterdir())


@pytest.mark.parametrize("name", ["../outside", "/etc/outside", "a/../../outside"])
def test_no_file_leaves_the_folder(here: HubServer, tmp_path: Path, name: str) -> None:
    file = {"name": name, "size": 1, "sha256": "", "blob": ""}

    assert "outside the folder" in fetch(tmp_path / "m", [file])["error"]["message"]
    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize("url", ["ftp://hub", "hub", "https://user@hub", "https://hub?x=1"])
def test_a_hub_has_a_plain_address(url: str) -> None:
    with pytest.raises(UnknownSetting, match="ARCHIVAR_HUB_URL"):
        load_settings(hub_url=url)


def test_names_are_places_on_the_hub() -> None:
    assert downloads.repository_of("llama-3.2-1b") == "meta-llama/Llama-3.2-1B"
    assert downloads.repository_of("someone/else") == "someone/else"
    with pytest.raises(NotFound):
        downloads.repository_of("../else")
