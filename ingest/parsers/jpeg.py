"""JPEG pictures: one page."""

from ingest.picture_parser import PictureParser

PARSER = PictureParser("image/jpeg", "JPEG", (b"\xff\xd8\xff",), frozenset({".jpg", ".jpeg"}))
