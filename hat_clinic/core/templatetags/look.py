"""The look's style sheets, in the order in which they must be read."""

from django import template
from django.templatetags.static import static
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

register = template.Library()

# NHS.UK frontend first, ours over it; narrow screens and print last, because they correct the others.
STYLE_SHEETS = (
    "vendor/nhsuk-frontend-10.6.1/nhsuk-frontend.min.css",
    "hat/faces.css",
    "hat/figures.css",
    "hat/roles.css",
    "hat/page.css",
    "hat/header.css",
    "hat/parts.css",
    "hat/tables.css",
    "hat/forms.css",
    "hat/buttons.css",
    "hat/people.css",
    "hat/terminal.css",
    "hat/room.css",
    "hat/emergency.css",
    "hat/keys.css",
    "hat/dose.css",
    "hat/board.css",
    "hat/days.css",
    "hat/orders.css",
    "hat/timeline.css",
    "hat/codes.css",
    "hat/door.css",
    "hat/support.css",
    "hat/tablet.css",
    "hat/trail.css",
    "hat/people.css",
    "hat/referrals.css",
    "hat/narrow.css",
    "hat/print.css",
)


@register.simple_tag
def style_sheets() -> SafeString:
    """One link for each style sheet: `{% style_sheets %}`."""
    addresses = ((static(path),) for path in STYLE_SHEETS)
    return format_html_join("\n  ", '<link rel="stylesheet" href="{}">', addresses)
