"""What becomes a photo of somebody, and what is refused in words."""

from __future__ import annotations

import io
import random
import zlib

import pytest
from PIL import Image

from patients.rules.photos import MOST_BYTES, MOST_BYTES_KEPT, NotAPhoto, clean_photo
from tests.factories.pictures import (
    a_chunk,
    a_jpeg_claiming,
    a_moving_png,
    a_picture,
    a_png_claiming,
    a_zip,
)

WHOLE = a_picture()
PNG = a_picture("PNG")
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'

# Each file is named by what it is; the words are those the person reads.
HOSTILE: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "empty"),
    "more than 8 MB": (WHOLE + b"\x00" * (MOST_BYTES - len(WHOLE) + 1), "more than 8 MB"),
    "a text": (b"../../etc/passwd\n", "not a JPEG or PNG"),
    "a program named photo.jpg": (b"MZ\x90\x00" + b"\x00" * 500, "not a JPEG or PNG"),
    "a Linux program": (b"\x7fELF" + b"\x00" * 500, "not a JPEG or PNG"),
    "a GIF": (a_picture("GIF"), "not a JPEG or PNG"),
    "a BMP": (a_picture("BMP"), "not a JPEG or PNG"),
    "a TIFF": (a_picture("TIFF"), "not a JPEG or PNG"),
    "a WebP": (a_picture("WEBP"), "not a JPEG or PNG"),
    "an SVG with a script": (SVG, "not a JPEG or PNG"),
    "a web page": (b"<!doctype html><script>alert(1)</script>", "not a JPEG or PNG"),
    "a PDF": (b"%PDF-1.7\n", "not a JPEG or PNG"),
    "a zip": (a_zip(), "not a JPEG or PNG"),
    "PostScript": (b"%!PS-Adobe-3.0\n", "not a JPEG or PNG"),
    "a test virus": (
        b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*",
        "not a JPEG or PNG",
    ),
    "a JPEG that is a zip too": (a_zip(before=WHOLE), "something else"),
    "a JPEG with a web page behind it": (WHOLE + b"<HTML><SCRIPT>alert(1)</SCRIPT>", "something else"),
    "a JPEG with a web page in its comment": (
        a_picture(comment=b"<script>alert(1)</script>"),
        "something else",
    ),
    "a JPEG with PHP in its comment": (a_picture(comment=b"<?php system($_GET[0]); ?>"), "something else"),
    "a JPEG with a PDF behind it": (WHOLE + b"%PDF-1.7\n", "something else"),
    "a PNG with an SVG in a text": (
        PNG.replace(b"IEND\xaeB`\x82", b"")[:-4] + a_chunk(b"tEXt", b"x\x00" + SVG) + a_chunk(b"IEND", b""),
        "something else",
    ),
    "a PNG with bytes behind it": (PNG + b"\x00more", "does not end"),
    "half a JPEG": (WHOLE[: len(WHOLE) // 2], "damaged"),
    "half a PNG": (PNG[: len(PNG) // 2], "does not end"),
    "the head of a JPEG alone": (b"\xff\xd8\xff\xe0", "damaged"),
    "the head of a PNG alone": (b"\x89PNG\r\n\x1a\n" + a_chunk(b"IEND", b""), "damaged"),
    "a PNG with a broken checksum": (PNG[:40] + bytes([PNG[40] ^ 1]) + PNG[41:], "damaged"),
    "a PNG that claims a flood of pixels": (a_png_claiming(30_000, 30_000), "damaged|40 million"),
    "a PNG that claims a sea of pixels": (a_png_claiming(2_000_000, 2_000_000), "damaged|40 million"),
    "a PNG just over 40 million": (a_png_claiming(8000, 5001), "40 million"),
    "a PNG that claims pixels it has not": (a_png_claiming(500, 500), "damaged"),
    "a JPEG that claims a flood of pixels": (a_jpeg_claiming(65_000, 65_000), "damaged|40 million"),
    "a picture of nothing": (a_png_claiming(0, 0), "damaged|too small"),
    "a picture of one point": (a_picture(size=(1, 1)), "too small"),
    "a picture one point too small": (a_picture(size=(99, 400)), "too small"),
    "a PNG that moves": (a_moving_png(), "moves"),
    "a PNG with a text bomb": (
        PNG[:33] + a_chunk(b"zTXt", b"x\x00\x00" + zlib.compress(b"a" * 90_000_000)) + PNG[33:],
        "damaged",
    ),
}


def opened(jpeg: bytes) -> Image.Image:
    return Image.open(io.BytesIO(jpeg))


class TestAHostileFile:
    @pytest.mark.parametrize("what", HOSTILE)
    def test_is_refused_in_words(self, what: str) -> None:
        content, words = HOSTILE[what]

        with pytest.raises(NotAPhoto, match=words):
            clean_photo(content)

    @pytest.mark.parametrize("what", HOSTILE)
    def test_is_refused_with_something_to_do(self, what: str) -> None:
        with pytest.raises(NotAPhoto) as refused:
            clean_photo(HOSTILE[what][0])

        assert any(verb in str(refused.value) for verb in ("Choose", "Take"))

    def test_of_any_bytes_behind_a_right_beginning_never_breaks_out(self) -> None:
        dice = random.Random(3)
        for _ in range(200):
            noise = dice.randbytes(dice.randint(0, 300))
            for head in (b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n"):
                with pytest.raises(NotAPhoto):
                    clean_photo(head + noise)

    def test_with_one_byte_of_a_photo_changed_is_refused_or_comes_out_clean(self) -> None:
        dice = random.Random(4)
        for _ in range(150):
            place = dice.randrange(3, len(WHOLE))
            changed = WHOLE[:place] + bytes([dice.randrange(256)]) + WHOLE[place + 1 :]
            try:
                photo = clean_photo(changed)
            except NotAPhoto:
                continue
            assert opened(photo.jpeg).size == (400, 400)


class TestAPhoto:
    @pytest.mark.parametrize(
        "content",
        [
            WHOLE,
            PNG,
            a_picture(size=(100, 100)),
            a_picture(size=(4000, 3000)),
            a_picture("PNG", size=(8000, 5000)),
            a_picture(mode="L", colour=90),
            a_picture(mode="CMYK", colour=(0, 90, 90, 0)),
            a_picture("PNG", mode="P", colour=3),
            a_picture("PNG", mode="RGBA", colour=(0, 120, 0, 128)),
            a_picture("PNG", mode="I;16", colour=30_000),
            a_picture(progressive=True),
        ],
    )
    def test_comes_out_square_small_and_as_jpeg(self, content: bytes) -> None:
        photo = clean_photo(content)

        picture = opened(photo.jpeg)
        assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (400, 400))
        assert len(photo.jpeg) <= MOST_BYTES_KEPT
        assert len(photo.sha256) == 64

    def test_of_8_megabytes_is_taken(self) -> None:
        padded = WHOLE + b"\x00" * (MOST_BYTES - len(WHOLE))

        assert clean_photo(padded).jpeg

    def test_leaves_where_it_was_taken_behind(self) -> None:
        exif = Image.Exif()
        exif[0x010E] = "Danny Marsh at 8 Cable Yard"
        exif[0x0131] = "a telephone"
        content = a_picture(exif=exif, comment=b"canary", icc_profile=b"canary profile")
        assert b"Cable Yard" in content

        jpeg = clean_photo(content).jpeg

        assert b"Cable Yard" not in jpeg and b"canary" not in jpeg and b"telephone" not in jpeg
        assert not opened(jpeg).getexif()
        assert "icc_profile" not in opened(jpeg).info

    def test_is_turned_the_way_it_was_held(self) -> None:
        lying = Image.new("RGB", (400, 400), "white")
        lying.paste("black", (0, 0, 400, 200))
        exif = Image.Exif()
        exif[0x0112] = 6  # to be turned a quarter to the right
        out = io.BytesIO()
        lying.save(out, format="JPEG", exif=exif)

        upright = opened(clean_photo(out.getvalue()).jpeg)

        assert max(upright.getpixel((390, 200))) < 60  # what was on top is at the right
        assert min(upright.getpixel((10, 200))) > 200

    def test_shows_white_through_what_is_see_through(self) -> None:
        clear = a_picture("PNG", mode="RGBA", colour=(0, 0, 0, 0))

        assert min(opened(clean_photo(clear).jpeg).getpixel((200, 200))) > 250

    def test_of_the_noisiest_kind_still_fits(self) -> None:
        noise = Image.frombytes("RGB", (400, 400), random.Random(1).randbytes(480_000))
        out = io.BytesIO()
        noise.save(out, format="PNG")

        assert len(clean_photo(out.getvalue()).jpeg) <= MOST_BYTES_KEPT

    def test_is_the_same_for_the_same_file(self) -> None:
        assert clean_photo(WHOLE) == clean_photo(WHOLE)
