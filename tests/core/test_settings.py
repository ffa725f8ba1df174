"""Settings and their manual agree, what is wrong is named, and children get what their parent has.

`make settings-doc` writes the manual with this module.
"""

import json
from pathlib import Path

import pytest
from pydantic import SecretStr

from core.errors import UnknownSetting
from core.settings import ROOT, Settings, child_environment, load_settings

MANUAL = ROOT / "docs" / "settings.md"
INTRODUCTION = """# Settings

Every setting is an environment variable. Each has a default that suits one machine, so none has to be set.
`--data`, `--host` and `--port` on the command line win over the variables of the same name.
A value that makes no sense ends the program at once with a message that names the variable.

| variable | default | what it is |
|---|---|---|
"""


def manual() -> str:
    """The text that docs/settings.md should have."""
    rows = (
        f"| `ARCHIVAR_{name.upper()}` | {_shown(field.default)} | {field.description} |\n"
        for name, field in Settings.model_fields.items()
    )
    return INTRODUCTION + "".join(rows)


def _shown(default: object) -> str:
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    text = json.dumps(default) if isinstance(default, tuple) else str(default)
    return f"`{text}`" if text else "(empty)"


def test_the_manual_lists_every_setting_with_default_and_description() -> None:
    assert MANUAL.read_text() == manual(), "run `make settings-doc`"


def test_every_setting_is_described_and_has_a_default() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert field.description.endswith("."), name
        assert not field.is_required(), name


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ARCHIVAR_PORT", "eighty"),
        ("ARCHIVAR_PORT", "65536"),
        ("ARCHIVAR_LEASE_SECONDS", "0"),
        ("ARCHIVAR_REDIS_URL", "localhost:6379"),
        ("ARCHIVAR_MAIL_SERVER", "smtp://mail.example.org"),
        ("ARCHIVAR_MAIL_SERVER", "mail.example.org:many"),
        ("ARCHIVAR_WEBHOOK_ORIGINS", '["https://hooks.example.org/path"]'),
        ("ARCHIVAR_WEBHOOK_ORIGINS", '["ftp://hooks.example.org"]'),
        ("ARCHIVAR_WEBHOOK_NETWORKS", '["10.0.0.0/33"]'),
        ("ARCHIVAR_WEBHOOK_SECRET", "short"),
        ("ARCHIVAR_REDIS_URL", "http://localhost"),
        ("ARCHIVAR_REDIS_URL", "redis://localhost:port/0"),
        ("ARCHIVAR_EMBEDDER_DEVICE", "tpu"),
        ("ARCHIVAR_TRUSTED_HOSTS", "localhost"),
        ("ARCHIVAR_TRUSTED_HOSTS", "{}"),
    ],
)
def test_a_wrong_value_is_named(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)

    with pytest.raises(UnknownSetting, match=variable) as caught:
        load_settings()

    assert "docs/settings.md" in caught.value.message


@pytest.mark.parametrize("url", ["", "milvus:19530", "./milvus.db"])
def test_milvus_needs_an_address(url: str) -> None:
    with pytest.raises(UnknownSetting, match="ARCHIVAR_MILVUS_URL"):
        load_settings(index="milvus", milvus_url=url)

    assert load_settings(milvus_url=url).index == "local"


@pytest.mark.parametrize(
    "url",
    [
        *("ftp://127.0.0.1/v1", "file:///v1", "127.0.0.1:9000/v1", "http://", "http://[::1", "http://h:99999/v1"),
        *("http://ann:secret@h/v1", "http://key@h/v1", "http://h/v1?key=secret", "http://h/v1#secret"),
    ],
)
def test_a_model_needs_an_address_without_secrets(url: str) -> None:
    with pytest.raises(UnknownSetting, match="ARCHIVAR_LLM_URL") as caught:
        load_settings(llm_url=url)

    assert "secret" not in caught.value.message
    assert load_settings(llm_url="http://[::1]:9000/v1/").llm_url.endswith("/v1/")


@pytest.mark.parametrize(
    "guard",
    [
        *("http://h/v1#m", "openai:h/v1#m", "openai:http://h/v1", "openai:http://h/v1#", "openai:ftp://h#m"),
        *("openai:http://ann:secret@h/v1#m", "openai:http://h/v1?key=secret#m", "openai:http://h:99999/v1#m"),
    ],
)
def test_a_guard_needs_an_address_and_a_model(guard: str) -> None:
    with pytest.raises(UnknownSetting, match="ARCHIVAR_GUARD") as caught:
        load_settings(guard=guard)

    assert "secret" not in caught.value.message
    assert load_settings(guard="openai:http://[::1]:9000/v1#a/b").guard_server == ("http://[::1]:9000/v1", "a/b")
    assert load_settings(guard="models/prompt-guard").guard_server is None


def test_a_wrong_option_is_named_like_its_variable() -> None:
    with pytest.raises(UnknownSetting, match="ARCHIVAR_PORT"):
        load_settings(port=-1)


def test_options_win_over_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ARCHIVAR_DATA", str(tmp_path / "a"))
    monkeypatch.setenv("ARCHIVAR_PORT", "1000")

    settings = load_settings(data=tmp_path / "b", port=None)

    assert (settings.data, settings.port) == (tmp_path / "b", 1000)


def test_folders_do_not_depend_on_where_a_child_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)

    settings = load_settings(data="here")

    assert settings.data == tmp_path / "here"
    assert settings.cache.is_absolute()


def test_a_child_reads_the_settings_of_its_parent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given = load_settings(
        data=tmp_path / "a folder",
        redis_url="unix:///tmp/redis.sock",
        trusted_hosts=("localhost", 'odd"name'),
        lease_seconds=2.5,
        port=0,
        embedder_device="cpu",
    )

    for variable, value in child_environment(given).items():
        monkeypatch.setenv(variable, value)

    assert load_settings() == given


def test_secrets_are_not_shown() -> None:
    settings = load_settings(
        redis_url="redis://:hunter2@localhost/0", database_url="postgresql://me:hunter2@localhost/a"
    )

    assert "hunter2" not in repr(settings)
    assert "hunter2" in settings.sqlalchemy_url


if __name__ == "__main__":
    MANUAL.write_text(manual())
