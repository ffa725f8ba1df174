"""Opens the guard of the settings: a Llama Guard at a server, or a Prompt Guard in a folder."""

from collections.abc import Callable

from core.errors import UnknownSetting
from core.settings import Settings
from llm import local_models
from llm.moderation.findings import Guard
from llm.moderation.guards.llama_guard import LlamaGuard
from llm.moderation.guards.prompt_guard import PromptGuard
from llm.moderation.guards.templates import template_of


def open_guard(settings: Settings, patience: Callable[[], float]) -> Guard | None:
    """The guard, nothing loaded and nobody asked yet; None without one.

    `patience` gives the seconds that an opinion may take. Raises `UnknownSetting` for a guard that is none.
    """
    if not settings.guard:
        return None
    if settings.guard_server is not None:
        url, model = settings.guard_server
        template = template_of(local_models.shown_name(model))
        if template is None:
            raise UnknownSetting(
                f"ARCHIVAR_GUARD: {model} is no Llama Guard 2, 3 or 4. Serve the guard under its own name, "
                "such as meta-llama/Llama-Guard-3-8B. See docs/moderation.md."
            )
        return LlamaGuard(settings, url, model, template, patience)
    folder = local_models.find(settings.guard, settings.models_dir)
    if folder is None:
        raise UnknownSetting(
            f"ARCHIVAR_GUARD: {settings.guard} is neither openai:URL#MODEL nor a folder with a Prompt Guard. "
            "See docs/moderation.md."
        )
    return PromptGuard(folder, patience)
