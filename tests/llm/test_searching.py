"""Searches without an answer: judged as the policy says, and people are told what was done."""

from pathlib import Path
from uuid import uuid4

import pytest

from core.results import SearchResult
from core.storage.chain import Decided
from core.storage.store import Store
from core.values import OPERATOR, CollectionRole, Hit, Passage, Reader
from core.wire import search_json
from llm.moderation.journal import Journal
from llm.moderation.means import Means
from llm.moderation.moderator import PolicyModerator
from llm.moderation.policy_file import PolicyFile
from llm.searching import Searching
from llm.services import Services
from retrieval.retriever import Retriever
from tests.llm.moderation.words import CARD, WordDetector
from tests.retrieval.conftest import Publish

MARKED = "[categories.S10]\npassage = 'warn'\n"


class Over(Searching):
    """Searches over the real retriever and a detector of words, with the log they write."""

    def __init__(self, services: Services, folder: Path, policy: str, retriever: Retriever | None = None) -> None:
        path = folder / f"{uuid4()}.toml"
        path.write_text(policy)
        self.journal = Journal(services.store.decisions, seconds=0)
        self.store: Store = services.store
        moderator = PolicyModerator(Means(PolicyFile(path), WordDetector(), journal=self.journal))
        super().__init__(retriever or services.retriever, lambda: moderator)

    def log(self) -> list[Decided]:
        """All decisions."""
        assert self.journal.flush()
        return list(self.store.decisions.all())


def test_a_blocked_query_finds_nothing_and_says_why(services: Services, publish_text: Publish, tmp_path: Path) -> None:
    publish_text("a.txt", "They hate each other.")
    searching = Over(services, tmp_path, "")

    result = searching.search(OPERATOR, "Why do they hate each other?", explain=True)

    assert result.hits == () and result.explanation is None
    told = search_json(result)["moderation"]
    assert (told["query"], told["redacted"], told["marked"]) == ("block", 0, 0)
    assert "touches on hate" in told["text"]
    assert [(d.entry.point, d.entry.category, d.entry.action) for d in searching.log()] == [
        ("retrieval", "S10", "block")
    ]


def test_passages_are_marked_and_blackened_and_counted(
    services: Services, publish_text: Publish, tmp_path: Path
) -> None:
    publish_text("card.txt", f"The hotel was paid with card {CARD} in May.")
    publish_text("hate.txt", "The hotel had letters of hate.")
    publish_text("plain.txt", "The hotel has 340 beds.")

    told = search_json(Over(services, tmp_path, MARKED).search(OPERATOR, "hotel"))

    assert told["moderation"] == {"query": "allow", "text": None, "redacted": 1, "marked": 1}
    by_name = {hit["filename"]: hit for hit in told["hits"]}
    assert by_name.keys() == {"card.txt", "hate.txt", "plain.txt"}
    assert CARD not in by_name["card.txt"]["text"] and "in May" in by_name["card.txt"]["text"]
    assert {name: hit["marks"] for name, hit in by_name.items()} == {
        "card.txt": [], "hate.txt": ["S10"], "plain.txt": [],
    }  # fmt: skip


def test_what_is_blackened_in_a_query_is_not_searched_for(
    services: Services, publish_text: Publish, tmp_path: Path
) -> None:
    publish_text("a.txt", "The hotel has 340 beds.")

    result = Over(services, tmp_path, "").search(OPERATOR, f"hotel {CARD}", explain=True)

    assert result.moderation is not None and result.moderation.query == "redact"
    assert result.explanation is not None and not any("4111" in word for word in result.explanation.words)


class Leaking(Retriever):
    """An index that gives away a passage of somebody else's."""

    def search(self, reader: Reader, query: str, **options: object) -> SearchResult:
        """A passage of a collection that the reader may read, and one of another."""
        passages = [Passage(n, "d", "v", one, "a.txt", "A", 1, 0, 4, "Text", "") for n, one in enumerate("mf")]
        return SearchResult(tuple(Hit(n, 1.0, one) for n, one in enumerate(passages, 1)), 1.0)


def test_what_is_foreign_is_left_out_without_a_word(services: Services, tmp_path: Path) -> None:
    searching = Over(services, tmp_path, "", Leaking(services.settings, services.store))
    reader = Reader(user_id=str(uuid4()), collections={"m": CollectionRole.READER})

    told = search_json(searching.search(reader, "text"))

    assert [hit["passage_id"] for hit in told["hits"]] == [0]
    assert told["moderation"] == {"query": "allow", "text": None, "redacted": 0, "marked": 0}
    (decided,) = searching.log()
    assert (decided.entry.point, decided.entry.category, decided.entry.detail) == (
        "retrieval", "rights", {"passages": [1]},
    )  # fmt: skip


@pytest.mark.usefixtures("publish_text")
def test_a_harmless_search_leaves_no_record(services: Services) -> None:
    services.searching.search(OPERATOR, "How long is the notice period?")
    services.moderator.close()

    assert list(services.store.decisions.all()) == []
