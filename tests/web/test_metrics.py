"""What is counted, and that clients cannot invent labels."""

from llm.gpu_watch import GpuWatch
from llm.moderation.opening import open_moderator
from tests.llm.rude_server import replying, served
from tests.web.site import Site
from web.metrics import Metrics


def test_requests_are_counted_by_route(site: Site) -> None:
    admin, collection = site.admin, site.collection()
    admin.get(f"/api/v1/collections/{collection}")
    admin("PURR", "/nowhere")
    text = admin.get("/metrics").text
    assert 'route="/api/v1/collections/<uuid:collection_id>",status="200"' in text
    assert collection not in text and "PURR" not in text
    assert "archivar_documents " in text


def test_decisions_are_counted_by_point_category_and_action(site: Site) -> None:
    def counted(action: str, category: str) -> float:
        text = site.admin.get("/metrics").text
        assert "kill" not in text
        assert "archivar_guard" not in text
        name = "archivar_moderation_decisions_total"
        labels = f'{{action="{action}",category="{category}",point="question"}}'
        return sum(float(line.split()[-1]) for line in text.splitlines() if line.startswith(name + labels))

    # Other tests ask the same site.
    allowed, blocked = counted("allow", "none"), counted("block", "S11")
    site.services.moderator.question("How long is the notice period?")
    site.services.moderator.question("I want to kill myself")
    assert counted("allow", "none") == allowed + 1
    assert counted("block", "S11") == blocked + 1


def test_faults_of_the_guard_are_counted(site: Site) -> None:
    watch = GpuWatch()
    with served(replying(500, b"")) as server:
        guard = f"openai:{server.url}#Llama-Guard-3-8B"
        moderator = open_moderator(site.settings.model_copy(update={"guard": guard}), site.store)
        for _ in range(4):
            moderator.question("How long is the notice period?")
        text = Metrics(site.store, lambda: None, watch, lambda: moderator).text().decode()
        moderator.close()
    watch.close()
    assert 'archivar_guard_requests_total{outcome="answered"} 0.0' in text
    assert 'archivar_guard_requests_total{outcome="failed"} 3.0' in text
    assert 'archivar_guard_requests_total{outcome="skipped"} 1.0' in text
    assert 'archivar_guard_faults_total{kind="failed"} 3.0' in text
    assert 'archivar_moderation_decisions_total{action="log",category="unchecked",point="question"} 4.0' in text
