"""Sessions that nobody wrote down count as missed all the same, at the hatch, in lists and for a doctor."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dosing.actions.visits import note_arrival, record_not_given
from dosing.models import OrderPeriod, PlannedSession, SessionOutcome
from dosing.queries.history import get_dose_history, get_limit_facts, list_dose_histories
from dosing.queries.protocol import as_rules_read_it, get_protocol_in_force
from dosing.queries.sessions import get_session_facts
from dosing.rules.history import standing_at
from dosing.rules.protocol import Protocol
from dosing.rules.sessions import Outcome, Reason
from hat_clinic.accounts.models import SessionSlot
from hat_clinic.core.clock import LONDON, now
from patients.models import ImportRun
from tests.factories import ImportRunFactory
from tests.factories.treatment import TreatmentRoom, a_patient_in_treatment, a_treatment_room, an_order
from tests.integration.dosing.conftest import Clock

THEN = datetime(2026, 2, 2, 10, 0, tzinfo=UTC)


@pytest.fixture
def room(db: None) -> TreatmentRoom:
    """Somebody on 180 mg twice a day, whose last dose was on the evening of 1 February at six."""
    return a_treatment_room(dose_mg=180, at=THEN)


def missed(room: TreatmentRoom, at: datetime) -> list[tuple[date, str, bool]]:
    history = get_dose_history(episode=room.episode, at=at)
    return [(one.on, one.slot, one.is_recorded) for one in history.missed if one.on >= THEN.date()]


def count(room: TreatmentRoom, at: datetime) -> int:
    standing = standing_at(get_dose_history(episode=room.episode, at=at), Protocol(), at=at)
    assert standing.gap is not None
    return standing.gap.missed


SECOND = timedelta(seconds=1)
NOON = datetime(2026, 2, 2, 12, 0, tzinfo=UTC)
MONDAY = THEN.date()


class TestASessionThatNobodyWroteDown:
    @pytest.mark.parametrize(("at", "found"), [(NOON - SECOND, []), (NOON, [(MONDAY, "am", False)])])
    def test_is_missed_once_it_is_over(self, room: TreatmentRoom, at: datetime, found: list) -> None:
        assert missed(room, at) == found

    def test_counts_every_session_of_every_day(self, room: TreatmentRoom) -> None:
        assert [count(room, NOON + timedelta(hours=hours)) for hours in (0, 12, 24, 36)] == [1, 2, 3, 4]

    def test_counts_once_it_is_written_down_too(self, room: TreatmentRoom) -> None:
        session = PlannedSession.objects.create(
            clinic=room.clinic,
            patient=room.patient,
            episode=room.episode,
            service_date=MONDAY,
            slot="am",
            order=room.order,
        )
        SessionOutcome.objects.create(
            session=session,
            outcome=Outcome.MISSED,
            reason=Reason.CUSTODY,
            recorded_by=room.nurse,
            recorded_at=NOON + timedelta(hours=1),
        )

        assert missed(room, NOON + timedelta(hours=2)) == [(MONDAY, "am", True)]

    def test_is_none_beyond_the_orders_sessions_of_a_day(self, room: TreatmentRoom) -> None:
        SessionSlot.objects.filter(clinic=room.clinic, name="pm").update(closes_at=time(17))
        SessionSlot.objects.create(clinic=room.clinic, name="eve", opens_at=time(18), closes_at=time(20))

        assert [slot for _, slot, _ in missed(room, NOON + timedelta(hours=11))] == ["am", "pm"]

    def test_is_none_after_the_order_has_ended(self, room: TreatmentRoom) -> None:
        OrderPeriod.objects.filter(order=room.order).update(
            during=(OrderPeriod.objects.get(order=room.order).during.lower, NOON)
        )

        assert missed(room, NOON + timedelta(days=3)) == [(MONDAY, "am", False)]

    def test_of_earlier_records_is_no_part_of_it(self, room: TreatmentRoom) -> None:
        run: ImportRun = ImportRunFactory()
        session = PlannedSession.objects.create(
            clinic=room.clinic,
            patient=room.patient,
            episode=room.episode,
            service_date=MONDAY,
            slot="eve",
            import_run=run,
        )
        SessionOutcome.objects.create(
            session=session, outcome=Outcome.MISSED, reason="unknown", import_run=run
        )

        assert missed(room, NOON) == [(MONDAY, "am", False)]

    @pytest.mark.parametrize(
        ("day", "closes"),
        [
            (date(2026, 3, 29), datetime(2026, 3, 29, 11, 0, tzinfo=UTC)),
            (date(2026, 10, 25), datetime(2026, 10, 25, 12, 0, tzinfo=UTC)),
        ],
    )
    def test_is_over_by_the_clock_on_the_wall_when_that_changes(
        self, db: None, day: date, closes: datetime
    ) -> None:
        ordered_at = datetime.combine(day - timedelta(days=1), time(9), tzinfo=LONDON)
        room = a_treatment_room(dose_mg=180, at=ordered_at)
        history = get_dose_history(episode=room.episode, at=closes)
        before = get_dose_history(episode=room.episode, at=closes - SECOND)

        assert [(one.on, one.slot) for one in history.missed][-1] == (day, "am")
        assert [(one.on, one.slot) for one in before.missed][-1] == (day - timedelta(days=1), "pm")


class TestSomebodyInTheRoom:
    def test_who_came_in_time_does_not_miss_the_session_they_are_in(self, clock: Clock) -> None:
        room = a_treatment_room(dose_mg=180)
        clock.pass_by(hours=1, minutes=55)
        visit = room.checked()
        clock.pass_by(minutes=10)
        protocol = as_rules_read_it(get_protocol_in_force(clinic_id=room.clinic.id, at=now()))
        assert protocol is not None

        def counted(session: str) -> int:
            facts = get_limit_facts(
                episode=room.episode, order=room.order, protocol=protocol, session=session, at=now()
            )
            return len([one for one in facts.history.missed if one.on == visit.session.service_date])

        assert (counted(str(visit.session_id)), counted("")) == (0, 1)

    def test_who_came_and_went_has_missed_it(self, clock: Clock) -> None:
        room = a_treatment_room(dose_mg=180)
        note_arrival(
            clinic=room.clinic, patient_id=room.patient.id, session=room.session(), by=room.nurse, at=now()
        )
        clock.pass_by(hours=2)

        known = get_session_facts(
            patient_id=room.patient.id, clinic=room.clinic, session=room.session(), at=now()
        )
        assert count(room, now()) == 1
        assert known.facts.gap.is_allowed

    def test_whose_dose_was_withheld_has_missed_it_from_then_on(self, clock: Clock) -> None:
        room = a_treatment_room(dose_mg=180)
        before = count(room, now())
        record_not_given(
            clinic=room.clinic,
            patient_id=room.patient.id,
            session=room.session(),
            outcome=Outcome.WITHHELD,
            reason=Reason.INTOXICATED,
            by=room.nurse,
            at=now(),
        )

        assert (before, count(room, now())) == (0, 1)


class TestTheHistoriesOfMany:
    def test_take_the_same_statements_for_one_and_for_thirty(self, room: TreatmentRoom) -> None:
        at, episodes = THEN + timedelta(days=2), [room.episode]

        def statements() -> int:
            with CaptureQueriesContext(connection) as queries:
                found = list_dose_histories(episodes, at=at)
            assert set(found) == {episode.id for episode in episodes}
            return len(queries)

        one = statements()
        for _ in range(12):
            episode = a_patient_in_treatment(room.clinic, by=room.doctor, at=THEN)
            an_order(episode, room.premises, doctor=room.doctor, at=THEN)
            episodes.append(episode)

        assert statements() == one == 2

    def test_of_nobody_are_none(self, db: None) -> None:
        assert list_dose_histories([], at=THEN) == {}
