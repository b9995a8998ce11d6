"""A drawing whose looks stand in attributes, so that a page that allows no style of its own may hold it."""

import re

_STYLE = re.compile(r'\sstyle="([^"]*)"')
_SHEET = re.compile(r"<style[^>]*>.*?</style>", re.DOTALL)
_EMPTY_DEFS = re.compile(r"<defs>\s*</defs>")
# What matplotlib's own style sheet says of every line of a drawing.
JOINS = 'stroke-linejoin="round" stroke-linecap="butt"'


def with_attributes(svg: str) -> str:
    """Return the drawing with each `style` as attributes and without style sheets. Looks the same."""
    plain = _EMPTY_DEFS.sub("", _SHEET.sub("", svg))
    return _STYLE.sub(_attributes, plain).replace("<svg", f"<svg {JOINS}", 1)


def _attributes(style: re.Match[str]) -> str:
    pairs = (part.split(":", 1) for part in style[1].split(";") if part.strip())
    return "".join(f' {name.strip()}="{value.strip()}"' for name, value in pairs)
