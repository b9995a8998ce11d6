"""What a clinic is known by: written by one, approved by another, and then what stands."""

from __future__ import annotations

import re
import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from outcomes.actions.clinic_corrections import (
    CorrectionKeyReused,
    CorrectionRefused,
    approve_clinic_correction,
    correct_clinic,
)
from outcomes.models import ClinicCorrection, ClinicCorrectionApproval
from outcomes.queries.clinic_corrections import said_of_clinic
from outcomes.rules.clinic_corrections import ClinicSaid
from tests.factories import (
    ClinicCorrectionApprovalFactory,
    ClinicCorrectionFactory,
    ClinicFactory,
    EpisodeFactory,
)
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db
WHY = "The contract names 20 places"


@pytest.fixture
def clinic() -> Clinic:
    return ClinicFactory(name="Invented Clinic", opened_on=date(2025, 1, 15), places=15, sessions_per_day=2)


@pytest.fixture
def manager(clinic, make_member) -> User:
    return make_member(clinic, Role.MANAGER, "manager")


@pytest.fixture
def lead(clinic, make_member) -> User:
    return make_member(clinic, Role.CLINICAL_LEAD, "lead")


def twenty(**said: Any) -> ClinicSaid:
    given: dict[str, Any] = {
        "name": "Invented Clinic",
        "opened_on": date(2025, 1, 10),
        "places": 20,
        "sessions_per_day": 2,
    }
    return ClinicSaid(**given | said)


def write(clinic, by: User, said: ClinicSaid | None = None, key: uuid.UUID | None = None) -> ClinicCorrection:
    return correct_clinic(
        clinic=clinic, said=said or twenty(), why=WHY, key=key or uuid.uuid4(), by=by, at=now()
    )


def approve(
    clinic, row: ClinicCorrection, by: User, *, is_confirmed: bool = True
) -> ClinicCorrectionApproval:
    return approve_clinic_correction(
        clinic=clinic, correction=row.id, is_confirmed=is_confirmed, by=by, at=now()
    )


def stands(clinic) -> ClinicSaid:
    return said_of_clinic(Clinic.objects.get(pk=clinic.pk))


class TestWriting:
    def test_changes_nothing_yet_and_tells_the_trail(self, clinic, manager):
        before = stands(clinic)

        row = write(clinic, manager)

        assert stands(clinic) == before
        assert (row.was_places, row.places) == (15, 20)
        event = AuditEvent.objects.get(event="outcomes.clinic_corrected")
        assert (event.actor, event.object_id) == (manager, str(row.id))

    def test_stores_the_same_key_once_and_refuses_it_with_other_content(self, clinic, manager, lead):
        key = uuid.uuid4()

        first, again = (write(clinic, manager, key=key) for _ in range(2))

        assert first == again
        for by, said in ((manager, twenty(places=21)), (lead, twenty())):
            with pytest.raises(CorrectionKeyReused):
                write(clinic, by, said, key=key)
        assert ClinicCorrection.objects.count() == 1

    def test_is_refused_after_the_first_start_and_told_to_the_trail(self, clinic, manager):
        EpisodeFactory(clinic=clinic, accepted_on=date(2025, 1, 2), started_on=date(2025, 1, 9))

        with pytest.raises(CorrectionRefused, match="9 January 2025"):
            write(clinic, manager)

        refused = AuditEvent.objects.get(event="outcomes.clinic_corrected", outcome="refused")
        assert refused.detail["codes"] == ["clinic_opens_late"]


class TestApproving:
    def test_makes_it_what_stands_once_and_tells_the_trail(self, clinic, manager, lead):
        row = write(clinic, manager)

        approvals = [approve(clinic, row, lead) for _ in range(2)]

        assert approvals[0] == approvals[1]
        assert stands(clinic) == twenty()
        event = AuditEvent.objects.get(event="outcomes.clinic_correction_approved")
        assert (event.actor, event.object_id) == (lead, str(row.id))

    @pytest.mark.parametrize(("by_whom", "is_confirmed"), [("writer", True), ("other", False)])
    def test_is_not_by_the_writer_nor_without_the_tick(self, clinic, manager, lead, by_whom, is_confirmed):
        row = write(clinic, manager)

        with pytest.raises(CorrectionRefused):
            approve(clinic, row, manager if by_whom == "writer" else lead, is_confirmed=is_confirmed)

        assert stands(clinic).places == 15
        assert AuditEvent.objects.get(event="outcomes.clinic_correction_approved", outcome="refused")

    def test_is_refused_when_what_stood_has_changed(self, clinic, manager, lead):
        first, second = write(clinic, manager), write(clinic, manager, twenty(places=30))
        approve(clinic, first, lead)

        with pytest.raises(CorrectionRefused, match="changed since"):
            approve(clinic, second, lead)

        assert stands(clinic).places == 20

    def test_is_of_this_clinics_alone(self, clinic, lead):
        with pytest.raises(ClinicCorrection.DoesNotExist):
            approve(clinic, ClinicCorrectionFactory(), lead)


