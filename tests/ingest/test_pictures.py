"""Picture files, opened."""

import io
import struct
import zlib

import pytest
from PIL import Image

from core.errors import CorruptDocument, ParserLimit
from ingest.pictures import PictureFile
from tests.ingest.conftest import Written

MOST = 10_000_000


def half_black(size: tuple[int, int], mode: str = "RGB") -> Image.Image:
    """White, with its upper half black."""
    picture = Image.new("L", size, 255)
    picture.paste(0, (0, 0, size[0], size[1] // 2))
    return picture.convert(mode)


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    """The picture as a file."""
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def oriented(kind: str, orientation: int) -> bytes:
    """A picture twice as wide as high whose camera was held otherwise."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return saved(half_black((400, 200)), kind, exif=exif)


def drawn(written: Written, data: bytes, scale: float = 100.0) -> Image.Image:
    """The first page at its full size, unless another scale is given."""
    file = PictureFile(written("picture", data), MOST)
    try:
        return file.draw(1, scale, MOST)[0]
    finally:
        file.close()


def size_of(written: Written, data: bytes) -> tuple[float, float]:
    """The first page's size in points."""
    file = PictureFile(written("picture", data), MOST)
    try:
        return file.size(1)
    finally:
        file.close()


def claiming(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says that it is so large."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("size", "dpi", "points"),
    [
        ((1654, 2339), 200, (595.4, 842.0)),  # A4 as a scanner sends it
        ((1654, 2339), None, (595.4, 842.0)),  # the same, from something that does not say
        ((3200, 2400), 72, (842.0, 631.5)),  # a camera's 72 dpi mean nothing
        ((400, 200), None, (300.0, 150.0)),  # a piece of a screen
        ((1000, 8000), None, (595.0, 4760.0)),  # a long page of a telephone, as wide as paper
        ((3000, 2000), 100, (892.5, 595.0)),  # 30 inches are no sheet of paper
    ],
)
def test_how_large_a_page_is(
    written: Written, size: tuple[int, int], dpi: int | None, points: tuple[float, float]
) -> None:
    data = saved(half_black(size), "PNG", **({"dpi": (dpi, dpi)} if dpi else {}))

    assert size_of(written, data) == pytest.approx(points, abs=1)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize(("orientation", "black"), [(1, (0.5, 0.2)), (3, (0.5, 0.8)), (6, (0.8, 0.5)), (8, (0.2, 0.5))])
def test_pages_stand_upright(written: Written, kind: str, orientation: int, black: tuple[float, float]) -> None:
    data = oriented(kind, orientation)

    for scale in (100.0, 0.5):  # as it is, and made smaller
        picture = drawn(written, data, scale)
        width, height = size_of(written, data)
        assert (picture.width > picture.height) == (width > height) == (orientation in {1, 3})
        pixel = picture.getpixel((int(black[0] * picture.width), int(black[1] * picture.height)))
        other = picture.getpixel((int((1 - black[0]) * picture.width), int((1 - black[1]) * picture.height)))
        assert isinstance(pixel, tuple) and isinstance(other, tuple)
        assert max(pixel) < 40 and (min(other) > 215 or black[0] == 0.5 == black[1])


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_pixels_becomes_colour(written: Written, mode: str) -> None:
    picture = half_black((300, 200), "L")
    picture = picture.point(lambda value: value * 128, "I").convert("I;16") if mode == "I;16" else picture.convert(mode)

    for scale in (100.0, 0.5):
        page = drawn(written, saved(picture, "PNG"), scale)
        assert page.mode == "RGB"
        assert (page.getpixel((5, 5)), page.getpixel((5, page.height - 5))) == ((0, 0, 0), (255, 255, 255))


def test_what_is_transparent_is_white(written: Written) -> None:
    data = saved(Image.new("RGBA", (50, 50), (0, 0, 0, 0)), "PNG")

    assert drawn(written, data).getpixel((25, 25)) == (255, 255, 255)


def test_the_pixels_of_a_fax_become_square(written: Written) -> None:
    data = saved(half_black((1728, 1078), "1"), "TIFF", dpi=(204, 98), compression="group4")

    assert size_of(written, data) == pytest.approx((609.9, 792), abs=1)
    picture = drawn(written, data)
    assert picture.width / picture.height == pytest.approx(609.9 / 792, abs=0.01)
    assert picture.width == pytest.approx(1728, abs=2)


def test_frames_of_tiff_are_pages_and_counting_ends(written: Written) -> None:
    frames = [half_black((200 + 10 * n, 100)) for n in range(5)]
    file = PictureFile(written("five.tiff", saved(frames[0], "TIFF", save_all=True, append_images=frames[1:])), MOST)

    assert (file.frames(100), file.frames(3)) == (5, 4)
    assert [file.size(number)[0] for number in (1, 5, 3)] == [150, 180, 165]
    file.close()


def test_animations_are_one_page(written: Written) -> None:
    frames = [half_black((100, 100)), Image.new("RGB", (100, 100), "red")]
    for kind in ("PNG", "WEBP"):
        file = PictureFile(written("moving", saved(frames[0], kind, save_all=True, append_images=frames[1:])), MOST)
        assert file.frames(100) == 1
        file.close()


def test_large_pictures_are_made_smaller_and_never_larger(written: Written) -> None:
    file = PictureFile(written("large.jpeg", saved(half_black((3000, 3000)), "JPEG")), MOST)

    picture, scale = file.draw(1, 2.0, MOST)
    assert picture.size == ((842 * 2), (842 * 2)) and scale == 2.0
    file.close()
    file = PictureFile(written("large.jpeg", saved(half_black((3000, 3000)), "JPEG")), MOST)
    picture, scale = file.draw(1, 2.0, 1_000_000)
    assert picture.width * picture.height <= 1_001_000
    file.close()
    file = PictureFile(written("small.png", saved(half_black((40, 40)), "PNG")), MOST)
    assert file.draw(1, 20.0, MOST)[0].size == (40, 40)
    file.close()


@pytest.mark.parametrize("size", [(100_000, 100_000), (2**31 - 1, 1), (5_000, 5_000)])
def test_a_flood_of_pixels_is_refused_before_it_is_unpacked(written: Written, size: tuple[int, int]) -> None:
    with pytest.raises(ParserLimit, match="pixels"):
        PictureFile(written("flood.png", claiming(*size)), MOST)


def test_a_frame_that_claims_too_much_is_refused(written: Written) -> None:
    frames = [half_black((100, 100), "1"), Image.new("1", (5000, 5000))]
    data = saved(frames[0], "TIFF", save_all=True, append_images=frames[1:], compression="group4")
    file = PictureFile(written("two.tiff", data), MOST)

    assert file.frames(10) == 2
    file.unpack(1)
    with pytest.raises(ParserLimit, match="25,000,000 pixels"):
        file.unpack(2)
    file.close()


def test_other_formats_are_not_opened(written: Written) -> None:
    for kind in ("GIF", "BMP", "PPM", "ICO"):
        with pytest.raises(CorruptDocument):
            PictureFile(written("other.png", saved(half_black((32, 32)), kind)), MOST)


def test_less_than_it_promises(written: Written) -> None:
    data = saved(half_black((600, 600)), "JPEG")
    file = PictureFile(written("cut.jpeg", data[: len(data) // 2]), MOST)

    with pytest.raises(CorruptDocument):
        file.unpack(1)
    file.close()
