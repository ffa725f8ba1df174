"""A Llama that speaks the guard's format, behind a real server that hangs, dies and comes back."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.settings import Settings
from core.values import OPERATOR
from llm.moderation import Exchange
from llm.moderation.findings import Opinion
from llm.moderation.guards.opening import open_guard
from llm.moderation.moderator import PolicyModerator
from llm.moderation.opening import open_moderator
from tests.llm.moderation.guards import tiny_guard
from tests.llm_server import ServedLlama

pytestmark = pytest.mark.timeout(400)  # the first has to wait for the training

QUESTION = "how long is the notice period"


@pytest.fixture(scope="module")
def server(
    request: pytest.FixtureRequest, forks: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServedLlama]:
    """One of the tiny guard."""
    cache = request.config.cache
    assert cache is not None
    folder = tiny_guard.kept(cache.mkdir("tiny-guard"))
    served = ServedLlama(forks, folder, tmp_path_factory.mktemp("guard") / "serve.log")
    yield served
    served.kill()


@pytest.fixture
def guarded(server: ServedLlama, settings: Settings) -> Settings:
    """Settings that name the running server."""
    server.resume()
    server.start()
    return settings.model_copy(update={"guard": f"openai:{server.url}#{server.model}"})


def moderator_of(settings: Settings, folder: Path, seconds: float) -> PolicyModerator:
    """One whose policy waits so long for the guard, and asks it whatever happened before."""
    path = folder / "policy.toml"
    path.write_text(f"[guard]\ntimeout_seconds = {seconds}\nfailures = 99\n")
    return open_moderator(settings.model_copy(update={"moderation_policy": str(path)}))


@pytest.mark.parametrize(
    ("text", "categories"),
    [
        (QUESTION, ()),
        ("who pays the bomb in the report", ("S9",)),
        ("the landlord holds a slur", ("S10",)),
        ("ballot", ("S13",)),
        ("brawl at the office", ("S1", "S10")),
    ],
)
def test_it_is_asked_and_read_in_its_own_format(guarded: Settings, text: str, categories: tuple[str, ...]) -> None:
    guard = open_guard(guarded, lambda: 60.0)
    assert guard is not None

    assert guard.judge(text, None) == Opinion(float(bool(categories)), categories)
    assert guard.judge(QUESTION, text) == Opinion(float(bool(categories)), categories)
    assert guard.name == "Llama Guard 3 (Llama-Guard-3-tiny)"


def test_a_guard_that_hangs_or_dies_closes_answers_until_it_is_back(
    guarded: Settings, server: ServedLlama, tmp_path: Path
) -> None:
    with closing(moderator_of(guarded, tmp_path, 60.0)) as patient:
        watch = patient.of(Exchange("exchange", OPERATOR))
        assert watch.question(QUESTION).action == "allow"
        assert watch.answer("three month").action == "allow"
        assert watch.answer("three month from the bomb").blocks

    with closing(moderator_of(guarded, tmp_path, 1.0)) as moderator:
        server.pause()
        watch = moderator.of(Exchange("exchange", OPERATOR))
        assert watch.question(QUESTION).action == "log"
        assert "could not be checked" in watch.answer("three month").text
        assert moderator.report().faults == {"slow": 2}
        server.kill()
        assert moderator.question(QUESTION).action == "log"
        assert moderator.answer("three month").blocks
        assert moderator.report().faults["unreachable"] == 2

    server.start()
    with closing(moderator_of(guarded, tmp_path, 60.0)) as patient:
        assert patient.question(QUESTION).action == "allow"
        assert patient.trouble == ""
