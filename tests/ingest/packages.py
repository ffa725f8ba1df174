"""Packages of office programs as a hostile person makes them: members by name, nothing added."""

import io
import zipfile
from collections.abc import Mapping

WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
SLIDES_TYPE = "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def package(members: Mapping[str, str | bytes], main: str = WORD_TYPE) -> bytes:
    """A ZIP file with these members, which says that its main part is of the type `main`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(
            "[Content_Types].xml",
            '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            f'<Override PartName="/main.xml" ContentType="{main}"/></Types>',
        )
        for name, data in members.items():
            file.writestr(name, data)
    return buffer.getvalue()


def relations(*targets: tuple[str, str, str]) -> str:
    """A part of relations: id, last word of the type, target; a target with `:` is elsewhere."""
    told = "".join(
        f'<Relationship Id="{one}" Type="{RELATIONS}/{kind}" Target="{target}"'
        f"{' TargetMode=' + chr(34) + 'External' + chr(34) if ':' in target else ''}/>"
        for one, kind, target in targets
    )
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{told}</Relationships>'


def word(body: str, **parts: str) -> bytes:
    """A Word document with this body; further parts by the last word of the type of relation that leads to them."""
    members: dict[str, str | bytes] = {
        "_rels/.rels": relations(("r1", "officeDocument", "word/document.xml")),
        "word/document.xml": part("document", f"<w:body>{body}</w:body>"),
        "word/_rels/document.xml.rels": relations(*((f"r{kind}", kind, f"{kind}.xml") for kind in parts)),
    }
    return package(members | {f"word/{kind}.xml": text for kind, text in parts.items()})


def part(name: str, inside: str) -> str:
    """A part of a Word document."""
    return (
        f'<w:{name} xmlns:w="{_W}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
        f'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math">{inside}</w:{name}>'
    )


def paragraph(text: str, *, properties: str = "", run: str = "") -> str:
    """A paragraph of one run."""
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:rPr>{run}</w:rPr><w:t>{text}</w:t></w:r></w:p>"


_ODF = "urn:oasis:names:tc:opendocument:xmlns:"


def open_document(kind: str, body: str, *, styles: str = "", title: str = "") -> bytes:
    """An OpenDocument file of the kind `text` or `presentation` with this body and these automatic styles."""
    names = " ".join(
        f'xmlns:{short}="{_ODF}{name}:1.0"'
        for short, name in (
            ("office", "office"), ("text", "text"), ("table", "table"), ("draw", "drawing"), ("style", "style"),
            ("presentation", "presentation"),
        )
    )  # fmt: skip
    content = (
        f"<office:document-content {names}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
    )
    meta = f'<meta xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title></meta>'
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}", zipfile.ZIP_STORED)
        file.writestr("content.xml", content)
        file.writestr("meta.xml", meta)
    return buffer.getvalue()
