"""What the tables of sessions and injections refuse, from both sides."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from dosing.models import Injection
from dosing.rules.sessions import Outcome
from hat_clinic.accounts.models import Slot
from tests.factories import (
    NINE,
    TODAY,
    ImportRunFactory,
    InjectionFactory,
    OrderFactory,
    PatientDayFactory,
    PlannedSessionFactory,
    PreparationFactory,
    SessionOutcomeFactory,
    UserFactory,
)
from tests.refusals import refused_by

pytestmark = pytest.mark.usefixtures("unfinished")

A_SECOND = timedelta(seconds=1)


class TestPatientDay:
    def test_is_one_per_person_and_date(self) -> None:
        day = PatientDayFactory(on=TODAY)
        PatientDayFactory(on=TODAY)
        PatientDayFactory(on=TODAY + timedelta(days=1), patient=day.patient)

        with refused_by("one_day_row_per_patient"):
            PatientDayFactory(on=TODAY, patient=day.patient)

    def test_authorises_up_to_its_maximum(self) -> None:
        PatientDayFactory(authorised_mg=400, maximum_mg=400)

        with refused_by("authorised_mg_within_the_daily_maximum"):
            PatientDayFactory(authorised_mg=401, maximum_mg=400)


class TestPlannedSession:
    def test_is_planned_once(self) -> None:
        morning = PlannedSessionFactory(slot=Slot.AM)
        PlannedSessionFactory(slot=Slot.PM, order=morning.order)
        PlannedSessionFactory(slot=Slot.AM)

        with refused_by("one_planned_session_per_patient_date_and_slot"):
            PlannedSessionFactory(slot=Slot.AM, order=morning.order)

    def test_rests_on_an_order_or_is_imported(self) -> None:
        ours = PlannedSessionFactory()
        people = {"clinic": ours.clinic, "patient": ours.patient, "episode": ours.episode, "slot": Slot.PM}
        run = ImportRunFactory()

        with refused_by("planned_session_has_an_order_unless_imported"):
            PlannedSessionFactory(order=None, import_run=None, **people)
        with refused_by("planned_session_has_an_order_unless_imported"):
            PlannedSessionFactory(order=ours.order, import_run=run, **people)
        assert PlannedSessionFactory(order=None, import_run=run, **people).pk


class TestInjection:
    def test_has_its_number_once_per_session(self) -> None:
        planned = PlannedSessionFactory(order__injections_per_session=3)
        small = {"session": planned, "ampoules": 1, "drawn_mg": 100, "given_mg": 60, "wasted_mg": 40}
        first = InjectionFactory(number=1, **small)
        later = [NINE + timedelta(hours=hours) for hours in (1, 2)]
        InjectionFactory(number=2, batch=first.batch, started_at=later[0], **small)

        with refused_by("one_injection_of_a_number_per_session"):
            InjectionFactory(number=1, batch=first.batch, started_at=later[1], **small)

    @pytest.mark.parametrize(
        "amounts",
        [
            {"drawn_mg": 200, "given_mg": 180, "wasted_mg": 19},
            {"drawn_mg": 200, "given_mg": 180, "wasted_mg": 21},
            {"drawn_mg": 200, "given_mg": 0, "wasted_mg": 200},
            {"drawn_mg": 200, "given_mg": 200, "wasted_mg": 0, "ampoules": 0},
        ],
    )
    def test_gives_and_wastes_what_was_drawn(self, amounts: dict[str, int]) -> None:
        InjectionFactory(drawn_mg=200, given_mg=180, wasted_mg=20)
        InjectionFactory(drawn_mg=100, given_mg=1, wasted_mg=99, ampoules=1)

        # The drawn dose that the trigger asks for would refuse first: a contested one has only the constraint.
        with refused_by("given_and_wasted_make_drawn"):
            InjectionFactory(**amounts, preparation=PreparationFactory(), is_contested=True)

    @pytest.mark.parametrize(("given", "allowed"), [(180, 179), (450, 451)])
    def test_stays_within_what_was_allowed(self, given: int, allowed: int) -> None:
        ordered = {"session__order__dose_mg": 450, "session__order__daily_max_mg": 900}
        whole = {
            "drawn_mg": 500,
            "preparation__allowed_mg": 500,
            **ordered,
            "session__order__high_dose_reason": "tolerant",
        }
        InjectionFactory(given_mg=450, wasted_mg=50, allowed_mg=450, **whole)

        with refused_by("injection_within_what_was_allowed"):
            InjectionFactory(given_mg=given, wasted_mg=500 - given, allowed_mg=allowed, **whole)

    def test_that_did_not_is_stored_as_contested(self) -> None:
        assert InjectionFactory(given_mg=180, wasted_mg=20, allowed_mg=100, is_contested=True).pk

    def test_has_two_people(self) -> None:
        nurse = UserFactory()
        InjectionFactory(giver=nurse)

        with refused_by("giver_and_witness_are_two_people"):
            InjectionFactory(giver=nurse, witness=nurse, preparation=PreparationFactory(), is_contested=True)

    def test_ends_when_it_starts_or_later(self) -> None:
        guard = DateTimeTZRange(NINE, NINE + timedelta(hours=3))
        InjectionFactory(started_at=NINE, ended_at=NINE, guard=guard)

        with refused_by("injection_ends_when_or_after_it_starts"):
            InjectionFactory(started_at=NINE, ended_at=NINE - A_SECOND, guard=guard)


class TestTheIntervalBetweenSessions:
    """The guard of the first injection runs to 12:02: it ends at 9:02 and the interval is three hours."""

    @pytest.fixture
    def first(self) -> Injection:
        return InjectionFactory(
            started_at=NINE,
            session__order__injections_per_session=2,
            session__order__dose_mg=360,
            session__order__daily_max_mg=720,
        )

    def at(self, first: Injection, after: timedelta, **other: Any) -> Injection:
        """Insert an injection of the same person in the afternoon's session."""
        session = PlannedSessionFactory(order=first.order, slot=Slot.PM)
        return InjectionFactory(
            session=session, batch=first.batch, started_at=first.ended_at + after, **other
        )

    def test_may_be_exactly_the_minimum(self, first: Injection) -> None:
        assert self.at(first, timedelta(hours=3)).pk

    def test_is_not_shorter(self, first: Injection) -> None:
        with refused_by("minimum_interval_between_sessions"):
            self.at(first, timedelta(hours=3) - A_SECOND)

    def test_that_was_shorter_is_stored_as_contested(self, first: Injection) -> None:
        assert self.at(first, timedelta(hours=1), is_contested=True).pk

    def test_does_not_part_two_injections_of_one_session(self, first: Injection) -> None:
        assert InjectionFactory(
            session=first.session,
            batch=first.batch,
            number=2,
            started_at=first.ended_at + timedelta(minutes=20),
        ).pk

    def test_does_not_part_two_people(self, first: Injection) -> None:
        assert InjectionFactory(started_at=first.started_at).patient != first.patient


