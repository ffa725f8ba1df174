"""The writer that lets a Llama write: prompt, stream, sentences, and for each citation the words it points at.

Whether a sentence is supported by what it cites is judged elsewhere, as it is for every writer.
"""

import re
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from typing import Protocol

from core.values import Hit, Passage
from llm import prompts
from llm.coverage import coverage
from llm.events import Waiting
from llm.line import Priority
from llm.sentences import Written, sentences
from llm.turns import Turns
from llm.units import units
from llm.writers import Draft, Source

# An answer takes at most this share of the window, so that there is room for passages.
_ANSWER_SHARE = 4
_MOST = 0.7
# The whole answer `NOT_FOUND`, in any case and with a full stop; or its beginning, when the model goes on explaining.
_NOT_FOUND = re.compile(rf"\W*(?:{prompts.NOT_FOUND}\b|not found\W*$)", re.IGNORECASE)


class Model(Protocol):
    """What the writer needs of a language model; `llm.client.ModelClient` is one."""

    @property
    def name(self) -> str:
        """The name shown as the answer's model."""
        ...

    @property
    def window(self) -> int:
        """Tokens of prompt and answer together."""
        ...

    @property
    def answer_tokens(self) -> int:
        """The longest answer that may be asked for, in tokens."""
        ...

    def count(self, messages: Sequence[prompts.Message]) -> int:
        """The tokens of a prompt."""
        ...

    def stream(self, messages: Sequence[prompts.Message], max_tokens: int) -> Generator[str, None, None]:
        """The answer in pieces."""
        ...


class LlamaWriter:
    """A `Writer` that asks a language model. Raises `ModelUnavailable` when that does not answer as it should.

    Each answer waits for its turn, and says so; whatever else is asked of the model meanwhile belongs to that turn.
    """

    introduction = ""

    def __init__(self, model: Model, turns: Turns) -> None:
        self._model = model
        self._turns = turns

    @property
    def model(self) -> str:
        """The name of the model."""
        return self._model.name

    def write(self, question: str, hits: Sequence[Hit]) -> Iterator[Draft | Waiting]:
        """The sentences that the model writes, each with the passages it cites; none when it finds no answer."""
        if not hits:
            return
        with self._turns.turn(Priority.PERSON) as turn:
            yield from map(Waiting, turn.wait())
            yield from self._written(question, hits)

    def _written(self, question: str, hits: Sequence[Hit]) -> Iterator[Draft]:
        window = self._model.window
        answer_tokens = min(self._model.answer_tokens, window // _ANSWER_SHARE)
        prompt = prompts.build(question, hits, self._model.count, window - answer_tokens)
        shown = [hit.passage for hit in hits[: len(prompt.hits)]]
        with closing(self._model.stream(prompt.messages, answer_tokens)) as pieces:
            for written in sentences(pieces, len(shown)):
                if says_not_found(written):
                    return
                yield draft_of(written, shown)


def says_not_found(written: Written) -> bool:
    """Whether the model says that the passages hold no answer."""
    # Documents may hold the word too; a sentence about it cites them.
    return bool(_NOT_FOUND.match(written.text)) or (prompts.NOT_FOUND in written.text and not written.cited)


def draft_of(written: Written, shown: Sequence[Passage]) -> Draft:
    """A sentence with the words that it rests on, of the passages that the model was shown."""
    cited = [shown[number - 1] for number in written.cited]
    if not (cited or written.whole):
        cited = _likely(written.text, shown)
    return Draft(written.text, tuple(Source(passage, _quote(written.text, passage)) for passage in cited))


def _likely(part: str, shown: Sequence[Passage]) -> list[Passage]:
    """What a part of a long sentence rests on, shown before its citation came: where most of its terms stand."""
    shares = coverage(part, [passage.text for passage in shown])
    best = int(shares.argmax())
    return [shown[best]] if shares[best] >= _MOST else []


def _quote(sentence: str, passage: Passage) -> str:
    """The sentence or row of the passage that shares most with a sentence: what its citation points at."""
    spans = units(passage.text, passage.heading)
    texts = [passage.text[unit.start : unit.end] for unit in spans] or [passage.text]
    return texts[int(coverage(sentence, texts).argmax())]
