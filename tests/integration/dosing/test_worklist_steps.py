"""A titration plan on the worklist: the step that comes today, and the one that waits for a tolerated dose."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dosing.actions.orders import sign_order
from dosing.queries.worklist import get_worklist
from dosing.rules.limits import OrderKind, Step
from dosing.rules.orders import OrderDraft, Product
from dosing.rules.worklist import Group, Matter
from hat_clinic.core.clock import now
from tests.factories.treatment import TreatmentRoom, a_treatment_room
from tests.integration.dosing.conftest import Clock
from tests.integration.dosing.test_observation import Bedside

PLAN = (Step(day=1, max_mg=30, first_mg=15, repeat_mg=15), Step(day=2, max_mg=20))


@pytest.fixture
def bedside(clock: Clock) -> Bedside:
    """Somebody whose first dose on a plan of two steps was just given."""
    room = a_treatment_room()
    at = now()
    order = sign_order(
        episode=room.episode,
        premises=room.premises,
        product=Product.DIAMORPHINE,
        draft=OrderDraft(
            dose_mg=30,
            sessions_per_day=2,
            daily_max_mg=60,
            interval_minutes=180,
            starts_at=at,
            ends_at=at + timedelta(days=14),
            kind=OrderKind.TITRATION,
            plan=PLAN,
            injections_per_session=2,
        ),
        routes=["iv"],
        sites=["left_arm"],
        observation_minutes=20,
        basis="First titration.",
        by=room.doctor,
        at=at,
    )
    room = replace(room, order=order)
    return Bedside(room, clock, room.give(dose_mg=15, ampoules=2).session_id)


def rows(room: TreatmentRoom) -> list[tuple[Group, Matter, str, str]]:
    found = get_worklist(clinic=room.clinic, viewer=room.doctor, at=now()).rows
    return [
        (row.group, row.matter, row.what, row.facts)
        for row in found
        if row.matter in (Matter.STEP_DUE, Matter.STEP_WAITS)
    ]


def test_the_day_of_a_step_is_told_once_the_last_dose_was_tolerated(bedside: Bedside) -> None:
    bedside.read_at(2, 5, 10, 20, 30)
    bedside.release()
    assert rows(bedside.room) == []

    bedside.clock.pass_by(hours=21)

    ((group, matter, what, _),) = rows(bedside.room)
    assert (group, matter) == (Group.WEEK, Matter.STEP_DUE)
    assert what == "Step 2 of the plan begins today, up to 20 mg"


def test_a_step_that_waits_is_told_with_why(bedside: Bedside) -> None:
    bedside.read_at(2, 5)
    bedside.leave_early()

    bedside.clock.pass_by(hours=21)

    ((group, matter, what, facts),) = rows(bedside.room)
    assert (group, matter) == (Group.TODAY, Matter.STEP_WAITS)
    assert what == "Step 2 of the plan waits, the dose stays where it is"
    assert facts == "Its day was 3 February 2026, up to 20 mg: the last dose was not tolerated."