class TestSessionOutcome:
    def test_is_first_once(self) -> None:
        first = SessionOutcomeFactory()
        SessionOutcomeFactory(session=first.session, amends=first)

        with refused_by("one_first_outcome_per_session"):
            SessionOutcomeFactory(session=first.session)

    @pytest.mark.parametrize("missing", [{"recorded_by": None}, {"recorded_at": None}])
    def test_is_recorded_by_a_person_at_a_time(self, missing: dict[str, None]) -> None:
        with refused_by("outcome_is_recorded_by_a_person_or_imported"):
            SessionOutcomeFactory(**missing)

    def test_is_imported_with_neither(self) -> None:
        run = ImportRunFactory()
        SessionOutcomeFactory(import_run=run, recorded_by=None, recorded_at=None)

        with refused_by("outcome_is_recorded_by_a_person_or_imported"):
            SessionOutcomeFactory(import_run=run)

    @pytest.mark.parametrize(
        ("outcome", "given"), [(Outcome.GIVEN, None), (Outcome.GIVEN, 0), (Outcome.MISSED, 100)]
    )
    def test_has_milligrams_only_when_given(self, outcome: Outcome, given: int | None) -> None:
        run = ImportRunFactory()
        imported = {"import_run": run, "recorded_by": None, "recorded_at": None}
        SessionOutcomeFactory(outcome=Outcome.GIVEN, given_mg=1, **imported)
        SessionOutcomeFactory(outcome=Outcome.MISSED, given_mg=None, **imported)

        with refused_by("outcome_dose_where_one_was_given"):
            SessionOutcomeFactory(outcome=outcome, given_mg=given, **imported)

    def test_of_our_own_dose_has_its_injection(self) -> None:
        injection = InjectionFactory()
        given = {"session": injection.session, "outcome": Outcome.GIVEN, "given_mg": 180, "reason": ""}

        with refused_by("own_dose_has_its_injection"):
            SessionOutcomeFactory(injection=None, **given)
        with refused_by("own_dose_has_its_injection"):
            SessionOutcomeFactory(session=injection.session, outcome=Outcome.MISSED, injection=injection)
        assert SessionOutcomeFactory(injection=injection, **given).pk

    def test_without_a_dose_says_why(self) -> None:
        SessionOutcomeFactory(outcome=Outcome.WITHHELD, reason="intoxicated")

        with refused_by("outcome_other_than_given_has_a_reason"):
            SessionOutcomeFactory(outcome=Outcome.WITHHELD, reason="")


class TestAnOrderOfTheFactories:
    def test_is_in_force_at_nine(self) -> None:
        order = OrderFactory()

        assert NINE in order.period.during
