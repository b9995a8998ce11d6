"""Doses held by hand: the page, the hold at the hatch, and what a doctor needs to lift it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from dosing.actions.holds import HoldNotLifted, HoldNotPlaced, lift_hold, place_hold
from dosing.actions.preparations import PreparationRefused
from dosing.models import Hold
from dosing.queries.history import get_dose_history
from dosing.queries.worklist import get_worklist
from dosing.rules.holds import HoldReason, HoldSeverity
from dosing.rules.worklist import Matter
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import LONDON, london_date, now
from tests.factories import HoldFactory
from tests.factories.treatment import TreatmentRoom, a_member_of_staff, a_treatment_room, an_order
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db
WRITTEN = {"severity": "hold", "reason": "ill", "words": "Fell on the stairs."}


@pytest.fixture
def room() -> TreatmentRoom:
    return a_treatment_room()


def hold(room: TreatmentRoom, **changes: Any) -> Hold:
    written = {
        "severity": HoldSeverity.HOLD,
        "reason": HoldReason.ILL,
        "words": "Fell on the stairs.",
        "by": room.nurse,
    }
    return place_hold(episode=room.episode, at=now(), **written | changes)


def lift(room: TreatmentRoom, held: Hold) -> Hold:
    return lift_hold(clinic=room.clinic, hold_id=held.id, reason="Seen.", by=room.doctor, at=now())


def codes(refusal: Any) -> list[str]:
    return [finding.code for finding in refusal.value.decision.refusals]


class TestAHoldByHand:
    def test_bars_the_next_dose_in_its_own_words(self, room: TreatmentRoom) -> None:
        visit = room.checked()
        hold(room)

        with pytest.raises(
            PreparationRefused, match=r"for illness or an injury, until a new check.*“Fell on"
        ):
            room.prepare(visit)

    def test_waits_on_the_worklist_with_its_review(self, room: TreatmentRoom) -> None:
        hold(room, review_on=london_date(now()))

        row = get_worklist(clinic=room.clinic, viewer=room.doctor, at=now()).rows[0]

        assert (row.matter, row.tag) == (Matter.HOLD, "Hold")
        assert "“Fell on the stairs.” Opened by" in row.facts and "Review on" in row.facts

    def test_placed_twice_in_the_same_words_is_one(self, room: TreatmentRoom) -> None:
        assert hold(room) == hold(room)

        assert hold(room, by=room.second_nurse).id
        assert Hold.objects.count() == 2
        assert AuditEvent.objects.filter(event="dosing.hold_placed").count() == 2

    def test_refused_is_in_the_trail(self, room: TreatmentRoom) -> None:
        with pytest.raises(HoldNotPlaced) as refusal:
            hold(room, words=" ")

        assert codes(refusal) == ["no_words"]
        event = AuditEvent.objects.get(event="dosing.hold_placed")
        assert (event.outcome, event.person) == ("refused", room.patient.id)

    def test_is_lifted_after_a_new_check_also_by_the_doctor_who_placed_it(self, room: TreatmentRoom) -> None:
        visit = room.checked()
        held = hold(room, by=room.doctor)
        with pytest.raises(HoldNotLifted) as refusal:
            lift(room, held)

        room.check(visit)
        assert codes(refusal) == ["no_new_check"]
        assert lift(room, held).lifted_by == room.doctor

    def test_leaves_room_for_the_hold_of_a_later_check(self, room: TreatmentRoom) -> None:
        hold(room)
        room.check(room.identify(), breaths=11)

        assert {tuple(one.codes) for one in Hold.objects.all()} == {("ill",), ("breathing",)}

    def test_that_suspends_asks_for_a_new_order_first(self, room: TreatmentRoom) -> None:
        visit = room.identify()
        held = hold(room, severity=HoldSeverity.SUSPENSION)
        room.check(visit)
        with pytest.raises(HoldNotLifted) as refusal:
            lift(room, held)

        an_order(room.episode, room.premises, doctor=room.doctor, at=now())
        assert codes(refusal) == ["no_new_order"]
        assert lift(room, held).lifted_at


class TestAnOverdoseAwayFromTheClinic:
    @pytest.mark.parametrize(
        ("after", "counts"),
        [
            (timedelta(0), False),
            (timedelta(hours=24), False),
            (timedelta(hours=24, seconds=1), True),
            (timedelta(seconds=-1), True),
        ],
    )
    def test_voids_the_doses_of_the_24_hours_before_it(self, after: timedelta, counts: bool) -> None:
        room = a_treatment_room(dose_mg=180)
        given = room.patient.injections.latest("started_at")
        HoldFactory(
            clinic=room.clinic,
            patient=room.patient,
            check_made=None,
            codes=["overdose_away"],
            reason="Told by the hospital.",
            happened_at=given.started_at + after,
            opened_at=given.started_at + timedelta(hours=30),
            opened_by=room.nurse,
        )

        (dose,) = get_dose_history(episode=room.episode, at=now()).doses

        assert dose.is_tolerated is counts


class TestThePage:
    @pytest.fixture
    def desk(self, room: TreatmentRoom, at_a_desk):
        return at_a_desk(room, room.nurse)

    def fill(self, desk, **changes: str):
        seal = desk.client.get(desk.address("place_hold")).context["form"]["seal"].value()
        return desk.client.post(desk.address("place_hold"), WRITTEN | {"seal": seal} | changes)

    def test_holds_and_shows_it_on_the_orders(self, room, desk) -> None:
        assert self.fill(desk, review_on="31/12/2099").status_code == 302

        orders = desk.client.get(desk.address("see_orders")).content.decode()
        assert "Fell on the stairs." in orders and "Decide on this hold" not in orders

    def test_asks_when_an_overdose_happened_and_loses_nothing(self, room, desk) -> None:
        answer = self.fill(desk, reason="overdose_away", happened_time="25:00").content.decode()

        assert "Write the day as day/month/year" in answer and "Write the time with four digits" in answer
        assert "Fell on the stairs." in answer and not Hold.objects.exists()

    def test_takes_the_moment_by_the_clock_in_london(self, room, desk) -> None:
        yesterday = (now() - timedelta(days=1)).astimezone(LONDON)
        written = {"happened_on": f"{yesterday:%d/%m/%Y}", "happened_time": "09:15"}

        assert self.fill(desk, reason="overdose_away", **written).status_code == 302

        happened = Hold.objects.get().happened_at.astimezone(LONDON)
        assert (happened.date(), happened.hour, happened.minute) == (yesterday.date(), 9, 15)

    def test_leaves_out_the_moment_of_anything_else(self, room, desk) -> None:
        assert self.fill(desk, happened_on="01/01/2026", happened_time="09:15").status_code == 302

        assert Hold.objects.get().happened_at is None

    def test_sealed_for_another_holds_nothing(self, room, desk) -> None:
        assert "opened by somebody else" in self.fill(desk, seal="x").content.decode()
        assert not Hold.objects.exists()

    def test_refused_by_the_rule_is_said_on_the_page(self, room, desk) -> None:
        assert "day of the review is over" in self.fill(desk, review_on="01/01/2020").content.decode()
        assert not Hold.objects.exists()

    def test_is_there_for_nobody_whose_treatment_is_elsewhere(self, room, desk) -> None:
        other = a_treatment_room()

        address = reverse("dosing:place_hold", args=[room.clinic.code, other.patient.id])
        assert desk.client.get(address).status_code == 404

    def test_lets_the_doctor_decide_from_the_orders(self, room, at_a_desk) -> None:
        held = hold(room, severity=HoldSeverity.SUSPENSION)
        desk = at_a_desk(room, room.doctor)

        orders = desk.client.get(desk.address("see_orders")).content.decode()
        page = desk.client.get(reverse("dosing:lift_hold", args=[room.clinic.code, held.id])).content.decode()

        assert "Decide on this hold" in orders
        assert "Placed by hand" in page and "A suspension ends with a new order." in page

    def test_lifts_nothing_for_a_prescriber(self, room, at_a_desk) -> None:
        held = hold(room)
        desk = at_a_desk(room, a_member_of_staff(room.clinic, Role.PRESCRIBER, name="Nia Prescriber"))

        address = reverse("dosing:lift_hold", args=[room.clinic.code, held.id])
        assert desk.client.get(address).status_code == 403


class TestTheTable:
    def test_asks_a_hold_by_hand_for_words(self, room: TreatmentRoom) -> None:
        with refused_by("hold_by_hand_is_in_words"):
            HoldFactory(check_made=None, patient=room.patient, reason="")

    def test_knows_two_severities(self) -> None:
        with refused_by("hold_severity_is_known"):
            HoldFactory(severity="mild")

    @pytest.mark.parametrize(
        "written",
        [{"codes": ["overdose_away"]}, {"codes": ["ill"], "happened_at": now}],
    )
    def test_asks_an_overdose_away_for_its_moment(self, written: dict[str, Any]) -> None:
        if "happened_at" in written:
            written = written | {"happened_at": now() - timedelta(days=365)}
        with refused_by("hold_overdose_away_says_when"):
            HoldFactory(**written)

    def test_tells_of_the_past(self) -> None:
        with refused_by("hold_tells_of_the_past"):
            HoldFactory(codes=["overdose_away"], happened_at=now() + timedelta(days=3650))
