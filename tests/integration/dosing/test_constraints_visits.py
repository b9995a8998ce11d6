"""What the tables of a visit refuse, whoever asks, from both sides."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dosing.rules.checks import Sedation
from dosing.rules.observation import NaloxoneHeld
from dosing.rules.visits import IdentityItem, VisitState
from tests.factories import (
    NINE,
    HoldFactory,
    InjectionFactory,
    PlannedSessionFactory,
    PreInjectionCheckFactory,
    PreparationFactory,
    SessionOutcomeFactory,
    UserFactory,
)
from tests.factories.visits import IdentityCheckFactory, ReadingFactory, ReleaseFactory, VisitFactory
from tests.refusals import refused_by

pytestmark = pytest.mark.usefixtures("unfinished")


def observed() -> dict[str, Any]:
    """Return what a visit has once its dose is injected."""
    injection = InjectionFactory()
    outcome = SessionOutcomeFactory(
        session=injection.session, outcome="given", given_mg=180, reason="", injection=injection
    )
    return {
        "session": injection.session,
        "state": VisitState.OBSERVED,
        "outcome": outcome,
        "injected_at": NINE,
        "injected_by": UserFactory(),
        "observe_minutes": 20,
        "observe_until": NINE + timedelta(minutes=20),
    }


class TestVisit:
    def test_has_one_drawn_dose_per_person(self) -> None:
        drawn = PreparationFactory()
        VisitFactory(session=drawn.session, state=VisitState.PREPARED, preparation=drawn)
        other = PreparationFactory()
        VisitFactory(session=other.session, state=VisitState.PREPARED, preparation=other)
        evening = PlannedSessionFactory(order=drawn.order, slot="pm")
        again = PreparationFactory(session=evening, batch=drawn.batch)

        with refused_by("one_drawn_dose_per_person"):
            VisitFactory(session=evening, state=VisitState.PREPARED, preparation=again)

    @pytest.mark.parametrize("state", [VisitState.CHECKED, VisitState.PREPARED, VisitState.OBSERVED])
    def test_is_as_far_as_what_was_done(self, state: VisitState) -> None:
        with refused_by("visit_state_has_what_it_says"):
            VisitFactory(state=state)

    @pytest.mark.parametrize("missing", ["outcome", "observe_minutes", "observe_until"])
    def test_that_is_observed_has_its_dose_and_its_time(self, missing: str) -> None:
        VisitFactory(**observed())

        with refused_by("visit_state_has_what_it_says"):
            VisitFactory(**observed() | {missing: None})

    def test_has_ended_when_it_says_so(self) -> None:
        ended = {"ended_at": NINE, "ended_by": UserFactory()}
        VisitFactory(state=VisitState.NOT_GIVEN, **ended)

        with refused_by("visit_has_ended_when_it_says_so"):
            VisitFactory(state=VisitState.NOT_GIVEN)
        with refused_by("visit_has_ended_when_it_says_so"):
            VisitFactory(state=VisitState.ARRIVED, **ended)

    def test_names_who_watched_the_injection(self) -> None:
        with refused_by("visit_injected_at_and_by"):
            VisitFactory(**observed() | {"injected_by": None})

    def test_names_who_ended_it(self) -> None:
        with refused_by("visit_ended_at_and_by"):
            VisitFactory(state=VisitState.NOT_GIVEN, ended_at=NINE)


class TestIdentityCheck:
    def test_rests_on_two_items(self) -> None:
        IdentityCheckFactory()
        IdentityCheckFactory(items=[], is_right=False, session=None, **_somebody())

        with refused_by("identity_rests_on_two_items"):
            IdentityCheckFactory(items=[IdentityItem.PHOTO])
        with refused_by("identity_rests_on_two_items"):
            IdentityCheckFactory(session=None, **_somebody())


def _somebody() -> dict[str, Any]:
    planned = PlannedSessionFactory()
    return {"clinic": planned.clinic, "patient": planned.patient}


class TestPreInjectionCheck:
    @pytest.mark.parametrize(
        ("name", "value"), [("breaths", 61), ("oxygen", 101), ("pulse", 251), ("alcohol_ug", 301)]
    )
    def test_has_values_that_can_be(self, name: str, value: int) -> None:
        PreInjectionCheckFactory(lets_a_dose_go_ahead=False, **{name: value - 1})

        with refused_by("check_values_are_possible"):
            PreInjectionCheckFactory(lets_a_dose_go_ahead=False, **{name: value})

    @pytest.mark.parametrize("name", ["oxygen", "pulse", "alcohol_ug"])
    def test_says_why_a_value_could_not_be_had(self, name: str) -> None:
        unknown = {name: None, "lets_a_dose_go_ahead": False}
        PreInjectionCheckFactory(unable_reason="cold hands", **unknown)

        with refused_by("check_unknown_value_says_why"):
            PreInjectionCheckFactory(**unknown)

    @pytest.mark.parametrize(
        "finding",
        [
            {"sedation": Sedation.ASLEEP},
            {"sedation": Sedation.DRIFTS_OFF},
            {"sedation": Sedation.HARD_TO_ROUSE},
            {"breaths": 11},
            {"oxygen": 93},
            {"oxygen": None},
            {"pulse": None},
            {"alcohol_ug": 20},
            {"alcohol_ug": 35},
            {"alcohol_ug": None},
            {"is_intoxicated": True},
        ],
    )
    def test_lets_no_dose_go_ahead_beyond_the_limits(self, finding: dict[str, Any]) -> None:
        PreInjectionCheckFactory(breaths=12, oxygen=94, alcohol_ug=19, sedation=Sedation.SLIGHTLY_DROWSY)
        PreInjectionCheckFactory(unable_reason="a word", lets_a_dose_go_ahead=False, **finding)

        with refused_by("check_that_lets_go_ahead_is_within_limits"):
            PreInjectionCheckFactory(unable_reason="a word", **finding)


class TestHold:
    def test_is_lifted_by_somebody(self) -> None:
        with refused_by("hold_lifted_at_and_by"):
            HoldFactory(lifted_at=NINE, lift_reason="Seen and well.")

    def test_is_lifted_by_another_with_a_reason(self) -> None:
        nurse, doctor = UserFactory(), UserFactory()
        lifted = {"opened_by": nurse, "lifted_at": NINE, "lift_reason": "Seen and well."}
        HoldFactory(lifted_by=doctor, **lifted)

        with refused_by("hold_lifted_with_a_reason_by_another"):
            HoldFactory(lifted_by=nurse, **lifted)
        with refused_by("hold_lifted_with_a_reason_by_another"):
            HoldFactory(lifted_by=doctor, **lifted | {"lift_reason": ""})

    def test_says_what_it_is_for(self) -> None:
        with refused_by("hold_has_a_reason"):
            HoldFactory(codes=[])


class TestPreparation:
    @pytest.mark.parametrize(
        "amounts",
        [
            {"drawn_mg": 200, "dose_mg": 180, "wasted_mg": 19},
            {"drawn_mg": 200, "dose_mg": 0, "wasted_mg": 200},
            {"ampoules": 0},
        ],
    )
    def test_gives_and_wastes_what_was_drawn(self, amounts: dict[str, int]) -> None:
        PreparationFactory()

        with refused_by("dose_and_waste_make_what_was_drawn"):
            PreparationFactory(**amounts)

    def test_stays_within_what_was_allowed(self) -> None:
        PreparationFactory(allowed_mg=180)

        with refused_by("prepared_dose_is_allowed"):
            PreparationFactory(allowed_mg=179)

    def test_has_two_people(self) -> None:
        nurse = UserFactory()

        with refused_by("preparer_and_witness_are_two_people"):
            PreparationFactory(prepared_by=nurse, witness=nurse)

    def test_is_good_for_a_day_at_most(self) -> None:
        drawn_at = NINE - timedelta(minutes=1)
        PreparationFactory(prepared_at=drawn_at, expires_at=drawn_at + timedelta(hours=24))

        with refused_by("syringe_expires_within_a_day"):
            PreparationFactory(prepared_at=drawn_at, expires_at=drawn_at)
        with refused_by("syringe_expires_within_a_day"):
            PreparationFactory(prepared_at=drawn_at, expires_at=drawn_at + timedelta(hours=24, seconds=1))


class TestReading:
    def test_is_one_for_each_due_minute(self) -> None:
        first = ReadingFactory(minute=10)
        ReadingFactory(minute=20, injection=first.injection)
        ReadingFactory(minute=None, injection=first.injection)
        ReadingFactory(minute=None, injection=first.injection)

        with refused_by("one_reading_for_each_due_minute"):
            ReadingFactory(minute=10, injection=first.injection)

    @pytest.mark.parametrize(("name", "value"), [("breaths", 61), ("oxygen", 101), ("pulse", 251)])
    def test_has_values_that_can_be(self, name: str, value: int) -> None:
        ReadingFactory(**{name: value - 1})

        with refused_by("reading_values_are_possible"):
            ReadingFactory(**{name: value})

    @pytest.mark.parametrize("name", ["oxygen", "pulse"])
    def test_says_why_a_value_could_not_be_had(self, name: str) -> None:
        ReadingFactory(unable_reason="cold hands", **{name: None})

        with refused_by("reading_unknown_value_says_why"):
            ReadingFactory(**{name: None})


class TestRelease:
    @pytest.mark.parametrize(
        "missing",
        [
            {"walks_steadily": False},
            {"walks_steadily": None},
            {"advice_given": False},
            {"advice_given": None},
            {"naloxone": ""},
        ],
    )
    def test_as_well_answers_all_three(self, missing: dict[str, Any]) -> None:
        ReleaseFactory(naloxone=NaloxoneHeld.DECLINES)

        with refused_by("release_answers_all_three"):
            ReleaseFactory(**missing)

    def test_early_has_a_reason_and_is_not_tolerated(self) -> None:
        early = {"left_early": True, "walks_steadily": None, "advice_given": None, "naloxone": ""}
        ReleaseFactory(reason="Their bus leaves.", is_tolerated=False, **early)

        with refused_by("early_leaving_has_a_reason_and_is_not_tolerated"):
            ReleaseFactory(reason="", is_tolerated=False, **early)
        with refused_by("early_leaving_has_a_reason_and_is_not_tolerated"):
            ReleaseFactory(reason="Their bus leaves.", is_tolerated=True, **early)
