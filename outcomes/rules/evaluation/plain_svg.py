"""A drawing whose looks stand in attributes, so that a page that allows no style of its own may hold it."""

import re

_STYLE = re.compile(r'\sstyle="([^"]*)"')
_SHEET = re.compile(r"<style[^>]*>.*?</style>", re.DOTALL)
_EMPTY_DEFS = re.compile(r"<defs>\s*</defs>")
_GROUP = re.compile(r"<g\b[^>]*>|</g>")
_NAMED_ONLY = re.compile(r'<g(?: id="[^"]*")?>')
_EMPTY_GROUP = re.compile(r"<g\b[^>]*/>")
_UNSEEN = re.compile(r'<path d="[^"]*" fill="none"/>')
_UNTURNED = re.compile(r' transform="rotate\(-0 [^"]*"')
_BETWEEN = re.compile(r">\s+<")
# What matplotlib's own style sheet says of every line of a drawing.
JOINS = 'stroke-linejoin="round" stroke-linecap="butt"'


def with_attributes(svg: str) -> str:
    """Return the drawing with each `style` as attributes, without style sheets and what shows nothing. Looks the same.

    Half of what matplotlib writes are groups that only name something, which a printer of pages walks one by one.
    """
    plain = _STYLE.sub(_attributes, _SHEET.sub("", svg))
    drawn = _UNTURNED.sub("", _UNSEEN.sub("", _without_names(plain)))
    return _EMPTY_DEFS.sub("", _BETWEEN.sub("><", drawn)).replace("<svg", f"<svg {JOINS}", 1)


def _without_names(svg: str) -> str:
    """The drawing without its groups that have at most a name."""
    is_kept: list[bool] = []

    def keep(tag: re.Match[str]) -> str:
        if tag[0] == "</g>":
            return "</g>" if is_kept.pop() else ""
        is_kept.append(not _NAMED_ONLY.fullmatch(tag[0]))
        return tag[0] if is_kept[-1] else ""

    return _GROUP.sub(keep, _EMPTY_GROUP.sub("", svg))


def _attributes(style: re.Match[str]) -> str:
    pairs = (part.split(":", 1) for part in style[1].split(";") if part.strip())
    return "".join(f' {name.strip()}="{value.strip()}"' for name, value in pairs)
