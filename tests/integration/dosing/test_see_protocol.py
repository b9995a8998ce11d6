"""The pages of limits: what is in force, every version, two of them compared, and the row on the worklist."""

from __future__ import annotations

import html
import uuid
from datetime import timedelta

import pytest

from dosing.models import ProtocolVersion
from dosing.queries.protocol_pages import get_compare_page, get_protocol_page
from dosing.queries.worklist import Row, get_worklist
from dosing.rules.worklist import Group, Matter
from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from tests.factories import ProtocolVersionFactory
from tests.factories.limits_pages import LimitsDesk
from tests.factories.protocol import a_draft, approved_limits
from tests.factories.treatment import TreatmentRoom, a_clinic, a_member_of_staff, a_treatment_room
from tests.statements import count_statements

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def room() -> TreatmentRoom:
    return a_treatment_room()


@pytest.fixture
def lead(room: TreatmentRoom) -> User:
    return a_member_of_staff(room.clinic, Role.CLINICAL_LEAD, name="Dr Femi Cole")


@pytest.fixture
def desk(room: TreatmentRoom, at_a_desk) -> LimitsDesk:
    return LimitsDesk(at_a_desk(room, room.nurse).client, room.clinic)


class TestTheLimitsInForce:
    def test_are_shown_with_unit_range_source_and_what_nobody_verified(self, desk: LimitsDesk) -> None:
        text = html.unescape(desk.read("see_protocol"))

        assert "In force now: version 1" in text
        assert "Never over, one day or any 20 hours" in text and "900 mg" in text and "1 to 1000" in text
        assert "Clinical rule 32" in text
        assert "Not verified; confirmed locally by Dr Lena Hart" in text
        assert "Compared with its source" in text
        assert "Written by" in text and "Dr Priya Nair" in text

    def test_that_nobody_confirmed_say_so(self, room, desk: LimitsDesk) -> None:
        old = ProtocolVersionFactory(clinic=room.clinic, number=9, approved_by=room.doctor)

        text = desk.read("see_protocol_version", old.id)

        assert "Not verified: confirm locally" in text
        assert "Not recorded: entered before drafts were kept" in text

    def test_are_read_only_for_a_nurse(self, room, desk: LimitsDesk) -> None:
        a_draft(room.clinic, by=room.doctor, at=now())

        text = desk.read("see_protocol")

        assert "Draft 2 waits for approval" in text
        assert "It binds nobody until a clinical lead approves it." in text
        assert "Write a new draft" not in text and "Read and approve" not in text

    def test_lead_the_clinical_lead_to_the_approval(self, room, lead, at_a_desk) -> None:
        a_draft(room.clinic, by=room.doctor, at=now())

        text = LimitsDesk(at_a_desk(room, lead).client, room.clinic).read("see_protocol")

        assert "Read and approve" in text and "Write a new draft" in text and "Change the draft" in text

    def test_leave_a_look_in_the_trail(self, room, desk: LimitsDesk) -> None:
        desk.read("see_protocol")

        event = AuditEvent.objects.filter(event="dosing.protocol_seen").latest("id")
        assert (event.actor, event.is_look) == (room.nurse, True)

    def test_take_the_same_statements_for_one_version_and_for_twelve(self, room, lead, desk) -> None:
        url = desk.address("see_protocol")
        before = count_statements(desk.client, "GET", url)
        for number in range(11):
            approved_limits(room.clinic, by=lead, at=now(), step_percent=20 + number)

        assert count_statements(desk.client, "GET", url) == before


class TestAClinicWithoutLimits:
    def test_is_told_that_nothing_can_be_signed_or_given(self, room, at_a_desk) -> None:
        clinic = a_clinic()
        lead = a_member_of_staff(clinic, Role.CLINICAL_LEAD, name="Dr Femi Cole")
        desk = LimitsDesk(at_a_desk(room, lead).client, clinic)

        empty = desk.read("see_protocol")
        a_draft(clinic, by=lead, at=now())
        drafted = desk.read("see_protocol")
        nothing_to_compare = desk.read("compare_protocols")
        approval = desk.read("approve_protocol")
        approved_limits(clinic, by=lead, at=now(), starts_at=now() + HOUR)
        approved = desk.read("see_protocol")

        for text in (empty, drafted, approved):
            assert "No limits are in force: nothing can be signed or given." in text
        assert "Somebody writes a draft" in empty and "No version was ever approved here." in empty
        assert "A clinical lead reads and approves the draft." in drafted
        assert "The numbers of the draft" in drafted
        assert "There are no two versions to compare." in nothing_to_compare
        assert "No limits are in force, so there is nothing to compare with." in approval
        assert "The approved limits begin on" in approved
        assert "those of version 1, begins later" in desk.read("draft_protocol")

    def test_has_a_row_first_on_the_worklist(self) -> None:
        clinic = a_clinic()
        lead = a_member_of_staff(clinic, Role.CLINICAL_LEAD, name="Dr Femi Cole")
        doctor = a_member_of_staff(clinic, Role.DOCTOR, name="Dr Sam Ito")

        def row(viewer: User) -> Row:
            return get_worklist(clinic=clinic, viewer=viewer, at=now()).rows[0]

        assert (row(doctor).group, row(doctor).matter) == (Group.NOW, Matter.NO_PROTOCOL)
        assert row(lead).what == "No approved limits: nothing can be signed or given"
        assert row(lead).facts.startswith("Somebody writes a draft")
        a_draft(clinic, by=doctor, at=now())
        assert row(doctor).facts == "Draft 1 of Dr Sam Ito waits for approval."
        approved_limits(clinic, by=lead, at=now(), starts_at=now() + 2 * HOUR)
        approved_limits(clinic, by=lead, at=now(), starts_at=now() + 9 * HOUR)
        assert row(doctor).facts.startswith("Version 1 begins on")


