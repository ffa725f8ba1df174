"""Passages become moderated, cited and verified answers; later also summaries and the hosting of Llama.

Nothing here reads files, builds indexes or serves requests.
"""
