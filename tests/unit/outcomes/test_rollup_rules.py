"""Figures of several clinics as one: sums, shares of sums, and what is never pooled."""

from __future__ import annotations

from datetime import date

import pytest

from outcomes.rules.evaluation.rollup import (
    NOT_POOLED,
    NOWHERE,
    NetworkKind,
    may_add_network,
    may_end_network,
    may_leave_network,
    may_request_rollup,
    roll_up,
    rollup_csv,
)
from outcomes.rules.evaluation.statistics import garwood_rate, wilson


def figure(value, *, n=None, k=None, method=None, id="x"):
    return {
        "id": id,
        "source": "clinic_record",
        "label": "Label",
        "unit": "people",
        "numerator": k,
        "denominator": n,
        "value": value,
        "interval": {"low": 0, "high": 1, "level": 0.95, "method": method} if method else None,
    }


def pool(**by_clinic):
    """Return the one figure that clinics make together."""
    parts = {code: {"indicators": [one]} for code, one in by_clinic.items()}
    document = roll_up(name="Area", month="2026-01", edition="restricted", parts=parts, missing=["Z"])
    (pooled,) = document["indicators"]
    return pooled


class TestRollUp:
    def test_sums_counts(self):
        pooled = pool(A=figure(7, k=7), B=figure(5, k=5))

        assert (pooled["value"], pooled["numerator"], pooled["denominator"]) == (12, 12, None)
        assert pooled["interval"] is None
        assert pooled["without"] == []

    def test_reckons_a_share_from_the_sums_and_not_from_the_shares(self):
        pooled = pool(A=figure(0.5, k=1, n=2, method="wilson"), B=figure(0.9, k=9, n=10, method="wilson"))

        interval = wilson(10, 12)
        assert pooled["value"] == 10 / 12
        assert (pooled["numerator"], pooled["denominator"]) == (10, 12)
        assert pooled["interval"] == {
            "low": interval.low,
            "high": interval.high,
            "level": 0.95,
            "method": "wilson",
        }

    def test_reckons_a_rate_from_events_and_person_years(self):
        pooled = pool(
            A=figure(3 / 1.5, k=3, n=1.5, method="garwood"), B=figure(4 / 2.25, k=4, n=2.25, method="garwood")
        )

        assert pooled["value"] == 7 / 3.75
        assert pooled["interval"]["high"] == garwood_rate(7, 3.75)[1].high

    def test_gives_no_interval_where_the_methods_differ(self):
        assert pool(A=figure(0.5, k=1, n=2), B=figure(1.0, k=2, n=2, method="wilson"))["interval"] is None

    @pytest.mark.parametrize(
        "one",
        [figure(3.5), figure(0.5, k=0.25, n=0.5), figure(0.4, k=1, n=2)],
        ids=["a median", "a ratio of rates", "a share that is none"],
    )
    def test_pools_nothing_else_and_keeps_it_by_clinic(self, one):
        pooled = pool(A=one, B=one)

        assert (pooled["value"], pooled["numerator"], pooled["note"]) == (None, None, NOT_POOLED)
        assert pooled["clinics"]["B"]["value"] == one["value"]

    def test_names_a_clinic_without_the_figure(self):
        pooled = pool(A=figure(7, k=7), B=figure(None), C=figure(1, k=1, id="x"))

        assert (pooled["value"], pooled["without"]) == (8, ["B"])

    def test_says_when_nobody_has_it(self):
        pooled = pool(A=figure(None), B=figure(None))

        assert (pooled["value"], pooled["note"], pooled["without"]) == (None, NOWHERE, ["A", "B"])

    def test_names_the_clinics_without_a_report(self):
        parts = {"B": {"indicators": []}, "A": {"indicators": []}}
        document = roll_up(
            name="Area", month="2026-01", edition="restricted", parts=parts, missing=["Z", "Y"]
        )

        assert (document["clinics"], document["missing_clinics"]) == (["A", "B"], ["Y", "Z"])

    def test_is_written_as_a_table_with_a_column_for_each_clinic(self):
        parts = {
            "A": {"indicators": [figure(0.5, k=1, n=2, method="wilson"), figure(2, k=2, id="only A")]},
            "B": {"indicators": [figure(1.0, k=2, n=2, method="wilson")]},
        }
        document = roll_up(name="Area", month="2026-01", edition="restricted", parts=parts, missing=[])

        lines = rollup_csv(document).splitlines()

        assert lines[0].endswith("value,interval_low,interval_high,note,A,B")
        assert lines[1].startswith("x,clinic_record,Label,people,3,4,0.75,")
        assert lines[1].endswith(",,0.5,1.0")
        assert lines[2] == "only A,clinic_record,Label,people,2,,2,,,,2,"


