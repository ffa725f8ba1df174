"""Decisions are written in groups, in the background; what cannot be written waits, and what is lost is counted."""

import time

import pytest

from core.errors import Unavailable
from core.storage.chain import Entry
from core.storage.decisions import Decisions
from core.storage.store import Store
from llm.moderation.journal import LOST, Journal
from tests.processes import eventually


def entry(number: int = 0) -> Entry:
    """A decision."""
    return Entry(
        at=float(number),
        request_id=str(number),
        point="question",
        action="allow",
        detector="d",
        policy_version="p",
        text_sha256="",
    )


class Counting(Decisions):
    """Notes the size of each group, and can be away."""

    def __init__(self, store: Store) -> None:
        super().__init__(store.database)
        self.groups: list[int] = []
        self.error: Exception | None = None

    def append(self, entries: list[Entry]) -> int:  # type: ignore[override]
        """Fails when told to."""
        if self.error is not None:
            raise self.error
        self.groups.append(len(entries))
        return super().append(entries)


def test_many_decisions_cost_few_writes_and_no_time(store: Store) -> None:
    decisions = Counting(store)
    journal = Journal(decisions, seconds=0.1)

    began = time.perf_counter()
    for number in range(1000):
        journal.put([entry(number)])
    each = (time.perf_counter() - began) / 1000
    journal.close()

    assert each < 0.001
    assert len(decisions.groups) <= 4
    assert [d.entry.request_id for d in store.decisions.all()] == [str(n) for n in range(1000)]
    assert store.decisions.verify().trouble == ""


def test_they_are_stored_soon_without_being_asked_for(store: Store) -> None:
    journal = Journal(store.decisions, seconds=0.05)
    journal.put([])
    assert journal.flush()

    journal.put([entry()])

    eventually(store.decisions.page, 2)
    journal.close()
    journal.close()


def test_they_wait_while_the_database_is_away(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llm.moderation.journal._AGAIN_SECONDS", 0.02)
    decisions = Counting(store)
    decisions.error = Unavailable("The database does not answer.")
    journal = Journal(decisions, seconds=0.01)
    journal.put([entry(1), entry(2)])
    assert not journal.flush(0.2)
    assert "does not answer" in journal.trouble

    decisions.error = None

    assert journal.flush()
    assert journal.trouble == ""
    assert [d.entry.request_id for d in store.decisions.all()] == ["1", "2"]
    journal.close()


def test_what_is_too_much_is_counted(store: Store) -> None:
    journal = Journal(store.decisions, seconds=0.05, most=2)

    journal.put([entry(n) for n in range(3)])
    journal.put([entry(7)])
    journal.close()

    lost, kept = store.decisions.all()
    assert (lost.entry.point, lost.entry.detail) == (LOST, {"decisions": 3})
    assert kept.entry.request_id == "7"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_what_no_database_takes_does_not_hold_up_the_rest(store: Store) -> None:
    decisions = Counting(store)
    decisions.error = TypeError("unheard of")
    journal = Journal(decisions, seconds=0.01)
    journal.put([entry(1)])
    assert journal.flush()

    decisions.error = None
    journal.put([entry(2)])
    assert journal.flush()

    assert [d.entry.request_id for d in store.decisions.all()] == ["", "2"]
    journal.close()
