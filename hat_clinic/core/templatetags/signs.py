"""Signs and state tags: every state is a word, a sign and an edge, and only then a colour.

Signs are drawn in the page itself, not fetched and not background images, so that they survive printing, high
contrast and a lost connection. They carry no meaning for a screen reader: the word beside them does.
"""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

# Drawn on a 24 by 24 grid in the colour of the text. "paper" shows what is cut out of a filled shape.
_STROKE = (
    'fill="none" stroke="currentColor" stroke-width="2.5" stroke-linecap="round" stroke-linejoin="round"'
)
SIGNS: dict[str, str] = {
    "tick": '<path d="M3.5 13l5.5 5.5L20.5 6" fill="none" stroke="currentColor" stroke-width="4"/>',
    "cross": '<path d="M5 5l14 14M19 5L5 19" fill="none" stroke="currentColor" stroke-width="4"/>',
    "octagon": (
        '<path d="M7.4 1h9.2L23 7.4v9.2L16.6 23H7.4L1 16.6V7.4z" fill="currentColor"/>'
        '<path class="hat-sign__paper" d="M6 10.2h12v3.6H6z"/>'
    ),
    "triangle": (
        '<path d="M12 2L23.5 22H.5z" fill="currentColor"/>'
        '<path class="hat-sign__paper" d="M10.8 9h2.4l-.4 6.4h-1.6zM10.7 16.8h2.6v2.6h-2.6z"/>'
    ),
    "info": (
        '<circle cx="12" cy="12" r="11" fill="currentColor"/>'
        '<path class="hat-sign__paper" d="M10.4 10h3.2v8.5h-3.2zM10.4 5.2h3.2v3h-3.2z"/>'
    ),
    "clock": f'<circle cx="12" cy="12" r="9.5" {_STROKE}/><path d="M12 6.5V12l3.5 2.5" {_STROKE}/>',
    "dotted-circle": (
        '<circle cx="12" cy="12" r="9.5" fill="none" stroke="currentColor" stroke-width="2.5"'
        ' stroke-dasharray="3.6 2.4"/>'
    ),
    "hourglass": f'<path d="M5 2.5h14M5 21.5h14M7 2.5v4l5 5.5 5-5.5v-4M7 21.5v-4l5-5.5 5 5.5v4" {_STROKE}/>',
    "printer": f'<path d="M7 8V2.5h10V8M7 18H3V8h18v10h-4M7 14h10v7.5H7z" {_STROKE}/>',
    "star": (
        '<path d="M12 1.5l3.2 7 7.3.8-5.5 5 1.6 7.4L12 18l-6.6 3.7L7 14.3l-5.5-5 7.3-.8z"'
        ' fill="currentColor"/>'
    ),
    "swap": f'<path d="M3 8h17M15.5 3.5L20 8M21 16H4M8.5 20.5L4 16" {_STROKE}/>',
    "person": (
        '<circle cx="12" cy="7" r="5" fill="currentColor"/>'
        '<path d="M1.5 23c0-6 4.5-9.5 10.5-9.5S22.5 17 22.5 23z" fill="currentColor"/>'
    ),
    "door": f'<path d="M2 21.5h20M6 21.5v-19h12v19" {_STROKE}/>',
    "lock": (
        f'<path d="M7.5 10V7a4.5 4.5 0 0 1 9 0v3" {_STROKE}/><path d="M4 10h16v12.5H4z" fill="currentColor"/>'
    ),
    "bell": (
        '<path d="M12 1.5c-4 0-6.5 3-6.5 7V15L3 18.5h18L18.5 15V8.5c0-4-2.5-7-6.5-7z"'
        ' fill="currentColor"/>'
        '<path d="M9 20h6c0 1.8-1.3 3-3 3s-3-1.2-3-3z" fill="currentColor"/>'
    ),
    "arrow-left": f'<path d="M21 12H4M10 5.5L3.5 12 10 18.5" {_STROKE}/>',
    "arrow-right": f'<path d="M3 12h17M14 5.5l6.5 6.5-6.5 6.5" {_STROKE}/>',
}

# Which sign a state carries unless the page names another.
SIGN_OF_STATE: dict[str, str] = {
    "passed": "tick",
    "hold": "octagon",
    "barred": "octagon",
    "overdue": "triangle",
    "know": "info",
    "new": "star",
    "plain": "clock",
    "dark": "clock",
}


class UnknownSign(Exception):
    """A template names a sign or a state that is not drawn."""


@register.simple_tag
def sign(name: str) -> SafeString:
    """Draw one sign, hidden from screen readers: `{% sign "tick" %}`.

    Raises UnknownSign for a name that is not in SIGNS.
    """
    if name not in SIGNS:
        raise UnknownSign(f"There is no sign {name!r}. There are: {', '.join(sorted(SIGNS))}.")
    return format_html(
        '<svg class="hat-sign hat-sign--{}" viewBox="0 0 24 24" width="24" height="24"'
        ' aria-hidden="true" focusable="false">{}</svg>',
        name,
        mark_safe(SIGNS[name]),  # noqa: S308 - constants of this module, nothing from outside
    )


@register.simple_tag
def state(kind: str, word: object, sign_name: str = "") -> SafeString:
    """Draw a state tag, its word after its sign: `{% state "passed" "Final" %}`.

    `kind` is a key of SIGN_OF_STATE and decides the edge; `sign_name` replaces the usual sign. Raises
    UnknownSign.
    """
    if kind not in SIGN_OF_STATE:
        raise UnknownSign(f"There is no state {kind!r}. There are: {', '.join(sorted(SIGN_OF_STATE))}.")
    return format_html(
        '<strong class="hat-tag hat-tag--{}">{}<span>{}</span></strong>',
        kind,
        sign(sign_name or SIGN_OF_STATE[kind]),
        word,
    )