class TestADraftThatWaits:
    def test_is_on_the_worklist_of_the_clinical_lead_alone(self, room, lead: User) -> None:
        a_draft(room.clinic, by=room.doctor, at=now())

        def matters(viewer: User) -> list[Matter]:
            return [row.matter for row in get_worklist(clinic=room.clinic, viewer=viewer, at=now()).rows]

        assert Matter.PROTOCOL_DRAFT in matters(lead)
        assert Matter.PROTOCOL_DRAFT not in matters(room.doctor)

    def test_leads_from_the_worklist_to_the_limits(self, room, lead: User, at_a_desk) -> None:
        a_draft(room.clinic, by=room.doctor, at=now())
        desk = LimitsDesk(at_a_desk(room, lead).client, room.clinic)

        assert "Approve the draft of the clinic’s limits, or write another?" in desk.read("see_worklist")
        assert f'href="{desk.address("see_protocol")}">See the limits' in desk.read("see_worklist")


class TestComparing:
    def test_two_versions_says_what_is_stricter_and_what_looser_in_words(self, room, lead, desk) -> None:
        first = ProtocolVersion.objects.get(clinic=room.clinic)
        second = approved_limits(
            room.clinic,
            by=lead,
            at=now(),
            daily_block_mg=1000,
            observation_minutes=30,
            concentration_mg_per_ml=50,
        )

        text = desk.read("compare_protocols", before=str(first.id), after=str(second.id))
        back = desk.read("compare_protocols", before=str(second.id), after=str(first.id))

        for word in ("Looser", "Stricter", "Neither stricter nor looser"):
            assert word in text and word in back
        page = get_compare_page(clinic=room.clinic, before=str(first.id), after=str(second.id), at=now())
        assert page.comparison is not None
        assert [(one.before, one.after, one.word) for one in page.comparison.changes] == [
            ("900 mg", "1000 mg", "Looser"),
            ("20 minutes", "30 minutes", "Stricter"),
            ("100 mg in 1 ml", "50 mg in 1 ml", "Neither stricter nor looser"),
        ]

    def test_begins_with_the_draft_and_what_is_in_force(self, room, desk: LimitsDesk) -> None:
        a_draft(room.clinic, by=room.doctor, at=now(), step_percent=40)

        page = get_compare_page(clinic=room.clinic, before="", after="", at=now())

        assert page.comparison is not None
        assert (page.comparison.before, page.comparison.after) == ("Version 1", "Draft 2")
        assert page.comparison.same == 30
        assert "Version 1 and draft 2" in desk.read("compare_protocols")

    def test_of_what_is_not_of_this_clinic_or_nothing_begins_anew(self, room, lead: User) -> None:
        approved_limits(room.clinic, by=lead, at=now())
        theirs = ProtocolVersion.objects.get(clinic=a_treatment_room().clinic)

        for asked in (str(theirs.id), str(uuid.uuid4()), "x'"):
            page = get_compare_page(clinic=room.clinic, before=asked, after=asked, at=now())

            assert page.comparison is not None
            assert (page.comparison.before, page.comparison.after) == ("Version 1", "Version 2")
            assert page.comparison.changes == ()

    def test_a_clinic_whose_only_versions_begin_later(self) -> None:
        clinic = a_clinic()
        lead = a_member_of_staff(clinic, Role.CLINICAL_LEAD, name="Dr Femi Cole")
        approved_limits(clinic, by=lead, at=now(), starts_at=now() + HOUR)
        approved_limits(clinic, by=lead, at=now(), starts_at=now() + 2 * HOUR)

        page = get_protocol_page(clinic=clinic, at=now())
        compared = get_compare_page(clinic=clinic, before="", after="", at=now())

        assert [version.number for version in page.later] == [1, 2]
        assert page.in_force is None
        assert compared.comparison is not None and compared.comparison.after == "Version 2"


class TestOneVersion:
    def test_says_until_when_it_was_in_force(self, room, lead, desk: LimitsDesk) -> None:
        first = ProtocolVersion.objects.get(clinic=room.clinic)
        approved_limits(room.clinic, by=lead, at=now())

        text = desk.read("see_protocol_version", first.id)

        assert "This version is not in force now. Ended." in text
        assert "until" in text
