"""A drawing as matplotlib writes it, and what is left of it."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from outcomes.rules.evaluation.plain_svg import with_attributes

DRAWING = """<svg xmlns="http://www.w3.org/2000/svg"><title>Two &lt; three</title>
 <defs><style type="text/css">*{stroke-linejoin: round}</style></defs>
 <g id="figure_1">
  <g id="patch_1"><path d="M 0 1
L 2 3" style="fill: none"/></g>
  <g id="axis_1"/>
  <g clip-path="url(#p1)"><g id="line_1"><use href="#m1" style="stroke: #212b32"/></g></g>
  <g><path d="M 0 1" style="fill: none; stroke: #fff"/></g>
  <text x="1" transform="rotate(-0 1 2)">in  order</text>
  <text transform="rotate(-90 1 2)">turned</text>
 </g>
</svg>"""


class TestAPlainDrawing:
    def test_keeps_what_shows_and_nothing_else(self) -> None:
        plain = with_attributes(DRAWING)

        assert plain == (
            '<svg stroke-linejoin="round" stroke-linecap="butt" xmlns="http://www.w3.org/2000/svg">'
            "<title>Two &lt; three</title>"
            '<g clip-path="url(#p1)"><use href="#m1" stroke="#212b32"/></g>'
            '<path d="M 0 1" fill="none" stroke="#fff"/>'
            '<text x="1">in  order</text><text transform="rotate(-90 1 2)">turned</text></svg>'
        )
        ET.fromstring(plain)  # noqa: S314 - our own drawing
