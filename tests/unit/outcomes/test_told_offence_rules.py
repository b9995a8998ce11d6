"""What may be written down of an offence that a person tells of."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from outcomes.rules.told_offences import OffenceTold, may_record_told_offence

TODAY = date(2026, 11, 24)
BORN = date(1980, 3, 5)
A_DAY = timedelta(days=1)


def codes(on: date, *, born_on: date | None = BORN, kind_is_known: bool = True) -> list[str]:
    said = OffenceTold(on=on, kind="shoplifting")
    return may_record_told_offence(
        said, today=TODAY, born_on=born_on, kind_is_known=kind_is_known
    ).refusal_codes


class TestAnOffenceSomebodyTellsOf:
    @pytest.mark.parametrize("on", [TODAY, BORN])
    def test_was_today_at_the_latest_and_at_birth_at_the_earliest(self, on):
        assert codes(on) == []

    def test_is_not_of_tomorrow(self):
        assert codes(TODAY + A_DAY) == ["offence_in_future"]

    def test_is_not_of_a_day_before_birth(self):
        assert codes(BORN - A_DAY) == ["offence_before_birth"]

    def test_of_somebody_whose_birth_is_unknown_has_no_earliest_day(self):
        assert codes(BORN - A_DAY, born_on=None) == []

    def test_is_of_a_kind_on_the_list(self):
        assert codes(TODAY, kind_is_known=False) == ["offence_kind_unknown"]

    def test_is_refused_with_every_reason(self):
        assert codes(TODAY + A_DAY, kind_is_known=False) == ["offence_in_future", "offence_kind_unknown"]
