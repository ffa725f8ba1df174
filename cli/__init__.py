"""The operator's command line behind ./archivar: one module for each command, and the supervisor of `up`.

No logic of its own: commands call the same flows as the web server and print what they return.
"""
