"""Keeping uploaded files: what a picture must be, and its row."""

from __future__ import annotations

import io
import warnings
from typing import Any, BinaryIO

import puremagic
from django.db import models, transaction
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from prm.core.errors import DomainError
from prm.record.models import File

MOST_BYTES = 5 * 1024 * 1024
MOST_PIXELS = 40_000_000
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}


def clean_picture(upload: BinaryIO, edge: int) -> bytes:
    """The picture as a square JPEG of at most `edge` pixels, made anew, so that nothing of the file but its pixels is kept.

    Raises DomainError on anything that is not a JPEG, PNG or WebP of at most 5 MB and 40 megapixels.
    """
    data = upload.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise DomainError(_("This picture is larger than 5 MB. Choose a smaller one."), field="photo")
    kind = FORMATS.get(_type_of(data))
    if kind is None:
        raise DomainError(_("This is no picture that we can use. Choose a JPEG, PNG or WebP file."), field="photo")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # of a picture that unpacks to gigabytes, Pillow only warns
            return _made_anew(data, kind, edge)
    except (OSError, ValueError, SyntaxError, Warning, Image.DecompressionBombError):
        raise DomainError(_("This picture is damaged or too large. Choose another one."), field="photo") from None


def _type_of(data: bytes) -> str:
    """By what stands in the file, whatever its name says."""
    try:
        return str(puremagic.from_string(data, mime=True))
    except (puremagic.PureError, ValueError):
        return ""


def _made_anew(data: bytes, kind: str, edge: int) -> bytes:
    with Image.open(io.BytesIO(data), formats=[kind]) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise ValueError
        picture.draft("RGB", (edge * 2, edge * 2))
        upright = ImageOps.exif_transpose(picture).convert("RGBA")
        square = ImageOps.fit(upright, (min(edge, *upright.size),) * 2)
    ground = Image.new("RGB", square.size, "white")
    ground.paste(square, mask=square.getchannel("A"))
    out = io.BytesIO()
    ground.save(out, "JPEG", quality=85, optimize=True)
    return out.getvalue()


def keep_picture(obj: models.Model, upload: BinaryIO, *, by: Any, edge: int, partner: Any = None) -> File:
    """Store the picture for this row; the caller has passed its own door and rule, and takes the old one away."""
    content = clean_picture(upload, edge)
    return File.objects.create(
        noun=obj._meta.label_lower,
        object_id=obj.pk,
        partner_id=getattr(partner, "pk", partner),
        content_type="image/jpeg",
        content=content,
        size=len(content),
        uploaded_by=by,
    )


@transaction.atomic
def delete_files(obj: models.Model, *, but: File | None = None) -> int:
    """Take away the files of this row, except one; answers how many."""
    rows = File.objects.filter(noun=obj._meta.label_lower, object_id=obj.pk)
    return (rows.exclude(pk=but.pk) if but else rows).delete()[0]
