"""From a figure of the HTML report to what it means, and back."""

from __future__ import annotations

import re

import pytest

from outcomes.rules.evaluation.definitions import DEFINITIONS
from outcomes.rules.evaluation.web_links import with_definitions


def section(key: str, name: str, inside: str) -> str:
    return (
        f'<section class="page page-{key}" id="{key}">\n  <p class="running">{name}</p>{inside}</section>\n'
    )


def sheets(*rows: tuple[str, str], subject: str = "Flow") -> str:
    """Return the sheets of one subject, each by its label and id, as the template prints them."""
    lines = "".join(
        f'<tr><th scope="row">{label}<div class="sheet-id">{name}</div></th><td></td></tr>'
        for label, name in rows
    )
    return f'<table class="sheets">\n    <caption>{subject}</caption>{lines}</table>'


def row(name: str) -> str:
    return f'<tr><th scope="row">{name}</th><td>7</td></tr>'


REFERRED = ("People referred", "flow.referred")
LEFT = ("Left: …", "flow.exited.&lt;reason&gt;")
METHODS = section("methods", "Methods", sheets(REFERRED, LEFT))


class TestAFigure:
    def test_leads_to_its_sheet_and_the_sheet_back_to_its_page(self):
        html = with_definitions(section("flow", "Flow", row("People referred")) + METHODS)

        assert '<th scope="row"><a href="#means-flow-referred">People referred</a></th>' in html
        assert '<th scope="row" id="means-flow-referred">People referred<div' in html
        assert '<a href="#flow" aria-label="Back to Flow, from People referred">Back to Flow</a>' in html

    def test_with_a_place_filled_in_leads_to_the_sheet_of_its_kind_on_its_own_page_alone(self):
        kind = next(one for one in DEFINITIONS if one.id == "flow.exited.<reason>")
        name = kind.label.format("died")

        html = with_definitions(
            section("flow", "Flow", row(name)) + section("housing", "Homes", row(name)) + METHODS
        )

        flow, homes, _ = html.split("</section>", 2)
        assert f'<a href="#means-flow-exited-reason">{name}</a>' in flow
        assert f'<th scope="row">{name}</th>' in homes

    def test_by_another_name_stays_as_it_is(self):
        assert row("Found not eligible") in with_definitions(
            section("flow", "Flow", row("Found not eligible"))
        )

    def test_of_a_page_that_is_not_there_has_no_way_back(self):
        html = with_definitions(METHODS)

        assert 'id="means-flow-referred"' in html
        assert "Back to" not in html

    def test_that_no_definition_knows_has_no_way_back(self):
        html = with_definitions(section("flow", "Flow", "") + sheets(("Something", "odd.thing")))

        assert '<th scope="row" id="means-odd-thing">Something<div' in html
        assert "Back to" not in html


class TestAPage:
    @pytest.mark.parametrize(
        ("key", "name", "links"),
        [
            ("flow", "Flow", ["subject-flow"]),
            ("glance", "At a glance", ["methods"]),
            ("attendance", "Attendance", ["subject-attendance", "subject-dosing"]),
            ("costs", "Costs", ["subject-cost", "subject-crime-cost"]),
            ("cover", "Cover", []),
            ("methods", "Methods", []),
        ],
    )
    def test_leads_to_the_sheets_of_its_subjects(self, key, name, links):
        html = with_definitions(section(key, name, ""))

        assert re.findall(r'href="#([^"]*)"', html) == links

    def test_of_a_subject_of_its_own_leads_there(self):
        html = with_definitions(section("cost", "Costs", "") + section("crime-cost", "Crime", ""))

        assert re.findall(r'href="#([^"]*)"', html) == ["subject-cost", "subject-crime-cost"]

    def test_finds_its_subject_named_on_the_page_of_methods(self):
        html = with_definitions(section("costs", "Costs", "") + sheets(subject="Crime_cost"))

        assert '<caption id="subject-crime-cost">Crime_cost</caption>' in html
        assert 'aria-label="What these figures mean: Crime cost">Crime cost</a>' in html
