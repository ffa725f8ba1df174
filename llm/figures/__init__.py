"""Figures: reading tables in passages, and computing what a question asks for from figures that stand there.

Everything is deterministic. Where operands cannot be found with confidence, nothing is computed.
"""
