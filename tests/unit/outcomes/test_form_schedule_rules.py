"""Which numbers a clinic may have for its outcome forms, and who may approve them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from outcomes.rules.form_schedules import ScheduleSaid, may_approve_schedule, may_write_schedule

TODAY = date(2026, 3, 1)
SAID = ScheduleSaid(date(2026, 3, 2), 28, 7, "Guidance of 2026")


class TestWriting:
    @pytest.mark.parametrize(
        ("changes", "codes"),
        [
            ({}, []),
            ({"every_days": 14, "window_days": 6}, []),
            ({"every_days": 366, "window_days": 182}, []),
            ({"window_days": 0}, []),
            ({"from_day": TODAY}, ["form_schedule_past"]),
            ({"every_days": 13, "window_days": 6}, ["form_schedule_days"]),
            ({"every_days": 367}, ["form_schedule_days"]),
            ({"window_days": 14}, ["form_schedule_window"]),
            ({"window_days": -1}, ["form_schedule_window"]),
            ({"source": "  "}, ["form_schedule_source"]),
            (
                {"from_day": date(2020, 1, 1), "every_days": 1, "window_days": 9, "source": ""},
                ["form_schedule_past", "form_schedule_days", "form_schedule_window", "form_schedule_source"],
            ),
        ],
    )
    def test_says_each_reason_against_the_numbers(self, changes, codes):
        decision = may_write_schedule(replace(SAID, **changes), today=TODAY)

        assert [finding.code for finding in decision.refusals] == codes


class TestApproving:
    @pytest.mark.parametrize(
        ("changes", "codes"),
        [
            ({}, []),
            ({"is_own": True}, ["form_schedule_own"]),
            ({"is_approved": True}, ["form_schedule_approved"]),
            ({"is_confirmed": False}, ["form_schedule_unconfirmed"]),
            ({"from_day": TODAY}, ["form_schedule_past"]),
        ],
    )
    def test_is_for_another_before_the_first_day(self, changes, codes):
        asked = {"from_day": SAID.from_day, "is_own": False, "is_approved": False, "is_confirmed": True}

        decision = may_approve_schedule(today=TODAY, **(asked | changes))

        assert [finding.code for finding in decision.refusals] == codes
