"""What may become a photo of somebody: bytes from outside in, a small clean JPEG out.

A file is what its content says, never what its name or its sender says. Nothing of it is kept but its pixels:
it is decoded and drawn anew, so that no text, place, script or second file inside it survives.
Source: trust design 8 (upload abuse).
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageFile, ImageOps

MOST_BYTES: Final = 8 * 1024 * 1024
MOST_PIXELS: Final = 40_000_000
LEAST_SIDE: Final = 100
SIDE: Final = 400
MOST_BYTES_KEPT: Final = 200 * 1024

_JPEG: Final = b"\xff\xd8\xff"
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_PNG_ENDS: Final = b"IEND\xaeB\x60\x82"
# What no camera writes into a picture, in small letters.
_OTHER_FILES: Final = (b"<script", b"<svg", b"<html", b"<!doctype", b"<?php", b"%pdf-")


class NotAPhoto(Exception):
    """The file cannot become a photo; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class CleanPhoto:
    """A square JPEG of 400 by 400 pixels with nothing in it but pixels."""

    jpeg: bytes
    sha256: str


def clean_photo(content: bytes) -> CleanPhoto:
    """Return the picture in a file, made square, small and clean.

    Raises NotAPhoto for anything that is not one JPEG or PNG picture of at most 8 MB and 40 million pixels.
    The size is read from the head of the file and judged before a pixel is decoded.
    """
    _refuse_by_content(content)
    try:
        return _drawn_anew(content)
    except NotAPhoto:
        raise
    except Exception as error:
        # Whatever a decoder says of bytes from outside, it is the same to the person: this is no whole photo.
        raise NotAPhoto(
            "This file is damaged or is no whole photo. Take the photo again, or choose another file."
        ) from error


def _refuse_by_content(content: bytes) -> None:
    if not content:
        raise NotAPhoto("This file is empty. Take the photo again, or choose another file.")
    if len(content) > MOST_BYTES:
        raise NotAPhoto("This file has more than 8 MB. Choose a smaller photo.")
    if not content.startswith((_JPEG, _PNG)):
        raise NotAPhoto("This file is not a JPEG or PNG photo, whatever its name says. Choose a photo.")
    small = content.lower()
    if any(mark in small for mark in _OTHER_FILES) or zipfile.is_zipfile(io.BytesIO(content)):
        raise NotAPhoto("There is something else than a photo inside this file. Take the photo again.")
    if content.startswith(_PNG) and not content.endswith(_PNG_ENDS):
        raise NotAPhoto("This file does not end where its picture ends. Take the photo again.")


def _drawn_anew(content: bytes) -> CleanPhoto:
    # The library that prints the PDFs lets half an image pass, for the whole process.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as image:
        width, height = image.size
        if width * height > MOST_PIXELS:
            raise NotAPhoto("This picture has more than 40 million points. Choose a smaller photo.")
        if min(width, height) < LEAST_SIDE:
            raise NotAPhoto("This picture is too small to know somebody by. Take one of 100 points or more.")
        if image.format == "PNG" and getattr(image, "n_frames", 1) > 1:
            raise NotAPhoto("This picture moves. Choose a still photo.")
        image.draft("RGB", (2 * SIDE, 2 * SIDE))  # a JPEG is decoded at a fraction of its size
        upright = ImageOps.exif_transpose(image).convert("RGBA")
    square = ImageOps.fit(upright, (SIDE, SIDE), centering=(0.5, 0.4))
    clean = Image.new("RGB", (SIDE, SIDE), "white")
    clean.paste(square, mask=square.getchannel("A"))
    out = io.BytesIO()
    clean.save(out, format="JPEG", quality=80)
    jpeg = out.getvalue()
    return CleanPhoto(jpeg=jpeg, sha256=hashlib.sha256(jpeg).hexdigest())
