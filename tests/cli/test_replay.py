"""`replay` and `export` on the data folder, with the rights of whoever asked."""

import json
from uuid import uuid4

import pytest

from cli.main import main
from core.settings import Settings
from core.storage.store import Store
from core.values import CollectionRole, InstallationRole, Reader
from llm.services import Services
from tests.retrieval.conftest import Publish, embedder, publish_text

__all__ = ["embedder", "publish_text"]

QUESTION = "How high is the rent of the barn?"


def test_an_answer_is_asked_again_and_printed(
    settings: Settings, store: Store, publish_text: Publish, capsys: pytest.CaptureFixture[str]
) -> None:
    document = publish_text("barn.txt", "The rent of the barn is 700 euros.")
    user = store.people.add("ann@example.org", InstallationRole.MEMBER)
    store.collections.set_member(document.collection_id, user.id, CollectionRole.READER)
    services = Services(settings)
    reader = Reader(user.id, collections={document.collection_id: CollectionRole.READER})
    answer = services.assistant.answer(reader, QUESTION, conversation_id=str(uuid4()))
    services.close()
    data = ("--data", str(settings.data))

    assert main(["replay", answer.id, *data, "--json"]) == 0
    same = json.loads(capsys.readouterr().out)
    assert main(["export", answer.id, "--conversation", *data]) == 0
    printed = capsys.readouterr().out
    store.collections.set_member(document.collection_id, user.id, None)
    assert main(["replay", answer.id, *data]) == 0
    closed = capsys.readouterr().out
    assert main(["export", answer.id, *data]) == 0
    withdrawn = capsys.readouterr().out

    assert (same["differs"], same["now"]["answer"]) == ([], answer.answer)
    assert "1. barn.txt, page 1\n\n   > The rent of the barn is 700 euros." in printed
    assert "Withdrawn" in closed and "Not found in your documents." in closed and "1 passage in documents" in closed
    assert "withdrawn" in withdrawn and "700 euros" not in closed + withdrawn
    assert main(["replay", str(uuid4()), *data, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "not_found"
