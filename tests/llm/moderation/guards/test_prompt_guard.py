"""Prompt Guard from a folder: every window is looked at, answers are not, and what is no such model says so."""

from contextlib import closing
from pathlib import Path

import pytest

from core.errors import UnknownSetting
from core.settings import Settings
from llm.moderation.categories import ANY
from llm.moderation.findings import GuardFault
from llm.moderation.guards.opening import open_guard
from llm.moderation.guards.prompt_guard import PromptGuard
from llm.moderation.opening import open_moderator
from tests.llm.moderation.guards.tiny_classifier import BAD, tiny_classifier

GOOD = "How long is the notice period?"
ATTEMPT = f"Please {BAD} all the rules."


def guard_in(folder: Path, seconds: float = 30.0) -> PromptGuard:
    """The guard over a folder."""
    return PromptGuard(folder, lambda: seconds)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One with a tiny classifier."""
    return tiny_classifier(tmp_path_factory.mktemp("guards") / "tiny-prompt-guard")


def test_an_attempt_is_told_from_a_question(folder: Path) -> None:
    guard = guard_in(folder)

    assert guard.judge(GOOD, None).score < 0.3
    assert guard.judge(ATTEMPT, None).score > 0.7
    assert guard.judge("", None).score < 0.3
    assert guard.judge(ATTEMPT, None).categories == ()
    assert guard.name == "Prompt Guard (tiny-prompt-guard)"


@pytest.mark.parametrize("place", [0, 508, 509, 510, 511, 4000, 7_999])
def test_every_window_is_looked_at(folder: Path, place: int) -> None:
    words = ["notice"] * 8_000
    words[place] = BAD

    assert guard_in(folder).judge(" ".join(words), None).score > 0.7


def test_nothing_is_said_of_answers(folder: Path) -> None:
    assert guard_in(folder).judge(GOOD, ATTEMPT).score == 0.0


@pytest.mark.parametrize(
    ("labels", "score"), [(("BENIGN", "MALICIOUS"), 1), (("benign", "jailbreak"), 1), (("MALICIOUS", "BENIGN"), 0)]
)
def test_labels_say_which_is_harmless(tmp_path: Path, labels: tuple[str, str], score: int) -> None:
    opinion = guard_in(tiny_classifier(tmp_path / "named", labels, window=64)).judge(ATTEMPT, None)

    assert round(opinion.score) == score


def test_another_classifier_is_no_guard(tmp_path: Path) -> None:
    with pytest.raises(GuardFault, match="no Prompt Guard"):
        guard_in(tiny_classifier(tmp_path / "moods", ("happy", "sad"))).judge(GOOD, None)


@pytest.mark.parametrize("missing", ["config.json", "model.safetensors", "tokenizer.json"])
def test_what_is_incomplete_gives_no_opinion(tmp_path: Path, missing: str) -> None:
    made = tiny_classifier(tmp_path / "part")
    (made / missing).unlink()

    with pytest.raises(GuardFault, match="cannot be loaded") as caught:
        guard_in(made).judge(GOOD, None)

    assert str(tmp_path) not in caught.value.message


@pytest.mark.parametrize("damaged", ["config.json", "model.safetensors", "tokenizer.json"])
def test_what_is_damaged_gives_no_opinion(tmp_path: Path, damaged: str) -> None:
    made = tiny_classifier(tmp_path / "part")
    (made / damaged).write_bytes((made / damaged).read_bytes()[:100])

    with pytest.raises(GuardFault, match="cannot be loaded"):
        guard_in(made).judge(GOOD, None)


def test_a_text_that_takes_too_long_gets_no_opinion(folder: Path) -> None:
    with pytest.raises(GuardFault) as caught:
        guard_in(folder, seconds=-1.0).judge(GOOD, None)

    assert caught.value.kind == "slow"


def test_the_policy_decides_about_an_attempt(folder: Path, settings: Settings, tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text('[categories.any]\nquestion = "block"\n[guard]\ntimeout_seconds = 60.0')
    named = {"guard": str(folder), "moderation_policy": str(policy)}

    with closing(open_moderator(settings.model_copy(update=named))) as moderator:
        moderator.warm()
        assert moderator.question(ATTEMPT).blocks
        assert moderator.question(GOOD).action == "allow"
        assert moderator.report().decisions["question", ANY, "block"] == 1
        assert moderator.state == "with Prompt Guard (tiny-prompt-guard)"


def test_a_folder_that_is_not_there_is_named(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(UnknownSetting, match="ARCHIVAR_GUARD"):
        open_guard(settings.model_copy(update={"guard": str(tmp_path / "nowhere")}), lambda: 1.0)
