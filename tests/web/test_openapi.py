"""The OpenAPI document describes exactly what is served."""

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.web.site import Site
from web.openapi import describe
from web.problems import codes
from web.routes import ROUTES


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _nodes(child)


def test_every_route_for_programs_is_described() -> None:
    document = describe(ROUTES)
    described = {(path, method.upper()) for path, of in document["paths"].items() for method in of}
    assert described == {(r.endpoint.path, r.endpoint.method) for r in ROUTES if not r.endpoint.is_page}


def test_it_is_sound() -> None:
    document = describe(ROUTES)
    assert document["openapi"].startswith("3.1")
    references = {node["$ref"] for node in _nodes(document) if "$ref" in node}
    assert references == {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    operations = [operation for of in document["paths"].values() for operation in of.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    for path, of in document["paths"].items():
        for operation in of.values():
            named = {p["name"] for p in operation["parameters"] if p["in"] == "path"}
            assert named == set(re.findall(r"{(\w+)}", path))
            assert any(status.startswith("2") for status in operation["responses"])
            assert all(response["description"] for response in operation["responses"].values())


def test_it_is_served_as_it_is(site: Site) -> None:
    assert site.admin.get("/api/openapi.json").json == json.loads(json.dumps(describe(ROUTES)))


def test_the_docs_show_every_operation_and_explain_every_code(site: Site) -> None:
    page = site.admin.get("/api/docs").text
    for route in ROUTES:
        assert route.endpoint.is_page or f'id="{route.name.replace(".", "_")}"' in page
    for code in codes():
        assert f'id="{code.code}"' in page
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", page)
