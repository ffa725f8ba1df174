"""The client of the language model: which one it is, what it can read, whether it answers, its words.

How its server is spoken to is in the dialects beside this module; who may ask at the same time in `llm.turns`.
"""

import threading
import time
from collections import Counter as Tally
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

from core.errors import ModelUnavailable
from core.settings import Settings
from llm import local_models, prompts
from llm.breaker import Breaker, Call, State
from llm.client.dialect import Dialect, Listed, Request, Traits
from llm.client.faults import EMPTY, FOREIGN, Fault, Kind, fault_of, garbage
from llm.client.ollama import OllamaDialect
from llm.client.openai import OpenAIDialect
from llm.client.server import Exchange, Server
from llm.connection import Deadline, open_client
from llm.families import family
from llm.line import Priority, kept_for_people
from llm.thoughts import without_thoughts
from llm.tokens import Counter, estimate, local_counter
from llm.turns import Queue, Turns
from llm.width import Trip, Width

DEFAULT_WINDOW = 8192

_FRESH_SECONDS = 2.0
# After a question about tokens or traits went wrong, it is not asked for so long.
_PAUSE_SECONDS = 30.0
# What a token takes on the wire, with all that servers put around it, and what any reply may take.
_TOKEN_BYTES = 2048
_LEAST_BYTES = 64 * 1024
# Few tokens have more letters than this; what is much longer than was asked for is no answer.
_TOKEN_CHARS = 32
# What a request may still need when it is tried again.
_LEAST_SECONDS = 1.0
_NO_LIST = frozenset({404, 405, 501})
# Parts of refusals that say how the model wants to be asked; they are compared in small letters.
_LESSONS = {
    "completion": ("chat template", "chat_template", "does not support chat"),
    "folded": ("system role", "roles must alternate", "system message"),
    "newer": ("max_completion_tokens",),
}
_REFUSALS = frozenset({400, 422, 500})


@dataclass(frozen=True, slots=True)
class Report:
    """How the model is doing for this process: `outcomes` counts requests by how they ended, since its start."""

    breaker: State
    outcomes: Mapping[str, int]
    queue: Queue