class TestTheTables:
    def test_hold_one_row_per_key(self):
        first = ClinicCorrectionFactory()

        with refused_by("one_clinic_correction_per_key"):
            ClinicCorrectionFactory(key=first.key)

    @pytest.mark.parametrize("changes", [{"why": ""}, {"name": ""}, {"places": 0}, {"sessions_per_day": 4}])
    def test_hold_what_is_plausible_and_says_why(self, changes):
        with refused_by("clinic_correction_says_why_and_is_plausible"):
            ClinicCorrectionFactory(**changes)

    def test_take_no_approval_of_the_writer(self):
        row = ClinicCorrectionFactory()

        with refused_by("clinic_correction_is_approved_by_another"):
            ClinicCorrectionApprovalFactory(correction=row, approved_by=row.written_by)

    def test_take_no_approval_of_what_no_longer_stands(self):
        row = ClinicCorrectionFactory(was_places=1)

        with refused_by("clinic_correction_is_of_what_stands"):
            ClinicCorrectionApprovalFactory(correction=row)

    @pytest.mark.parametrize("table", ["outcomes_cliniccorrection", "outcomes_cliniccorrectionapproval"])
    def test_only_grow(self, table):
        ClinicCorrectionApprovalFactory()

        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table}")


class TestThePages:
    def url(self, name: str, clinic, *more: Any) -> str:
        return reverse(f"outcomes:{name}", args=[clinic.code, *more])

    def opened(self, client: Client, address: str, **said: Any) -> dict[str, Any]:
        page = client.get(address).content.decode()
        return {**dict(re.findall(r'name="(seal|key)" value="([^"]+)"', page)), **said}

    def test_write_a_correction_and_let_a_colleague_approve_it(self, clinic, manager, lead, sign_in):
        client, other = sign_in(Client(), manager), sign_in(Client(), lead)
        see = self.url("see_clinic", clinic)
        assert "Nobody has corrected anything." in client.get(see).content.decode()
        address = self.url("correct_clinic", clinic)
        assert 'value="15/01/2025"' in client.get(address).content.decode()
        typed = {
            "name": "Invented Clinic",
            "opened_on": "10/01/2025",
            "places": "20",
            "sessions_per_day": "2",
            "why": WHY,
        }
        content = self.opened(client, address, **typed)
        for changes, words in (
            ({"why": ""}, "Write why it is corrected."),
            ({"places": ""}, "Write how many places there are."),
            (
                {"opened_on": f"{london_date(now()) + timedelta(days=2):%d/%m/%Y}"},
                "The day it opened lies ahead.",
            ),
            ({"seal": "x"}, "opened by somebody else"),
        ):
            text = client.post(address, content | changes).content.decode()
            assert words in text
            assert 'value="Invented Clinic"' in text

        text = client.post(address, content, follow=True).content.decode()
        assert "15 becomes 20" in text
        assert "Waits for a colleague" in text
        assert "sent before" in client.post(address, content | {"places": "21"}).content.decode()

        row = ClinicCorrection.objects.get()
        approval = self.url("approve_clinic_correction", clinic, row.id)
        assert approval in other.get(see).content.decode()
        sent = self.opened(other, approval)
        assert "Tick that you checked it." in other.post(approval, sent).content.decode()
        text = other.post(approval, sent | {"is_confirmed": "on"}, follow=True).content.decode()
        assert "Saved: the correction stands." in text
        assert f"Approved by {lead.full_name}" in text
        assert stands(clinic) == twenty()

    def test_show_what_no_longer_counts_and_nothing_of_another_clinic(self, clinic, manager, sign_in):
        client = sign_in(Client(), manager)
        ClinicCorrectionFactory(clinic=clinic, was_places=1)
        strange = ClinicCorrectionFactory()

        assert "What stood has changed since." in client.get(self.url("see_clinic", clinic)).content.decode()
        for id in (strange.id, uuid.uuid4()):
            assert client.get(self.url("approve_clinic_correction", clinic, id)).status_code == 404
