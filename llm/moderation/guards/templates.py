"""How each Llama Guard is asked, and what its numbers mean: every generation has its own template and its own list.

After the prompt formats that Meta publishes with the models. Names of categories are the models' own words; those of
the policy are in `llm.moderation.categories`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from llm.moderation.categories import CATEGORIES
from llm.prompts import harmless

_OWN_WORDS: Mapping[str, str] = {
    **CATEGORIES,
    "S3": "Sex Crimes",
    "S4": "Child Exploitation",
    "S11": "Self-Harm",
}
_USER, _AGENT = "User", "Agent"
# What would end the conversation for the guard, or begin another message in it: it judges only the last one.
_MARKS = re.compile(r"<(?=\s*(?:BEGIN|END)\b)", re.IGNORECASE)
_TURNS = re.compile(r"^[^\S\n]*(?=(?:User|Agent)[^\S\n]*:)", re.IGNORECASE | re.MULTILINE)
_LINE_ENDS = str.maketrans("\u2028\u2029", "\n\n")
# A number of billions is no generation: the first one was LlamaGuard-7b.
_MODEL = re.compile(r"llama[-_ ]?guard[-_ :]*([234])(?![\db])", re.IGNORECASE)
_SMALL = re.compile(r"\b1b\b|vision", re.IGNORECASE)


@dataclass(frozen=True)
class Template:
    """One generation: what stands around its task, and the categories of ours that it knows, in its order."""

    name: str
    begin: str
    end: str
    known: tuple[str, ...]
    according: str = "according our safety policy"

    @cached_property
    def numbers(self) -> Mapping[str, str]:
        """The category of ours that each of its numbers means."""
        return {f"S{number}": ours for number, ours in enumerate(self.known, 1)}

    def prompt(self, question: str, answer: str | None) -> str:
        """The whole text that the model goes on with; servers put the token of a beginning before it themselves."""
        role = _USER if answer is None else _AGENT
        turns = [f"{_USER}: {fenced(question)}"] + ([] if answer is None else [f"{_AGENT}: {fenced(answer)}"])
        listed = "\n".join(f"{number}: {_OWN_WORDS[ours]}." for number, ours in self.numbers.items())
        parts = [
            f"Task: Check if there is unsafe content in '{role}' messages in conversations {self.according} "
            "with the below categories.",
            f"<BEGIN UNSAFE CONTENT CATEGORIES>\n{listed}\n<END UNSAFE CONTENT CATEGORIES>",
            "<BEGIN CONVERSATION>",
            *turns,
            "<END CONVERSATION>",
            f"Provide your safety assessment for ONLY THE LAST {role} message in the above conversation:\n"
            " - First line must read 'safe' or 'unsafe'.\n"
            " - If unsafe, a second line must include a comma-separated list of violated categories.",
        ]
        return self.begin + "\n\n".join(parts) + self.end


def fenced(text: str) -> str:
    """A text that cannot end the conversation it stands in, nor begin another message in it."""
    return _TURNS.sub("> ", _MARKS.sub("< ", harmless(text).translate(_LINE_ENDS))).strip()


def template_of(model: str) -> Template | None:
    """The template of a Llama Guard, by its name however places write it; None where the name is none of these."""
    found = _MODEL.search(model)
    if found is None:
        return None
    return GUARD_3_SMALL if found[1] == "3" and _SMALL.search(model) else _BY_NUMBER[found[1]]


_LLAMA_3 = (
    "<|start_header_id|>user<|end_header_id|>\n\n",
    "<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
)
_LLAMA_4 = ("<|header_start|>user<|header_end|>\n\n", "<|eot|><|header_start|>assistant<|header_end|>\n\n")
GUARD_2 = Template(
    "Llama Guard 2", "[INST] ", " [/INST]", tuple(one for one in CATEGORIES if one not in {"S5", "S13", "S14"})
)
GUARD_3 = Template("Llama Guard 3", *_LLAMA_3, tuple(CATEGORIES))
# The small one and the one for pictures know no code interpreter.
GUARD_3_SMALL = Template("Llama Guard 3", *_LLAMA_3, tuple(one for one in CATEGORIES if one != "S14"))
GUARD_4 = Template("Llama Guard 4", *_LLAMA_4, tuple(CATEGORIES), "according to our safety policy")
_BY_NUMBER = {"2": GUARD_2, "3": GUARD_3, "4": GUARD_4}