class ModelClient:
    """Speaks with the model's server of the settings. Thread-safe; each exchange has a connection of its own.

    Raises `UnknownSetting` when the settings name a tokenizer that is not on this machine.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._server = Server(settings)
        ollama = settings.llm_dialect == "ollama"
        self._dialect: Dialect = OllamaDialect(self._server) if ollama else OpenAIDialect(self._server)
        self.breaker = Breaker(settings.llm_failures)
        self.turns = Turns(settings, self.breaker.check)
        self._width = Width(self.turns.limit - kept_for_people(self.turns.limit), self.breaker.check)
        self._listed: tuple[Listed, ...] = ()
        self._traits: Traits | None = None
        self._ask_traits_at = 0.0
        self._lessons: frozenset[str] = frozenset()
        self._counter: Counter | None = local_counter(settings)
        self._estimate_until = 0.0
        self._checking = threading.Lock()
        self._state = ("not asked yet", 0.0)
        self._counting = threading.Lock()
        self._outcomes: Tally[str] = Tally()

    @property
    def name(self) -> str:
        """The model's name for people: the setting, else the first that the server lists; a folder by its last part.

        `unknown` while there is no setting and no answer.
        """
        try:
            name = self._name()
        except ModelUnavailable:
            return "unknown"
        return local_models.shown_name(name)

    @property
    def known_name(self) -> str:
        """The name as far as it is known without asking anybody; empty until the server has said it."""
        return local_models.shown_name(self._settings.llm_name or (self._listed[0].name if self._listed else ""))

    @property
    def window(self) -> int:
        """Tokens of prompt and answer together: the setting, else what the server, the model's folder or name says."""
        return self.window_and_source[0]

    @property
    def window_and_source(self) -> tuple[int, str]:
        """The window, and who says so: `setting`, `server`, `folder`, `name`, or `default` for nobody."""
        if self._settings.llm_window:
            return self._settings.llm_window, "setting"
        if served := self._served_window():
            return served, "server"
        name = self._settings.llm_name
        folder = local_models.find(name)
        if folder is not None and (known := local_models.window(folder)):
            return known, "folder"
        if self._settings.llm_dialect != "ollama":
            known = family(name or (self._listed[0].name if self._listed else "")).window
            if known:
                return known, "name"
        return DEFAULT_WINDOW, "default"

    @property
    def answer_tokens(self) -> int:
        """The longest answer that may be asked for, in tokens."""
        return self._settings.llm_answer_tokens

    @property
    def places(self) -> int:
        """How many requests of batch work this process may have at the server right now."""
        return self._width.now

    @property
    def away(self) -> bool:
        """Whether the server failed so often that it is left alone, or only tried."""
        return self.breaker.state is not State.CLOSED

    def warm(self) -> None:
        """Load what the first answer would otherwise wait for."""
        self._dialect.warm()

    def count(self, messages: Sequence[prompts.Message]) -> int:
        """The tokens of a prompt: by the local tokenizer if there is one, else by the server, else a high estimate."""
        if self._counter is not None:
            return self._counter(messages)
        if time.monotonic() >= self._estimate_until:
            try:
                counted = self._dialect.count(self._request(messages, 1))
            except ModelUnavailable:
                counted = 0
            if counted > 0:
                return counted
            self._estimate_until = time.monotonic() + _PAUSE_SECONDS
        return estimate(messages)

    def stream(
        self, messages: Sequence[prompts.Message], max_tokens: int, *, priority: Priority = Priority.PERSON
    ) -> Generator[str, None, None]:
        """The answer in pieces as they come, once it is its turn. Close it, and the connection closes.

        Raises `ModelUnavailable`, also after the first pieces: when the server says nothing for
        `ARCHIVAR_LLM_SILENT_SECONDS`, is not done after `ARCHIVAR_LLM_SECONDS`, breaks off, or sends something else;
        at once while it is left alone after failures.
        """
        with self._width.place(priority) as trip, self.turns.turn(priority) as turn:
            for _ahead in turn.wait():
                pass  # whoever tells people about it has waited before
            with self.breaker.admit() as call:
                yield from self._answer(messages, max_tokens, call, trip)

    def state(self) -> str:
        """`ok`, or what is wrong in a few words; asked at most every two seconds, answered within one."""
        if trouble := self.breaker.trouble:
            return trouble
        said, at = self._state
        if time.monotonic() - at < _FRESH_SECONDS or not self._checking.acquire(blocking=not at):
            return said
        try:
            if time.monotonic() - self._state[1] >= _FRESH_SECONDS:
                self._state = (self._checked(), time.monotonic())
            return self._state[0]
        finally:
            self._checking.release()

    def report(self) -> Report:
        """Figures for those who watch over it."""
        return Report(self.breaker.state, dict(self._outcomes), self.turns.queue())

    def _answer(self, messages: Sequence[prompts.Message], max_tokens: int, call: Call, trip: Trip) -> Iterator[str]:
        """The answer; how it went is told to the breaker and the width, and counted."""
        outcome, written, began = "abandoned", 0, time.monotonic()
        try:
            for text in self._tried(messages, max_tokens, trip):
                written += len(text)
                yield text
            outcome = "answered"
        except Fault as fault:
            outcome = fault.kind.value
            self._note(fault, call)
            raise
        finally:
            # Whoever has heard enough may leave.
            if outcome == "answered" or (written and outcome == "abandoned"):
                call.worked()
                read = sum(len(message["content"]) for message in messages)
                self._width.worked(trip, time.monotonic() - began, read=read, written=written)
            with self._counting:
                self._outcomes[outcome] += 1

    def _tried(self, messages: Sequence[prompts.Message], max_tokens: int, trip: Trip) -> Iterator[str]:
        """The answer, asked for once more if it failed before a word came and there is time left. Raises `Fault`."""
        end = time.monotonic() + self._settings.llm_seconds
        left = 1
        while True:
            pieces = self._pieces(messages, max_tokens, end - time.monotonic())
            try:
                first = next(pieces, "")
            except Fault as fault:
                if fault.of_the_server:
                    self._width.failed(trip)
                learned = self._learn(fault)
                after = 0.0 if learned else fault.again_after
                if after is None or time.monotonic() + after + _LEAST_SECONDS > end or not (learned or left):
                    raise
                left -= not learned
                time.sleep(after)
                continue
            with closing(pieces):
                yield first
                yield from pieces
            return

    def _pieces(
        self, messages: Sequence[prompts.Message], max_tokens: int, seconds: float
    ) -> Generator[str, None, None]:
        """The answer, asked for once. Raises `Fault`."""
        settings = self._settings
        deadline = Deadline(seconds, settings.llm_silent_seconds, _LEAST_BYTES + max_tokens * _TOKEN_BYTES)
        request = self._request(messages, max_tokens)
        said = False
        with open_client(deadline) as http:
            try:
                deadline.restart()
                words = _bounded(self._dialect.pieces(request, Exchange(http, deadline)), max_tokens, deadline)
                for text in without_thoughts(words, thinking=family(request.model).thinks):
                    said = said or bool(text.strip())
                    yield text
            except self._foreign() as error:
                raise fault_of(error, deadline, self._server.root) from error
        if not said:
            raise Fault(EMPTY, Kind.EMPTY)

    def _foreign(self) -> tuple[type[Exception], ...]:
        return (*FOREIGN, *self._dialect.foreign())

    def _request(self, messages: Sequence[prompts.Message], max_tokens: int) -> Request:
        """The messages as this model wants them. Raises `Fault` when no model is known."""
        name = self._name()
        # Only Ollama has to be told the window, and says more about its models than their names do.
        ollama = self._settings.llm_dialect == "ollama"
        traits = self._told(name) if ollama else Traits()
        known = family(name)
        system_role = known.system_role if traits.system_role is None else traits.system_role
        return Request(
            model=name,
            messages=messages if system_role and "folded" not in self._lessons else prompts.folded(messages),
            max_tokens=max_tokens,
            window=self.window if ollama else 0,
            chat=self._chats(name, traits),
            switch=traits.switch,
            newer="newer" in self._lessons,
        )

    def _chats(self, name: str, traits: Traits) -> bool:
        """Whether the model is asked in a conversation: the setting, else what the server or folder or name says."""
        if self._settings.llm_form != "auto":
            return self._settings.llm_form == "chat"
        if "completion" in self._lessons:
            return False
        if traits.chat is not None:
            return traits.chat
        folder = local_models.find(name)
        return local_models.has_chat_template(folder) if folder is not None else family(name).chat

    def _learn(self, fault: Fault) -> bool:
        """Whether a refusal says how the model wants to be asked, and it was not asked that way already."""
        if fault.reply not in _REFUSALS:
            return False
        hint = fault.hint.lower()
        new = {name for name, parts in _LESSONS.items() if any(part in hint for part in parts)} - self._lessons
        if self._settings.llm_form != "auto":
            new.discard("completion")
        self._lessons |= new
        return bool(new)

    def _note(self, fault: Fault, call: Call) -> None:
        # It may be another server, or another model, when it is back.
        self._listed, self._traits, self._ask_traits_at = (), None, 0.0
        if fault.kind in {Kind.UNREACHABLE, Kind.REFUSED}:
            self._lessons = frozenset()
        if fault.of_the_server:
            call.failed(fault.message, fault.pause)

    def _checked(self) -> str:
        wanted = self._settings.llm_name
        try:
            self._listed = self._dialect.models()
        except Fault as fault:
            # Clouds' compatible interfaces have no list; that they say so is a sign of life.
            return "ok" if wanted and fault.reply in _NO_LIST else fault.message
        if wanted and not any(self._dialect.same(wanted, one.name) for one in self._listed):
            return f"the server does not offer the model {wanted}"
        return "ok" if self._listed else "the server offers no model"

    def _name(self) -> str:
        if self._settings.llm_name:
            return self._settings.llm_name
        if not self._listed:
            self._listed = self._dialect.models()
        if not self._listed:
            raise Fault(
                "The language model's server offers no model. Load one, or set ARCHIVAR_LLM_MODEL.", Kind.REFUSED
            )
        return self._listed[0].name

    def _served_window(self) -> int | None:
        """What the list says, else what the server says elsewhere."""
        try:
            name = self._name()
            if not self._listed and self._settings.llm_dialect == "openai":
                self._listed = self._dialect.models()
        except Fault as fault:
            if fault.reply not in _NO_LIST or not self._settings.llm_name:
                return None
            name = self._settings.llm_name
        found = next((one.window for one in self._listed if self._dialect.same(name, one.name)), None)
        return found or self._told(name).window

    def _told(self, name: str) -> Traits:
        """What the server says of the model, asked again only after trouble."""
        if self._traits is not None or time.monotonic() < self._ask_traits_at:
            return self._traits or Traits()
        try:
            self._traits = self._dialect.traits(name, window=not self._settings.llm_window)
        except Fault:
            self._ask_traits_at = time.monotonic() + _PAUSE_SECONDS
        return self._traits or Traits()


def _bounded(pieces: Iterator[str], max_tokens: int, deadline: Deadline) -> Iterator[str]:
    """The pieces that have words, each a sign of life, as long as they are not many more than were asked for."""
    left = max_tokens * _TOKEN_CHARS
    for text in pieces:
        left -= len(text)
        if left < 0:
            raise garbage()
        if text:
            deadline.heard()
            yield text
