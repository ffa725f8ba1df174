"""The catalogue and plans over REST, the page of models, and the cards among the metrics."""

import re
from pathlib import Path

import pytest

from core.values import InstallationRole
from llm.gpu_watch import GpuWatch
from tests.web.site import Site
from web.metrics import Metrics


def test_anybody_signed_in_reads_the_catalogue_and_plans(site: Site) -> None:
    caller = site.by_key(site.user())

    listed = caller.get("/api/v1/llama/models").json
    plan = caller.get("/api/v1/llama/plan?model=Llama-4-Scout-17B-16E&gpu=H100").json

    assert listed is not None and len(listed["models"]) > 50
    assert plan is not None and plan["fits"] and "only in 4 bits" in plan["verdict"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("model=llama+9", 404),
        ("model=Llama-3.1-8B&gpu=nothing", 404),
        ("model=Llama-3.1-8B&users=0", 400),
        ("model=Llama-3.1-8B&gpu=3xH100", 400),
        ("model=Llama-3.1-8B&wish=1", 400),
    ],
)
def test_a_plan_that_cannot_be_made_is_refused(site: Site, query: str, status: int) -> None:
    assert site.admin.get(f"/api/v1/llama/plan?{query}").status_code == status


def test_folders_of_the_server_are_not_looked_into(site: Site, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")

    for path in (tmp_path, tmp_path / "config.json", tmp_path / "absent"):
        reply = site.admin.get("/api/v1/llama/plan", query_string={"model": str(path)[-100:]})
        assert (reply.status_code, reply.json["code"]) == (404, "not_found")  # type: ignore[index]


def test_the_page_shows_a_plan_in_the_language_of_the_reader(site: Site) -> None:
    admin = site.by_session(site.user(InstallationRole.ADMIN))
    path = "/models?model=Llama-4-Scout-17B-16E-Instruct&gpu=H100&users=2&context=&quantisation="

    english = admin.get(path).text
    german = admin.get(path, headers={"Accept-Language": "de"}).text

    assert "fits on one H100 (80 GB) only in 4 bits" in english
    assert "passt auf eine H100 (80 GB) nur in 4 Bit" in german and "8.192 Token" in german
    assert "No language model is attached" in english
    assert 'href="/models"' in english
    assert 'href="/models"' not in site.by_session(site.user()).get("/library").text


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("model=Llama-3.1-8B&users=many", "digits alone"),
        ("model=Llama-3.1-8B&users=-1", "digits alone"),
        ("model=Llama-3.1-8B&users=0", "greater than or equal to 1"),
        ("model=Llama-3.1-8B&context=200000", "131,072 tokens at most"),
        ("model=%3Cscript%3E", "has no model &lt;script&gt;"),
        ("model=Llama-3.1-8B&quantisation=2bit", "is none of"),
    ],
)
def test_a_form_that_makes_no_sense_is_explained_on_the_page(site: Site, query: str, message: str) -> None:
    reply = site.by_session(site.user(InstallationRole.ADMIN)).get(f"/models?{query}")

    assert reply.status_code == 200
    assert message in reply.text


def test_cards_are_among_the_metrics(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho '0, NVIDIA H100 80GB HBM3, 81559, 40000, 87, 61'\n")
    program.chmod(0o755)
    watch = GpuWatch()
    metrics = Metrics(site.store, lambda: None, watch, lambda: site.services.moderator)
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    assert b"gpu" not in metrics.text()

    monkeypatch.setenv("PATH", str(tmp_path))
    text = metrics.text().decode()
    watch.close()

    used = re.search(r'archivar_gpu_memory_bytes{gpu="0",kind="used",name="NVIDIA H100 80GB HBM3"} (\S+)', text)
    assert used is not None and float(used[1]) == 40000 * 1024**2
    assert 'archivar_gpu_utilisation_ratio{gpu="0",name="NVIDIA H100 80GB HBM3"} 0.87' in text
