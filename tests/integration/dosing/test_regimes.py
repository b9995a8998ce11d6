"""The regimes of known programmes by configuration alone: limits drafted, approved and ordered under on the pages.

What is known of each programme is in its limits; what is not known of it stays at the starting values.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from typing import Any

import pytest

from dosing.models import Order
from dosing.queries.orders import get_order_in_force
from dosing.queries.protocol import get_protocol_in_force
from dosing.rules.orders import Product
from hat_clinic.accounts.models import Slot
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import now
from tests.factories.limits_pages import LimitsDesk
from tests.factories.order_pages import Desk
from tests.factories.treatment import TreatmentRoom, a_member_of_staff, a_treatment_room

pytestmark = pytest.mark.django_db
THREE_SESSIONS = {
    Slot.AM: (time(0, 0), time(9, 0)),
    Slot.PM: (time(9, 0), time(17, 0)),
    Slot.EVE: (time(17, 0), time.max),
}


@dataclass(frozen=True)
class Regime:
    """A programme's limits, an order under them, one that they forbid and why, and what was tolerated before."""

    limits: dict[str, int]
    order: dict[str, str]
    beyond: dict[str, str]
    refused: str
    tolerated_mg: int = 180
    slots: dict[Slot, tuple[time, time]] | None = None


REGIMES = {
    # Two sessions on each of seven days; watched for ten to fifteen minutes, of which fifteen is the floor here.
    "Middlesbrough": Regime(
        limits={"sessions_per_day_max": 2, "observation_minutes": 15},
        order={"dose_mg": "200", "daily_max_mg": "400", "observation_minutes": "15"},
        beyond={"observation_minutes": "14"},
        refused="observation",
    ),
    # Morning and afternoon between nine and five, half a day apart; two readings before anybody leaves.
    "Glasgow": Regime(
        limits={"observation_minutes": 30, "interval_block_minutes": 240, "interval_warn_minutes": 300},
        order={
            "dose_mg": "150",
            "daily_max_mg": "300",
            "interval_minutes": "240",
            "observation_minutes": "30",
        },
        beyond={"interval_minutes": "239"},
        refused="interval",
    ),
    # Two equal doses, each person's own, up to 900 mg a day.
    "RIOTT": Regime(
        limits={"single_block_mg": 450, "daily_block_mg": 900, "sessions_per_day_max": 2},
        order={"dose_mg": "450", "daily_max_mg": "900", "high_dose_reason": "Craving at 300 mg."},
        beyond={"daily_max_mg": "901"},
        refused="daily_maximum",
        tolerated_mg=300,
    ),
    # Up to three sessions, 400 mg at most in one, 1000 mg a day.
    "three a day, Canada": Regime(
        limits={
            "sessions_per_day_max": 3,
            "single_block_mg": 400,
            "single_stop_mg": 400,
            "daily_block_mg": 1000,
        },
        order={"sessions_per_day": "3", "dose_mg": "200", "daily_max_mg": "1000"},
        beyond={"dose_mg": "401", "sessions_per_day": "2"},
        refused="single_dose",
        tolerated_mg=400,
        slots=THREE_SESSIONS,
    ),
    # Two sessions or more; half of the day before at three; full tolerance near 300 mg, little gain over 600 mg.
    "three a day, Switzerland": Regime(
        limits={
            "sessions_per_day_max": 3,
            "daily_block_mg": 1000,
            "single_warn_mg": 300,
            "daily_warn_mg": 600,
        },
        order={"sessions_per_day": "3", "dose_mg": "200", "daily_max_mg": "600"},
        beyond={"dose_mg": "201", "daily_max_mg": "603"},
        refused="half_of_yesterday",
        tolerated_mg=400,
        slots=THREE_SESSIONS,
    ),
}


@pytest.fixture(params=REGIMES.values(), ids=REGIMES)
def regime(request: pytest.FixtureRequest) -> Regime:
    chosen: Regime = request.param
    return chosen


@pytest.fixture
def room(regime: Regime) -> TreatmentRoom:
    return a_treatment_room(dose_mg=regime.tolerated_mg, slots=regime.slots)


@pytest.fixture
def desk(room: TreatmentRoom, regime: Regime, at_a_desk) -> Desk:
    """A doctor's browser, in a clinic whose limits were drafted by the doctor and approved by the clinical lead."""
    lead = a_member_of_staff(room.clinic, Role.CLINICAL_LEAD, name="Dr Femi Cole")
    doctor: Desk = at_a_desk(room, room.doctor)
    writes = LimitsDesk(doctor.client, room.clinic)
    approves = LimitsDesk(at_a_desk(room, lead).client, room.clinic)
    assert writes.send_draft(writes.open_draft(**regime.limits)).status_code == 302
    assert approves.approve(approves.open_approval()).status_code == 302
    return doctor


def codes(answer: Any) -> set[str]:
    return {finding.code for finding in answer.context["decision"].refusals}


class TestARegime:
    def test_is_ordered_under_once_its_limits_are_approved(self, room, regime: Regime, desk: Desk) -> None:
        page = desk.open(**regime.order)
        read = desk.read(page)
        assert codes(read) == set()
        notes = [code for code, _ in read.context["review"].notes]

        signed = desk.sign(page | {"acknowledged": notes})

        assert signed.status_code == 302
        order = get_order_in_force(patient_id=room.patient.id, product=Product.DIAMORPHINE, at=now())
        limits = get_protocol_in_force(clinic_id=room.clinic.id, at=now())
        assert order is not None and limits is not None
        assert (order.dose_mg, order.protocol) == (int(regime.order["dose_mg"]), limits)
        assert {name: getattr(limits, name) for name in regime.limits} == regime.limits
        assert limits.number == 2

    def test_forbids_what_its_limits_forbid(self, room, regime: Regime, desk: Desk) -> None:
        answer = desk.read(desk.open(**(regime.order | regime.beyond)))

        assert regime.refused in codes(answer)
        assert Order.objects.filter(patient=room.patient).count() == 1


class TestUnderTheStartingLimits:
    def test_nobody_is_watched_for_fifteen_minutes_or_comes_three_times(self, at_a_desk) -> None:
        room = a_treatment_room(dose_mg=400, slots=THREE_SESSIONS)
        desk: Desk = at_a_desk(room, room.doctor)

        short = desk.read(desk.open(observation_minutes="15"))
        often = desk.read(desk.open(sessions_per_day="3", daily_max_mg="600"))

        assert "observation" in codes(short)
        assert often.context["form"].errors["sessions_per_day"] == ["Choose how many sessions a day."]
