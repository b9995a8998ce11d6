"""Drafts of a clinic's limits: numbers read strictly, every problem at once, and who may write one."""

from __future__ import annotations

import html
import uuid
from typing import Any

import pytest

from dosing.actions.orders import SentPage
from dosing.actions.protocol import ProtocolRefused, draft_protocol
from dosing.models import ProtocolDraft, ProtocolVersion
from dosing.queries.protocol import as_limits_seen, as_rules_read_it, get_waiting_draft
from dosing.rules.protocol import LIMITS, Protocol, numbers_of
from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from tests.factories.limits_pages import LimitsDesk
from tests.factories.protocol import a_draft
from tests.factories.treatment import TreatmentRoom, a_clinic, a_member_of_staff, a_treatment_room

pytestmark = pytest.mark.django_db
NUMBERS = numbers_of(Protocol())


@pytest.fixture
def room() -> TreatmentRoom:
    return a_treatment_room()


@pytest.fixture
def desk(room: TreatmentRoom, at_a_desk) -> LimitsDesk:
    return LimitsDesk(at_a_desk(room, room.doctor).client, room.clinic)


def waiting(room: TreatmentRoom) -> ProtocolDraft | None:
    return get_waiting_draft(clinic_id=room.clinic.id)


def told(answer: Any) -> str:
    return html.unescape(answer.content.decode())


class TestThePage:
    def test_begins_with_the_numbers_in_force(self, room, desk: LimitsDesk) -> None:
        page = desk.open_draft()

        assert {name: int(page[name]) for name in NUMBERS} == NUMBERS
        assert "The numbers below are those of version 1, in force now." in desk.read("draft_protocol")

    def test_shows_the_range_that_nobody_leaves_and_what_is_not_verified(self, desk: LimitsDesk) -> None:
        text = desk.read("draft_protocol")

        assert "1 to 1000 mg." in text
        assert "180 to 1440 minutes. Not verified: confirm locally." in text

    def test_saves_a_draft_with_its_author_and_its_reason(self, room, desk: LimitsDesk) -> None:
        answer = desk.send_draft(desk.open_draft(daily_block_mg="800", reason="  Fewer at once. "))

        draft = waiting(room)
        assert answer.status_code == 302
        assert draft is not None
        assert (draft.number, draft.written_by, draft.reason) == (2, room.doctor, "Fewer at once.")
        assert numbers_of(as_rules_read_it(draft)) == NUMBERS | {"daily_block_mg": 800}
        assert ProtocolVersion.objects.filter(clinic=room.clinic).count() == 1

    def test_can_begin_with_the_draft_that_waits(self, room, desk: LimitsDesk) -> None:
        a_draft(room.clinic, by=room.doctor, at=now(), order_days_max=21)

        anew = desk.open_draft()
        on = desk.open_draft(f"{desk.address('draft_protocol')}?from=draft")

        assert (anew["order_days_max"], on["order_days_max"]) == ("28", "21")
        text = desk.read("draft_protocol", **{"from": "draft"})
        assert "Change the draft of the limits" in text
        assert "those of draft 2, which waits for approval" in text
        assert "yours takes its place" in text

    def test_takes_the_place_of_the_draft_before_it(self, room, desk: LimitsDesk) -> None:
        desk.send_draft(desk.open_draft(order_days_max="21"))
        desk.send_draft(desk.open_draft(order_days_max="20"))

        draft = waiting(room)
        assert draft is not None and (draft.number, draft.order_days_max) == (3, 20)
        assert ProtocolDraft.objects.filter(clinic=room.clinic).count() == 3

    def test_begins_with_starting_values_where_nothing_was_ever_approved(self, room, at_a_desk) -> None:
        clinic = a_clinic()
        manager = a_member_of_staff(clinic, Role.MANAGER, name="Lou Park")
        desk = LimitsDesk(at_a_desk(room, manager).client, clinic)

        assert "starting values of this program, which no clinician has approved" in desk.read(
            "draft_protocol"
        )
        assert desk.send_draft(desk.open_draft()).status_code == 302
        assert get_waiting_draft(clinic_id=clinic.id) is not None


class TestANumber:
    @pytest.mark.parametrize(
        "text",
        [
            *("1_000", "1,000", "1e3", "+5", "-5", "5.0", "5 mg", "5mg", "007", "", " ", "ten"),
            *("５００", "٥٠٠", "۵۰۰", "½"),
        ],
    )
    def test_of_anything_but_plain_digits_is_refused_and_nothing_typed_is_lost(
        self, room, desk: LimitsDesk, text: str
    ) -> None:
        answer = desk.send_draft(desk.open_draft(single_block_mg=text, observation_minutes="25"))

        form = answer.context["form"]
        assert answer.status_code == 200
        assert waiting(room) is None
        said = form.errors["single_block_mg"][0]
        assert "Never over, one dose" in said and "number" in said
        assert list(form.errors) == ["single_block_mg"]
        assert (form["single_block_mg"].value(), form["observation_minutes"].value()) == (text, "25")

    def test_may_have_spaces_around_it(self, room, desk: LimitsDesk) -> None:
        desk.send_draft(desk.open_draft(single_block_mg=" 400 "))

        draft = waiting(room)
        assert draft is not None and draft.single_block_mg == 400

    @pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.name)
    def test_outside_its_range_is_refused_beside_its_field(self, room, desk: LimitsDesk, limit) -> None:
        answer = desk.send_draft(desk.open_draft(**{limit.name: limit.most + 1}))

        assert answer.status_code == 200
        assert f"is outside {limit.least} to {limit.most}" in answer.context["form"].errors[limit.name][0]
        assert waiting(room) is None


