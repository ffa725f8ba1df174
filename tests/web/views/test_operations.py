"""What monitoring is told."""

from pathlib import Path

from core.storage.agreements import Recipe
from tests.processes import eventually
from tests.web.site import opened


def test_readiness_tells_of_the_embedder_and_stays_public_about_it(tmp_path: Path) -> None:
    with opened(tmp_path / "data") as site:  # changes what answers for everybody
        site.services.warm()
        assert site.anonymous.get("/readyz").json["embedder"] == "ok"  # type: ignore[index]

        away = Recipe("away-0123456789ab", "/srv/models/away")
        assert site.store.agreements.swap(away, 4) == 0

        def told() -> str:
            ready = site.anonymous.get("/readyz").json
            assert ready is not None
            return str(ready["embedder"])

        eventually(lambda: "words alone" in told())
        assert away.name in told()
        assert "/srv" not in told()
