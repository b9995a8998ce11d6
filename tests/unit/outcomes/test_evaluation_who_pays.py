"""Each public body: what it paid, and what it counts itself, never taken from each other."""

from __future__ import annotations

import csv
import io

import pytest

from outcomes.rules.evaluation.aims import AimsFacts
from outcomes.rules.evaluation.disclosure import HELD, disclose
from outcomes.rules.evaluation.figures import list_indicators
from outcomes.rules.evaluation.pages.blocks import Table
from outcomes.rules.evaluation.pages.files import list_page_files
from outcomes.rules.evaluation.pages.who_pays import who_pays_page
from outcomes.rules.evaluation.unit_costs import UnitCostsFacts
from outcomes.rules.evaluation.who_pays import (
    BODIES,
    NO_ROWS,
    NO_UNIT,
    body_of,
    list_bodies,
    who_pays_finding,
)
from tests.factories.report_figures import FIGURES

EXACT = [figure.to_json() for figure in list_indicators(FIGURES)]
PUBLIC = [figure.to_json() for figure in disclose(list_indicators(FIGURES))]


def figure(id: str, value: float | None = 1.0, **fields):
    held = {
        "id": id,
        "label": id,
        "source": "police_recorded",
        "value": value,
        "numerator": 4,
        "denominator": 2.0,
        "unit": "per person-year",
        "interval": None,
        "suppressed": False,
        "note": None,
    }
    return held | fields


def paid(payer: str, pounds: float):
    return figure(f"cost.payer.{payer}", pounds, numerator=pounds, denominator=None, unit="GBP")


def ratio(low: float, high: float):
    interval = {"low": low, "high": high, "level": 0.95, "method": "exact"}
    return figure("offending.recorded.rate_ratio", 0.5, numerator=None, denominator=None, interval=interval)


BEFORE, SINCE = figure("offending.recorded.pre_rate", 2.0), figure("offending.recorded.post_rate", 1.0)
POLICE = "Police and police commissioner"


def row(name: str, *figures):
    return next(row for row in list_bodies(figures) if row.name == name)


def cells(page, name: str) -> list[str]:
    table = next(block for block in page.blocks if isinstance(block, Table))
    return next(list(row) for row in table.rows if row[0].startswith(name))


class TestABody:
    @pytest.mark.parametrize(
        ("payer", "body"),
        [
            ("police and crime commissioner", POLICE),
            ("Cleveland Police", POLICE),
            ("the prison group", "Prisons and custody"),
            ("Probation", "Probation"),
            ("public health", "Public health and councils"),
            ("NHS trust", "Hospital, wards"),
            ("A charity", "A charity"),
        ],
    )
    def test_is_known_by_the_words_in_a_payers_name(self, payer, body):
        assert body_of(payer) == body

    def test_stands_in_a_row_with_what_it_counts_though_nobody_paid(self):
        counted = [body.name for body in BODIES if body.unit]

        assert [row.name for row in list_bodies([])] == counted
        assert all(row.why_not == NO_ROWS and row.paid is None for row in list_bodies([]))

    def test_that_counts_nothing_stands_there_once_it_paid(self):
        found = row("Probation", paid("probation", 10.0))

        assert (found.paid, found.why_not, found.title) == (10.0, NO_UNIT, "Probation")

    def test_holds_all_payers_that_it_is(self):
        found = row(POLICE, paid("police", 10.0), paid("police commissioner", 5.0))

        assert (found.paid, found.payers) == (15.0, ("police", "police commissioner"))

    def test_that_nobody_knows_comes_last(self):
        last = list_bodies([paid("A charity", 3.0), BEFORE])[-1]

        assert (last.name, last.paid) == ("A charity", 3.0)

    def test_has_a_row_for_each_source_that_tells_of_it(self):
        told = [figure("health.ambulance.pre_rate", source=one) for one in ("self_reported", "record")]
        found = [row for row in list_bodies(told) if row.name == "Ambulance service"]

        assert [row.words for row in found] == ["calls, as people told", "calls, as the service recorded"]

    def test_says_why_a_time_cannot_be_told(self):
        empty = figure("offending.recorded.post_rate", None, note="Nobody had started.")
        held = empty | {"suppressed": True, "note": HELD}

        assert row(POLICE, BEFORE, SINCE).why_not == ""
        assert row(POLICE, BEFORE, empty).why_not == "Nobody had started."
        assert row(POLICE, BEFORE).why_not == NO_ROWS
        assert row(POLICE, BEFORE, held).why_not == ""


