"""An oral dose put right: the first row stays, every total reads the later one, and it holds where it asks for that."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from dosing.actions.oral_corrections import NoSuchOralDose, amend_oral
from dosing.actions.putting_right import CorrectionRefused, SignedWhy
from dosing.models import Correction, Hold, OralDose
from dosing.queries.oral import get_oral_before, list_oral_doses, said_of_oral
from dosing.queries.oral_doses import get_oral_facts
from dosing.rules.checks import Sedation
from dosing.rules.corrections import CorrectedFor
from hat_clinic.accounts.actions import PinRefused
from hat_clinic.core.clock import now
from tests.factories.oral import an_oral_order, give
from tests.factories.treatment import NURSE_PIN, SECOND_PIN, TreatmentRoom, a_treatment_room
from tests.integration.dosing.conftest import Clock
from tests.integration.dosing.test_amend_pages import enter, filled
from tests.integration.dosing.test_observation import codes
from tests.refusals import refused_by

__all__ = ["enter"]


@pytest.fixture
def room(clock: Clock) -> TreatmentRoom:
    return a_treatment_room()


@pytest.fixture
def dose(room: TreatmentRoom, clock: Clock) -> OralDose:
    """An oral dose that is written as 30 mg of the 40 mg of its day."""
    given = give(room, an_oral_order(room), mg=30)
    clock.pass_by(minutes=1)
    return given


def why(room: TreatmentRoom, **changes: Any) -> SignedWhy:
    content: dict[str, Any] = {
        "reason": CorrectedFor.WRONG_KEY,
        "words": "",
        "pin": NURSE_PIN,
        "terminal_id": room.terminal.id,
        "key": uuid.uuid4(),
    }
    return SignedWhy(**(content | changes))


def amend(room: TreatmentRoom, dose: OralDose, signed: SignedWhy | None = None, **said: Any) -> OralDose:
    clinic = said.pop("clinic", room.clinic)
    return amend_oral(
        clinic=clinic,
        dose_id=dose.id,
        said=replace(said_of_oral(dose), **said),
        why=signed or why(room),
        by=room.nurse,
        at=now(),
    )


class TestAnOralDosePutRight:
    def test_stands_beside_the_first_and_is_counted_once(self, room: TreatmentRoom, dose: OralDose) -> None:
        second = amend(room, dose, mg=20)

        assert OralDose.written.get(id=dose.id).mg == 30
        assert Correction.objects.get(oral_dose=second).corrected_by == room.nurse
        facts = get_oral_facts(
            patient_id=room.patient.id, clinic=room.clinic, order=dose.order, at=now()
        ).facts
        assert facts.given_today_mg == 20
        (shown,) = list_oral_doses(patient_id=room.patient.id, since=now() - timedelta(days=1))
        assert shown.mg == 20 and "First line: 30 mg at" in shown.put_right and "Wrong key" in shown.put_right
        before = get_oral_before(patient_id=room.patient.id)
        assert before is not None and before.given_at == dose.given_at
        assert not Hold.objects.exists()

    def test_leaves_the_rest_of_its_day_to_be_given(self, room: TreatmentRoom, dose: OralDose) -> None:
        amend(room, dose, mg=20)

        assert give(room, dose.order, mg=20).mg == 20

    @pytest.mark.parametrize(
        ("said", "severity", "found"),
        [
            ({"mg": 41}, "review", ["oral_over"]),
            ({"sedation": Sedation.DRIFTS_OFF}, "hold", ["sedation"]),
            ({"breaths": 11}, "hold", ["breathing"]),
        ],
        ids=["over its day", "drowsy", "slowly"],
    )
    def test_holds_the_next_dose_where_it_asks_for_that(
        self, room: TreatmentRoom, dose: OralDose, said: dict[str, Any], severity: str, found: list[str]
    ) -> None:
        amend(room, dose, **said)

        hold = Hold.objects.get()
        assert (hold.severity, hold.codes) == (severity, found) and "put right" in hold.reason

    def test_sent_twice_is_once_and_branches_never(self, room: TreatmentRoom, dose: OralDose) -> None:
        signed = why(room)
        second = amend(room, dose, signed, mg=20)

        assert amend(room, dose, signed, mg=20) == second
        with pytest.raises(CorrectionRefused) as reused:
            amend(room, second, signed, mg=10)
        with pytest.raises(CorrectionRefused) as branched:
            amend(room, dose, mg=10)

        assert codes(reused) == {"key_reused"} and codes(branched) == {"amended_meanwhile"}
        assert amend(room, second, given_at=dose.given_at - timedelta(minutes=10)).mg == 20

    def test_is_refused_for_another_day_the_same_or_a_wrong_pin(
        self, room: TreatmentRoom, dose: OralDose, clock: Clock
    ) -> None:
        with pytest.raises(PinRefused):
            amend(room, dose, why(room, pin=SECOND_PIN), mg=20)
        with pytest.raises(NoSuchOralDose):
            amend(room, dose, mg=20, clinic=a_treatment_room().clinic)
        with pytest.raises(CorrectionRefused) as same:
            amend(room, dose)
        with pytest.raises(CorrectionRefused) as elsewhen:
            amend(room, dose, given_at=dose.given_at - timedelta(days=1))
        clock.pass_by(hours=24)
        with pytest.raises(CorrectionRefused) as late:
            amend(room, dose, mg=20)

        assert [codes(one) for one in (same, elsewhen, late)] == [
            {"nothing_changed"},
            {"another_day"},
            {"day_is_past"},
        ]
        assert not Correction.objects.exists()

    @pytest.mark.parametrize(
        ("drug", "name"),
        [("morphine", "oral_dose_amends_its_own"), ("methadone", "amending_oral_dose_says_why")],
        ids=["another drug", "without a reason"],
    )
    def test_is_refused_by_the_table(self, room: TreatmentRoom, dose: OralDose, drug: str, name: str) -> None:
        with refused_by(name):
            OralDose.written.create(
                order=dose.order,
                patient=dose.patient,
                drug=drug,
                protocol=dose.protocol,
                mg=20,
                sedation="1",
                given_at=dose.given_at,
                given_on=dose.given_on,
                supervised_by=room.nurse,
                signature=dose.signature.__class__.objects.create(
                    signed_by=room.nurse, signed_at=now(), part="amender", content_sha256="0" * 64
                ),
                key=uuid.uuid4(),
                recorded_at=now(),
                amends=dose,
            )


class TestThePage:
    def test_puts_it_right_with_both_lines_shown(
        self, room: TreatmentRoom, dose: OralDose, enter: Any
    ) -> None:
        nurse = enter(room)
        address = reverse("dosing:amend_oral", args=[room.clinic.code, dose.id])
        page = reverse("dosing:give_oral", args=[room.clinic.code, room.patient.id])
        assert address in nurse.get(page).content.decode()
        said = {"mg": "20", "sedation": "1", "breaths": "", "time": ""}

        wrong = nurse.post(address, filled(nurse.get(address), **said | {"pin": SECOND_PIN}))
        same = nurse.post(address, filled(nurse.get(address), **said | {"mg": "30"}))
        other = nurse.post(address, filled(nurse.get(address), **said | {"seal": "none"}))
        late = filled(nurse.get(address), **said | {"mg": "10"})
        answer = nurse.post(address, filled(nurse.get(address), **said | {"time": "09:30"}))

        assert wrong.context["form"].errors["pin"] and "says the same" in same.content.decode()
        assert "opened by somebody else" in other.content.decode()
        assert answer["Location"] == page
        shown = nurse.get(page).content.decode()
        assert "09:30 Methadone" in shown and "First line: 30 mg at 10:00" in shown
        stale = nurse.post(address, late)
        assert stale.status_code == 409 and "It says now: 20 mg at 09:30" in stale.content.decode()
        missing = reverse("dosing:amend_oral", args=[room.clinic.code, uuid.uuid4()])
        assert nurse.get(missing).status_code == 404