class TestEveryProblem:
    def test_is_told_at_once_beside_its_field_readable_or_not(self, room, desk: LimitsDesk) -> None:
        answer = desk.send_draft(
            desk.open_draft(
                single_block_mg="1e3",
                daily_block_mg="1001",
                gap_full_hours="26",
                gap_cap_hours="20",
                interval_block_minutes="179",
                reason=" ",
            )
        )

        assert answer.context["form"].errors == {
            "reason": ["Write why the limits should change, or why they should stay."],
            "single_block_mg": [
                "Never over, one dose: write a whole number with the digits 0 to 9 only, without unit, sign or "
                "point."
            ],
            "daily_block_mg": [
                "Never over, one day or any 20 hours: 1001 mg is outside 1 to 1000 mg. No clinic can loosen this."
            ],
            "interval_block_minutes": [
                "Sessions apart, at least: 179 minutes is outside 180 to 1440 minutes. No clinic can loosen this."
            ],
            "gap_full_hours": [
                "Full dose after a gap of up to: 26 hours is over the 20 hours of “Capped dose after a gap of up "
                "to”. Write a smaller number, or raise the other."
            ],
        }
        assert "Nothing was saved" in told(answer)
        assert AuditEvent.objects.filter(event="dosing.protocol_drafted", outcome="refused").count() == 0

    def test_of_a_readable_draft_is_in_the_audit_trail(self, room, desk: LimitsDesk) -> None:
        desk.send_draft(desk.open_draft(daily_block_mg="1001", step_percent="51"))

        event = AuditEvent.objects.get(event="dosing.protocol_drafted", outcome="refused")
        assert event.detail["codes"] == ["outside_daily_block_mg", "outside_step_percent"]
        assert (event.actor, event.clinic) == (room.doctor, room.clinic.id)


class TestAPageThatIsOutOfDate:
    def test_is_refused_with_who_wrote_what_meanwhile_and_keeps_what_was_typed(self, room, desk) -> None:
        page = desk.open_draft(daily_block_mg="700")
        a_draft(room.clinic, by=room.doctor, at=now())

        answer = desk.send_draft(page)

        assert "The limits changed since you opened this page. Dr Priya Nair wrote draft 2 on" in told(answer)
        form = answer.context["form"]
        assert form["daily_block_mg"].value() == "700"
        anew = page | {"key": form["key"].value(), "seal": form["seal"].value()}
        assert desk.send_draft(anew).status_code == 302

    def test_sent_twice_is_one_draft(self, room, desk: LimitsDesk) -> None:
        page = desk.open_draft()

        answers = [desk.send_draft(page).status_code for _ in range(2)]

        assert answers == [302, 302]
        assert ProtocolDraft.objects.filter(clinic=room.clinic).count() == 2

    def test_sent_again_with_something_else_is_refused(self, room, desk: LimitsDesk) -> None:
        page = desk.open_draft()
        desk.send_draft(page)

        answer = desk.send_draft(page | {"order_days_max": "20"})

        assert "already used for something else" in told(answer)
        assert ProtocolDraft.objects.filter(clinic=room.clinic).count() == 2

    @pytest.mark.parametrize("seal", ["", "x"])
    def test_without_its_seal_is_refused(self, room, desk: LimitsDesk, seal: str) -> None:
        answer = desk.send_draft(desk.open_draft(seal=seal or "forged"))

        assert "opened by somebody else" in told(answer)
        assert waiting(room) is None

    def test_opened_by_somebody_else_is_refused(self, room, desk: LimitsDesk, at_a_desk) -> None:
        manager = a_member_of_staff(room.clinic, Role.MANAGER, name="Lou Park")
        other = LimitsDesk(at_a_desk(room, manager).client, room.clinic)

        answer = other.send_draft(desk.open_draft())

        assert "opened by somebody else" in told(answer)


class TestTheAction:
    def draft(self, room: TreatmentRoom, by: User, page: SentPage | None = None) -> ProtocolDraft:
        return draft_protocol(
            clinic=room.clinic, numbers=NUMBERS, reason="Review.", page=page, by=by, at=now()
        )

    def test_is_refused_to_somebody_without_the_right(self, room: TreatmentRoom) -> None:
        with pytest.raises(ProtocolRefused, match="A clinical lead, a doctor or a manager") as refusal:
            self.draft(room, room.nurse)

        assert not refusal.value.is_stale
        assert waiting(room) is None

    def test_leaves_its_event(self, room: TreatmentRoom) -> None:
        seen = as_limits_seen(clinic_id=room.clinic.id)
        draft = self.draft(room, room.doctor, SentPage(key=uuid.uuid4(), seen=seen))

        event = AuditEvent.objects.filter(event="dosing.protocol_drafted", outcome="done").latest("id")
        assert (event.object_id, event.actor) == (str(draft.id), room.doctor)