class TestMayAddNetwork:
    @pytest.mark.parametrize(
        ("changes", "codes"),
        [
            ({}, []),
            ({"name": " "}, ["network_name"]),
            ({"name": "x" * 101}, ["network_name"]),
            ({"name": "x" * 100}, []),
            ({"is_taken": True}, ["network_taken"]),
            ({"clinics": 1}, ["network_clinics"]),
            ({"is_reader": False}, ["network_reader"]),
        ],
    )
    def test_gives_every_reason(self, changes, codes):
        facts = {"name": "Area", "is_taken": False, "clinics": 2, "is_reader": True, **changes}

        assert may_add_network(**facts).refusal_codes == codes

    def test_knows_kinds_with_words(self):
        assert [kind.label for kind in NetworkKind] == ["Police force area", "Funder", "Nation"]


class TestMayRequestRollup:
    @pytest.mark.parametrize(
        ("changes", "codes"),
        [
            ({}, []),
            ({"is_over": False}, ["rollup_month"]),
            ({"released": 1}, ["rollup_parts"]),
            ({"ended_on": date(2026, 1, 1)}, []),
            ({"ended_on": date(2025, 12, 31)}, ["rollup_ended"]),
            ({"ended_on": date(2025, 12, 31), "released": 0}, ["rollup_ended"]),
        ],
    )
    def test_gives_every_reason(self, changes, codes):
        facts = {"is_over": True, "month": date(2026, 1, 1), "ended_on": None, "released": 2, **changes}

        assert may_request_rollup(**facts).refusal_codes == codes

    def test_tells_with_which_day_the_group_ended(self):
        decision = may_request_rollup(
            is_over=True, month=date(2026, 1, 1), ended_on=date(2025, 12, 31), released=2
        )

        assert "ended on 31 December 2025" in decision.refusals[0].message


ENDING = {
    "why": "The contract is over.",
    "today": date(2026, 3, 15),
    "has_ended": None,
    "last_asked": date(2026, 1, 1),
    "is_reader": True,
}
EITHER = [
    ({}, []),
    ({"on": date(2026, 3, 15)}, []),
    ({"on": date(2026, 3, 16)}, ["ending_day"]),
    ({"on": date(2026, 1, 1)}, []),
    ({"on": date(2025, 12, 31)}, ["ending_asked"]),
    ({"on": date(2025, 12, 31), "last_asked": None}, []),
    ({"why": " "}, ["ending_reason"]),
    ({"why": "x" * 301}, ["ending_reason"]),
    ({"why": "x" * 300}, []),
    ({"has_ended": date(2026, 2, 1)}, ["network_ended"]),
    ({"is_reader": False}, ["network_reader"]),
]


class TestMayEndNetwork:
    @pytest.mark.parametrize(("changes", "codes"), EITHER)
    def test_gives_every_reason(self, changes, codes):
        facts = {**ENDING, "on": date(2026, 2, 28), **changes}

        assert may_end_network(ended_on=facts.pop("on"), **facts).refusal_codes == codes


class TestMayLeaveNetwork:
    @pytest.mark.parametrize(
        ("changes", "codes"),
        [*EITHER, ({"is_in": False}, ["leaving_clinic"]), ({"clinics": 2}, ["leaving_last"])],
    )
    def test_gives_every_reason(self, changes, codes):
        facts = {**ENDING, "on": date(2026, 2, 28), "is_in": True, "clinics": 3, **changes}

        assert may_leave_network(left_on=facts.pop("on"), **facts).refusal_codes == codes
