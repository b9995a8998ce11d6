"""A dose that was drawn up before an emergency: recorded where it went in before, and asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from dosing.rules.further import WatchedSince
from tests.unit.dosing.test_injection_rules import AT, INJECTED, PREPARED, injection_codes


class TestADoseDrawnUpBeforeAnEmergency:
    COLLAPSED = replace(PREPARED, emergency_at=AT)
    BEFORE = replace(INJECTED, before_emergency=True)

    def test_is_recorded_once_somebody_says_that_it_went_in_before(self) -> None:
        assert injection_codes(self.COLLAPSED) == {"emergency_since_drawn"}
        assert injection_codes(self.COLLAPSED, self.BEFORE) == set()

    def test_is_judged_by_what_stood_when_that_began(self) -> None:
        assert injection_codes(replace(self.COLLAPSED, hold="On hold."), self.BEFORE) == {"hold"}

    def test_is_good_for_its_time_counted_to_when_it_went_in(self) -> None:
        late = replace(self.BEFORE, at=AT + timedelta(hours=3))
        assert injection_codes(self.COLLAPSED, late) == set()
        in_time = replace(self.COLLAPSED, expires_at=AT)
        assert injection_codes(in_time, late) == set()
        over = replace(self.COLLAPSED, expires_at=AT - timedelta(microseconds=1))
        assert injection_codes(over, late) == {"syringe_expired"}

    def test_is_not_asked_for_readings_of_the_time_after_it(self) -> None:
        since = WatchedSince(is_observed=True, readings=None, read_at=None, had_event=True)
        second = replace(PREPARED, since=since, last_ended_at=AT - timedelta(minutes=31))
        assert "event_in_session" in injection_codes(second)
        assert injection_codes(replace(second, emergency_at=AT), self.BEFORE) == set()
