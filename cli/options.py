"""Options and forms of output that commands share."""

import functools
import json
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Concatenate, ParamSpec

import click

from core.logs import log_to_stderr
from core.settings import Settings, load_settings, quiet_libraries

P = ParamSpec("P")
Command = Callable[P, int]

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")


def with_settings(command: Callable[Concatenate[Settings, P], int]) -> Command[...]:
    """Add `--data` to a command and hand it the settings as its first argument."""

    @click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Data folder (ARCHIVAR_DATA).")
    @functools.wraps(command)
    def run(*args: Any, data: Path | None, **kwargs: Any) -> int:
        settings = load_settings(data=data, **{name: kwargs.pop(name) for name in ("host", "port") if name in kwargs})
        quiet_libraries()
        log_to_stderr(settings, watched=True)
        return command(settings, *args, **kwargs)

    return run


def print_json(result: Mapping[str, object]) -> None:
    """Print the result of a command run with `--json`."""
    click.echo(json.dumps(result, ensure_ascii=False))


def counted(number: int, noun: str) -> str:
    """`1 page`, `2 pages`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def plain(text: str) -> str:
    """Text from a document on one line, without anything that a terminal would obey."""
    return "".join(c for c in " ".join(text.split()) if unicodedata.category(c) not in {"Cc", "Cf"})
