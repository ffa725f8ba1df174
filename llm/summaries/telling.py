"""Drafts become a summary: each is moderated and checked as a sentence of an answer is, and its citations numbered."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from core.summaries import Statement, Summary
from core.values import Citation, Hit, Notice, Verdict
from llm.checking import Checker
from llm.citing import numbered
from llm.moderation import ALLOWED, Decision, Moderator
from llm.summaries.writing import Under


@dataclass
class Telling:
    """A summary as far as it has come. For one thread."""

    moderator: Moderator
    checker: Checker
    model: str
    began: float = field(default_factory=time.perf_counter)
    statements: list[Statement] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    moderation: str = ALLOWED

    def tell(self, drafts: Iterable[Under], hits: Sequence[Hit]) -> None:
        """Add drafts; one that cites nothing is held against `hits`. What moderation blocks takes all with it."""
        for under in drafts:
            text = self.moderated(under.draft.text)
            if text is None:
                return
            checked = self.checker.checked(replace(under.draft, text=text), hits)
            if self.checker.leaves_out(checked.verdict):
                continue
            numbers, new = numbered(checked, self.citations)
            reasons = tuple(reason.value for reason in checked.reasons)
            self.citations += new
            self.statements.append(Statement(text, checked.verdict, numbers, under.heading, reasons))

    def repeat(self, statement: Statement, citations: Sequence[Citation]) -> None:
        """Add a statement that was checked before, with its citations, which get numbers of this summary."""
        numbers: list[int] = []
        for one in citations:
            known = next((c.n for c in self.citations if (c.passage_id, c.quote) == (one.passage_id, one.quote)), None)
            if known is None:
                known = len(self.citations) + 1
                self.citations.append(replace(one, n=known))
            numbers.append(known)
        self.statements.append(replace(statement, citations=tuple(dict.fromkeys(numbers))))

    def moderated(self, text: str) -> str | None:
        """What may be told of a statement; None, and nothing of the summary is left, where it is blocked."""
        told = "".join(f"{statement.text} " for statement in self.statements)
        decision = self.moderator.answer(told + text)
        self._note(decision)
        if decision.blocks or not decision.text.startswith(told):
            self.withdraw(decision)
            return None
        return decision.text.removeprefix(told)

    def withdraw(self, decision: Decision) -> None:
        """Put what moderation says in the place of everything."""
        self._note(decision)
        self.statements = [Statement(decision.text, Verdict.UNSUPPORTED, ())]
        self.citations = []

    def summary(self) -> Summary:
        """What has come of it."""
        if self.statements and self.moderation != "block":
            shown = self.moderator.rendering("\n".join(statement.text for statement in self.statements))
            if shown.blocks:
                self.withdraw(shown)
        return Summary(
            tuple(self.statements),
            tuple(self.citations),
            self.model,
            (time.perf_counter() - self.began) * 1000,
            tuple(self.notices),
            self.moderation,
        )

    def _note(self, decision: Decision) -> None:
        if decision.action != ALLOWED and self.moderation != "block":
            self.moderation = decision.action
