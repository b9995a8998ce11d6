"""Pictures as files, harmless and hostile, made in the test that needs them."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from PIL import Image

PNG_HEAD = b"\x89PNG\r\n\x1a\n"


def a_picture(
    kind: str = "JPEG",
    size: tuple[int, int] = (300, 400),
    colour: object = "teal",
    mode: str = "RGB",
    **save: object,
) -> bytes:
    """Return a picture of one colour as a file."""
    out = io.BytesIO()
    Image.new(mode, size, colour).save(out, format=kind, **save)  # type: ignore[arg-type]
    return out.getvalue()


def a_chunk(kind: bytes, content: bytes) -> bytes:
    """Return one piece of a PNG file with its checksum."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def a_png_claiming(width: int, height: int) -> bytes:
    """Return a tiny PNG whose head claims a size that its pixels do not fill."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\x00" * 1000)
    return PNG_HEAD + a_chunk(b"IHDR", head) + a_chunk(b"IDAT", pixels) + a_chunk(b"IEND", b"")


def a_jpeg_claiming(width: int, height: int) -> bytes:
    """Return a JPEG whose head claims another size than its pixels have."""
    whole = a_picture()
    place = whole.index(b"\xff\xc0") + 5
    return whole[:place] + struct.pack(">HH", height, width) + whole[place + 4 :]


def a_zip(*, before: bytes = b"") -> bytes:
    """Return a zip file, with something before it if wanted."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("run.sh", "echo")
    return before + out.getvalue()


def a_moving_png() -> bytes:
    """Return an animated PNG."""
    out = io.BytesIO()
    frames = [Image.new("RGB", (200, 200), colour) for colour in ("red", "blue")]
    frames[0].save(out, format="PNG", save_all=True, append_images=frames[1:])
    return out.getvalue()
