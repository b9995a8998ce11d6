"""Days and sessions are of Europe/London: a dose around midnight, and a page whose order changed meanwhile."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from dosing.actions.preparations import PreparationRefused
from dosing.models import Injection, Preparation
from dosing.queries.sessions import SessionKey, get_current_session, get_session_facts
from hat_clinic.audit.models import AuditEvent
from tests.factories.treatment import DOSE_MG, a_treatment_room, an_order
from tests.integration.dosing.conftest import Clock

# Ten to midnight in London, in summer time.
LATE = datetime(2026, 7, 1, 22, 50, tzinfo=UTC)


@pytest.fixture
def late_clock(clock: Clock) -> Clock:
    """A clock that stands at ten to midnight of 1 July."""
    clock.moment = LATE
    clock.pass_by(minutes=0)
    return clock


class TestADoseAroundMidnight:
    def test_is_of_the_day_it_began_on_and_of_the_session_it_was_drawn_up_in(self, late_clock: Clock) -> None:
        room = a_treatment_room()
        drawn = room.prepare()
        late_clock.pass_by(minutes=15)

        room.inject(drawn)

        injection = Injection.objects.select_related("session").get()
        assert injection.given_on == date(2026, 7, 2)
        assert (injection.session.service_date, injection.session.slot) == (date(2026, 7, 1), "pm")

    @pytest.mark.parametrize(("wait", "given_today"), [(9, 0), (10, DOSE_MG)])
    def test_counts_for_the_london_day(self, late_clock: Clock, wait: int, given_today: int) -> None:
        """A minute before midnight it is of the day before; at midnight of the new one, though UTC says otherwise."""
        room = a_treatment_room()
        drawn = room.prepare()
        late_clock.pass_by(minutes=wait)
        room.inject(drawn)

        at = late_clock.pass_by(hours=10)
        session = get_current_session(clinic=room.clinic, at=at)
        assert session == SessionKey(date(2026, 7, 2), "am")
        known = get_session_facts(patient_id=room.patient.id, clinic=room.clinic, session=session, at=at)
        assert known.facts.given_today_mg == given_today
        assert known.facts.given_in_window_mg == DOSE_MG


class TestAPageWhoseOrderChanged:
    def test_draws_nothing_up_and_says_from_what_to_what(self, own_database: str) -> None:
        room = a_treatment_room()
        visit = room.checked()
        an_order(room.episode, room.premises, doctor=room.doctor, dose_mg=14)

        with pytest.raises(PreparationRefused) as refused:
            room.prepare(visit)

        assert [finding.code for finding in refused.value.decision] == ["order_changed"]
        assert f"from {DOSE_MG} mg to 14 mg. Nothing was saved." in str(refused.value)
        assert not Preparation.objects.exists()
        assert AuditEvent.objects.filter(event="dosing.dose_prepared", outcome="refused").count() == 1
