"""`archivar llm serve`: a language model on this machine. What fits is decided in `llm.hosting`."""

import http.client
import threading
import time
from urllib.parse import urlsplit

import click

from cli.children import Child, Program, stop, stop_signals
from cli.options import with_settings
from cli.ports import free_port
from core.errors import ArchivarError, Unavailable
from core.settings import Settings, child_environment
from llm import duties, gpus, hosting
from llm.client import ModelClient
from llm.local_models import shown_name

_POLL_SECONDS = 0.2
_TELL_SECONDS = 15.0
_KILL_AFTER = 10.0
# The first answer may wait until kernels are made for the card.
_FIRST_ANSWER_SECONDS = 600.0
_LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})


@click.command()
@click.argument("model")
@click.option("--host", "address", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", "on_port", default=9000, show_default=True, type=click.IntRange(0, 65535), help="0: a free one."
)
@click.option(
    "--engine",
    default="auto",
    show_default=True,
    type=click.Choice(["auto", "vllm", "transformers"]),
    help="What serves; auto takes vLLM when it is installed and there is a graphics card.",
)
@click.option("--force", is_flag=True, help="Try it although the model seems to be too large.")
@with_settings
def serve(settings: Settings, model: str, address: str, on_port: int, *, engine: hosting.Engine, force: bool) -> int:
    """Serve MODEL until Ctrl-C: a folder, a download, or a name in the Hugging Face cache. Nothing is fetched."""
    facts = hosting.read_model(model, settings.models_dir)
    port = free_port(address, on_port)
    plan = hosting.plan(facts, gpus.look(settings), engine=engine, host=address, port=port)
    for note in plan.notes:
        click.echo(note)
    if warning := duties.eu_warning(settings, shown_name(facts.name)):
        click.echo(f"Warning: {warning}")
    if address not in _LOCAL:
        click.echo("Whoever reaches this address can use the model; there is no key. Keep it inside your network.")
    if plan.obstacle and not force:
        raise Unavailable(plan.obstacle)
    _serve(settings, plan, address, port)
    return 0


def _serve(settings: Settings, plan: hosting.Plan, address: str, port: int) -> None:
    """Run the plan until somebody ends it. Raises `Unavailable` when it ends by itself."""
    stopping = stop_signals()
    settings.run_dir.mkdir(parents=True, exist_ok=True)
    child = Child(Program("llm", plan.arguments, child_environment(settings)), settings.run_dir / "llm.log")
    try:
        url = f"http://{_reached_at(address)}:{port}/v1"
        if _until_ready(child, stopping, url) and _until_it_speaks(settings, child, stopping, (url, plan.model)):
            click.echo(
                f"The model is ready. Start Archivar with these settings:\n"
                f"  export ARCHIVAR_LLM_URL={url}\n  export ARCHIVAR_LLM_MODEL={plan.model}\n"
                f"The log is {child.log}. Ctrl-C stops the model."
            )
        while not stopping.wait(_POLL_SECONDS):
            _check_alive(child)
        click.echo("Stopping.")
    finally:
        stop([child], _KILL_AFTER)


def _until_ready(child: Child, stopping: threading.Event, url: str) -> bool:
    """Wait until the server answers; False when asked to stop before."""
    began = told_at = time.monotonic()
    while not stopping.wait(_POLL_SECONDS):
        _check_alive(child)
        if _healthy(url):
            return True
        if time.monotonic() - told_at > _TELL_SECONDS:
            told_at = time.monotonic()
            click.echo(f"Loading the model, {told_at - began:.0f} s so far.")
    return False


def _until_it_speaks(settings: Settings, child: Child, stopping: threading.Event, where: tuple[str, str]) -> bool:
    """Let it say a word: what cannot answer shall be known now, and the first question shall not wait for kernels.

    False when asked to stop before. Raises `Unavailable` when it cannot.
    """
    url, model = where
    seconds = _FIRST_ANSWER_SECONDS
    changed = {"llm_url": url, "llm_model": model, "llm_seconds": seconds, "llm_silent_seconds": seconds}
    troubles: list[str] = []
    trying = threading.Thread(target=_speak, args=(settings.model_copy(update=changed), troubles), daemon=True)
    trying.start()
    while trying.is_alive():
        if stopping.wait(_POLL_SECONDS):
            return False
        _check_alive(child)
    if troubles:
        raise Unavailable(f"{troubles[0]} The last lines of {child.log}:\n{child.last_lines()}")
    return True


def _speak(settings: Settings, troubles: list[str]) -> None:
    try:
        list(ModelClient(settings).stream([{"role": "user", "content": "Say yes."}], 4))
    except ArchivarError as error:
        troubles.append(error.message)


def _check_alive(child: Child) -> None:
    if child.exit_status is not None:
        raise Unavailable(
            f"The model's server ended with status {child.exit_status}. The last lines of {child.log}:\n"
            f"{child.last_lines()}"
        )


def _healthy(url: str) -> bool:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=2)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _reached_at(address: str) -> str:
    """How this machine writes an address in a URL; listening everywhere is reached at home."""
    local = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address)  # noqa: S104 - compared, not listened on
    return f"[{local}]" if ":" in local else local
