"""The same days printed by several at the same moment, on real connections: one prescription is made."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest

from dosing.actions.orders import SentPage
from dosing.actions.prescriptions import print_prescription
from dosing.models import PrescriptionPrint
from dosing.queries.prescriptions import get_prescription_page
from dosing.rules.prescriptions import PrescriptionDraft, PrescriptionForm
from hat_clinic.accounts.models import User
from hat_clinic.core.clock import london_date, now
from tests.factories.treatment import TreatmentRoom, a_treatment_room
from tests.integration.dosing.test_injection_races import at_once
from tests.integration.dosing.test_sign_order import a_second_doctor


def a_try(room: TreatmentRoom, *, by: User, key: uuid.UUID) -> Callable[[], PrescriptionPrint]:
    """Return a press of the button on a page that was opened now."""
    page = get_prescription_page(clinic=room.clinic, patient_id=room.patient.id, printer=by, at=now())
    assert page is not None
    draft = PrescriptionDraft(
        form=PrescriptionForm.FP10MDA,
        strength_mg=100,
        first_on=london_date(now()) + timedelta(days=1),
        wordings=("supervise",),
    )
    return lambda: print_prescription(
        clinic=room.clinic,
        episode=room.episode,
        draft=draft,
        page=SentPage(key=key, seen=page.seen, acknowledged=frozenset({"wording_unverified"})),
        by=by,
        at=now(),
    )


@pytest.mark.race
class TestSixPressesAtTheSameMoment:
    def test_by_two_doctors_make_one_prescription(self, own_database: str) -> None:
        room = a_treatment_room()
        other = a_second_doctor(room)
        tries = [a_try(room, by=by, key=uuid.uuid4()) for by in (room.doctor, other) * 3]

        answers = at_once(*tries)

        kinds = sorted(type(answer).__name__ for answer in answers)
        assert kinds == ["PrescriptionPrint"] + ["PrescriptionRefused"] * 5, answers
        assert PrescriptionPrint.objects.count() == 1

    def test_of_one_page_are_the_same_prescription(self, own_database: str) -> None:
        room = a_treatment_room()
        key = uuid.uuid4()
        tries = [a_try(room, by=room.doctor, key=key) for _ in range(6)]

        answers = at_once(*tries)

        assert {answer.pk for answer in answers} == {PrescriptionPrint.objects.get().pk}
