"""Guard models: how they are asked, what they say, and what becomes of it."""
