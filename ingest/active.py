"""What a PDF would do in other programs: run scripts, start programs, bring files along. Here nothing of it happens.

PDFium tells what belongs to the document and to pages; what happens when it is opened stands in the catalogue, which
`pypdf_reader` reads.
"""

from collections.abc import Iterator
from typing import Any

import pypdfium2.raw as pdfium

# The warnings.
SCRIPTS, LAUNCHES, FILES = "scripts", "launches", "embedded_files"
# Kinds of actions by their names (PDF 32000-1:2008, table 198).
ACTIONS = {"/JavaScript": SCRIPTS, "/Launch": LAUNCHES, "/Rendition": SCRIPTS, "/RichMediaExecute": SCRIPTS}
# Of one page; forms have hundreds.
_MOST_ANNOTATIONS = 1000
_ADDITIONAL_ACTIONS = b"AA"


def of_document(document: Any) -> Iterator[str]:
    """What PDFium knows of the document as a whole."""
    if pdfium.FPDFDoc_GetJavaScriptActionCount(document) > 0:
        yield SCRIPTS
    if pdfium.FPDFDoc_GetAttachmentCount(document) > 0:
        yield FILES


def of_page(page: Any) -> Iterator[str]:
    """What the annotations of a page bring along: links that start programs, fields that run scripts, files."""
    for number in range(min(pdfium.FPDFPage_GetAnnotCount(page), _MOST_ANNOTATIONS)):
        annotation = pdfium.FPDFPage_GetAnnot(page, number)
        if not annotation:
            continue
        try:
            yield from _of_annotation(annotation)
        finally:
            pdfium.FPDFPage_CloseAnnot(annotation)


def _of_annotation(annotation: Any) -> Iterator[str]:
    kind = pdfium.FPDFAnnot_GetSubtype(annotation)
    if kind == pdfium.FPDF_ANNOT_FILEATTACHMENT:
        yield FILES
    elif kind == pdfium.FPDF_ANNOT_LINK:
        action = pdfium.FPDFLink_GetAction(pdfium.FPDFAnnot_GetLink(annotation))
        if action and pdfium.FPDFAction_GetType(action) == pdfium.PDFACTION_LAUNCH:
            yield LAUNCHES
    elif kind == pdfium.FPDF_ANNOT_WIDGET and pdfium.FPDFAnnot_HasKey(annotation, _ADDITIONAL_ACTIONS):
        yield SCRIPTS
