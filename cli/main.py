"""Finds and runs a command, and turns every way it can end into an exit status: 0 done, 1 failed, 2 bad usage.

The commands are in modules of their own, imported only when called for, so that `--help` is fast.
"""

import contextlib
import json
import logging
import os
import sys
import threading
from importlib import import_module
from typing import NoReturn

import click

from core.errors import ArchivarError, InvalidRequest

# Each line is the first line of the command's own help.
COMMANDS = {
    "up": "Run everything on this machine until Ctrl-C.",
    "add": "Add files and folders to a collection and wait until they are read.",
    "reprocess": "Read documents again with the current program and wait until that is done.",
    "cancel": "Stop reading documents, whoever reads them; each has to be known by its id.",
    "search": "Find the passages that fit a query best.",
    "ask": "Answer a question from the documents, with citations.",
    "summarise": "Summarise a document, or every document of a collection and all of them together, with citations.",
    "schedule": "Summarise again and again: list, add, pause, resume, run and remove schedules.",
    "summary": "Look at runs of summaries: list, show, deliver and remove them.",
    "replay": "Ask again what an answer was given to, with the rights its reader has now, and show what differs.",
    "export": "Print an answer with its sources as Markdown.",
    "verdict": "Judge whether passages support sentences, from a file.",
    "evaluate": "Measure retrieval and answers with golden questions.",
    "moderate": "Judge the texts of a JSONL file as the moderation policy would.",
    "moderation": "Look at what moderation decided, and at its policy.",
    "quarantine": "Look at documents that were held back, and release them.",
    "doctor": "Check that files, rows, passages, vectors and keywords belong together.",
    "backup": "Write everything that must not be lost to a new file, while people go on working.",
    "restore": "Put a backup into an empty installation, or in the place of the one that is there.",
    "receipts": "List the receipts of deletions, or print one.",
    "verify-receipt": "Check that a receipt of a deletion is genuine and complete.",
    "unlock": "Give a locked document its password.",
    "reindex": "Change over to the embedder that the settings name, or make the indexes anew.",
    "llm": "Host a language model.",
    "user": "Manage accounts.",
    "key": "Manage API keys.",
}
_INTERRUPTED = 130

log = logging.getLogger(__name__)


class Commands(click.Group):
    """The commands by name, each in the module of that name."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """The names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        """Import the command's module."""
        if name not in COMMANDS:
            return None
        command: click.Command = import_module(f"cli.{name.replace('-', '_')}").command
        return command

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def archivar() -> None:
    """Archivar: ask your organisation's documents; every sentence points at the page that supports it."""


def main(arguments: list[str] | None = None) -> int:
    """Run a command line (this process's own by default); its exit status."""
    arguments = sys.argv[1:] if arguments is None else arguments
    _write_utf8()
    try:
        return archivar.main(arguments, prog_name="archivar", standalone_mode=False) or 0
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        return _INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except ArchivarError as error:
        return _failed(error.code, error.message, 2 if isinstance(error, InvalidRequest) else 1, arguments)
    except Exception as error:
        log.debug("The command failed.", exc_info=True)
        message = f"{type(error).__name__}: {error}. Set ARCHIVAR_LOG_LEVEL=debug to see where."
        return _failed("internal_error", message, 1, arguments)


def leave(status: int) -> NoReturn:
    """End the process; not by way of the interpreter while threads are inside native code, which would abort it."""
    if threading.active_count() == 1:
        sys.exit(status)
    with contextlib.suppress(ValueError, OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(status)


def _failed(code: str, message: str, status: int, arguments: list[str]) -> int:
    click.echo(f"Error: {message}", err=True)
    if "--json" in arguments:
        click.echo(json.dumps({"error": {"code": code, "message": message}}))
    return status


def _write_utf8() -> None:
    # File names need not be valid text; escaped like this they are still valid JSON.
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
