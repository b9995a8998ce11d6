"""The pages of the public edition: every figure in its words, by subject."""

from __future__ import annotations

from dataclasses import replace

import pytest

from outcomes.rules.evaluation.disclosure import HELD, disclose
from outcomes.rules.evaluation.figures import list_indicators
from outcomes.rules.evaluation.pages.blocks import Table
from outcomes.rules.evaluation.pages.public import SUBJECTS, list_public_pages
from outcomes.rules.evaluation.quoting import NOT_SHOWN, shown_as
from tests.factories.report_figures import CONTROL, FIGURES

PUBLIC = replace(CONTROL, edition="public")
ISSUE = [figure.to_json() for figure in disclose(list_indicators(FIGURES))]


def figure(**fields):
    return {**ISSUE[0], "suppressed": False, **fields}


class TestACell:
    @pytest.mark.parametrize(
        ("fields", "text"),
        [
            ({"suppressed": True, "value": None, "note": HELD}, NOT_SHOWN),
            ({"value": None}, "–"),
            ({"unit": "proportion", "numerator": 10, "denominator": 40, "value": 0.25}, "10 of 40 (25 %)"),
            ({"unit": "proportion", "numerator": None, "denominator": None, "value": 0.85}, "85 %"),
            ({"unit": "GBP", "value": 23000.0}, "£23,000"),
            ({"unit": "people", "value": 25}, "25"),
            ({"unit": "ratio", "value": 0.41}, "0.41"),
        ],
    )
    def test_says_the_figure(self, fields, text):
        assert shown_as(figure(**fields)).replace("\u00a0", " ").replace(" %", "%") == text.replace(" %", "%")


class TestThePages:
    def test_print_every_figure_once(self):
        pages = list_public_pages(PUBLIC, ISSUE)
        labels = [
            row[0]
            for page in pages
            if page.key.replace("-", "_") in SUBJECTS
            for block in page.blocks
            if isinstance(block, Table)
            for row in block.rows
        ]

        assert sorted(labels) == sorted(figure["label"] for figure in ISSUE)

    def test_begin_with_the_rule_and_how_to_read(self):
        cover, reading, *_ = list_public_pages(PUBLIC, ISSUE)

        assert cover.blocks[-1].text.startswith("Public edition: no number of people from 1 to 7")
        assert "are shown" in reading.blocks[1].text

    def test_print_a_subject_that_has_no_name_here(self):
        pages = list_public_pages(PUBLIC, [{**ISSUE[0], "domain": "travel"}])

        assert "Travel" in [page.heading for page in pages]

    def test_of_a_later_issue_end_with_what_changed(self):
        last = list_public_pages(replace(PUBLIC, issue=2, replaces=1, compared=1), ISSUE)[-1]

        assert (last.key, last.heading) == ("changes", "No figure changed since issue 1")
