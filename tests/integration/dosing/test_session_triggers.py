"""What the database asks of several injections in one session, whoever writes the row: both sides."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from dosing.models import (
    Injection,
    OrderSlot,
    OrderStep,
    PlannedSession,
    Preparation,
    Reading,
    SessionOutcome,
)
from dosing.rules.limits import OrderKind
from dosing.rules.sessions import Outcome
from tests.factories import (
    NINE,
    ImportRunFactory,
    OrderFactory,
    PlannedSessionFactory,
    PreInjectionCheckFactory,
    SessionOutcomeFactory,
    UserFactory,
)
from tests.factories.drawn import a_drawn_dose, drawn_again, injection_of, waste_of
from tests.factories.register import a_stocked_batch, an_injection, its_line, its_movement, its_outcome
from tests.integration.dosing.test_correction_triggers import correction
from tests.refusals import refused_by

pytestmark = pytest.mark.usefixtures("unfinished")

MOMENT = timedelta(microseconds=1)
TWENTY = timedelta(minutes=20)
PART = {"ampoules": 1, "drawn_mg": 100, "dose_mg": 100, "wasted_mg": 0, "allowed_mg": 100, "reduced_for": ""}


def commit() -> None:
    """Ask now what would be asked when the transaction commits."""
    connection.check_constraints()


@pytest.fixture
def batch(db: None) -> Any:
    return a_stocked_batch(50)


@pytest.fixture
def planned(batch: Any) -> PlannedSession:
    """A session of an order of 200 mg that may be given in two parts."""
    return PlannedSessionFactory(order=OrderFactory(premises=batch.line.premises, injections_per_session=2))


def injected(
    batch: Any, planned: PlannedSession, *, after: timedelta, number: int = 1, mg: int = 100, **more: Any
) -> Injection:
    """Insert one injection of a session with its drawn dose, so long after nine."""
    at = NINE + after
    return an_injection(
        batch,
        session=planned,
        started_at=at,
        number=number,
        given_mg=mg,
        drawn_mg=200,
        wasted_mg=200 - mg,
        allowed_mg=mg,
        **more,
    )


class TestInjectionsOfASession:
    @pytest.mark.parametrize(("wait", "is_refused"), [(TWENTY, False), (TWENTY - MOMENT, True)])
    def test_are_twenty_minutes_apart(
        self, batch: Any, planned: PlannedSession, wait: timedelta, is_refused: bool
    ) -> None:
        injected(batch, planned, after=timedelta())

        if is_refused:
            with refused_by("injections_of_a_session_are_apart"):
                injected(batch, planned, after=wait, number=2)
        else:
            assert injected(batch, planned, after=wait, number=2).pk

    @pytest.mark.parametrize("wait", [-TWENTY, -TWENTY + MOMENT])
    def test_are_apart_whichever_is_written_first(
        self, batch: Any, planned: PlannedSession, wait: timedelta
    ) -> None:
        injected(batch, planned, after=timedelta(), number=2)

        if wait == -TWENTY:
            assert injected(batch, planned, after=wait).pk
        else:
            with refused_by("injections_of_a_session_are_apart"):
                injected(batch, planned, after=wait)

    @pytest.mark.parametrize(("mg", "is_refused"), [(100, False), (101, True)])
    def test_never_pass_the_ordered_dose_together(
        self, batch: Any, planned: PlannedSession, mg: int, is_refused: bool
    ) -> None:
        injected(batch, planned, after=timedelta())

        if is_refused:
            with refused_by("session_total_within_its_order"):
                injected(batch, planned, after=TWENTY, number=2, mg=mg)
        else:
            assert injected(batch, planned, after=TWENTY, number=2, mg=mg).pk

    @pytest.mark.parametrize(("mg", "is_refused"), [(20, False), (21, True)])
    def test_never_pass_the_dose_of_their_own_slot(
        self, batch: Any, planned: PlannedSession, mg: int, is_refused: bool
    ) -> None:
        OrderSlot.objects.create(order=planned.order, slot=planned.slot, dose_mg=120)
        injected(batch, planned, after=timedelta())

        if is_refused:
            with refused_by("session_total_within_its_order"):
                injected(batch, planned, after=TWENTY, number=2, mg=mg)
        else:
            assert injected(batch, planned, after=TWENTY, number=2, mg=mg).pk

    @pytest.mark.parametrize("injections", [1, 2])
    def test_are_as_many_as_the_order_allows(self, batch: Any, injections: int) -> None:
        order = OrderFactory(premises=batch.line.premises, injections_per_session=injections)
        planned = PlannedSessionFactory(order=order)
        for number in range(injections):
            injected(batch, planned, after=number * TWENTY, number=number + 1, mg=10)

        with refused_by("session_has_the_injections_ordered"):
            injected(batch, planned, after=injections * TWENTY, number=injections + 1, mg=10)

    def test_that_are_contested_are_facts_and_never_refused(
        self, batch: Any, planned: PlannedSession
    ) -> None:
        injected(batch, planned, after=timedelta())

        assert injected(batch, planned, after=MOMENT, number=2, mg=200, is_contested=True).pk

    @pytest.mark.parametrize(("mg", "is_refused"), [(60, False), (61, True)])
    def test_of_the_first_day_of_a_plan_never_pass_its_day(
        self, batch: Any, mg: int, is_refused: bool
    ) -> None:
        planned = self.of_a_plan(batch)
        injected(batch, planned, after=timedelta(), mg=60)

        if is_refused:
            with refused_by("session_total_within_its_order"):
                injected(batch, planned, after=TWENTY, number=2, mg=mg)
        else:
            assert injected(batch, planned, after=TWENTY, number=2, mg=mg).pk

    def test_of_a_later_day_of_a_plan_never_pass_its_dose(self, batch: Any) -> None:
        first = self.of_a_plan(batch)
        injected(batch, first, after=timedelta(), mg=60)
        next_day = PlannedSessionFactory(
            order=first.order, service_date=first.service_date + timedelta(days=1)
        )
        tomorrow = {"given_on": next_day.service_date}
        injected(batch, next_day, after=timedelta(days=1), mg=45, **tomorrow)

        with refused_by("session_total_within_its_order"):
            injected(batch, next_day, after=timedelta(days=1) + TWENTY, number=2, mg=16, **tomorrow)

    def of_a_plan(self, batch: Any) -> PlannedSession:
        order = OrderFactory(
            premises=batch.line.premises,
            kind=OrderKind.TITRATION,
            dose_mg=60,
            daily_max_mg=120,
            injections_per_session=3,
        )
        OrderStep.objects.create(order=order, day=1, max_mg=30, first_mg=15, repeat_mg=15)
        return PlannedSessionFactory(order=order)


@pytest.fixture
def first(batch: Any, planned: PlannedSession) -> Preparation:
    """A first part of 100 mg, injected whole at nine."""
    drawn = a_drawn_dose(batch, session=planned, **PART)
    injection = injection_of(drawn, started_at=NINE, ended_at=NINE, allowed_mg=100)
    its_movement(injection, its_line(injection))
    its_outcome(injection)
    commit()
    return drawn


def reading_of(drawn: Preparation, *, at: timedelta, **changes: Any) -> Reading:
    """Take a set after the injection of a drawn dose, so long after nine."""
    values = {"sedation": "1", "breaths": 12, "oxygen": 94, "pulse": 70} | changes
    return Reading.objects.create(
        session=drawn.session,
        injection=drawn.injection,
        taken_at=NINE + at,
        taken_by=UserFactory(),
        **values,
    )


def second(drawn: Preparation, *, at: timedelta = TWENTY, **changes: Any) -> Preparation:
    """Draw the second part up, so long after nine."""
    prepared_at = NINE + at
    return drawn_again(drawn, prepared_at=prepared_at, expires_at=prepared_at + timedelta(hours=1), **changes)


class TestAFurtherDrawnDose:
    def test_stands_on_the_check_of_the_first_and_a_reading_of_its_own(self, first: Preparation) -> None:
        second(first, at=timedelta(minutes=40), reading_id=reading_of(first, at=timedelta(minutes=40)).id)

        commit()

    @pytest.mark.parametrize(
        ("age", "is_refused"),
        [(timedelta(minutes=5), False), (timedelta(minutes=5) + MOMENT, True), (-MOMENT, True)],
    )
    def test_rests_on_a_reading_of_the_last_five_minutes(
        self, first: Preparation, age: timedelta, is_refused: bool
    ) -> None:
        reading = reading_of(first, at=TWENTY - age)

        if is_refused:
            with refused_by("further_dose_rests_on_a_fresh_reading"):
                second(first, reading_id=reading.id)
                commit()
        else:
            second(first, reading_id=reading.id)
            commit()

    def test_rests_on_no_reading_that_was_put_right(self, first: Preparation) -> None:
        reading = reading_of(first, at=TWENTY)
        correction(reading=reading_of(first, at=TWENTY, amends=reading, pulse=71))

        with refused_by("further_dose_rests_on_a_fresh_reading"):
            second(first, reading_id=reading.id)
            commit()

    def test_rests_on_a_reading_at_all(self, first: Preparation) -> None:
        with refused_by("further_dose_rests_on_a_fresh_reading"):
            second(first, at=TWENTY)
            commit()

    @pytest.mark.parametrize(
        "found",
        [
            {"sedation": "S"},
            {"sedation": "3"},
            {"breaths": 11},
            {"oxygen": 87},
            {"oxygen": None, "unable_reason": "cold"},
        ],
    )
    def test_rests_on_a_reading_within_the_limits(self, first: Preparation, found: dict[str, Any]) -> None:
        reading = reading_of(first, at=TWENTY, **found)

        with refused_by("further_dose_rests_on_a_fresh_reading"):
            second(first, reading_id=reading.id)
            commit()

    def test_may_rest_on_a_whole_check_made_since(self, first: Preparation) -> None:
        check = PreInjectionCheckFactory(session=first.session, made_at=NINE + TWENTY)

        second(first, check_made_id=check.id)

        commit()

    @pytest.mark.parametrize("escalation", ["A", "B"])
    def test_follows_no_event_of_the_session(self, first: Preparation, escalation: str) -> None:
        reading_of(first, at=timedelta(minutes=5), escalation=escalation)
        reading = reading_of(first, at=TWENTY)

        with refused_by("further_dose_follows_no_event"):
            second(first, reading_id=reading.id)
            commit()

    @pytest.mark.parametrize(("mg", "is_refused"), [(100, False), (101, True)])
    def test_stays_within_the_session_with_what_was_given(
        self, first: Preparation, mg: int, is_refused: bool
    ) -> None:
        drawn = {"ampoules": 2, "drawn_mg": 200, "dose_mg": mg, "wasted_mg": 200 - mg, "allowed_mg": mg}
        reading = reading_of(first, at=TWENTY)

        if is_refused:
            with refused_by("drawn_dose_within_its_session"):
                second(first, reading_id=reading.id, **drawn)
                commit()
        else:
            second(first, reading_id=reading.id, **drawn)
            commit()


class TestADrawnDose:
    @pytest.mark.parametrize("allowed", [180, 181])
    def test_that_is_less_than_allowed_says_why(self, batch: Any, allowed: int) -> None:
        if allowed == 180:
            a_drawn_dose(batch, allowed_mg=allowed, reduced_for="")
            commit()
        else:
            with refused_by("reduced_dose_has_its_reason"):
                a_drawn_dose(batch, allowed_mg=allowed, reduced_for="")
                commit()

    def test_is_the_only_one_of_its_person_without_an_ending(self, batch: Any) -> None:
        drawn = a_drawn_dose(batch)
        commit()
        with refused_by("person_has_one_drawn_dose"):
            drawn_again(drawn)
            commit()

        waste_of(drawn)
        drawn_again(drawn)
        a_drawn_dose(batch)

        commit()


class TestAnOutcome:
    def test_amends_one_of_its_own_session(self) -> None:
        one, other = SessionOutcomeFactory(), SessionOutcomeFactory()
        SessionOutcomeFactory(session=one.session, amends=one, outcome=Outcome.EXCUSED)

        with refused_by("outcome_amends_its_session"):
            SessionOutcomeFactory(session=one.session, amends=other)
        assert SessionOutcome.objects.filter(session=one.session, amended_by__isnull=True).count() == 1

    def test_that_is_less_than_the_whole_dose_says_why(self, batch: Any, planned: PlannedSession) -> None:
        injection = injected(batch, planned, after=timedelta())

        with refused_by("reduced_outcome_has_its_reason"):
            its_outcome(injection, reduced_for="")
        assert its_outcome(injection, reduced_for="asked").pk

    def test_that_was_imported_says_no_more_than_its_file(self) -> None:
        run = ImportRunFactory()
        planned = PlannedSessionFactory()
        people = {"clinic": planned.clinic, "patient": planned.patient, "episode": planned.episode}
        imported = PlannedSessionFactory(order=None, import_run=run, slot="pm", **people)

        assert SessionOutcomeFactory(
            session=imported,
            outcome=Outcome.GIVEN_REDUCED,
            reason="",
            given_mg=50,
            recorded_by=None,
            recorded_at=None,
            import_run=run,
        ).pk


class TestAnOrder:
    @pytest.mark.parametrize(("injections", "is_refused"), [(0, True), (1, False), (3, False), (4, True)])
    def test_is_for_one_to_three_injections_a_session(self, injections: int, is_refused: bool) -> None:
        if is_refused:
            with refused_by("order_is_for_one_to_three_injections_a_session"):
                OrderFactory(injections_per_session=injections)
        else:
            assert OrderFactory(injections_per_session=injections).pk
