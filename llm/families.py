"""What a model's name says about it, for servers that say nothing: its window, and how it wants to be asked.

A small account of families, by patterns in their usual names. What a server or a model's folder says comes before it.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Family:
    """`window` in tokens; not `chat`: no template for conversations; `thinks`: its answers begin in a thought."""

    window: int | None = None
    chat: bool = True
    system_role: bool = True
    thinks: bool = False


_LLAMA = r"(?:meta[-_.])?llama[-_. ]?"
_WINDOWS = (
    (rf"{_LLAMA}4[-_. ]?scout", 10_485_760),
    (rf"{_LLAMA}4[-_. ]?maverick", 1_048_576),
    (rf"{_LLAMA}3[-_. ]?[123](?![\d.]*b\b)", 131_072),
    (rf"{_LLAMA}3(?!\d)", 8_192),
    (r"code[-_. ]?llama", 16_384),
    (rf"{_LLAMA}2(?!\d)", 4_096),
    (r"llama-(?:7|13|30|33|65)b\b", 2_048),
)
# As the publisher names the weights that were trained no further; other places leave out "Instruct" as they like.
_BASE = re.compile(
    r"(?:meta-llama|codellama|huggyllama)/(?!.*(?:instruct|chat|guard)).+|.*llama-2-\d+b-hf$", re.IGNORECASE
)
# Their templates refuse a message of the system.
_NO_SYSTEM_ROLE = re.compile(
    r"gemma(?:-?[12])?(?:-\d|:|$)|mi[sx]tral.*instruct.*v0\.[12]|mistral:v0\.[12]", re.IGNORECASE
)
# Their templates begin the thought themselves.
_THINKS = re.compile(r"deepseek-r1|qwq", re.IGNORECASE)


def family(name: str) -> Family:
    """What the name says; of an unknown model that it chats, has a system role, and nothing of its window."""
    window = next((tokens for pattern, tokens in _WINDOWS if re.search(pattern, name, re.IGNORECASE)), None)
    return Family(
        window=window,
        chat=_BASE.fullmatch(name) is None,
        system_role=_NO_SYSTEM_ROLE.search(name) is None,
        thinks=_THINKS.search(name) is not None,
    )
