"""What hostile documents, questions and an obedient model can do to readers: nothing."""
