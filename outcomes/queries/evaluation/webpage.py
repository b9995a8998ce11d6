"""The pages of a report as one file of HTML that needs nothing but itself. For the worker only.

The same pages, words and charts as the printed report; no script, nothing fetched, no style but its own.

Source: Indicators 5 (evaluation).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from outcomes.queries.evaluation.printing import static_file
from outcomes.rules.evaluation.pages.blocks import Control
from outcomes.rules.evaluation.web_links import with_definitions
from outcomes.rules.evaluation.words import short_day

STYLE_SHEET = "report/web.css"
_CHART = re.compile(r'<div class="chart">')
_EMPTY_HEAD = re.compile(r"<th[^>]*></th>")
_NUMBERS = re.compile(r'<table class="(?:numbers|sheets)">\s*<caption>(.*?)</caption>.*?</table>', re.DOTALL)


def render_html(*, control: Control, title: str, pages: Sequence[dict[str, Any]]) -> str:
    """The whole report; `pages` are those of printing.printable_pages."""
    html: str = render_to_string(
        "outcomes/report/web.html",
        {
            "title": title,
            "control": control,
            "as_of": short_day(control.as_of),
            # The file stands alone: its style sheet of our own goes with it.
            "style": mark_safe(f"<style>{static_file(STYLE_SHEET).read_text()}</style>"),  # noqa: S308
            "pages": pages,
        },
    )
    html = _EMPTY_HEAD.sub("<td></td>", html)
    # What is wide scrolls by itself, by keyboard too, under a name that nothing else on the page has.
    names = itertools.count(1)
    html = _CHART.sub(
        lambda _: f'<div class="chart" tabindex="0" role="region" aria-label="Chart {next(names)}">', html
    )
    names = itertools.count(1)
    html = _NUMBERS.sub(
        lambda table: (
            f'<div class="scroll" tabindex="0" role="region" aria-label="Table {next(names)}: {table[1]}">'
            f"{table[0]}</div>"
        ),
        html,
    )
    return with_definitions(html)
