"""Streams of events: what fails on the way is told, without its inner details."""

import json
from collections.abc import Iterator

from web.problems import problem_json
from web.streams import told


def test_what_fails_in_a_stream_is_its_last_event() -> None:
    def events() -> Iterator[str]:
        yield "data: 1\n\n"
        raise OSError("secret detail")

    comment, first, last = told(events(), lambda error: json.dumps(problem_json(error)))

    assert comment.startswith(":") and first == "data: 1\n\n"
    assert json.loads(last)["code"] == "internal_error"
    assert "secret" not in last
