"""From the bytes of one file to pages and passages: the two steps of reading, in order."""

from collections.abc import Callable
from pathlib import Path

from core.values import Progress, Reading
from ingest.children import ParserPool
from ingest.language import language_of
from ingest.passages import TokenSpans, split


def read_document(
    pool: ParserPool,
    path: Path,
    filename: str,
    token_spans: TokenSpans,
    passage_tokens: int,
    on_progress: Callable[[Progress], None],
) -> Reading:
    """Read the file at `path`, which people call `filename`.

    Reports the stages `reading` (pages) and `splitting` (pages). Raises a kind of `UnreadableDocument` when the file
    cannot be read, `Unavailable` when reading was interrupted; what `on_progress` raises ends the reading, too.
    """
    media_type, document = pool.parse(path, filename, on_progress)
    pages = len(document.pages)
    on_progress(Progress("splitting", 0, pages))
    passages = split(document, token_spans, passage_tokens)
    on_progress(Progress("splitting", pages, pages))
    return Reading(media_type, document, passages, language_of([page.text for page in document.pages if page.text]))
