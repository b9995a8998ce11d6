"""What a letter of a new report says, and when one that waits is shown."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from outcomes.rules.notices import LATE_AFTER, TRIED_FOR, is_given_up, is_late, letter

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
A_MOMENT = timedelta(microseconds=1)


class TestTheLetter:
    def test_names_the_clinic_and_the_month_and_no_other_number(self):
        subject, text = letter(clinic="Harbour clinic", month=date(2026, 1, 1), is_again=False)

        assert subject == "A report is ready to read"
        assert "The report of Harbour clinic for January 2026 is signed off." in text
        assert re.findall(r"\d+", subject + text) == ["2026"]
        assert "replaces" not in text

    def test_says_that_a_new_issue_replaces_the_one_before(self):
        _, text = letter(clinic="Harbour clinic", month=date(2026, 1, 1), is_again=True)

        assert "It replaces an earlier issue" in text
        assert re.findall(r"\d+", text) == ["2026"]


class TestALetterThatWaits:
    @pytest.mark.parametrize(
        ("waited", "late", "given_up"),
        [
            (timedelta(0), False, False),
            (LATE_AFTER, False, False),
            (LATE_AFTER + A_MOMENT, True, False),
            (TRIED_FOR - A_MOMENT, True, False),
            (TRIED_FOR, False, True),
        ],
    )
    def test_is_late_after_five_minutes_and_given_up_after_a_week(self, waited, late, given_up):
        assert is_late(released_at=AT - waited, at=AT) is late
        assert is_given_up(released_at=AT - waited, at=AT) is given_up
