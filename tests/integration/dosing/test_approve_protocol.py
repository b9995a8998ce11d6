"""Approving a draft of limits: who, what is ticked, from when, and what is refused in words."""

from __future__ import annotations

import html
from datetime import timedelta
from typing import Any

import pytest

from dosing.actions.orders import OrderRefused
from dosing.actions.protocol import ProtocolRefused, approve_protocol
from dosing.models import Order, ProtocolVersion
from dosing.queries.protocol import as_rules_read_it, get_protocol_in_force, what_stands
from dosing.rules.protocol import UNVERIFIED
from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import LONDON, london_date, now
from tests.factories.limits_pages import LimitsDesk
from tests.factories.protocol import a_draft, approved_limits
from tests.factories.treatment import TreatmentRoom, a_clinic, a_member_of_staff, a_treatment_room, an_order

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def room() -> TreatmentRoom:
    return a_treatment_room()


@pytest.fixture
def lead(room: TreatmentRoom) -> User:
    return a_member_of_staff(room.clinic, Role.CLINICAL_LEAD, name="Dr Femi Cole")


@pytest.fixture
def desk(room: TreatmentRoom, lead: User, at_a_desk) -> LimitsDesk:
    return LimitsDesk(at_a_desk(room, lead).client, room.clinic)


def versions(room: TreatmentRoom) -> int:
    return ProtocolVersion.objects.filter(clinic=room.clinic).count()


def in_force(room: TreatmentRoom, **later: Any) -> ProtocolVersion:
    version = get_protocol_in_force(clinic_id=room.clinic.id, at=now() + timedelta(**later))
    assert version is not None
    return version


def told(answer: Any) -> str:
    return html.unescape(answer.content.decode())


def tomorrow() -> dict[str, str]:
    return {
        "starts": "later",
        "starts_on": f"{london_date(now()) + timedelta(days=1):%d/%m/%Y}",
        "starts_time": "07:30",
    }


class TestThePage:
    def test_shows_the_author_the_reason_and_what_changes(self, room, desk: LimitsDesk) -> None:
        a_draft(
            room.clinic,
            by=room.doctor,
            at=now(),
            reason="Two overdoses.",
            daily_block_mg=800,
            step_percent=40,
        )

        text = html.unescape(desk.read("approve_protocol"))

        assert "Dr Priya Nair" in text and "Two overdoses." in text
        assert "Never over, one day or any 20 hours" in text and "900 mg" in text and "800 mg" in text
        assert "Stricter" in text
        assert "The other 29 limits are the same." in text
        assert "the same person" not in text

    def test_says_when_author_and_approver_are_the_same_person(self, room, lead, desk: LimitsDesk) -> None:
        a_draft(room.clinic, by=lead, at=now())

        assert "You wrote this draft yourself: author and approver are the same person." in desk.read(
            "approve_protocol"
        )
        desk.approve(desk.open_approval())
        assert "Author and approver are the same person." in desk.read("see_protocol")

    def test_asks_for_a_tick_for_every_unverified_number_and_no_other(self, room, desk: LimitsDesk) -> None:
        a_draft(room.clinic, by=room.doctor, at=now(), single_stop_mg=350)

        form = desk.client.get(desk.address("approve_protocol")).context["form"]

        ticks = dict(form.fields["confirmed"].choices)
        assert set(ticks) == UNVERIFIED
        assert ticks["single_stop_mg"] == "Doctor's reason over, one dose: 350 mg (clinical rule 11)"
        assert not form["confirmed"].value()

    def test_without_a_draft_says_so(self, desk: LimitsDesk) -> None:
        assert "No draft waits for approval." in desk.read("approve_protocol")


