"""The square for a camera."""

from __future__ import annotations

from hat_clinic.core.squares import EDGE, square_of


class TestASquare:
    def test_has_black_modules_inside_a_light_edge(self) -> None:
        square = square_of("12-7KQ2-M9XD-4RTP-0WZB")

        corners = [tuple(map(int, part.split("h")[0].split())) for part in square.path.split("M")[1:]]
        assert min(x for x, _ in corners) == min(y for _, y in corners) == EDGE
        assert max(x for x, _ in corners) == max(y for _, y in corners) == square.side - EDGE - 1

    def test_differs_with_the_text(self) -> None:
        assert square_of("1").path != square_of("2").path
