"""What every other package stands on: settings, errors, values, access decisions and storage.

Nothing here reads a document, ranks a passage, calls a model or serves a request.
"""
