"""Whether passages support a sentence: a verdict, the exact span that it rests on, and reasons. No language model."""

from llm.verification.comparison import Reason
from llm.verification.judging import Judgement, Quoted, judge, verbatim

__all__ = ["Judgement", "Quoted", "Reason", "judge", "verbatim"]