class TestAnApproval:
    def test_puts_the_draft_in_force_and_stores_who_wrote_approved_and_confirmed_what(
        self, room, lead, desk: LimitsDesk
    ) -> None:
        draft = a_draft(room.clinic, by=room.doctor, at=now(), daily_block_mg=800)

        answer = desk.approve(desk.open_approval())

        version = in_force(room)
        assert answer.headers["Location"] == desk.address("see_protocol")
        assert (version.number, version.draft, version.approved_by) == (2, draft, lead)
        assert version.starts_at == version.approved_at >= draft.written_at
        assert set(version.confirmed) == UNVERIFIED
        assert as_rules_read_it(version) == as_rules_read_it(draft)
        assert "Saved: version 2 of the limits is approved, in force from now." in desk.read("see_protocol")

    def test_binds_the_next_order(self, room, desk: LimitsDesk) -> None:
        a_draft(room.clinic, by=room.doctor, at=now(), first_dose_mg=14)
        desk.approve(desk.open_approval())

        with pytest.raises(OrderRefused, match="14 mg"):
            an_order(room.episode, room.premises, doctor=room.doctor, dose_mg=15, at=now())
        order = an_order(room.episode, room.premises, doctor=room.doctor, dose_mg=14, at=now())
        assert Order.objects.get(id=order.id).protocol == in_force(room)

    def test_may_begin_later(self, room, desk: LimitsDesk) -> None:
        a_draft(room.clinic, by=room.doctor, at=now())

        answer = desk.approve(desk.open_approval(**tomorrow()))

        version = ProtocolVersion.objects.get(clinic=room.clinic, number=2)
        assert answer.status_code == 302
        assert f"{version.starts_at.astimezone(LONDON):%H:%M}" == "07:30"
        assert in_force(room).number == 1
        assert get_protocol_in_force(clinic_id=room.clinic.id, at=version.starts_at) == version
        text = desk.read("see_protocol")
        assert "is approved and begins on" in text and "Begins later" in text

    def test_that_begins_before_one_for_later_takes_its_place_for_good(self, room, lead, desk) -> None:
        later = approved_limits(room.clinic, by=lead, at=now(), starts_at=now() + HOUR)
        a_draft(room.clinic, by=room.doctor, at=now(), step_percent=40)
        assert "version 2 never begins" in desk.read("approve_protocol")

        desk.approve(desk.open_approval())

        assert in_force(room).number == in_force(room, hours=2).number == 3
        assert "Never in force" in desk.read("see_protocol_version", later.id)

    def test_is_in_the_audit_trail(self, room, lead, desk: LimitsDesk) -> None:
        a_draft(room.clinic, by=lead, at=now())
        desk.approve(desk.open_approval())

        event = AuditEvent.objects.filter(event="dosing.protocol_approved", outcome="done").latest("id")
        assert (event.actor, event.object_id) == (lead, str(in_force(room).id))
        assert (event.detail["number"], event.detail["is_own_draft"]) == (2, True)

    def test_pressed_twice_is_one_version(self, room, desk: LimitsDesk) -> None:
        a_draft(room.clinic, by=room.doctor, at=now())
        page = desk.open_approval()

        assert [desk.approve(page).status_code for _ in range(2)] == [302, 302]
        assert versions(room) == 2

    def test_asks_for_the_password_when_it_is_not_fresh(self, room, lead, at_a_desk) -> None:
        a_draft(room.clinic, by=room.doctor, at=now())
        desk = LimitsDesk(at_a_desk(room, lead, is_fresh=False).client, room.clinic)

        answer = desk.approve(desk.open_approval())

        assert answer.status_code == 302 and "confirm" in answer.headers["Location"]
        assert versions(room) == 1


