"""How many tokens a prompt has, without asking a server: by the model's own tokenizer, or by an estimate that is high.

The tokenizer is read by `tokenizers` alone: the library that runs chat templates takes seconds to load.
"""

import re
from collections.abc import Callable, Mapping, Sequence

from core.errors import UnknownSetting
from core.settings import Settings
from llm import local_models

Message = Mapping[str, str]
Counter = Callable[[Sequence[Message]], int]

# What a chat template puts around one message, and around all of them (Llama 3 writes two dates there): measured 6 and
# 25 on Llama 3.1, and given room.
_PER_MESSAGE = 8
_PER_PROMPT = 56
_WORD = re.compile(r"[A-Za-z]+")
_GAP = re.compile(r" {2,16}")
_ONE_EACH = re.compile(r"[^A-Za-z \x80-\U0010ffff]")


def local_counter(settings: Settings) -> Counter | None:
    """A counter that uses the tokenizer of this machine that the settings name; None when they name none.

    Raises `UnknownSetting` when `ARCHIVAR_LLM_TOKENIZER` is set to something that is not here.
    """
    folder = local_models.find(settings.llm_tokenizer) or local_models.find(settings.llm_name)
    path = folder / "tokenizer.json" if folder is not None else None
    if path is None or not path.is_file():
        if settings.llm_tokenizer:
            raise UnknownSetting(
                f"ARCHIVAR_LLM_TOKENIZER: there is no tokenizer.json under {settings.llm_tokenizer} on this machine. "
                "Name the model's folder, or leave it empty to ask the server."
            )
        return None
    from tokenizers import Tokenizer  # noqa: PLC0415 - searching without a model does not need it

    tokenizer = Tokenizer.from_file(str(path))

    def count(messages: Sequence[Message]) -> int:
        encoded = tokenizer.encode_batch([one["content"] for one in messages], add_special_tokens=False)
        return _PER_PROMPT + sum(_PER_MESSAGE + len(one.ids) for one in encoded)

    return count


def estimate(messages: Sequence[Message]) -> int:
    """More tokens than the prompt will have with the tokenizers of the Llama families.

    One for each three letters of a word, one for each figure, sign, line end and gap, one for each byte beyond ASCII.
    """
    return _PER_PROMPT + sum(_PER_MESSAGE + _estimated(one["content"]) for one in messages)


def _estimated(text: str) -> int:
    words = sum((len(word) + 2) // 3 for word in _WORD.findall(text))
    return (
        words
        + len(_GAP.findall(text))
        + len(_ONE_EACH.findall(text))
        + len(text.encode("utf-8", "replace"))
        - len(text)
    )
