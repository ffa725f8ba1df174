"""TIFF pictures, as scanners and fax machines write them: a page for each frame."""

from ingest.picture_parser import PictureParser

PARSER = PictureParser("image/tiff", "TIFF", (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"), frozenset({".tif", ".tiff"}))
