"""One file for each change of the schema, applied in order."""