class TestTheHeading:
    def test_tells_what_fell_only_where_the_whole_interval_says_so(self):
        fell = who_pays_finding(list_bodies([BEFORE, SINCE, ratio(0.2, 0.9), paid("police", 1.0)]))
        unclear = who_pays_finding(list_bodies([BEFORE, SINCE, ratio(0.2, 1.1)]))

        assert (
            fell
            == f"1 public body paid for the programme; less since, for each year: recorded offences ({POLICE})"
        )
        assert unclear == (
            "No cost is entered, so who paid is not known; of no body’s own count can it be said that it fell"
        )

    def test_says_of_too_few_events_not_that_they_fell(self):
        few = BEFORE | {"numerator": 0}

        assert "it fell" in who_pays_finding(list_bodies([few, SINCE, ratio(0.2, 0.9)]))

    def test_of_the_public_edition_says_nothing_of_change(self):
        heading = who_pays_page(PUBLIC).heading

        assert heading.endswith("what each counts itself stands beside it")


class TestThePage:
    def test_sets_both_times_with_their_rates_beside_what_was_paid(self):
        page = who_pays_page([BEFORE, SINCE, ratio(0.2, 0.9), paid("police", 1200.0)])

        assert cells(page, POLICE)[1:] == [
            "£1,200",
            "4 in 2.0 years",
            "2.00",
            "4 in 2.0 years",
            "1.00",
            "0.50 (0.20 to 0.90)",
        ]

    def test_never_reckons_a_saving(self):
        page = who_pays_page(EXACT)
        aside = page.blocks[-1]

        assert aside.lead == "Not cash-releasing." and "no net saving is reckoned" in aside.text

    def test_dashes_what_is_not_there_and_tells_why(self):
        page = who_pays_page([figure("custody.days.pre", None, numerator=None, note="No stay is recorded.")])

        assert cells(page, "Prisons")[1:] == ["none entered", *["–"] * 5]
        assert any("No stay is recorded." in str(getattr(block, "rows", "")) for block in page.blocks)

    def test_without_a_missing_count_or_a_payer_says_nothing_of_them(self):
        everything = [
            figure(one) for body in BODIES if body.unit for one in (body.unit.before, body.unit.since)
        ]
        leads = [getattr(block, "lead", "") for block in who_pays_page(everything).blocks]

        assert "Not counted." not in leads and "Who paid." not in leads

    def test_shows_the_public_no_number_that_the_public_figures_do_not_show(self):
        page = who_pays_page(PUBLIC)
        shown = cells(page, POLICE)

        assert shown[2:] == ["not shown"] * 5
        assert who_pays_page(EXACT).heading != page.heading

    def test_gives_the_public_a_count_without_the_years_it_may_not_read(self):
        rounded = BEFORE | {"numerator": 40, "denominator": None}
        plain = ratio(0.2, 0.9) | {"interval": None}

        assert cells(who_pays_page([rounded, SINCE, plain]), POLICE)[2] == "40"
        assert cells(who_pays_page([rounded, SINCE, plain]), POLICE)[6] == "0.50"

    def test_is_a_file_of_one_body_a_row(self):
        text, _ = list_page_files(
            {"indicators": [BEFORE, SINCE, ratio(0.2, 0.9)]}, AimsFacts(), UnitCostsFacts()
        )["who-pays.csv"]
        police = next(one for one in csv.DictReader(io.StringIO(text)) if one["body"] == POLICE)

        assert (police["paid_gbp"], police["before"], police["rate_since"]) == ("", "4", "1.0")
        assert (police["since_over_before"], police["interval_high"]) == ("0.5", "0.9")
