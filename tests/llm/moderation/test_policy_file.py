"""The policy file is read again when it changes, and a broken one changes nothing."""

import logging
import os
import time
from pathlib import Path

import pytest

from llm.moderation.policy import default_policy
from llm.moderation.policy_file import PolicyFile


def write(path: Path, text: str) -> None:
    """As editors do: a new file in the place of the old one."""
    new = path.with_suffix(".new")
    new.write_text(text)
    new.replace(path)


def test_without_a_file_the_default_holds() -> None:
    file = PolicyFile(None)

    assert (file.policy, file.trouble, file.source) == (default_policy(), "", "default")


def test_changes_hold_without_a_restart(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "policy.toml"
    path.write_text('version = "a"')
    file = PolicyFile(path, look_seconds=0)
    assert file.policy.version == "a"

    write(path, 'version = "b"')
    assert (file.policy.version, file.trouble) == ("b", "")

    with caplog.at_level(logging.ERROR):
        write(path, 'version = "c"\nnonsense = 1')
        assert [file.policy.version for _ in range(3)] == ["b"] * 3
    assert "nonsense" in file.trouble
    assert file.policy.label in file.trouble
    assert len(caplog.records) == 1

    path.unlink()
    assert file.policy.version == "b"
    assert "cannot be read" in file.trouble
    write(path, 'version = "d"')
    assert (file.policy.version, file.trouble) == ("d", "")


@pytest.mark.parametrize("data", [b"\xff\xfe", b"x = '" + b"y" * 1_100_000 + b"'"])
def test_what_is_no_policy_at_all(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "policy.toml"
    path.write_bytes(data)

    file = PolicyFile(path, look_seconds=0)

    assert file.policy == default_policy()
    assert file.trouble


def test_the_file_is_not_looked_at_with_every_question(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text('version = "a"')
    file = PolicyFile(path, look_seconds=0.05)
    assert file.policy.version == "a"

    path.write_text('version = "bb"')
    os.utime(path)
    assert file.policy.version == "a"
    time.sleep(0.06)
    assert file.policy.version == "bb"
