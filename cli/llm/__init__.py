"""`archivar llm`: which models there are, what fits, fetching one and serving it."""

import click

from cli.llm.catalogue import catalogue
from cli.llm.download import download
from cli.llm.plan import plan
from cli.llm.serve import serve

__all__ = ["command"]


@click.group()
def command() -> None:
    """Choose, fetch and host a language model."""


for one in (catalogue, plan, download, serve):
    command.add_command(one)
