"""WebP pictures: one page."""

from ingest.picture_parser import PictureParser

PARSER = PictureParser("image/webp", "WebP", (b"RIFF",), frozenset({".webp"}), mark=b"WEBP")
