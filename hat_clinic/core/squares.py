"""A square of black and white that a camera reads (QR code), as one path to draw."""

from __future__ import annotations

from dataclasses import dataclass

# The light edge that readers need, in modules.
EDGE = 4


@dataclass(frozen=True, slots=True)
class Square:
    """The path of the black modules, each one unit wide, and the side of the whole with its light edge."""

    path: str
    side: int


def square_of(text: str) -> Square:
    """Return the square that says a text; a seventh of it may be unreadable."""
    import qrcode

    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=EDGE)
    code.add_data(text)
    code.make(fit=True)
    rows = code.get_matrix()
    path = "".join(
        f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, is_black in enumerate(row) if is_black
    )
    return Square(path=path, side=len(rows))