class TestARefusedApproval:
    def test_names_each_number_that_is_not_ticked_and_keeps_the_ticks(self, room, desk: LimitsDesk) -> None:
        a_draft(room.clinic, by=room.doctor, at=now())
        ticked = sorted(UNVERIFIED - {"gap_cap_percent", "single_block_mg"})

        answer = desk.approve(desk.open_approval(confirmed=ticked))

        form = answer.context["form"]
        assert form.errors["confirmed"] == [
            "Tick each number that is confirmed locally. Not ticked: Never over, one dose; The cap after a gap."
        ]
        assert form["confirmed"].value() == ticked
        assert versions(room) == 1
        event = AuditEvent.objects.get(event="dosing.protocol_approved", outcome="refused")
        assert event.detail["codes"] == ["unconfirmed_single_block_mg", "unconfirmed_gap_cap_percent"]

    def test_of_made_up_ticks_counts_for_nothing(self, room, desk: LimitsDesk) -> None:
        a_draft(room.clinic, by=room.doctor, at=now())

        answer = desk.approve(desk.open_approval(confirmed=["everything", "daily_block_mg"]))

        assert answer.context["form"].errors["confirmed"] == [
            "Tick each number that is confirmed locally. None is ticked."
        ]
        assert versions(room) == 1

    def test_is_one_that_would_start_in_the_past(self, room, desk: LimitsDesk) -> None:
        a_draft(room.clinic, by=room.doctor, at=now())
        yesterday = f"{london_date(now()) - timedelta(days=1):%d/%m/%Y}"

        answer = desk.approve(desk.open_approval(starts="later", starts_on=yesterday, starts_time="08:00"))

        assert answer.context["form"].errors == {
            "starts_on": ["These limits would start in the past. Choose a later start."]
        }

    @pytest.mark.parametrize(
        ("start", "field", "sentence"),
        [
            ({"starts": ""}, "starts", "Choose from when they are in force."),
            ({"starts": "later"}, "starts_on", "Write the day from which the limits are in force."),
            ({"starts": "later", "starts_on": "32/1/26"}, "starts_on", "Write the day as day/month/year"),
            ({"starts": "later", "starts_time": "8"}, "starts_time", "Write the time as hours and minutes"),
        ],
    )
    def test_says_what_is_missing_of_the_start(self, room, desk, start, field, sentence) -> None:
        a_draft(room.clinic, by=room.doctor, at=now())

        answer = desk.approve(desk.open_approval(**start))

        assert sentence in answer.context["form"].errors[field][0]
        assert versions(room) == 1

    def test_is_one_of_a_page_whose_draft_was_replaced_and_nothing_stays_ticked(
        self, room, desk: LimitsDesk
    ) -> None:
        a_draft(room.clinic, by=room.doctor, at=now())
        page = desk.open_approval()
        a_draft(room.clinic, by=room.doctor, at=now(), daily_block_mg=1000)

        answer = desk.approve(page)

        assert "The limits changed since you opened this page. Dr Priya Nair wrote draft 3" in told(answer)
        assert not answer.context["form"]["confirmed"].value()
        assert "1000 mg" in told(answer)
        assert versions(room) == 1

    def test_is_one_of_a_page_whose_draft_another_lead_approved(self, room, desk: LimitsDesk) -> None:
        other = a_member_of_staff(room.clinic, Role.CLINICAL_LEAD, name="Dr Ana Reis")
        draft = a_draft(room.clinic, by=room.doctor, at=now())
        page = desk.open_approval()
        at = now()
        approve_protocol(
            clinic=room.clinic, draft_id=draft.id, confirmed=UNVERIFIED, starts_at=at, by=other, at=at
        )

        answer = desk.approve(page)

        assert "Dr Ana Reis approved version 2 on" in told(answer)
        assert "No draft waits for approval." in told(answer)
        assert versions(room) == 2

    def test_is_one_whose_key_stands_for_another(self, room, desk: LimitsDesk) -> None:
        a_draft(room.clinic, by=room.doctor, at=now())
        page = desk.open_approval()
        desk.approve(page)

        answer = desk.approve(page | {"confirmed": []})

        assert "already used for something else" in told(answer)

    @pytest.mark.parametrize("seal", ["forged", ""])
    def test_is_one_without_its_seal(self, room, desk: LimitsDesk, seal: str) -> None:
        a_draft(room.clinic, by=room.doctor, at=now())

        desk.approve(desk.open_approval(seal=seal))

        assert versions(room) == 1

    def test_is_one_of_a_page_that_was_opened_without_a_draft(self, room, desk: LimitsDesk) -> None:
        answer = desk.approve(desk.open_approval())

        assert "Look at it again." in told(answer)
        assert versions(room) == 1

    def test_is_one_by_somebody_who_is_no_clinical_lead(self, room: TreatmentRoom) -> None:
        draft = a_draft(room.clinic, by=room.doctor, at=now())

        with pytest.raises(ProtocolRefused, match="Only the clinical lead approves"):
            approve_protocol(
                clinic=room.clinic,
                draft_id=draft.id,
                confirmed=UNVERIFIED,
                starts_at=now() + HOUR,
                by=room.doctor,
                at=now(),
            )
        assert versions(room) == 1

    def test_is_one_of_an_older_draft_or_of_another_clinics(self, room, lead: User) -> None:
        old = a_draft(room.clinic, by=room.doctor, at=now())
        a_draft(room.clinic, by=room.doctor, at=now())
        elsewhere = a_treatment_room()
        theirs = a_draft(elsewhere.clinic, by=elsewhere.doctor, at=now())

        for draft in (old, theirs):
            with pytest.raises(ProtocolRefused, match="The limits changed") as refusal:
                approve_protocol(
                    clinic=room.clinic,
                    draft_id=draft.id,
                    confirmed=UNVERIFIED,
                    starts_at=now() + HOUR,
                    by=lead,
                    at=now(),
                )
            assert refusal.value.is_stale
        assert versions(room) == 1


def test_what_stands_is_said_of_a_clinic_without_anything(db: None) -> None:
    assert what_stands(clinic_id=a_clinic().id) == "No limits are approved, and no draft is written."
