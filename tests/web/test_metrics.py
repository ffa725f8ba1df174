"""What is counted, and that clients cannot invent labels."""

from tests.web.site import Site


def test_requests_are_counted_by_route(site: Site) -> None:
    admin, collection = site.admin, site.collection()
    admin.get(f"/api/v1/collections/{collection}")
    admin("PURR", "/nowhere")
    text = admin.get("/metrics").text
    assert 'route="/api/v1/collections/<uuid:collection_id>",status="200"' in text
    assert collection not in text and "PURR" not in text
    assert "archivar_documents " in text
