"""Looks at everything that goes in and comes out, as a policy says, and records what it decided.

`moderator` is the real one; what it finds with is in `detectors`, what it does about that in `policy`.
"""

from llm.moderation.protocol import ALLOWED, Decision, Exchange, Moderator, PassThrough

__all__ = ["ALLOWED", "Decision", "Exchange", "Moderator", "PassThrough"]
