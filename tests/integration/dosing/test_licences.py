"""Licences: recorded and revoked on their pages; what was signed under a revoked one gives nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.urls import reverse

from dosing.actions.holds import HoldNotLifted, lift_hold
from dosing.actions.injections import InjectionRefused
from dosing.actions.licences import LicenceRefused, record_licence, revoke_licence
from dosing.actions.preparations import PreparationRefused
from dosing.models import Licence, LicenceRevocation
from dosing.queries.due import list_due
from dosing.queries.gaps import get_gap_facts
from dosing.queries.licences import list_licence_notices
from dosing.queries.order_pages import get_orders_page
from dosing.queries.orders import get_order_in_force, get_signing_facts
from dosing.queries.prescriptions import get_printing_facts
from dosing.queries.sessions import as_order_in_force
from dosing.queries.sheets import get_order_sheet
from dosing.queries.worklist import get_worklist
from dosing.rules.moments import end_of_day
from dosing.rules.orders import Product
from dosing.rules.prescriptions import Standing
from dosing.rules.worklist import Matter
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from tests.factories import LicenceRevocationFactory
from tests.factories.treatment import TreatmentRoom, a_member_of_staff, a_treatment_room, an_order
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db
THEN = datetime(2026, 2, 2, 8, 0, tzinfo=UTC)


@pytest.fixture
def room() -> TreatmentRoom:
    return a_treatment_room()


def revoke(room: TreatmentRoom) -> LicenceRevocation:
    return revoke_licence(
        clinic=room.clinic,
        licence_id=room.order.licence_id,
        reason="Withdrawn by its issuer.",
        by=room.cd_lead,
        at=now(),
    )


class TestARevokedLicence:
    def test_suspends_its_order_everywhere_at_once(self, room: TreatmentRoom) -> None:
        revoke(room)

        at = now()
        order = get_order_in_force(patient_id=room.patient.id, product=Product.DIAMORPHINE, at=at)
        in_force = as_order_in_force(order, slot=room.session().slot)
        page = get_orders_page(clinic=room.clinic, patient_id=room.patient.id, at=at)
        (due,) = list_due(clinic=room.clinic, session=room.session(), at=at, most=None)
        rows = get_worklist(clinic=room.clinic, viewer=room.doctor, at=at).rows
        assert in_force is not None and in_force.is_suspended
        assert page is not None and page.live is not None and page.live.is_suspended
        assert due.is_suspended
        assert "who signed it, has lost the licence." in rows[0].facts
        assert rows[0].matter is Matter.SUSPENDED

    def test_signs_nothing_more(self, room: TreatmentRoom) -> None:
        revoke(room)

        known = get_signing_facts(
            episode=room.episode,
            premises=room.premises,
            product=Product.DIAMORPHINE,
            signer=room.doctor,
            at=now(),
        )
        assert known.licence is None and known.facts.licence_ends_at is None

    def test_puts_nothing_on_paper(self, room: TreatmentRoom) -> None:
        revoke(room)

        at = now()
        sheet = get_order_sheet(clinic=room.clinic, patient_id=room.patient.id, printer=room.doctor, at=at)
        known = get_printing_facts(episode=room.episode, clinic=room.clinic, printer=room.doctor, at=at)
        assert sheet is not None
        assert "has left or lost the licence" in sheet.refusal
        assert known.facts.order is not None
        assert known.facts.order.standing is Standing.SUSPENDED
        assert known.licence is None

    def test_lets_nothing_be_drawn_up(self, room: TreatmentRoom) -> None:
        room.open_day()
        visit = room.checked()
        revoke(room)

        with pytest.raises(PreparationRefused) as refusal:
            room.prepare(visit)
        assert "order_suspended" in [finding.code for finding in refusal.value.decision.refusals]

    def test_lets_nothing_be_injected_that_was_drawn_up_before(self, room: TreatmentRoom) -> None:
        drawn = room.prepare(acknowledged=frozenset({"first_dose"}))
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # as when the dose that was drawn up is committed
        revoke(room)

        with pytest.raises(InjectionRefused) as refusal:
            room.inject(drawn)
        assert "order_suspended" in [finding.code for finding in refusal.value.decision.refusals]

    def test_is_made_good_by_another_licensed_doctors_order(self, room: TreatmentRoom) -> None:
        revoke(room)
        other = a_member_of_staff(room.clinic, Role.DOCTOR, name="Dr Ines Roth")
        at = now()
        record_licence(
            doctor=other,
            premises=room.premises,
            product=Product.DIAMORPHINE,
            starts_at=at,
            ends_at=at + timedelta(days=365),
            by=room.cd_lead,
            at=at,
        )
        an_order(room.episode, room.premises, doctor=other, at=now())

        order = get_order_in_force(patient_id=room.patient.id, product=Product.DIAMORPHINE, at=now())
        in_force = as_order_in_force(order, slot=room.session().slot)
        assert in_force is not None and not in_force.is_suspended

    def test_lets_its_doctor_decide_nothing_more(self, room: TreatmentRoom) -> None:
        visit = room.identify()
        room.check(visit, breaths=11)
        room.check(visit)
        revoke(room)

        at = now()
        with pytest.raises(HoldNotLifted, match="Only a doctor licensed here"):
            lift_hold(
                clinic=room.clinic,
                hold_id=visit.patient.holds.get().id,
                reason="Well.",
                by=room.doctor,
                at=at,
            )
        gap = get_gap_facts(episode=room.episode, clinic=room.clinic, decider=room.doctor, at=at)
        printing = get_printing_facts(episode=room.episode, clinic=room.clinic, printer=room.doctor, at=at)
        assert (gap.licence, gap.facts.licence_ends_at, printing.licence) == (None, None, None)

    def test_is_revoked_once(self, room: TreatmentRoom) -> None:
        revoke(room)

        with pytest.raises(LicenceRefused, match="revoked already"):
            revoke(room)
        assert LicenceRevocation.objects.count() == 1
        assert AuditEvent.objects.filter(event="dosing.licence_revoked").count() == 2


def test_a_licence_is_for_doctors_only(room: TreatmentRoom) -> None:
    at = now()
    with pytest.raises(LicenceRefused, match="Only a licensed doctor may order diamorphine"):
        record_licence(
            doctor=room.nurse,
            premises=room.premises,
            product=Product.DIAMORPHINE,
            starts_at=at,
            ends_at=at + timedelta(days=1),
            by=room.cd_lead,
            at=at,
        )


DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


class TestTheEndOfALicence:
    @pytest.mark.parametrize(
        ("left", "notice"),
        [
            (90 * DAY + SECOND, None),
            (90 * DAY, 90),
            (30 * DAY + SECOND, 90),
            (30 * DAY, 30),
            (7 * DAY + SECOND, 30),
            (7 * DAY, 7),
            (SECOND, 7),
            (timedelta(0), 7),
            (-DAY, 7),
        ],
    )
    def test_is_told_90_30_and_7_days_before_to_doctor_lead_and_manager(self, left, notice) -> None:
        room = a_treatment_room(at=THEN)
        lead = a_member_of_staff(room.clinic, Role.CLINICAL_LEAD, name="Prof Irina Wolff", at=THEN)
        ends_at = Licence.objects.get(doctor=room.doctor).ends_at
        at = ends_at - left

        notices = list_licence_notices(clinic=room.clinic, at=at)
        rows = [
            [
                row
                for row in get_worklist(clinic=room.clinic, viewer=viewer, at=at).rows
                if row.matter is Matter.LICENCE
            ]
            for viewer in (room.doctor, lead)
        ]

        assert [one.notice for one in notices] == ([] if notice is None else [notice])
        assert [len(found) for found in rows] == ([0, 0] if notice is None else [1, 1])
        assert all(one.is_over == (left <= timedelta(0)) for one in notices)

    def test_stands_in_the_managers_navigation_and_on_the_page(self, at_a_desk) -> None:
        room = a_treatment_room()
        manager = a_member_of_staff(room.clinic, Role.MANAGER, name="Morag Bell")
        sitting = at_a_desk(room, manager)
        staff = reverse("accounts:list_staff", args=[room.clinic.code])
        assert "to renew)" not in sitting.client.get(staff).content.decode()
        doctor = a_member_of_staff(room.clinic, Role.DOCTOR, name="Dr Sam Ito")
        record_licence(
            doctor=doctor,
            premises=room.premises,
            product=Product.DIAMORPHINE,
            starts_at=now(),
            ends_at=now() + 7 * DAY,
            by=manager,
            at=now(),
        )

        first = sitting.client.get(staff).content.decode()
        page = sitting.client.get(reverse("dosing:see_licences", args=[room.clinic.code])).content.decode()

        assert "Licences (1 to renew)" in first
        assert "7 days or less:</strong> The licence of Dr Sam Ito for diamorphine at" in page
        assert "ends in 6 days." in page


class TestTheLastDayOfALicence:
    @pytest.mark.parametrize(("days", "status"), [(0, 302), (1, 200)])
    def test_is_the_last_that_an_order_may_name(self, at_a_desk, days, status) -> None:
        room = a_treatment_room(dose_mg=180)
        doctor = a_member_of_staff(room.clinic, Role.DOCTOR, name="Dr Sam Ito")
        last_day = london_date(now()) + 9 * DAY
        record_licence(
            doctor=doctor,
            premises=room.premises,
            product=Product.DIAMORPHINE,
            starts_at=now(),
            ends_at=end_of_day(last_day),
            by=room.doctor,
            at=now(),
        )
        sitting = at_a_desk(room, doctor)

        answer = sitting.sign(sitting.open(ends_on=f"{last_day + days * DAY:%d/%m/%Y}"))

        assert answer.status_code == status
        if status == 200:
            text = answer.content.decode()
            assert "<strong>BLOCK</strong> · The order would end after your licence." in text
            assert 'href="#id_ends_on"' in text


class TestThePages:
    @pytest.fixture
    def desk(self, room: TreatmentRoom, at_a_desk):
        return at_a_desk(room, a_member_of_staff(room.clinic, Role.MANAGER, name="Lou Park"))

    def test_record_a_licence_that_covers_its_whole_last_day_and_once(self, room, desk) -> None:
        address = reverse("dosing:record_licence", args=[room.clinic.code])
        filled = {
            "doctor": str(room.doctor.pk),
            "premises": str(room.premises.pk),
            "product": Product.DIAMORPHINE.value,
            "first_day": "01/12/2026",
            "last_day": "31/12/2026",
        }

        assert desk.client.post(address, filled).status_code == 302
        again = desk.client.post(address, filled)

        assert b"recorded already" in again.content
        licence = Licence.objects.exclude(id=room.order.licence_id).get()
        assert licence.ends_at == datetime(2027, 1, 1, tzinfo=UTC)

    def test_revoke_with_a_reason_and_only_through_the_page(self, room, desk) -> None:
        address = reverse("dosing:revoke_licence", args=[room.clinic.code, room.order.licence_id])
        page = desk.client.get(address)
        assert b"1 order signed under it is suspended" in page.content
        unsealed = desk.client.post(address, {"reason": "Withdrawn.", "seal": "x"})
        assert b"opened by somebody else" in unsealed.content
        seal = page.context["form"]["seal"].value()
        assert desk.client.post(address, {"reason": "Withdrawn.", "seal": seal}).status_code == 302

        seen = desk.client.get(reverse("dosing:see_licences", args=[room.clinic.code]))
        assert "Revoked" in seen.content.decode() and "Withdrawn." in seen.content.decode()


def test_a_revocation_says_why(room: TreatmentRoom) -> None:
    with refused_by("licence_revocation_has_its_reason"):
        LicenceRevocationFactory(licence=room.order.licence, revoked_by=room.cd_lead, reason="")
