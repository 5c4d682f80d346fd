"""What an uploaded picture must be, and what is kept of it."""

import io

import pytest
from PIL import Image

from prm.core.errors import DomainError
from prm.record.services.file import MOST_BYTES, clean_picture


def picture(kind="PNG", size=(400, 300), mode="RGB", color="red", **more):
    out = io.BytesIO()
    Image.new(mode, size, color).save(out, kind, **more)
    return out.getvalue()


def made(data, edge=320):
    return Image.open(io.BytesIO(clean_picture(io.BytesIO(data), edge)))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_becomes_a_square_jpeg(kind):
    found = made(picture(kind))
    assert (found.format, found.size, found.mode) == ("JPEG", (300, 300), "RGB")
    assert made(picture(kind, (2000, 1000))).size == (320, 320)


def test_nothing_but_pixels_is_kept():
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (48.0, 12.0, 0.0)}
    exif[0x010E] = "Home of Carla"
    data = picture("JPEG", exif=exif)
    assert b"Home of Carla" in data
    clean = clean_picture(io.BytesIO(data + b"<script>alert(1)</script>"), 320)
    assert b"Carla" not in clean and b"script" not in clean and not Image.open(io.BytesIO(clean)).getexif()


def test_it_stands_upright_and_on_white():
    exif = Image.Exif()
    exif[0x0112] = 6
    data = io.BytesIO()
    left_red = Image.new("RGB", (200, 200), "blue")
    left_red.paste("red", (0, 0, 200, 100))
    left_red.save(data, "JPEG", exif=exif, quality=95)
    right = made(data.getvalue()).getpixel((180, 100))
    assert right[0] > 200 > 60 > right[2], "the upper half came to the right"
    assert made(picture(mode="RGBA", color=(0, 0, 0, 0))).getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
        b"%PDF-1.7\n",
        picture("GIF"),
        picture("TIFF"),
        picture()[:200],
        picture("JPEG")[:60],
        b"\x89PNG\r\n\x1a\n" + b"\x00" * 50,
        b"x" * (MOST_BYTES + 1),
        picture(size=(7000, 6000), mode="1", color=0),
    ],
    ids=["nothing", "svg", "pdf", "gif", "tiff", "half a png", "half a jpeg", "only a head", "too large", "too many pixels"],
)
def test_anything_else_is_refused_with_a_word(data):
    with pytest.raises(DomainError) as refused:
        clean_picture(io.BytesIO(data), 320)
    assert refused.value.field == "photo" and str(refused.value)
