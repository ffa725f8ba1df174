"""PNG pictures: one page."""

from ingest.picture_parser import PictureParser

PARSER = PictureParser("image/png", "PNG", (b"\x89PNG\r\n\x1a\n",), frozenset({".png"}))
