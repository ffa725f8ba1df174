"""Codes of what whoever reads a summary should know."""

# Sentences are quoted, because no Llama is set.
EXTRACTIVE = "extractive"
# Quoted sentences have their documents' language, and are written for those documents' readers.
LANGUAGE_IGNORED = "language_ignored"
AUDIENCE_IGNORED = "audience_ignored"
# There is no text, or none that says anything of what was asked for.
NOTHING_FOUND = "nothing_found"
# Passages that talk to a language model were kept from the writer.
PASSAGES_KEPT_OUT = "passages_kept_out"
# Documents are gone, or may no longer be read.
LEFT_OUT = "documents_left_out"
